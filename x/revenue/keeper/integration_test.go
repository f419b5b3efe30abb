package keeper_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/token"
	contentkeeper "github.com/streamchain/streamchain/x/content/keeper"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/keeper"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// world is the module above the real x/content.
type world struct {
	*keepertest.Env
	content contenttypes.MsgServer
	k       *keeper.Keeper
	msg     types.MsgServer
	storage *fakeStorage
}

func newWorld(t testing.TB) *world {
	e := keepertest.New(t)
	content := contentkeeper.NewKeeper(contentkeeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(contenttypes.StoreKey), Account: e.Account, Bank: e.Bank, Clock: e.Clock, Authority: e.Authority,
	})
	require.NoError(t, content.InitGenesis(e.Ctx, *contenttypes.DefaultGenesis()))
	w := &world{Env: e, content: contentkeeper.NewMsgServer(content), storage: &fakeStorage{store: e.StoreService("storage")}}
	w.k = keeper.NewKeeper(keeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(types.StoreKey), Objects: e.ObjectKey(types.ObjectStoreKey),
		Account: e.Account, Bank: e.Bank, Clock: e.Clock, Content: content, Storage: w.storage, Authority: e.Authority,
		StakersModule: authtypes.FeeCollectorName, TreasuryModule: "governance", StorageModule: "storage",
	})
	w.msg = keeper.NewMsgServer(w.k)
	require.NoError(t, w.k.InitGenesis(e.Ctx, *types.DefaultGenesis()))
	t.Cleanup(func() {
		require.NoError(t, content.CheckInvariants(e.Ctx))
		require.NoError(t, w.k.CheckInvariants(e.Ctx, nil))
	})
	return w
}

// publish publishes a work, or a new version of previous.
func (w *world) publish(controller sdk.AccAddress, name, previous string) string {
	w.T.Helper()
	hash, err := mh.Sum([]byte(name), mh.SHA2_256, -1)
	require.NoError(w.T, err)
	piece := sha256.Sum256([]byte(name))
	res, err := w.content.Publish(w.Ctx, &contenttypes.MsgPublish{
		Controller: controller.String(), Creator: contenttypes.NewCreatorID(controller).String(), Kind: "video", Title: name,
		DurationSeconds: 30, Media: cid.NewCidV1(cid.DagProtobuf, hash).String(), PieceRoot: piece[:], PieceSize: 4096,
		Licence: "CC-BY-4.0", Previous: previous,
	})
	require.NoError(w.T, err)
	return res.Cid
}

func (w *world) next(d time.Duration) {
	w.NextBlock(d, func(ctx sdk.Context) error { return w.k.EndBlock(ctx) })
}

// publish, purchase, refund or wait, claim: every ustream is accounted for.
func TestPublishPurchaseClaim(t *testing.T) {
	w := newWorld(t)
	alice, viewer := w.Funded("alice", 10*stream), w.Funded("viewer", 10*stream)
	supply := w.Bank.GetSupply(w.Ctx, token.BaseDenom).Amount.Int64()
	_, err := w.content.RegisterCreator(w.Ctx, &contenttypes.MsgRegisterCreator{Controller: alice.String()})
	require.NoError(t, err)
	creator := contenttypes.NewCreatorID(alice).String()
	root := w.publish(alice, "film", "")
	second := w.publish(alice, "film, again", root)

	// bought by the newest version's cid: money keys on the root
	buy := func() string {
		require.NoError(t, w.k.Collect(w.Ctx, viewer, token.Coin(stream)))
		id, _, err := w.k.Hold(w.Ctx, sale(viewer, second, stream))
		require.NoError(t, err)
		return id
	}
	refunded, kept := buy(), buy()
	hold, err := w.k.GetHold(w.Ctx, kept)
	require.NoError(t, err)
	require.Equal(t, root, hold.Payment.Subject)
	_, err = w.msg.Refund(w.Ctx, &types.MsgRefund{Controller: viewer.String(), HoldId: refunded})
	require.ErrorIs(t, err, contenttypes.ErrNotController)
	_, err = w.msg.Refund(w.Ctx, &types.MsgRefund{Controller: alice.String(), HoldId: refunded})
	require.NoError(t, err)
	w.next(window)
	require.EqualValues(t, 9*stream, w.Balance(viewer))

	// retired meanwhile: what was bought is still paid
	_, err = w.content.Retire(w.Ctx, &contenttypes.MsgRetire{Controller: alice.String(), Work: root})
	require.NoError(t, err)
	w.next(time.Second)
	_, err = w.msg.Claim(w.Ctx, &types.MsgClaim{Claimant: viewer.String(), Recipient: creator})
	require.ErrorIs(t, err, contenttypes.ErrNotController)
	_, err = w.msg.Claim(w.Ctx, &types.MsgClaim{Claimant: alice.String(), Recipient: creator})
	require.NoError(t, err)
	w.next(time.Second)
	require.EqualValues(t, 10*stream+905_000, w.Balance(alice), "the deposits are back, and 90.5 % of one purchase")
	require.EqualValues(t, 20_000, w.storage.get(w.Ctx, "escrow/"+root).Int64(), "the escrow is the root's")
	require.EqualValues(t, supply-10_000, w.Bank.GetSupply(w.Ctx, token.BaseDenom).Amount.Int64())
	sum := int64(0)
	for _, b := range w.Bank.GetAccountsBalances(w.Ctx) {
		sum += b.Coins.AmountOf(token.BaseDenom).Int64()
	}
	require.Equal(t, supply-10_000, sum)

	// neither an unknown work nor an account can be paid
	for _, subject := range []string{workID("unknown"), alice.String(), ""} {
		_, err := w.k.Distribute(w.Ctx, sale(viewer, subject, 1))
		require.Error(t, err)
	}
}

// BenchmarkDistribute is what a settlement pays for each session: a metered payment to a work
// of the real x/content, in a cache context of its own.
func BenchmarkDistribute(b *testing.B) {
	for name, shares := range map[string]int{"creator alone": 0, "sheet of 2": 2, "sheet of 32": 32} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b)
			alice, viewer := w.Funded("alice", 100*stream), w.Funded("viewer", 1_000_000*stream)
			_, err := w.content.RegisterCreator(w.Ctx, &contenttypes.MsgRegisterCreator{Controller: alice.String()})
			require.NoError(b, err)
			root := w.publish(alice, "film", "")
			if shares > 0 {
				_, err := w.msg.SetSplit(w.Ctx, &types.MsgSetSplit{Controller: alice.String(), Subject: root, Shares: evenSheet(w.Env, shares)})
				require.NoError(b, err)
			}
			p := types.Payment{
				Rail: types.RAIL_METERED, Subject: root, Payer: viewer.String(), Gross: token.Coin(12_345),
				Server: w.Addr("node").String(), Reference: "session",
			}
			require.NoError(b, w.k.Collect(w.Ctx, viewer, token.Coin(900_000*stream)))
			w.next(time.Second)
			b.ReportAllocs()
			for b.Loop() {
				cache, write := w.Ctx.CacheContext()
				if _, err := w.k.Distribute(cache, p); err != nil {
					b.Fatal(err)
				}
				write()
			}
		})
	}
}

func evenSheet(e *keepertest.Env, n int) []types.Share {
	shares := make([]types.Share, n)
	for i := range shares {
		shares[i] = types.Share{Recipient: e.Addr(string(rune('a' + i))).String(), Bps: uint32(10_000 / n)}
	}
	shares[0].Bps += uint32(10_000 % n)
	return shares
}
