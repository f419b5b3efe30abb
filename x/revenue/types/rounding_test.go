package types_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

func TestMain(m *testing.M) {
	token.Configure()
	m.Run()
}

// amounts are positive up to MaxGrossBits, with the small ones as likely as the large.
func amounts() *rapid.Generator[math.Int] {
	return rapid.Custom(func(t *rapid.T) math.Int {
		if rapid.Bool().Draw(t, "small") {
			return math.NewInt(rapid.Int64Range(1, 20).Draw(t, "amount"))
		}
		bits := rapid.IntRange(1, types.MaxGrossBits).Draw(t, "bits")
		n := new(big.Int).Lsh(big.NewInt(1), uint(bits))
		n.Sub(n, big.NewInt(rapid.Int64Range(1, 1000).Draw(t, "below")))
		if n.Sign() <= 0 {
			n.SetInt64(1)
		}
		return math.NewIntFromBigInt(n)
	})
}

// sheets are valid shares of 1 to MaxShares accounts.
func sheets() *rapid.Generator[[]types.Share] {
	return rapid.Custom(func(t *rapid.T) []types.Share {
		n := rapid.IntRange(1, types.MaxShares).Draw(t, "recipients")
		shares, left := make([]types.Share, n), types.Bps
		for i := range shares {
			most := left - (n - 1 - i)
			bps := most
			if i < n-1 {
				// around an even share half of the time, so that remainders tie
				bps = rapid.OneOf(rapid.IntRange(1, most), rapid.Just(max(1, left/(n-i)))).Draw(t, "bps")
			}
			shares[i] = types.Share{Recipient: sdk.AccAddress(fmt.Sprintf("%020d", i)).String(), Bps: uint32(bps)}
			left -= bps
		}
		return shares
	})
}

func TestDivideIsExactAndFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount, shares := amounts().Draw(t, "amount"), sheets().Draw(t, "sheet")
		require.NoError(t, types.ValidateShares(shares))
		credits := types.Divide(amount, shares)
		sum := math.ZeroInt()
		for i, c := range credits {
			require.Equal(t, shares[i].Recipient, c.Recipient)
			sum = sum.Add(c.Amount)
			// within one unit of the exact share, on either side
			exact := new(big.Int).Mul(amount.BigInt(), big.NewInt(int64(shares[i].Bps)))
			got := new(big.Int).Mul(c.Amount.BigInt(), big.NewInt(types.Bps))
			diff := new(big.Int).Abs(got.Sub(got, exact))
			require.Negative(t, diff.Cmp(big.NewInt(types.Bps)))
		}
		require.Equal(t, amount.String(), sum.String())
	})
}

// Who stands where in a sheet decides about equal remainders only.
func TestDivideHardlyDependsOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount, shares := amounts().Draw(t, "amount"), sheets().Draw(t, "sheet")
		permuted := rapid.Permutation(shares).Draw(t, "permuted")
		one, two := byRecipient(types.Divide(amount, shares)), byRecipient(types.Divide(amount, permuted))
		remainder := func(s types.Share) int64 { return amount.MulRaw(int64(s.Bps)).ModRaw(types.Bps).Int64() }
		differing := map[int64]bool{}
		var multiset1, multiset2 []string
		for _, s := range shares {
			multiset1, multiset2 = append(multiset1, one[s.Recipient].String()), append(multiset2, two[s.Recipient].String())
			if !one[s.Recipient].Equal(two[s.Recipient]) {
				require.True(t, one[s.Recipient].Sub(two[s.Recipient]).Abs().Equal(math.OneInt()))
				differing[remainder(s)] = true
			}
		}
		require.LessOrEqual(t, len(differing), 1, "only among recipients with one and the same remainder")
		if len(differing) == 0 {
			slices.Sort(multiset1)
			slices.Sort(multiset2)
			require.Equal(t, multiset1, multiset2)
		}
	})
}

func TestDivideGivesTheUnitsLeftToTheLargestRemainders(t *testing.T) {
	for _, c := range []struct {
		amount int64
		bps    []uint32
		want   []int64
	}{
		{1, []uint32{5000, 5000}, []int64{1, 0}},
		{3, []uint32{5000, 5000}, []int64{2, 1}},
		{1, []uint32{4999, 5001}, []int64{0, 1}},
		{10, []uint32{3333, 3333, 3334}, []int64{3, 3, 4}},
		{2, []uint32{3333, 3333, 3334}, []int64{1, 0, 1}},
		{100, []uint32{1, 9999}, []int64{0, 100}},
		{5000, []uint32{1, 9999}, []int64{1, 4999}},
		{7, []uint32{10_000}, []int64{7}},
	} {
		var shares []types.Share
		for i, bps := range c.bps {
			shares = append(shares, types.Share{Recipient: fmt.Sprint(i), Bps: bps})
		}
		var got []int64
		for _, credit := range types.Divide(math.NewInt(c.amount), shares) {
			got = append(got, credit.Amount.Int64())
		}
		require.Equal(t, c.want, got, "%d by %v", c.amount, c.bps)
	}
}

func byRecipient(credits []types.Credit) map[string]math.Int {
	m := map[string]math.Int{}
	for _, c := range credits {
		m[c.Recipient] = c.Amount
	}
	return m
}

// rails are valid parts of any rail.
func rails() *rapid.Generator[types.RailShares] {
	return rapid.Custom(func(t *rapid.T) types.RailShares {
		s := types.RailShares{Rail: types.Rail(rapid.Int32Range(1, 5).Draw(t, "rail"))}
		left := uint32(types.Bps - types.FloorBps)
		for _, part := range []*uint32{
			&s.ServerBps, &s.KeyHoldersBps, &s.EndowmentBps, &s.StoragePoolBps, &s.StakersBps, &s.TreasuryBps, &s.ParticipationBps, &s.BurnBps,
		} {
			*part = rapid.Uint32Range(0, left).Draw(t, "bps")
			left -= *part
		}
		s.CreatorBps = types.FloorBps + left
		return s
	})
}

func TestCutSumsToGrossAndKeepsTheFloor(t *testing.T) {
	creator := contenttypes.NewCreatorID(make([]byte, 20)).String()
	rapid.Check(t, func(t *rapid.T) {
		shares, gross := rails().Draw(t, "rail"), amounts().Draw(t, "gross")
		require.NoError(t, shares.Validate())
		denom := rapid.SampledFrom([]string{token.BaseDenom, "uatom"}).Draw(t, "denom")
		subject := contenttypes.Subject{Creator: creator, Work: rapid.SampledFrom([]string{"", "work"}).Draw(t, "work")}
		p := types.Payment{Rail: shares.Rail, Gross: sdk.Coin{Denom: denom, Amount: gross}, Server: rapid.SampledFrom([]string{"", "node"}).Draw(t, "server")}
		held := rapid.Bool().Draw(t, "held")
		d := shares.Cut(p, subject, held)
		require.Equal(t, gross.String(), d.Sum().String())
		require.False(t, d.CreatorPart.MulRaw(types.Bps).LT(gross.MulRaw(types.FloorBps)), "the floor holds for every amount")
		down := func(bps uint32) string {
			x := new(big.Int).Mul(gross.BigInt(), big.NewInt(int64(bps)))
			return x.Div(x, big.NewInt(types.Bps)).String()
		}
		require.Equal(t, down(shares.StakersBps), d.StakersPart.String())
		require.Equal(t, down(shares.ParticipationBps), d.ParticipationPart.String())
		holders := "0"
		if held && denom == token.BaseDenom && subject.Work != "" {
			holders = down(shares.KeyHoldersBps)
		}
		require.Equal(t, holders, d.KeyHoldersPart.String())
		if denom == token.BaseDenom {
			require.Equal(t, down(shares.BurnBps), d.BurnPart.String())
			require.Equal(t, down(shares.StoragePoolBps), d.StoragePoolPart.String())
		} else {
			require.True(t, d.BurnPart.IsZero() && d.EndowmentPart.IsZero() && d.StoragePoolPart.IsZero())
		}
		if p.Server != "" {
			require.Equal(t, down(shares.ServerBps), d.ServerPart.String())
		} else {
			require.True(t, d.ServerPart.IsZero())
		}
		if denom == token.BaseDenom && subject.Work != "" {
			require.Equal(t, down(shares.EndowmentBps), d.EndowmentPart.String())
		} else {
			require.True(t, d.EndowmentPart.IsZero())
		}
	})
}

// Discounts and royalties come out of treasury, burn, stakers and participation alone, in this
// order, and are clipped where those have no more.
func TestReductionsTouchTheDiscountablePartsOnly(t *testing.T) {
	creator := contenttypes.NewCreatorID(make([]byte, 20)).String()
	rapid.Check(t, func(t *rapid.T) {
		shares, gross := rails().Draw(t, "rail"), amounts().Draw(t, "gross")
		denom := rapid.SampledFrom([]string{token.BaseDenom, "uatom"}).Draw(t, "denom")
		subject := contenttypes.Subject{Creator: creator, Work: rapid.SampledFrom([]string{"", "work"}).Draw(t, "work")}
		plain := types.Payment{Rail: shares.Rail, Gross: sdk.Coin{Denom: denom, Amount: gross}, Server: rapid.SampledFrom([]string{"", "node"}).Draw(t, "server")}
		reduced := plain
		reduced.DiscountBps = rapid.SampledFrom([]uint32{0, 500, 1000, 2000, 3000}).Draw(t, "discount")
		if reduced.RoyaltyBps = rapid.Uint32Range(0, types.MaxRoyaltyBps).Draw(t, "royalty"); reduced.RoyaltyBps > 0 {
			reduced.RoyaltyTo = "author"
		}
		a, b := shares.Cut(plain, subject, true), shares.Cut(reduced, subject, true)
		for _, untouched := range [][2]math.Int{
			{a.CreatorPart, b.CreatorPart}, {a.ServerPart, b.ServerPart}, {a.KeyHoldersPart, b.KeyHoldersPart},
			{a.EndowmentPart, b.EndowmentPart}, {a.StoragePoolPart, b.StoragePoolPart},
		} {
			require.Equal(t, untouched[0].String(), untouched[1].String())
		}
		discountable := a.TreasuryPart.Add(a.BurnPart).Add(a.StakersPart).Add(a.ParticipationPart)
		discount := new(big.Int).Mul(discountable.BigInt(), big.NewInt(int64(reduced.DiscountBps)))
		discount.Div(discount, big.NewInt(types.Bps))
		require.Equal(t, discount.String(), b.Discount.String())
		require.Equal(t, gross.Sub(b.Discount).String(), b.Sum().String(), "the parts are what was charged")
		require.Equal(t, b.Charged().String(), shares.Charged(reduced).String(), "as it was quoted")
		royalty := new(big.Int).Mul(gross.BigInt(), big.NewInt(int64(reduced.RoyaltyBps)))
		royalty.Div(royalty, big.NewInt(types.Bps))
		want := math.MinInt(math.NewIntFromBigInt(royalty), discountable.Sub(b.Discount))
		require.Equal(t, want.String(), b.RoyaltyPart.String())
		// in order: a part that lost anything means that those before it have nothing left
		before := math.ZeroInt()
		for _, part := range [][2]math.Int{
			{a.TreasuryPart, b.TreasuryPart}, {a.BurnPart, b.BurnPart}, {a.StakersPart, b.StakersPart}, {a.ParticipationPart, b.ParticipationPart},
		} {
			require.False(t, part[1].IsNegative())
			require.True(t, part[1].LTE(part[0]))
			if part[1].LT(part[0]) {
				require.True(t, before.IsZero())
			}
			before = before.Add(part[1])
		}
		require.True(t, b.Countable(types.MaxRebateBps).LTE(b.EndowmentPart))
	})
}

// What a self-dealer with a third of all stake gets back of a payment is never more than he paid,
// on any rail, with any parts that a vote could set, for any discount and royalty to himself.
func TestNoPaymentPaysForItself(t *testing.T) {
	creator := contenttypes.NewCreatorID(make([]byte, 20)).String()
	rapid.Check(t, func(t *rapid.T) {
		shares, gross := rails().Draw(t, "rail"), amounts().Draw(t, "gross")
		if rapid.Bool().Draw(t, "default") {
			shares = rapid.SampledFrom(types.DefaultParams().Rails).Draw(t, "rail")
		}
		p := types.Payment{Rail: shares.Rail, Gross: token.Coin(1), Server: "self", DiscountBps: rapid.SampledFrom([]uint32{0, 500, 1000, 2000, 3000}).Draw(t, "tier")}
		p.Gross.Amount = gross
		if p.RoyaltyBps = rapid.SampledFrom([]uint32{0, 50, 100, 200}).Draw(t, "royalty"); p.RoyaltyBps > 0 {
			p.RoyaltyTo = "self"
		}
		rebate := rapid.SampledFrom([]uint32{0, 1000, types.MaxRebateBps}).Draw(t, "rebate")
		d := shares.Cut(p, contenttypes.Subject{Creator: creator, Work: "work"}, true)
		back := d.CreatorPart.Add(d.ServerPart).Add(d.KeyHoldersPart).Add(d.EndowmentPart).Add(d.RoyaltyPart)
		back = back.Add(d.Countable(rebate).MulRaw(2))                    // grants of the storage pool
		back = back.Add(d.Left().QuoRaw(2))                               // matched emission
		back = back.Add(d.Left().MulRaw(int64(rebate)).QuoRaw(types.Bps)) // rebate
		back = back.Add(d.StakersPart.QuoRaw(3))                          // as a staker
		require.True(t, back.LTE(d.Charged()), "%s of %s", back, d.Charged())
	})
}

// Were a pass's part for the storage pool paid to who served, a self-dealer who is that too would lose nothing: see ADR 0013.
func TestWhatServingAPassWouldReturn(t *testing.T) {
	const gross = 10_000_000_000
	lost := func(shares types.RailShares, counted int64) int64 {
		p := types.Payment{Rail: shares.Rail, Gross: token.Coin(gross), Server: "self"}
		d := shares.Cut(p, contenttypes.Subject{Creator: "c", Work: "w"}, true)
		if counted == 0 {
			counted = d.Countable(types.MaxRebateBps).Int64()
		}
		back := d.CreatorPart.Add(d.ServerPart).Add(d.KeyHoldersPart).Add(d.EndowmentPart).AddRaw(2 * counted)
		back = back.Add(d.Left().QuoRaw(2)).Add(d.Left().MulRaw(types.MaxRebateBps).QuoRaw(types.Bps)).Add(d.StakersPart.QuoRaw(3))
		return d.Charged().Sub(back).Int64() * types.Bps / gross
	}
	shares, err := types.DefaultParams().Shares(types.RAIL_PLAN)
	require.NoError(t, err)
	require.EqualValues(t, 13, lost(shares, 0))
	shares.ServerBps, shares.StoragePoolBps = shares.StoragePoolBps, 0
	require.EqualValues(t, 0, lost(shares, 0))
	require.EqualValues(t, -136, lost(shares, 200*gross/types.Bps), "a gain, were the whole endowment counted")
	d := shares.Cut(types.Payment{Rail: shares.Rail, Gross: token.Coin(gross)}, contenttypes.Subject{Creator: "c", Work: "w"}, true)
	require.EqualValues(t, 131, d.Countable(types.MaxRebateBps).Int64()*types.Bps/gross)
}

// By the default parts every endowment counts whole, as it always did.
func TestDefaultEndowmentsCountWhole(t *testing.T) {
	for _, shares := range types.DefaultParams().Rails {
		p := types.Payment{Rail: shares.Rail, Gross: token.Coin(10_000_000)}
		d := shares.Cut(p, contenttypes.Subject{Creator: "c", Work: "w"}, true)
		require.Equal(t, d.EndowmentPart, d.Countable(types.MaxRebateBps), shares.Rail)
	}
}

func TestHoldIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payer := sdk.AccAddress(rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "payer")).String()
		sequence := rapid.Uint64Min(1).Draw(t, "sequence")
		p, s, err := types.ParseHoldID(types.HoldID(payer, sequence))
		require.NoError(t, err)
		require.Equal(t, payer, p)
		require.Equal(t, sequence, s)
	})
}

// FuzzHoldID: an id has one spelling.
func FuzzHoldID(f *testing.F) {
	payer := sdk.AccAddress(make([]byte, 20)).String()
	for _, s := range []string{"", payer, payer + "-1", payer + "-01", payer + "-18446744073709551615", payer + "-1-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, id string) {
		payer, sequence, err := types.ParseHoldID(id)
		if err == nil {
			require.Equal(t, id, types.HoldID(payer, sequence))
			require.NoError(t, types.ValidateRecipient(payer))
		}
	})
}
