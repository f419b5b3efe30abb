package keeper_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/keeper"
	"github.com/streamchain/streamchain/x/revenue/types"
)

const (
	// stream is one STREAM in ustream.
	stream = 1_000_000
	// window is the default refund window.
	window = 48 * time.Hour
)

// fixture is the module on a real bank, with its invariants checked at the test's end. Content
// and storage are fakes at the interface; integration_test.go has the real content.
type fixture struct {
	*keepertest.Env
	k       *keeper.Keeper
	msg     types.MsgServer
	q       types.QueryServer
	content *fakeContent
	storage *fakeStorage
	hooks   *fakeHooks
	// escrow stands for the ledgers of the modules above: coins that lie in custody for them
	escrow sdk.Coins
	// faults of the bank and the accounts
	bank    *faultyBank
	account *faultyAccounts
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := bareFixture(t)
	require.NoError(t, f.k.InitGenesis(f.Ctx, *types.DefaultGenesis()))
	t.Cleanup(func() { require.NoError(t, f.k.CheckInvariants(f.Ctx, f.escrow)) })
	return f
}

func bareFixture(t testing.TB) *fixture {
	t.Helper()
	e := keepertest.New(t)
	types.RegisterInterfaces(e.Registry)
	f := &fixture{
		Env: e, storage: &fakeStorage{store: e.StoreService("storage"), keyed: map[string]bool{}}, hooks: &fakeHooks{},
		content: &fakeContent{works: map[string]string{}, parents: map[string][]contenttypes.Parent{}, controllers: map[string]string{}},
		bank:    &faultyBank{BankKeeper: e.Bank}, account: &faultyAccounts{AccountKeeper: e.Account},
	}
	f.k = keeper.NewKeeper(keeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(types.StoreKey), Objects: e.ObjectKey(types.ObjectStoreKey),
		Account: f.account, Bank: f.bank, Clock: e.Clock, Content: f.content, Storage: f.storage, Authority: e.Authority,
		StakersModule: authtypes.FeeCollectorName, TreasuryModule: "governance", StorageModule: "storage",
	})
	f.k.SetHooks(f.hooks)
	f.msg, f.q = keeper.NewMsgServer(f.k), keeper.NewQueryServer(f.k)
	return f
}

// fakeContent knows works and creators by name.
type fakeContent struct {
	works       map[string]string // root cid -> creator id
	parents     map[string][]contenttypes.Parent
	controllers map[string]string // creator id -> controller
	broken      bool
}

func (c *fakeContent) ResolveSubject(_ context.Context, subject string) (contenttypes.Subject, error) {
	if c.broken {
		return contenttypes.Subject{}, errors.New("content is broken")
	}
	if creator, ok := c.works[subject]; ok {
		return contenttypes.Subject{Creator: creator, Work: subject, Parents: c.parents[subject]}, nil
	}
	if _, ok := c.controllers[subject]; ok {
		return contenttypes.Subject{Creator: subject}, nil
	}
	return contenttypes.Subject{}, contenttypes.ErrWorkNotFound
}

func (c *fakeContent) RequireController(_ context.Context, id string, signer sdk.AccAddress) (contenttypes.Creator, error) {
	if c.controllers[id] != signer.String() {
		return contenttypes.Creator{}, contenttypes.ErrNotController
	}
	return contenttypes.Creator{Id: id, Controller: signer.String()}, nil
}

// fakeStorage keeps what x/storage would, in that module's store, so that what fails rolls
// back. It can fail, or panic.
type fakeStorage struct {
	store      corestore.KVStoreService
	failEndow  error
	failPool   error
	panicsPool bool
	keyed      map[string]bool // works whose keys somebody holds
}

func (s *fakeStorage) EndowCounted(ctx context.Context, root string, amount, counted math.Int) error {
	if s.failEndow != nil {
		return s.failEndow
	}
	if err := s.add(ctx, "counted/"+root, counted); err != nil {
		return err
	}
	return s.add(ctx, "escrow/"+root, amount)
}

func (s *fakeStorage) HasKeySet(_ context.Context, root string) (bool, error) {
	return s.keyed[root], nil
}

func (s *fakeStorage) PayHolders(ctx context.Context, root string, amount math.Int) (bool, error) {
	return true, s.add(ctx, "holders/"+root, amount)
}

func (s *fakeStorage) RecordLeft(ctx context.Context, root string, amount math.Int) error {
	return s.add(ctx, "left/"+root, amount)
}

func (s *fakeStorage) FundPool(ctx context.Context, amount math.Int) error {
	if s.panicsPool {
		panic("storage panics")
	}
	if s.failPool != nil {
		return s.failPool
	}
	return s.add(ctx, "pool", amount)
}

func (s *fakeStorage) add(ctx context.Context, key string, amount math.Int) error {
	sum, err := s.get(ctx, key).Add(amount).Marshal()
	if err != nil {
		return err
	}
	return s.store.OpenKVStore(ctx).Set([]byte(key), sum)
}

func (s *fakeStorage) get(ctx context.Context, key string) math.Int {
	bz, err := s.store.OpenKVStore(ctx).Get([]byte(key))
	if err != nil {
		panic(err)
	}
	amount := math.ZeroInt()
	if bz != nil {
		if err := amount.Unmarshal(bz); err != nil {
			panic(err)
		}
	}
	return amount
}

// pool is the common pool.
func (f *fixture) pool() math.Int { return f.storage.get(f.Ctx, "pool") }

// left is what a work's payments left to burn and treasury.
func (f *fixture) left(root string) math.Int { return f.storage.get(f.Ctx, "left/"+root) }

// endowed is a work's escrow.
func (f *fixture) endowed(root string) math.Int { return f.storage.get(f.Ctx, "escrow/"+root) }

type fakeHooks struct {
	refunded []types.Hold
	err      error
}

func (h *fakeHooks) AfterHoldRefunded(_ context.Context, hold types.Hold) error {
	h.refunded = append(h.refunded, hold)
	return h.err
}

// faultyBank is the real bank, but for what a test breaks.
type faultyBank struct {
	types.BankKeeper
	blocked  string // refuses this address
	noBurn   bool
	panicsTo string // panics when sending to this address
}

func (b *faultyBank) BlockedAddr(addr sdk.AccAddress) bool {
	return addr.String() == b.blocked || b.BankKeeper.BlockedAddr(addr)
}

func (b *faultyBank) SendCoins(ctx context.Context, from, to sdk.AccAddress, amt sdk.Coins) error {
	if to.String() == b.panicsTo {
		panic("the bank panics")
	}
	return b.BankKeeper.SendCoins(ctx, from, to, amt)
}

func (b *faultyBank) BurnCoins(ctx context.Context, module string, amt sdk.Coins) error {
	if b.noBurn {
		panic("no permission to burn")
	}
	return b.BankKeeper.BurnCoins(ctx, module, amt)
}

// faultyAccounts is the real x/auth, but for one module account that is missing.
type faultyAccounts struct {
	types.AccountKeeper
	missing string
}

func (a *faultyAccounts) GetModuleAccount(ctx context.Context, name string) sdk.ModuleAccountI {
	if name == a.missing {
		return nil
	}
	return a.AccountKeeper.GetModuleAccount(ctx, name)
}

// creator makes name a creator and returns its controller and id.
func (f *fixture) creator(name string) (sdk.AccAddress, string) {
	addr := f.Addr(name)
	id := contenttypes.NewCreatorID(addr).String()
	f.content.controllers[id] = addr.String()
	return addr, id
}

// work publishes a work of creator and returns its root cid.
func (f *fixture) work(creator, name string) string {
	root := workID(name)
	f.content.works[root] = creator
	return root
}

func workID(name string) string {
	hash, err := mh.Encode(sum(name), mh.SHA2_256)
	if err != nil {
		panic(err)
	}
	return cid.NewCidV1(cid.DagCBOR, hash).String()
}

func sum(name string) []byte { s := sha256.Sum256([]byte(name)); return s[:] }

// mint gives addr coins of any denom.
func (f *fixture) mint(addr sdk.AccAddress, coins ...sdk.Coin) {
	f.T.Helper()
	require.NoError(f.T, f.Bank.MintCoins(f.Ctx, minttypes.ModuleName, coins))
	require.NoError(f.T, f.Bank.SendCoins(f.Ctx, authtypes.NewModuleAddress(minttypes.ModuleName), addr, coins))
}

// atomically runs f as baseapp runs a message: its writes count only where it succeeds.
func (f *fixture) atomically(do func(sdk.Context) error) error {
	cache, write := f.Ctx.CacheContext()
	err := do(cache)
	if err == nil {
		write()
	}
	return err
}

// collect takes what the payer of p pays.
func (f *fixture) collect(ctx sdk.Context, p types.Payment) error {
	charged, err := f.k.Quote(ctx, p)
	if err != nil {
		return err
	}
	return f.k.Collect(ctx, sdk.MustAccAddressFromBech32(p.Payer), charged)
}

// pay collects p's price from its payer and distributes it.
func (f *fixture) pay(p types.Payment) (d types.Distribution, err error) {
	err = f.atomically(func(ctx sdk.Context) error {
		if err := f.collect(ctx, p); err != nil {
			return err
		}
		d, err = f.k.Distribute(ctx, p)
		return err
	})
	return d, err
}

// hold collects p's price from its payer and holds it.
func (f *fixture) hold(p types.Payment) (id string, releaseAt int64, err error) {
	err = f.atomically(func(ctx sdk.Context) error {
		if err := f.collect(ctx, p); err != nil {
			return err
		}
		id, releaseAt, err = f.k.Hold(ctx, p)
		return err
	})
	return id, releaseAt, err
}

// send runs one message.
func (f *fixture) send(msg sdk.Msg) error {
	return f.atomically(func(ctx sdk.Context) error { return f.handle(ctx, msg) })
}

func (f *fixture) handle(ctx context.Context, msg sdk.Msg) (err error) {
	switch m := msg.(type) {
	case *types.MsgClaim:
		_, err = f.msg.Claim(ctx, m)
	case *types.MsgSetSplit:
		_, err = f.msg.SetSplit(ctx, m)
	case *types.MsgAcceptSplit:
		_, err = f.msg.AcceptSplit(ctx, m)
	case *types.MsgRefund:
		_, err = f.msg.Refund(ctx, m)
	case *types.MsgSetPayout:
		_, err = f.msg.SetPayout(ctx, m)
	case *types.MsgClaimRebate:
		_, err = f.msg.ClaimRebate(ctx, m)
	case *types.MsgSetDerivationTerms:
		_, err = f.msg.SetDerivationTerms(ctx, m)
	case *types.MsgAcceptDerivation:
		_, err = f.msg.AcceptDerivation(ctx, m)
	case *types.MsgUpdateParams:
		_, err = f.msg.UpdateParams(ctx, m)
	default:
		err = fmt.Errorf("unknown message %T", msg)
	}
	return err
}

// next ends the block and begins the one d later.
func (f *fixture) next(d time.Duration) {
	f.T.Helper()
	f.NextBlock(d, func(ctx sdk.Context) error { return f.k.EndBlock(ctx) })
}

// claimable is what recipient can claim, in ustream.
func (f *fixture) claimable(recipient string) int64 {
	f.T.Helper()
	res, err := f.q.Claimable(f.Ctx, &types.QueryClaimableRequest{Recipient: recipient})
	require.NoError(f.T, err)
	return res.Coins.AmountOf(token.BaseDenom).Int64()
}

// state is all that a message could change: the module's state, what is in flight, and every
// account's coins.
func (f *fixture) state() string {
	f.T.Helper()
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	owed, err := f.k.Liabilities(f.Ctx)
	require.NoError(f.T, err)
	return string(f.Cdc.MustMarshalJSON(gs)) + owed.String() + f.k.InFlight(f.Ctx).String() + fmt.Sprint(f.Bank.GetAccountsBalances(f.Ctx))
}

// events are the types of the block's events of this module, in order.
func (f *fixture) events() []string {
	var names []string
	for _, e := range f.Ctx.EventManager().Events() {
		const prefix = "streamchain.revenue.v1."
		if len(e.Type) > len(prefix) && e.Type[:len(prefix)] == prefix {
			names = append(names, e.Type[len(prefix):])
		}
	}
	return names
}
