package keeper_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/core/store"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/token"
	contentkeeper "github.com/streamchain/streamchain/x/content/keeper"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/dispute/keeper"
	"github.com/streamchain/streamchain/x/dispute/types"
	revenuekeeper "github.com/streamchain/streamchain/x/revenue/keeper"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagekeeper "github.com/streamchain/streamchain/x/storage/keeper"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

const (
	// stream is one STREAM in ustream.
	stream = 1_000_000
	// window is how long every step lasts.
	window = 20 * time.Second
)

// fixture is the module on real content, storage and splits, with a beacon that the test moves
// and holds of its own, and with its invariants checked at the test's end.
type fixture struct {
	*keepertest.Env
	k       *keeper.Keeper
	msg     types.MsgServer
	q       types.QueryServer
	content *contents
	storage *storages
	revenue *revenues
	creator sdk.AccAddress // who is complained of
	alice   sdk.AccAddress // who complains
	work    string
}

var errLower = errors.New("the lower module refuses")

// contents is x/content, which can refuse after it has written.
type contents struct {
	*contentkeeper.Keeper
	fail bool
}

func (c *contents) after(err error) error {
	if err == nil && c.fail {
		return errLower
	}
	return err
}

func (c *contents) RestrictWork(ctx context.Context, root, ref string) (contenttypes.WorkStatus, error) {
	s, err := c.Keeper.RestrictWork(ctx, root, ref)
	return s, c.after(err)
}

func (c *contents) RestoreWork(ctx context.Context, root string, s contenttypes.WorkStatus, ref string) error {
	return c.after(c.Keeper.RestoreWork(ctx, root, s, ref))
}

func (c *contents) RevokeHandle(ctx context.Context, id, handle, ref string) error {
	return c.after(c.Keeper.RevokeHandle(ctx, id, handle, ref))
}

// storages is x/storage with a beacon that the test moves.
type storages struct {
	*storagekeeper.Keeper
	period uint64
	fail   bool
}

func (s *storages) Seed(context.Context) (uint64, [32]byte, error) {
	if s.period == 0 {
		return 0, [32]byte{}, storagetypes.ErrNotBegun
	}
	return s.period, sha256.Sum256(binary.BigEndian.AppendUint64([]byte("seed"), s.period)), nil
}

func (s *storages) SlashBond(ctx context.Context, operator, ref string) (math.Int, error) {
	n, err := s.Keeper.SlashBond(ctx, operator, ref)
	if err == nil && s.fail {
		err = errLower
	}
	return n, err
}

// hold is a payment of the fake below.
type hold struct {
	types.HeldPayment
	Until int64
	State string // held, refunded or released
}

// revenues is x/revenue's splits, with holds in a store of their own.
type revenues struct {
	*revenuekeeper.Keeper
	store store.KVStoreService
	fail  bool
}

func (r *revenues) get(ctx context.Context, id string) (h hold, err error) {
	raw, err := r.store.OpenKVStore(ctx).Get([]byte(id))
	if err != nil || raw == nil {
		return h, revenuetypes.ErrHoldNotFound
	}
	return h, json.Unmarshal(raw, &h)
}

func (r *revenues) set(ctx context.Context, id string, h hold) error {
	raw, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return r.store.OpenKVStore(ctx).Set([]byte(id), raw)
}

func (r *revenues) HeldPayment(ctx context.Context, id string) (types.HeldPayment, error) {
	h, err := r.get(ctx, id)
	if err == nil && h.State != "held" {
		err = revenuetypes.ErrHoldNotFound
	}
	return h.HeldPayment, err
}

func (r *revenues) ContestHold(ctx context.Context, id string, amount math.Int, until int64) (string, error) {
	h, err := r.get(ctx, id)
	if err != nil {
		return "", err
	}
	if until <= h.Until || amount.GT(h.Charged.Amount) {
		return "", revenuetypes.ErrHoldNotFound
	}
	part := h
	if part.Until = until; amount.LT(h.Charged.Amount) {
		h.Charged.Amount, part.Charged.Amount = h.Charged.Amount.Sub(amount), amount
		if err := r.set(ctx, id, h); err != nil {
			return "", err
		}
		id += "0"
	}
	return id, r.set(ctx, id, part)
}

func (r *revenues) end(ctx context.Context, id, state string) error {
	h, err := r.get(ctx, id)
	if err == nil && h.State != "held" {
		err = revenuetypes.ErrHoldNotFound
	}
	if err != nil {
		return err
	}
	h.State = state
	if err := r.set(ctx, id, h); err != nil {
		return err
	}
	if r.fail {
		return errLower
	}
	return nil
}

func (r *revenues) RefundHold(ctx context.Context, id string) (revenuetypes.Hold, error) {
	return revenuetypes.Hold{}, r.end(ctx, id, "refunded")
}

func (r *revenues) ReleaseHold(ctx context.Context, id string) error {
	return r.end(ctx, id, "released")
}

func (r *revenues) ImposeSplit(ctx context.Context, subject string, shares []revenuetypes.Share) error {
	err := r.Keeper.ImposeSplit(ctx, subject, shares)
	if err == nil && r.fail {
		err = errLower
	}
	return err
}

func bareFixture(t testing.TB) *fixture {
	t.Helper()
	e := keepertest.New(t)
	types.RegisterInterfaces(e.Registry)
	f := &fixture{Env: e}
	f.content = &contents{Keeper: contentkeeper.NewKeeper(contentkeeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(contenttypes.StoreKey), Account: e.Account, Bank: e.Bank, Clock: e.Clock, Authority: e.Authority,
	})}
	f.storage = &storages{Keeper: storagekeeper.NewKeeper(e.Cdc, e.StoreService(storagetypes.StoreKey), e.Authority, e.Bank, e.Clock, f.content.Keeper), period: 10}
	f.revenue = &revenues{store: e.StoreService("stream"), Keeper: revenuekeeper.NewKeeper(revenuekeeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(revenuetypes.StoreKey), Objects: e.ObjectKey("object:revenue"),
		Account: e.Account, Bank: e.Bank, Clock: e.Clock, Content: f.content.Keeper, Storage: f.storage.Keeper, Authority: e.Authority,
		StakersModule: authtypes.FeeCollectorName, TreasuryModule: "governance", StorageModule: storagetypes.ModuleName,
	})}
	f.k = keeper.NewKeeper(keeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(types.StoreKey), Account: e.Account, Bank: e.Bank, Clock: e.Clock,
		Content: f.content, Storage: f.storage, Revenue: f.revenue, Authority: e.Authority,
	})
	f.msg, f.q = keeper.NewMsgServer(f.k), keeper.NewQueryServer(f.k)
	return f
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := bareFixture(t)
	gs := types.DefaultGenesis()
	gs.Params = gs.Params.Shorten(int64(window / time.Second))
	gs.Params.DrawSeconds = 100
	require.NoError(t, f.k.InitGenesis(f.Ctx, *gs))
	require.NoError(t, f.content.InitGenesis(f.Ctx, *contenttypes.DefaultGenesis()))
	require.NoError(t, f.storage.InitGenesis(f.Ctx, *storagetypes.DefaultGenesis()))
	require.NoError(t, f.revenue.InitGenesis(f.Ctx, *revenuetypes.DefaultGenesis()))
	f.alice = f.Funded("alice", 1_000_000*stream)
	f.creator = f.Funded("creator", 1_000_000*stream)
	_, err := f.content.RegisterCreator(f.Ctx, f.creator, "famous")
	require.NoError(t, err)
	f.work = f.publish(f.creator, "work")
	t.Cleanup(func() { f.check() })
	return f
}

// check adds up every ledger.
func (f *fixture) check() {
	f.T.Helper()
	require.NoError(f.T, f.k.CheckInvariants(f.Ctx))
	require.NoError(f.T, f.content.CheckInvariants(f.Ctx))
	require.NoError(f.T, f.storage.CheckInvariants(f.Ctx))
	owes, err := f.k.Liabilities(f.Ctx)
	require.NoError(f.T, err)
	require.Equal(f.T, owes.Int64(), f.ModuleBalance(types.ModuleName), "Σ bonds + stakes + owed = the module account")
}

func (f *fixture) creatorID() string { return contenttypes.NewCreatorID(f.creator).String() }

func (f *fixture) publish(controller sdk.AccAddress, name string) string {
	f.T.Helper()
	root := sha256.Sum256([]byte("piece/" + name))
	msg := &contenttypes.MsgPublish{
		Controller: controller.String(), Creator: contenttypes.NewCreatorID(controller).String(), Kind: "video", Title: name,
		Media: document(name), PieceRoot: root[:], PieceSize: 4096, Licence: "CC-BY-4.0",
	}
	res, err := contentkeeper.NewMsgServer(f.content.Keeper).Publish(f.Ctx, msg)
	require.NoError(f.T, err)
	return res.Cid
}

// document is the CID of a document called name.
func document(name string) string {
	hash, err := mh.Sum([]byte(name), mh.SHA2_256, -1)
	if err != nil {
		panic(err)
	}
	return cid.NewCidV1(cid.DagProtobuf, hash).String()
}

// provider registers a storage provider.
func (f *fixture) provider(name string) sdk.AccAddress {
	f.T.Helper()
	addr := f.Funded(name, 10_000*stream)
	_, err := storagekeeper.NewMsgServer(f.storage.Keeper).RegisterProvider(f.Ctx, &storagetypes.MsgRegisterProvider{
		Operator: addr.String(), Agent: addr.String(), Endpoints: []string{"https://" + name + ".example.org"}, Region: "eu-north",
		CapacityBytes: 1 << 30, PricePerGibDay: math.NewInt(1000), Bond: math.NewInt(2000 * stream),
	})
	require.NoError(f.T, err)
	return addr
}

// pay puts a payment for the work into hold and returns its id.
func (f *fixture) pay(payer sdk.AccAddress, id string, amount int64) string {
	f.T.Helper()
	now, err := f.Clock.Now(f.Ctx)
	require.NoError(f.T, err)
	require.NoError(f.T, f.revenue.set(f.Ctx, id, hold{
		HeldPayment: types.HeldPayment{Payer: payer.String(), Creator: f.creatorID(), Subject: f.work, Charged: token.Coin(amount), HeldAt: now},
		Until:       now + 3600, State: "held",
	}))
	return id
}

func (f *fixture) hold(id string) hold {
	f.T.Helper()
	h, err := f.revenue.get(f.Ctx, id)
	require.NoError(f.T, err)
	return h
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

func (f *fixture) must(msg sdk.Msg) {
	f.T.Helper()
	require.NoError(f.T, f.send(msg))
}

func (f *fixture) handle(ctx context.Context, msg sdk.Msg) (err error) {
	switch m := msg.(type) {
	case *types.MsgOpenDispute:
		_, err = f.msg.OpenDispute(ctx, m)
	case *types.MsgRespond:
		_, err = f.msg.Respond(ctx, m)
	case *types.MsgAddEvidence:
		_, err = f.msg.AddEvidence(ctx, m)
	case *types.MsgContestHold:
		_, err = f.msg.ContestHold(ctx, m)
	case *types.MsgAppeal:
		_, err = f.msg.Appeal(ctx, m)
	case *types.MsgCommitVote:
		_, err = f.msg.CommitVote(ctx, m)
	case *types.MsgRevealVote:
		_, err = f.msg.RevealVote(ctx, m)
	case *types.MsgStakeJuror:
		_, err = f.msg.StakeJuror(ctx, m)
	case *types.MsgUnstakeJuror:
		_, err = f.msg.UnstakeJuror(ctx, m)
	case *types.MsgClaimOwed:
		_, err = f.msg.ClaimOwed(ctx, m)
	case *types.MsgUpdateParams:
		_, err = f.msg.UpdateParams(ctx, m)
	default:
		err = fmt.Errorf("unknown message %T", msg)
	}
	return err
}

// next ends blocks until d has passed, and one at that time.
func (f *fixture) next(d time.Duration) {
	f.T.Helper()
	end := func(ctx sdk.Context) error { return f.k.EndBlock(ctx) }
	f.NextBlock(d, end)
	f.NextBlock(0, end)
}

// pass lets seconds of live time pass without blocks between: the clock goes on by a minute at most.
func (f *fixture) pass(seconds int64) {
	f.T.Helper()
	for ; seconds > 0; seconds -= 60 {
		f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(time.Minute))
		require.NoError(f.T, f.Clock.BeginBlock(f.Ctx))
	}
}

// periods moves the beacon on, a block each.
func (f *fixture) periods(n int) {
	f.T.Helper()
	for range n {
		f.storage.period++
		f.next(time.Second)
	}
}

// jurors stakes for so many accounts, and lets the stakes count.
func (f *fixture) jurors(n int) []sdk.AccAddress {
	f.T.Helper()
	var out []sdk.AccAddress
	for i := range n {
		addr := f.Funded(fmt.Sprintf("juror%d", i), 100_000*stream)
		f.must(&types.MsgStakeJuror{Juror: addr.String(), Amount: math.NewInt(5000 * stream)})
		out = append(out, addr)
	}
	f.periods(types.SeedLead)
	return out
}

// open is a valid message about the work.
func (f *fixture) open(kind types.Kind) *types.MsgOpenDispute {
	return &types.MsgOpenDispute{
		Claimant: f.alice.String(), Kind: kind, Subject: f.work, Evidence: document("claim"), Bond: math.NewInt(200 * stream),
	}
}

// get is the dispute as it is stored.
func (f *fixture) get(id uint64) types.Dispute {
	f.T.Helper()
	d, err := f.k.GetDispute(f.Ctx, id)
	require.NoError(f.T, err)
	return d
}

// drawn lets the respondent's time pass and the jury be drawn.
func (f *fixture) drawn(id uint64) []types.Ballot {
	f.T.Helper()
	if f.get(id).Status == types.STATUS_EVIDENCE {
		f.next(window + time.Second)
	}
	require.Equal(f.T, types.STATUS_DRAWING, f.get(id).Status)
	f.periods(types.SeedLead)
	require.Equal(f.T, types.STATUS_COMMIT, f.get(id).Status)
	return f.ballots(id)
}

// ballots is the newest round's jury.
func (f *fixture) ballots(id uint64) []types.Ballot {
	f.T.Helper()
	d := f.get(id)
	res, err := f.q.Ballots(f.Ctx, &types.QueryBallotsRequest{Dispute: id, Round: d.LastIndex()})
	require.NoError(f.T, err)
	return res.Ballots
}

func salt(b types.Ballot) []byte {
	sum := sha256.Sum256([]byte(fmt.Sprint(b.Juror, b.Dispute, b.Round)))
	return sum[:]
}

func (f *fixture) commitMsg(b types.Ballot, c types.Choice) *types.MsgCommitVote {
	juror := sdk.MustAccAddressFromBech32(b.Juror)
	return &types.MsgCommitVote{
		Juror: b.Juror, Dispute: b.Dispute, Round: b.Round, Commit: types.VoteHash(keepertest.ChainID, b.Dispute, b.Round, juror, c, salt(b)),
	}
}

func revealMsg(b types.Ballot, c types.Choice) *types.MsgRevealVote {
	return &types.MsgRevealVote{Juror: b.Juror, Dispute: b.Dispute, Round: b.Round, Choice: c, Salt: salt(b)}
}

// vote lets every juror of the newest round vote; unspecified stays away.
func (f *fixture) vote(id uint64, choose func(i int, b types.Ballot) types.Choice) {
	f.T.Helper()
	ballots := f.ballots(id)
	for i, b := range ballots {
		if c := choose(i, b); c != types.CHOICE_UNSPECIFIED {
			f.must(f.commitMsg(b, c))
		}
	}
	if f.get(id).Status == types.STATUS_COMMIT {
		f.next(window + time.Second)
	}
	if f.get(id).Status != types.STATUS_REVEAL {
		return
	}
	for i, b := range ballots {
		if c := choose(i, b); c != types.CHOICE_UNSPECIFIED {
			f.must(revealMsg(b, c))
		}
	}
	f.next(time.Second)
}

func all(c types.Choice) func(int, types.Ballot) types.Choice {
	return func(int, types.Ballot) types.Choice { return c }
}

// ruled opens a dispute and brings it to its first ruling.
func (f *fixture) ruled(m *types.MsgOpenDispute, c types.Choice) uint64 {
	f.T.Helper()
	id := f.opened(m)
	f.drawn(id)
	f.vote(id, all(c))
	require.Equal(f.T, types.STATUS_APPEAL, f.get(id).Status)
	return id
}

// opened sends m and returns the dispute's id.
func (f *fixture) opened(m *types.MsgOpenDispute) uint64 {
	f.T.Helper()
	res, err := f.msg.OpenDispute(f.Ctx, m)
	require.NoError(f.T, err)
	return res.Id
}

// final lets the appeal window pass.
func (f *fixture) final(id uint64) types.Dispute {
	f.T.Helper()
	f.next(window + time.Second)
	d := f.get(id)
	require.Equal(f.T, types.STATUS_CLOSED, d.Status)
	return d
}

func (f *fixture) status() contenttypes.WorkStatus {
	f.T.Helper()
	w, err := f.content.GetWork(f.Ctx, f.work)
	require.NoError(f.T, err)
	return w.Status
}

func (f *fixture) owed(addr sdk.AccAddress) int64 {
	f.T.Helper()
	n, err := f.k.Claimable(f.Ctx, addr)
	require.NoError(f.T, err)
	return n.Int64()
}

// state is all that a message could change.
func (f *fixture) state() string {
	f.T.Helper()
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	content, err := f.content.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	storage, err := f.storage.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	return string(f.Cdc.MustMarshalJSON(gs)) + string(f.Cdc.MustMarshalJSON(content)) + string(f.Cdc.MustMarshalJSON(storage)) +
		fmt.Sprint(f.Bank.GetAccountsBalances(f.Ctx))
}
