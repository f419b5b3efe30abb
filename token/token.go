package token

import (
	"fmt"
	"math/big"
	"strings"
	"sync"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	// Prefix is the bech32 prefix of account addresses.
	Prefix = "stream"
	// BaseDenom is the smallest unit on chain.
	BaseDenom = "ustream"
	// Denom is the unit that people read: 1 stream = 10^Exponent ustream.
	Denom = "stream"
	// Exponent is the power of ten between Denom and BaseDenom.
	Exponent = 6
	// CoinType is the SLIP-44 coin type of derived keys (the Cosmos one, so
	// that existing wallets find the same account).
	CoinType = 118
)

var configure sync.Once

// Configure sets the process-wide bech32 prefixes and the bond denom of the SDK.
// Every program and every test calls it before it touches an address.
func Configure() {
	configure.Do(func() {
		cfg := sdk.GetConfig()
		cfg.SetBech32PrefixForAccount(Prefix, Prefix+"pub")
		cfg.SetBech32PrefixForValidator(Prefix+"valoper", Prefix+"valoperpub")
		cfg.SetBech32PrefixForConsensusNode(Prefix+"valcons", Prefix+"valconspub")
		cfg.SetCoinType(CoinType)
		sdk.DefaultBondDenom = BaseDenom
	})
}

// Coin is amount base units of STREAM.
func Coin(amount int64) sdk.Coin { return sdk.NewInt64Coin(BaseDenom, amount) }

// Parse reads "1.5stream", "1500000ustream" or a coin of another denom. It refuses
// negative amounts and fractions smaller than one base unit.
func Parse(s string) (sdk.Coin, error) {
	s = strings.TrimSpace(s)
	i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if i <= 0 {
		return sdk.Coin{}, fmt.Errorf("amount %q: write a number and a unit, for example 1.5stream or 1500000ustream", s)
	}
	number, unit := s[:i], s[i:]
	exponent := 0
	if strings.EqualFold(unit, Denom) {
		unit, exponent = BaseDenom, Exponent
	}
	if err := sdk.ValidateDenom(unit); err != nil {
		return sdk.Coin{}, fmt.Errorf("amount %q: %w", s, err)
	}
	whole, fraction, _ := strings.Cut(number, ".")
	if whole == "" || strings.Contains(fraction, ".") || len(whole) > 60 {
		return sdk.Coin{}, fmt.Errorf("amount %q: %q is not a number", s, number)
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > exponent {
		return sdk.Coin{}, fmt.Errorf("amount %q: at most %d decimals in %s", s, exponent, unit)
	}
	digits := whole + fraction + strings.Repeat("0", exponent-len(fraction))
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return sdk.Coin{}, fmt.Errorf("amount %q: %q is not a number", s, number)
	}
	return sdk.NewCoin(unit, math.NewIntFromBigInt(n)), nil
}

// Format writes a coin for people: ustream as "1.5 STREAM", others as they are.
func Format(c sdk.Coin) string {
	if c.Denom != BaseDenom {
		return c.String()
	}
	s := c.Amount.String()
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	if len(s) <= Exponent {
		s = strings.Repeat("0", Exponent+1-len(s)) + s
	}
	whole, fraction := s[:len(s)-Exponent], strings.TrimRight(s[len(s)-Exponent:], "0")
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole + " STREAM"
}
