package types

import (
	"fmt"
	"strings"

	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// DefaultEconomics are those of a new main network, before its first block.
func DefaultEconomics() Economics {
	e := NewEmission(0, FirstYearly().MulRaw(bpsWhole/EmissionBps))
	yearly, _ := YearlyAt(0)
	return Economics{
		Supply: e.GenesisSupply, Minted: e.Minted(), Burned: e.Minted(), YearlyEmission: yearly, Emission: e,
		Revenue: revenuetypes.DefaultParams(), Stream: DefaultParams(),
		Tiers: TierTable(), Allocation: GenesisParts(), Constants: Constants(), Formulas: Formulas(),
	}
}

// Page writes economics as a page of documentation.
func (e Economics) Page() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Economics")
	line("")
	line("Every fee, share, burn and emission of StreamChain. This page is written by `go test ./x/stream/types -run TestEconomicsPage -update` from the")
	line("parameters and constants in the code, and a test holds it to them. A running chain answers the same, with its own parameters and totals:")
	line("`streamd query stream economics`, or `/streamchain/stream/v1/economics`.")
	e.rails(line)
	e.reductions(line)
	e.supply(line)
	line("")
	line("## Formulas")
	line("")
	line("| what | how |")
	line("|---|---|")
	for _, f := range e.Formulas {
		line("| %s | %s |", f.Name, f.Text)
	}
	line("")
	line("## Constants")
	line("")
	line("No vote can change these.")
	line("")
	line("| what | value | unit |")
	line("|---|---|---|")
	for _, c := range e.Constants {
		line("| %s | %s | %s |", c.Name, grouped(c.Value.String()), c.Unit)
	}
	return b.String()
}

func (e Economics) rails(line func(string, ...any)) {
	line("")
	line("## Where a payment goes")
	line("")
	line("Basis points of the price. Governance can change them, but never take a creator below 9,000.")
	line("")
	line("| rail | creator | server | key holders | endowment | storage pool | stakers | treasury | participation | burn |")
	line("|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range e.Revenue.Rails {
		line("| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d |", strings.ToLower(strings.TrimPrefix(r.Rail.String(), "RAIL_")), r.CreatorBps, r.ServerBps,
			r.KeyHoldersBps, r.EndowmentBps, r.StoragePoolBps, r.StakersBps, r.TreasuryBps, r.ParticipationBps, r.BurnBps)
	}
	line("")
	line("Purchases and rentals wait %d hours, whole, before they are shared out; until then the creator can give them back.", e.Revenue.RefundWindowSeconds/hourSeconds)
	line("Payments are made in: %s. Deposits, lanes and flows take the same.", strings.Join(e.Revenue.Denoms, ", "))
	line("Opening a payment lane costs %s; the least deposit is %s.", stream(e.Stream.OpenFee.Int64()), stream(e.Stream.MinDeposit.Int64()))
	line("Every %d days, viewers get back at most %s of what their own payments left to burn and treasury.", e.Revenue.RebatePeriodSeconds/(24*hourSeconds), percent(e.Revenue.RebateBps))
}

func (e Economics) reductions(line func(string, ...any)) {
	line("")
	line("## Tiers")
	line("")
	line("What an account has delegated to bonded validators lowers what its payments leave to the protocol. Nobody else gets less.")
	line("")
	line("| tier | delegated | off the discountable parts | off a purchase |")
	line("|---|---|---|---|")
	for _, t := range e.Tiers {
		sale := e.Revenue.Rails[0]
		off := (sale.StakersBps + sale.TreasuryBps + sale.ParticipationBps + sale.BurnBps) * t.DiscountBps / bpsWhole
		line("| %s | %s | %s | %s |", strings.ToLower(strings.TrimPrefix(t.Tier.String(), "TIER_")), stream(t.Least.Int64()), percent(t.DiscountBps), percent(off))
	}
}

func (e Economics) supply(line func(string, ...any)) {
	line("")
	line("## Supply")
	line("")
	line("| part of the genesis supply | STREAM |")
	line("|---|---|")
	for _, p := range e.Allocation {
		line("| %s | %s |", p.Name, strings.TrimSuffix(stream(p.Amount.Int64()), " STREAM"))
	}
	line("")
	line("The team's part is a flow out of the treasury: it begins a year after the genesis and lasts four. What has not accrued lies in custody, where nobody can delegate or vote with it.")
	line("")
	line("| years of live time | emission a year, at most |")
	line("|---|---|")
	begin := int64(0)
	for range 5 {
		yearly, end := YearlyAt(begin)
		line("| %d to %d | %s |", begin/YearSeconds+1, end/YearSeconds, stream(yearly.Int64()))
		begin = end
	}
	line("")
	line("Of it %s are for stakers, %s for participation, and at most %s for keeping works, as far as works' own revenue matches it.",
		percent(EmissionStakersBps), percent(EmissionParticipationBps), percent(EmissionStorageBps))
	line("A local network has 100,000,000 STREAM too: 30,000,000 in the treasury and the rest with its own accounts, most of it with its faucet; there is no team. Emission there is by the same schedule.")
}

func stream(amount int64) string {
	return grouped(strings.TrimSuffix(token.Format(token.Coin(amount)), " STREAM")) + " STREAM"
}

func percent(bps uint32) string {
	if bps%100 == 0 {
		return fmt.Sprintf("%d %%", bps/100)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%02d", bps/100, bps%100), "0") + " %"
}

// grouped writes digits in groups of three.
func grouped(digits string) string {
	whole, fraction, _ := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return whole
}
