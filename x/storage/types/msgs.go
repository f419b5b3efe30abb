package types

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// Validate checks every field by itself, but for what the parameters decide: whether private
// endpoints are allowed. The message server calls it, so that it also holds inside authz and
// governance.
func (m *MsgRegisterProvider) Validate() error {
	if _, err := ParseAddress(m.Operator); err != nil {
		return err
	}
	if _, err := m.Terms(true); err != nil {
		return err
	}
	return ValidateAmount(m.Bond)
}

// Terms are what the provider offers; relaxed allows private endpoints.
func (m *MsgRegisterProvider) Terms(relaxed bool) (Terms, error) {
	return ParseTerms(m.Operator, m.Agent, m.Endpoints, m.Region, m.CapacityBytes, m.PricePerGibDay, relaxed)
}

// Validate checks every field by itself, but for what the parameters decide.
func (m *MsgUpdateProvider) Validate() error {
	if _, err := ParseAddress(m.Operator); err != nil {
		return err
	}
	_, err := m.Terms(true)
	return err
}

// Terms are what the provider offers; relaxed allows private endpoints.
func (m *MsgUpdateProvider) Terms(relaxed bool) (Terms, error) {
	return ParseTerms(m.Operator, m.Agent, m.Endpoints, m.Region, m.CapacityBytes, m.PricePerGibDay, relaxed)
}

// Validate checks every field by itself.
func (m *MsgAddBond) Validate() error {
	if _, err := ParseAddress(m.Operator); err != nil {
		return err
	}
	return ValidateAmount(m.Amount)
}

// Validate checks every field by itself.
func (m *MsgLeave) Validate() error {
	_, err := ParseAddress(m.Operator)
	return err
}

// Validate checks every field by itself.
func (m *MsgWithdrawBond) Validate() error {
	_, err := ParseAddress(m.Operator)
	return err
}

// Validate checks every field by itself.
func (m *MsgRequestDeals) Validate() error {
	if _, err := ParseAddress(m.Funder); err != nil {
		return err
	}
	if _, err := contenttypes.ParseWorkID(m.Work); err != nil {
		return err
	}
	if len(m.Providers) == 0 || len(m.Providers) > MaxRequest {
		return errorsmod.Wrapf(ErrInvalidRequest, "%d providers", len(m.Providers))
	}
	seen := make(map[string]bool, len(m.Providers))
	for _, p := range m.Providers {
		if _, err := ParseAddress(p); err != nil {
			return err
		}
		if seen[p] {
			return errorsmod.Wrapf(ErrInvalidRequest, "%s twice", p)
		}
		seen[p] = true
	}
	if err := ValidateAmount(m.MaxPricePerGibDay); err != nil {
		return err
	}
	if !m.Prepayment.Amount.IsNil() && m.Prepayment.Amount.IsZero() {
		return validateDenom(m.Prepayment)
	}
	return validateCoin(m.Prepayment)
}

// Validate checks every field by itself.
func (m *MsgFundWork) Validate() error {
	if _, err := ParseAddress(m.Funder); err != nil {
		return err
	}
	if _, err := contenttypes.ParseWorkID(m.Work); err != nil {
		return err
	}
	return validateCoin(m.Amount)
}

// Validate checks every field by itself.
func (m *MsgFundServing) Validate() error {
	if _, err := ParseAddress(m.Funder); err != nil {
		return err
	}
	if _, err := contenttypes.ParseWorkID(m.Work); err != nil {
		return err
	}
	return validateCoin(m.Amount)
}

// Validate checks every field by itself.
func (m *MsgAcceptDeal) Validate() error {
	if _, err := ParseAddress(m.Agent); err != nil {
		return err
	}
	if _, err := contenttypes.ParseWorkID(m.Work); err != nil {
		return err
	}
	if len(m.PieceRoot) != HashLen {
		return errorsmod.Wrapf(ErrPieceMismatch, "piece_root has %d bytes, not 32", len(m.PieceRoot))
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgEndDeal) Validate() error {
	for _, a := range []string{m.Signer, m.Operator} {
		if _, err := ParseAddress(a); err != nil {
			return err
		}
	}
	_, err := contenttypes.ParseWorkID(m.Work)
	return err
}

// Validate checks every field by itself.
func (m *MsgClaimStorage) Validate() error {
	if _, _, err := m.Parse(); err != nil {
		return err
	}
	if len(m.Works) > MaxClaim {
		return errorsmod.Wrapf(ErrInvalidClaim, "%d works", len(m.Works))
	}
	for _, w := range m.Works {
		if _, err := contenttypes.ParseWorkID(w); err != nil {
			return err
		}
	}
	return nil
}

// Parse returns who claims and who is paid: the operator, where nobody else is named.
func (m *MsgClaimStorage) Parse() (operator, to sdk.AccAddress, err error) {
	if operator, err = ParseAddress(m.Operator); err != nil || m.To == "" {
		return operator, operator, err
	}
	to, err = ParseAddress(m.To)
	return operator, to, err
}

// Validate checks every field by itself.
func (m *MsgSetBeacon) Validate() error {
	if _, err := ParseAddress(m.Agent); err != nil {
		return err
	}
	if len(m.Root) != HashLen {
		return errorsmod.Wrapf(ErrInvalidBeacon, "%d bytes", len(m.Root))
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgProve) Validate() error {
	if _, err := ParseAddress(m.Agent); err != nil {
		return err
	}
	if len(m.Reveal) != HashLen {
		return errorsmod.Wrapf(ErrWrongReveal, "%d bytes, not 32", len(m.Reveal))
	}
	if len(m.Answers) > Challenges {
		return errorsmod.Wrapf(ErrInvalidAnswers, "%d answers", len(m.Answers))
	}
	for i, a := range m.Answers {
		if a.Index >= Challenges || (i > 0 && a.Index <= m.Answers[i-1].Index) {
			return errorsmod.Wrapf(ErrInvalidAnswers, "index %d in place %d", a.Index, i)
		}
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgReportLoss) Validate() error {
	if _, err := ParseAddress(m.Agent); err != nil {
		return err
	}
	if len(m.Works) == 0 || len(m.Works) > MaxReport {
		return errorsmod.Wrapf(ErrInvalidReport, "%d works", len(m.Works))
	}
	seen := make(map[string]bool, len(m.Works))
	for _, w := range m.Works {
		if _, err := contenttypes.ParseWorkID(w); err != nil {
			return err
		}
		if seen[w] {
			return errorsmod.Wrapf(ErrInvalidReport, "%s twice", w)
		}
		seen[w] = true
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgUpdateParams) Validate() error {
	if _, err := ParseAddress(m.Authority); err != nil {
		return err
	}
	return m.Params.Validate()
}

func validateCoin(c sdk.Coin) error {
	if err := validateDenom(c); err != nil {
		return err
	}
	return ValidateAmount(c.Amount)
}

func validateDenom(c sdk.Coin) error {
	if c.Denom != token.BaseDenom {
		return errorsmod.Wrapf(ErrInvalidDenom, "%.100q", c.Denom)
	}
	return nil
}
