package types

import (
	"cmp"
	"slices"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/token"
)

const hour = time.Hour

// bounds collects what the first value out of its bounds is. Our own modules bound their
// parameters themselves; those of the SDK take values with which no block is made, nobody can
// vote against it, or everybody's coins are locked.
type bounds struct{ err error }

// RequireBounds refuses messages to the SDK's modules that a vote must never pass.
// Errors: ErrOutOfBounds, ErrConsensusAuthority.
func RequireBounds(msg sdk.Msg) error {
	var b bounds
	switch m := msg.(type) {
	case *consensustypes.MsgUpdateParams:
		b.consensus(m)
	case *stakingtypes.MsgUpdateParams:
		b.staking(m.Params)
	case *slashingtypes.MsgUpdateParams:
		b.slashing(m.Params)
	case *govv1.MsgUpdateParams:
		b.gov(m.Params)
	case *distrtypes.MsgUpdateParams:
		within(&b, "community_tax", bps(m.Params.CommunityTax), 0, 2000)
	case *authtypes.MsgUpdateParams:
		b.auth(m.Params)
	case *banktypes.MsgUpdateParams:
		b.require(m.Params.DefaultSendEnabled, "default_send_enabled is true: no vote locks coins")
	case *banktypes.MsgSetSendEnabled:
		for _, s := range m.SendEnabled {
			b.require(s == nil || s.Enabled, "enabled is true: no vote locks coins")
		}
	}
	return b.err
}

func (b *bounds) require(ok bool, format string, args ...any) {
	if !ok && b.err == nil {
		b.err = errorsmod.Wrapf(ErrOutOfBounds, format, args...)
	}
}

func within[T cmp.Ordered](b *bounds, name string, v, least, most T) {
	b.require(v >= least && v <= most, "%s: %v is not between %v and %v", name, v, least, most)
}

// bps is a share in ten-thousandths, rounded away from zero so that nothing slips over a bound;
// -1 where there is none.
func bps(d math.LegacyDec) int64 {
	if d.IsNil() || d.IsNegative() || d.GT(math.LegacyNewDec(1000)) {
		return -1
	}
	return d.MulInt64(10_000).Ceil().TruncateInt64()
}

// share is bps of a number in a string.
func share(s string) int64 {
	d, err := math.LegacyNewDecFromStr(s)
	if err != nil {
		return -1
	}
	return bps(d)
}

func (b *bounds) consensus(m *consensustypes.MsgUpdateParams) {
	// it would stand above every module's authority, and above this one's
	if m.Auth != nil && m.Auth.Authority != "" {
		b.err = ErrConsensusAuthority
		return
	}
	// the SDK panics on a part that is missing
	b.require(m.Block != nil && m.Evidence != nil && m.Validator != nil, "block, evidence and validator are all needed")
	if b.err != nil {
		return
	}
	within(b, "block.max_bytes", m.Block.MaxBytes, 1<<20, 8<<20)
	within(b, "block.max_gas", m.Block.MaxGas, 50_000_000, 500_000_000)
	within(b, "evidence.max_age_num_blocks", m.Evidence.MaxAgeNumBlocks, 100_000, 10_000_000)
	within(b, "evidence.max_age_duration", m.Evidence.MaxAgeDuration, 14*24*hour, 60*24*hour)
	within(b, "evidence.max_bytes", m.Evidence.MaxBytes, 64<<10, m.Block.MaxBytes)
	b.require(slices.Contains(m.Validator.PubKeyTypes, "ed25519"), "validator.pub_key_types holds ed25519, which validators have")
	b.require(noExtensions(m.Abci), "abci.vote_extensions_enable_height is 0: the app makes no vote extensions")
}

func noExtensions(p *cmtproto.ABCIParams) bool { return p == nil || p.VoteExtensionsEnableHeight == 0 }

func (b *bounds) staking(p stakingtypes.Params) {
	within(b, "unbonding_time", p.UnbondingTime, 14*24*hour, 60*24*hour)
	within(b, "max_validators", p.MaxValidators, 20, 300)
	within(b, "max_entries", p.MaxEntries, 1, 100)
	within(b, "historical_entries", p.HistoricalEntries, 0, 10_000)
	b.require(p.BondDenom == token.BaseDenom, "bond_denom is %s", token.BaseDenom)
	within(b, "min_commission_rate", bps(p.MinCommissionRate), 0, 2000)
	b.coin("key_rotation_fee", p.KeyRotationFee, 1, 10_000)
}

func (b *bounds) slashing(p slashingtypes.Params) {
	within(b, "signed_blocks_window", p.SignedBlocksWindow, 100, 100_000)
	within(b, "min_signed_per_window", bps(p.MinSignedPerWindow), 500, 9000)
	within(b, "downtime_jail_duration", p.DowntimeJailDuration, time.Minute, 7*24*hour)
	within(b, "slash_fraction_double_sign", bps(p.SlashFractionDoubleSign), 100, 5000)
	within(b, "slash_fraction_downtime", bps(p.SlashFractionDowntime), 0, 500)
}

func (b *bounds) gov(p govv1.Params) {
	b.require(len(p.MinDeposit) == 1 && len(p.ExpeditedMinDeposit) == 1, "min_deposit and expedited_min_deposit are one coin each")
	b.require(p.MaxDepositPeriod != nil && p.VotingPeriod != nil && p.ExpeditedVotingPeriod != nil, "max_deposit_period, voting_period and expedited_voting_period are all needed")
	if b.err != nil {
		return
	}
	b.coin("min_deposit", p.MinDeposit[0], 1, 100_000)
	b.coin("expedited_min_deposit", p.ExpeditedMinDeposit[0], 1, 500_000)
	within(b, "max_deposit_period", *p.MaxDepositPeriod, 24*hour, 30*24*hour)
	within(b, "voting_period", *p.VotingPeriod, 24*hour, 30*24*hour)
	within(b, "expedited_voting_period", *p.ExpeditedVotingPeriod, 6*hour, 14*24*hour)
	// the tracks ask for turnouts and majorities of their own; more here would stop all of them
	within(b, "quorum", share(p.Quorum), 100, 1000)
	within(b, "threshold", share(p.Threshold), 5000, 6667)
	within(b, "veto_threshold", share(p.VetoThreshold), 2000, 5000)
	within(b, "expedited_threshold", share(p.ExpeditedThreshold), 5001, 8000)
	within(b, "min_initial_deposit_ratio", share(p.MinInitialDepositRatio), 0, 10_000)
	within(b, "min_deposit_ratio", share(p.MinDepositRatio), 0, 1000)
	within(b, "proposal_cancel_ratio", share(p.ProposalCancelRatio), 0, 10_000)
	b.require(p.ProposalCancelDest == "", "proposal_cancel_dest is empty: what cancelling costs is burned")
}

func (b *bounds) auth(p authtypes.Params) {
	within(b, "max_memo_characters", p.MaxMemoCharacters, 256, 4096)
	within(b, "tx_sig_limit", p.TxSigLimit, 7, 20)
	within(b, "tx_size_cost_per_byte", p.TxSizeCostPerByte, 1, 100)
	within(b, "sig_verify_cost_ed25519", p.SigVerifyCostED25519, 100, 10_000)
	within(b, "sig_verify_cost_secp256k1", p.SigVerifyCostSecp256k1, 100, 10_000)
	within(b, "sig_verify_cost_ml_dsa65", p.SigVerifyCostMlDsa65, 100, 100_000)
}

// coin bounds an amount in whole STREAM.
func (b *bounds) coin(name string, c sdk.Coin, least, most int64) {
	unit := math.NewInt(1_000_000)
	ok := c.Denom == token.BaseDenom && !c.Amount.IsNil() && c.Amount.GTE(math.NewInt(least).Mul(unit)) && c.Amount.LTE(math.NewInt(most).Mul(unit))
	b.require(ok, "%s is between %d and %d STREAM, in %s", name, least, most, token.BaseDenom)
}
