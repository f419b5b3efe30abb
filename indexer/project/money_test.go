package project_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func ustream(n int64) sdk.Coin { return sdk.NewInt64Coin("ustream", n) }

// paid is a payment of which a tenth goes to others: 4 % to burn and treasury.
func paid(rail revenuetypes.Rail, subject, creator, payer string, gross int64) *revenuetypes.EventDistributed {
	part := func(bps int64) math.Int { return math.NewInt(gross * bps / 10_000) }
	return &revenuetypes.EventDistributed{
		Subject: subject, Creator: creatorID(creator), Payer: addr(payer), Rail: rail, Gross: ustream(gross), CreatorPart: part(9000), ServerPart: part(100), KeyHoldersPart: part(50), EndowmentPart: part(50),
		StoragePoolPart: part(100), StakersPart: part(200), TreasuryPart: part(300), ParticipationPart: part(100), BurnPart: part(100), Discount: math.ZeroInt(), RoyaltyPart: math.ZeroInt(),
		ParentsPart: math.ZeroInt(), Credits: []revenuetypes.Credit{{Recipient: creatorID(creator), Amount: part(9000)}}, Reference: "ref",
	}
}

func (b *bench) sums(table, where string) string {
	b.Helper()
	return b.rows("SELECT payments, gross, charged, creator_part, treasury, burn, royalty FROM " + table + " WHERE " + where + " ORDER BY 1, 2")
}

func TestPayments(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice")
	work := b.publish(film, "alice")
	discounted := paid(revenuetypes.RAIL_TIP, work, "alice", "viewer", 100_000)
	discounted.TreasuryPart, discounted.Discount = math.NewInt(2000), math.NewInt(1000)
	tx := b.tx(nil, discounted)
	b.tx(nil, paid(revenuetypes.RAIL_METERED, work, "alice", "viewer", 10_000), paid(revenuetypes.RAIL_METERED, work, "alice", "other", 10_000))
	other := paid(revenuetypes.RAIL_TIP, creatorID("alice"), "alice", "viewer", 1)
	huge, ok := math.NewIntFromString("100000000000000000000000000000000000000")
	require.True(t, ok)
	other.Gross, other.CreatorPart = sdk.NewCoin("ibc/X", huge), huge
	other.Credits = nil
	b.tx(nil, other)
	b.commit()

	require.Equal(t, fmt.Sprintf(`tip|%s|%s|100000|99000|9000|{"burn":"1000","creator":"90000","endowment":"500","key_holders":"500","participation":"1000","server":"1000","stakers":"2000","storage_pool":"1000","treasury":"2000"}`, tx, addr("viewer")),
		b.rows("SELECT rail, tx, payer, gross, charged, creator_bps, parts FROM payments WHERE denom = 'ustream'"), "those by the second are in the sums only")
	day := int64(genesisTime) / 86400
	require.Equal(t, "1|100000|99000|90000|2000|1000|0\n2|20000|20000|18000|600|200|0", b.sums("earnings", fmt.Sprintf("denom = 'ustream' AND day = %d AND subject = '%s'", day, work)))
	require.Equal(t, "1|100000|99000|90000|2000|1000|0\n2|20000|20000|18000|600|200|0", b.sums("totals", "scope = 'work' AND denom = 'ustream'"))
	require.Equal(t, "1|100000|99000|90000|2000|1000|0\n2|20000|20000|18000|600|200|0", b.sums("days", "denom = 'ustream'"))
	require.Equal(t, fmt.Sprintf("1|%s|%s|%s|0|0|0", huge, huge, huge), b.sums("totals", "scope = 'all' AND denom = 'ibc/X'"), "amounts of other denoms can be of any size")
	require.Equal(t, "0", b.rows("SELECT COUNT(*) FROM events WHERE data LIKE '%METERED%'"))

	wrong := paid(revenuetypes.RAIL_TIP, work, "alice", "viewer", 100_000)
	wrong.BurnPart = math.NewInt(1)
	b.tx(nil, wrong)
	b.fails("sum to 99001, not to the 100000")
}

// A held payment has the transaction that paid and, once it was shared out, its parts.
func TestHolds(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice", "bob")
	work := b.publish(film, "alice")
	second := b.publish(song, "alice")
	third := b.publish(keyed, "bob")
	hold := func(n int, work, creator string) (string, *revenuetypes.EventHeld, *subscriptiontypes.EventPurchased) {
		id := fmt.Sprintf("%s-%d", addr("viewer"), n)
		return id, &revenuetypes.EventHeld{
				HoldId: id, Payer: addr("viewer"), Subject: work, Creator: creatorID(creator), Rail: revenuetypes.RAIL_PURCHASE, Gross: ustream(100_000), Charged: ustream(90_000), Reference: "ref", ReleaseAt: 99,
			}, &subscriptiontypes.EventPurchased{
				Buyer: addr("viewer"), Creator: creatorID(creator), ReleaseAt: 99, Entitlement: subscriptiontypes.Entitlement{Viewer: addr("viewer"), Work: work, HoldId: id, BoughtAt: genesisTime + int64(n), Price: ustream(90_000)},
			}
	}
	first, e1, p1 := hold(1, work, "alice")
	_, e2, p2 := hold(2, second, "alice")
	refunded, e3, p3 := hold(3, third, "bob")
	tx := b.tx(nil, e1, p1)
	b.tx(nil, e2, p2)
	b.tx(nil, e3, p3)
	b.commit()
	require.Equal(t, "3|held", b.rows("SELECT COUNT(*), status FROM holds GROUP BY status"))
	require.Equal(t, "3", b.rows("SELECT COUNT(*) FROM entitlements WHERE right = 'purchase' AND counted = 0"))

	b.tx(nil, &revenuetypes.EventRefunded{HoldId: refunded, Payer: addr("viewer"), Subject: third, Creator: creatorID("bob"), Gross: ustream(90_000), Reference: "ref"},
		&subscriptiontypes.EventEntitlementRevoked{Viewer: addr("viewer"), Work: third, HoldId: refunded})
	for _, e := range []*revenuetypes.EventHeld{e1, e2} {
		p := paid(revenuetypes.RAIL_PURCHASE, e.Subject, "alice", "viewer", 100_000)
		p.TreasuryPart, p.CreatorPart, p.Discount = math.ZeroInt(), math.NewInt(83_000), math.NewInt(10_000)
		b.ends(p, &revenuetypes.EventReleased{HoldId: e.HoldId, Payer: e.Payer, Subject: e.Subject, Gross: ustream(90_000)})
	}
	b.commit()
	require.Equal(t, first+"|"+tx, b.rows("SELECT hold, tx FROM payments WHERE subject = ?", work))
	require.Equal(t, "refunded\nreleased\nreleased", b.rows("SELECT status FROM holds ORDER BY status"))
	require.Equal(t, "2", b.rows("SELECT COUNT(*) FROM entitlements"))
	require.ElementsMatch(t, []string{work + "|" + second + "|1", second + "|" + work + "|1"},
		[]string{b.rows("SELECT * FROM copurchases WHERE a = ?", work), b.rows("SELECT * FROM copurchases WHERE a = ?", second)}, "what was refunded is not counted")
}

func TestContestedHold(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice")
	work := b.publish(film, "alice")
	b.tx(nil, &revenuetypes.EventHeld{HoldId: "h-1", Payer: addr("v"), Subject: work, Creator: creatorID("alice"), Rail: revenuetypes.RAIL_PURCHASE, Gross: ustream(1000), Charged: ustream(900), ReleaseAt: 9})
	b.commit()
	b.tx(nil, &revenuetypes.EventHoldContested{HoldId: "h-1", ContestedId: "h-2", Amount: ustream(301), ReleaseAt: 99})
	b.commit()
	require.Equal(t, "h-1|666|599|9|held|\nh-2|334|301|99|contested|h-1", b.rows("SELECT id, gross, charged, release_at, status, part_of FROM holds ORDER BY id"))
	b.tx(nil, &revenuetypes.EventHoldContested{HoldId: "h-1", ContestedId: "h-1", Amount: ustream(599), ReleaseAt: 77})
	b.commit()
	require.Equal(t, "h-1|599|77|contested", b.rows("SELECT id, charged, release_at, status FROM holds WHERE id = 'h-1'"))
}

// Trending counts what was left to burn and treasury less rebates, at most 5 STREAM a payer, for seven days.
func TestTrending(t *testing.T) {
	b := newBench(t, `{"revenue":{"params":{"rebate_bps":2500}}}`)
	b.creators("alice")
	work := b.publish(film, "alice")
	score := func() string {
		return b.rows("SELECT w.score, w.payers, c.score, c.payers FROM works w JOIN creators c ON c.id = w.creator")
	}
	b.tx(nil, paid(revenuetypes.RAIL_METERED, work, "alice", "viewer", 100_000))
	b.tx(nil, paid(revenuetypes.RAIL_TIP, creatorID("alice"), "alice", "fan", 100_000))
	b.commit()
	require.Equal(t, "3000|1|6000|2", score(), "4000 less a quarter")
	b.tx(nil, paid(revenuetypes.RAIL_TIP, work, "alice", "whale", 1_000_000_000))
	b.commit(3 * 24 * time.Hour)
	require.Equal(t, "5003000|2|5006000|3", score(), "30 STREAM of one payer count as 5")
	b.tx(nil, &revenuetypes.EventParamsUpdated{Params: revenuetypes.Params{RebateBps: 0}})
	b.tx(nil, paid(revenuetypes.RAIL_TIP, work, "alice", "late", 100_000))
	b.commit(3 * 24 * time.Hour)
	require.Equal(t, "5007000|3|5010000|4", score())
	b.commit(24 * time.Hour)
	require.Equal(t, "5004000|2|5004000|2", score(), "the first day is out")
	b.commit(30 * 24 * time.Hour)
	require.Equal(t, "0|0|0|0", score())
	require.Empty(t, b.rows("SELECT * FROM spends"))
}

func TestSupply(t *testing.T) {
	b := newBench(t, "")
	b.ends(&streamtypes.EventEmitted{Stakers: math.NewInt(70), Storage: math.NewInt(20), Participation: math.NewInt(10)})
	burn := event(t, &streamtypes.EventEmitted{Stakers: math.NewInt(1), Storage: math.NewInt(1), Participation: math.NewInt(1)}, "mode", "EndBlock")
	burn.Type, burn.Attributes = "burn", burn.Attributes[len(burn.Attributes)-1:]
	burn.Attributes = append(burn.Attributes, burn.Attributes[0])
	burn.Attributes[1].Key, burn.Attributes[1].Value = "amount", "33ustream,5ibc/X"
	b.end = append(b.end, burn, burn)
	b.commit()
	require.Equal(t, fmt.Sprintf("%d|100|66", int64(genesisTime)/86400), b.rows("SELECT * FROM supply_days"))
}

func TestRoyaltiesOfParents(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice", "bob")
	work, parent := b.publish(film, "alice"), b.publish(keyed, "bob")
	p := paid(revenuetypes.RAIL_TIP, work, "alice", "v", 100_000)
	p.ParentsPart = math.NewInt(9000)
	p.Credits = []revenuetypes.Credit{{Recipient: addr("x"), Amount: math.NewInt(4000), Parent: parent}, {Recipient: creatorID("bob"), Amount: math.NewInt(5000), Parent: parent}, {Recipient: creatorID("alice"), Amount: math.NewInt(81_000)}}
	b.tx(nil, p)
	b.tx(nil, p)
	b.commit()
	require.Equal(t, fmt.Sprintf("%s|%d|ustream|2|18000", parent, int64(genesisTime)/86400), b.rows("SELECT * FROM royalties"))
	require.Equal(t, "18000", b.rows("SELECT parents FROM totals WHERE scope = 'work'"))
}
