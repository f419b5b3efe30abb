package keeper_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/x/content/keeper"
	"github.com/streamchain/streamchain/x/content/types"
)

// stream is one STREAM in ustream.
const stream = 1_000_000

// fixture is the module on a real bank, with its invariants checked at the test's end.
type fixture struct {
	*keepertest.Env
	k   *keeper.Keeper
	msg types.MsgServer
	q   types.QueryServer
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := bareFixture(t)
	require.NoError(t, f.k.InitGenesis(f.Ctx, *types.DefaultGenesis()))
	t.Cleanup(func() { require.NoError(t, f.k.CheckInvariants(f.Ctx)) })
	return f
}

func bareFixture(t testing.TB) *fixture {
	t.Helper()
	e := keepertest.New(t)
	types.RegisterInterfaces(e.Registry)
	k := keeper.NewKeeper(keeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(types.StoreKey), Account: e.Account, Bank: e.Bank, Clock: e.Clock, Authority: e.Authority,
	})
	return &fixture{Env: e, k: k, msg: keeper.NewMsgServer(k), q: keeper.NewQueryServer(k)}
}

// send runs one message as baseapp does: its writes and events count only where it succeeds.
func (f *fixture) send(msg sdk.Msg) error {
	cache, write := f.Ctx.CacheContext()
	err := f.handle(cache, msg)
	if err == nil {
		write()
	}
	return err
}

func (f *fixture) handle(ctx context.Context, msg sdk.Msg) (err error) {
	switch m := msg.(type) {
	case *types.MsgRegisterCreator:
		_, err = f.msg.RegisterCreator(ctx, m)
	case *types.MsgSetHandle:
		_, err = f.msg.SetHandle(ctx, m)
	case *types.MsgCommit:
		_, err = f.msg.Commit(ctx, m)
	case *types.MsgPublish:
		_, err = f.msg.Publish(ctx, m)
	case *types.MsgRetire:
		_, err = f.msg.Retire(ctx, m)
	case *types.MsgCreateCollection:
		_, err = f.msg.CreateCollection(ctx, m)
	case *types.MsgUpdateCollection:
		_, err = f.msg.UpdateCollection(ctx, m)
	case *types.MsgRegisterFeed:
		_, err = f.msg.RegisterFeed(ctx, m)
	case *types.MsgUpdateFeed:
		_, err = f.msg.UpdateFeed(ctx, m)
	case *types.MsgRemoveFeed:
		_, err = f.msg.RemoveFeed(ctx, m)
	case *types.MsgUpdateParams:
		_, err = f.msg.UpdateParams(ctx, m)
	case *types.MsgSetAttester:
		_, err = f.msg.SetAttester(ctx, m)
	case *types.MsgAttest:
		_, err = f.msg.Attest(ctx, m)
	case *types.MsgRevokeAttestation:
		_, err = f.msg.RevokeAttestation(ctx, m)
	case *types.MsgRotateController:
		_, err = f.msg.RotateController(ctx, m)
	case *types.MsgVetoRotation:
		_, err = f.msg.VetoRotation(ctx, m)
	case *types.MsgAcceptRotation:
		_, err = f.msg.AcceptRotation(ctx, m)
	default:
		err = fmt.Errorf("unknown message %T", msg)
	}
	return err
}

// creator registers a funded account called name and returns it with its creator id.
func (f *fixture) creator(name string) (sdk.AccAddress, string) {
	f.T.Helper()
	addr := f.Funded(name, 1000*stream)
	require.NoError(f.T, f.send(&types.MsgRegisterCreator{Controller: addr.String()}))
	return addr, types.NewCreatorID(addr).String()
}

// publish sends msg, which must succeed, and returns the new version.
func (f *fixture) publish(msg *types.MsgPublish) types.Work {
	f.T.Helper()
	require.NoError(f.T, f.send(msg))
	work, err := f.k.GetWork(f.Ctx, cidOf(f.T, msg))
	require.NoError(f.T, err)
	return work
}

// publishMsg is a valid message about media called media.
func publishMsg(controller sdk.AccAddress, media string) *types.MsgPublish {
	root := sha256.Sum256([]byte("piece/" + media))
	return &types.MsgPublish{
		Controller: controller.String(), Creator: types.NewCreatorID(controller).String(), Kind: "video",
		Title: "Title of " + media, Language: "en", Description: "About " + media, Tags: []string{"test"},
		DurationSeconds: 30, Media: mediaCID(media).String(), PieceRoot: root[:], PieceSize: 4096, Licence: "CC-BY-4.0",
	}
}

// mediaCID is a CID of a directory called name.
func mediaCID(name string) cid.Cid { return newCID(cid.DagProtobuf, name) }

func newCID(codec uint64, name string) cid.Cid {
	hash, err := mh.Sum([]byte(name), mh.SHA2_256, -1)
	if err != nil {
		panic(err)
	}
	return cid.NewCidV1(codec, hash)
}

// cidOf computes a message's work id without the keeper.
func cidOf(t testing.TB, msg *types.MsgPublish) string {
	t.Helper()
	man, err := msg.Manifest()
	require.NoError(t, err)
	c, err := man.CID()
	require.NoError(t, err)
	return c.String()
}

// state is all that a message could change: the module's state and every account's coins.
func (f *fixture) state() string {
	f.T.Helper()
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	return string(f.Cdc.MustMarshalJSON(gs)) + fmt.Sprint(f.Bank.GetAccountsBalances(f.Ctx))
}
