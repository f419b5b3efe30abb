package keeper_test

import (
	"strings"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

var badAddresses = []string{
	"", "stream1", "cosmos1zg69v7yszg69v7yszg69v7yszg69v7ysn5wczw", "streamvaloper1abc", "\x00",
	strings.Repeat("x", 5000), strings.ToUpper(sdk.AccAddress(make([]byte, 20)).String()),
}

type badPayment struct {
	payment types.Payment
	err     error
}

// badPayments are changes of one field that no payment allows.
func badPayments(good types.Payment) map[string]badPayment {
	with := func(err error, change func(*types.Payment)) badPayment {
		p := good
		change(&p)
		return badPayment{p, err}
	}
	cases := map[string]badPayment{
		"no rail":           with(types.ErrInvalidRail, func(p *types.Payment) { p.Rail = 0 }),
		"unknown rail":      with(types.ErrInvalidRail, func(p *types.Payment) { p.Rail = 6 }),
		"negative rail":     with(types.ErrInvalidRail, func(p *types.Payment) { p.Rail = -1 }),
		"unknown subject":   with(contenttypes.ErrWorkNotFound, func(p *types.Payment) { p.Subject = workID("unknown") }),
		"no subject":        with(contenttypes.ErrWorkNotFound, func(p *types.Payment) { p.Subject = "" }),
		"no payer":          with(types.ErrInvalidPayment, func(p *types.Payment) { p.Payer = "" }),
		"payer too long":    with(types.ErrInvalidPayment, func(p *types.Payment) { p.Payer = strings.Repeat("x", 129) }),
		"payer not UTF-8":   with(types.ErrInvalidPayment, func(p *types.Payment) { p.Payer = "\xff" }),
		"reference long":    with(types.ErrInvalidPayment, func(p *types.Payment) { p.Reference = strings.Repeat("x", 257) }),
		"reference no text": with(types.ErrInvalidPayment, func(p *types.Payment) { p.Reference = "\xff" }),
		"no amount":         with(types.ErrInvalidAmount, func(p *types.Payment) { p.Gross = sdk.Coin{} }),
		"zero":              with(types.ErrInvalidAmount, func(p *types.Payment) { p.Gross.Amount = math.ZeroInt() }),
		"negative":          with(types.ErrInvalidAmount, func(p *types.Payment) { p.Gross.Amount = math.NewInt(-1) }),
		"too much":          with(types.ErrInvalidAmount, func(p *types.Payment) { p.Gross.Amount = pow2(types.MaxGrossBits) }),
		"2^255":             with(types.ErrInvalidAmount, func(p *types.Payment) { p.Gross.Amount = pow2(255) }),
		"bad denom":         with(types.ErrInvalidAmount, func(p *types.Payment) { p.Gross.Denom = "!" }),
		"no denom":          with(types.ErrInvalidAmount, func(p *types.Payment) { p.Gross.Denom = "" }),
		"server a creator": with(types.ErrInvalidAddress, func(p *types.Payment) {
			p.Server = contenttypes.NewCreatorID(make([]byte, 20)).String()
		}),
	}
	author := sdk.AccAddress(make([]byte, 20)).String()
	cases["discount"] = with(types.ErrInvalidPayment, func(p *types.Payment) { p.DiscountBps = types.MaxDiscountBps + 1 })
	cases["royalty"] = with(types.ErrInvalidPayment, func(p *types.Payment) { p.RoyaltyTo, p.RoyaltyBps = author, types.MaxRoyaltyBps+1 })
	cases["royalty to nobody"] = with(types.ErrInvalidPayment, func(p *types.Payment) { p.RoyaltyBps = 1 })
	cases["royalty of nothing"] = with(types.ErrInvalidPayment, func(p *types.Payment) { p.RoyaltyTo = author })
	for _, a := range badAddresses[1:] {
		cases["royalty "+a] = with(types.ErrInvalidAddress, func(p *types.Payment) { p.RoyaltyTo, p.RoyaltyBps = a, 1 })
	}
	for _, a := range badAddresses[1:] {
		cases["server "+a] = with(types.ErrInvalidAddress, func(p *types.Payment) { p.Server = a })
	}
	return cases
}

// pow2 is 2^n.
func pow2(n uint) math.Int {
	x := math.NewInt(1)
	for range n {
		x = x.MulRaw(2)
	}
	return x
}
