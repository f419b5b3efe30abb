package receipt

import (
	"encoding/json"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// sale is a payment of a silver delegator by a template: 10 % off the discountable parts, and a royalty out of what is left.
func sale() *revenuetypes.EventDistributed {
	n := math.NewInt
	return &revenuetypes.EventDistributed{
		Subject: "work", Payer: "viewer", Rail: revenuetypes.RAIL_PURCHASE, Gross: token.Coin(1_000_000), CreatorPart: n(900_000), ServerPart: n(0),
		KeyHoldersPart: n(5_000), EndowmentPart: n(20_000), StoragePoolPart: n(15_000), StakersPart: n(20_000), TreasuryPart: n(9_000),
		ParticipationPart: n(10_000), BurnPart: n(10_000), Discount: n(6_000), RoyaltyPart: n(5_000), RoyaltyTo: "author", ParentsPart: n(0),
	}
}

func TestPaymentShowsDiscountAndRoyalty(t *testing.T) {
	p := payment(sale(), 7)
	require.EqualValues(t, 1_000_000, p.Gross.Int64())
	require.EqualValues(t, 6_000, p.Discount.Int64())
	require.EqualValues(t, 994_000, p.Charged.Int64())
	require.EqualValues(t, 5_000, p.Parts["royalty"].Int64())
	require.Equal(t, "author", p.RoyaltyTo)
	sum := p.Discount
	for _, part := range p.Parts {
		sum = sum.Add(part)
	}
	require.Equal(t, p.Gross.String(), sum.String())
	raw, err := json.Marshal(p)
	require.NoError(t, err)
	require.Contains(t, string(raw), `"discount":"6000","charged":"994000"`)
	require.Contains(t, string(raw), `"royalty_to":"author"`)
}

func held(id string, gross, charged int64) *revenuetypes.EventHeld {
	return &revenuetypes.EventHeld{HoldId: id, Payer: "viewer", Subject: "work", Gross: token.Coin(gross), Charged: token.Coin(charged), ReleaseAt: 9}
}

// sums are what waits: of prices, and of what was paid.
func sums(h holds) (gross, charged int64) {
	for _, p := range h {
		gross, charged = gross+p.Gross.Int64(), charged+p.Charged.Int64()
	}
	return gross, charged
}

// TestHolds: what waits is what was charged, and a refund in part takes only its part.
func TestHolds(t *testing.T) {
	h := holds{}
	h.held(held("a", 1_000_000, 994_000))
	h.held(held("b", 500_000, 500_000))
	h.changed(&revenuetypes.EventHoldContested{HoldId: "a", ContestedId: "c", Amount: token.Coin(497_000), ReleaseAt: 10})
	h.changed(&revenuetypes.EventHoldContested{HoldId: "unknown", ContestedId: "d", Amount: token.Coin(1)})
	gross, charged := sums(h)
	require.EqualValues(t, 1_500_000, gross)
	require.EqualValues(t, 1_494_000, charged)
	require.Equal(t, []int64{500_000, 497_000}, []int64{h["c"].Gross.Int64(), h["c"].Charged.Int64()})
	require.EqualValues(t, 10, h["c"].ReleaseAt)
	h.changed(&revenuetypes.EventRefunded{HoldId: "c"})
	_, charged = sums(h)
	require.EqualValues(t, 997_000, charged)
	// contested whole, it keeps its id
	h.changed(&revenuetypes.EventHoldContested{HoldId: "b", ContestedId: "b", Amount: token.Coin(500_000), ReleaseAt: 11})
	require.EqualValues(t, 11, h["b"].ReleaseAt)
	require.EqualValues(t, 500_000, h["b"].Charged.Int64())
	h.changed(&revenuetypes.EventReleased{HoldId: "b"})
	_, charged = sums(h)
	require.EqualValues(t, 497_000, charged)
}

func TestReleased(t *testing.T) {
	open := holds{}
	open.held(held("a", 1_000_000, 994_000))
	open.held(held("b", 1, 1))
	block := chainclient.Block{Height: 5, Events: []proto.Message{sale(), &revenuetypes.EventReleased{HoldId: "a"}, &revenuetypes.EventRefunded{HoldId: "b"}}}
	out := released(block, open)
	require.Len(t, out, 1)
	require.EqualValues(t, 5, out[0].Height)
	require.Empty(t, open)
}

// TestStatementReads: what a block says of a payer, of the chain's supply, and of serving budgets.
func TestStatementReads(t *testing.T) {
	zero := math.ZeroInt()
	s := &Statement{Payer: "viewer", Pending: zero, Fees: zero, Burned: zero, Minted: zero, Funded: zero}
	other := sale()
	other.Payer = "somebody"
	s.read(chainclient.Block{Height: 3, Events: []proto.Message{
		sale(), other,
		&streamtypes.EventEmitted{Stakers: math.NewInt(8), Storage: math.NewInt(1), Participation: math.NewInt(1)},
		&streamtypes.EventUseProved{Viewer: "viewer", Provider: "node", Work: "work", Seconds: 9, Paid: math.NewInt(9_000_000_000)},
		&streamtypes.EventUseProved{Viewer: "somebody", Provider: "node", Work: "work", Seconds: 9, Paid: math.NewInt(9)},
		&storagetypes.EventServingFunded{Root: "work", Funder: "viewer", Amount: math.NewInt(77), Balance: zero},
	}}, holds{}, map[string]string{})
	require.Len(t, s.Payments, 1)
	require.EqualValues(t, 20_000, s.Burned.Int64(), "of all payers")
	require.EqualValues(t, 10, s.Minted.Int64())
	require.Equal(t, []Serving{{Work: "work", Viewer: "viewer", Server: "node", Seconds: 9, Paid: math.NewInt(9_000_000_000)}}, s.Serving)
	require.EqualValues(t, 77, s.Funded.Int64())
}
