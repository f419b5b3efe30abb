package app_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	protov2 "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"cosmossdk.io/api/amino"
	msgv1 "cosmossdk.io/api/cosmos/msg/v1"
	"cosmossdk.io/log/v2"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	feegranttypes "github.com/cosmos/cosmos-sdk/x/feegrant"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/testutil/replicas"
	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

var update = flag.Bool("write-golden", false, "write golden files")

// bare is an app without state.
func bare() *app.App { return app.New(log.NewNopLogger(), dbm.NewMemDB(), false, app.Options{}) }

func send(from, to replicas.Account, amount int64) sdk.Msg {
	return banktypes.NewMsgSend(from.Addr(), to.Addr(), sdk.NewCoins(token.Coin(amount)))
}

// TestModuleAccounts compares permissions, addresses and who may receive with a golden file: a
// change here moves or mints coins.
func TestModuleAccounts(t *testing.T) {
	token.Configure()
	type row struct {
		Name        string   `json:"name"`
		Address     string   `json:"address"`
		Permissions []string `json:"permissions"`
		Blocked     bool     `json:"blocked"`
	}
	var rows []row
	blocked := app.BlockedAddresses()
	for _, name := range slices.Sorted(maps.Keys(app.ModuleAccounts())) {
		addr := authtypes.NewModuleAddress(name).String()
		rows = append(rows, row{name, addr, app.ModuleAccounts()[name], blocked[addr]})
	}
	golden(t, "module_accounts.json", rows)
}

func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, append(got, '\n'), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(want)), string(got))
}

// TestMessages: every message has a signer, a name for hardware wallets and a handler, and each
// of ours is on the command line.
func TestMessages(t *testing.T) {
	a := bare()
	ours := 0
	aminoNames := map[string]string{}
	for _, url := range a.InterfaceRegistry().ListImplementations(sdk.MsgInterfaceProtoName) {
		name := protoreflect.FullName(strings.TrimPrefix(url, "/"))
		desc, err := proto.HybridResolver.FindDescriptorByName(name)
		require.NoError(t, err)
		opts := desc.Options()
		require.NotEmpty(t, protov2.GetExtension(opts, msgv1.E_Signer), "%s has no signer", name)
		aminoName, ok := protov2.GetExtension(opts, amino.E_Name).(string)
		require.True(t, ok)
		if aminoName != "" { // some of the SDK's have none
			require.Empty(t, aminoNames[aminoName], "%s has the amino name of another", name)
			aminoNames[aminoName] = url
		}
		require.NotNil(t, a.MsgServiceRouter().HandlerByTypeURL(url), "%s has no handler", name)
		if strings.HasPrefix(string(name), "streamchain.") {
			ours++
			require.True(t, strings.HasPrefix(aminoName, "streamchain/x/"+strings.Split(string(name), ".")[1]+"/"), "%s is called %s", name, aminoName)
			require.Less(t, len(aminoName), 40, "hardware wallets show no more of %s", aminoName)
		}
	}
	require.Greater(t, ours, 35)
}

// TestAuthorities: a vote reaches every parameter, and only through the timelock.
func TestAuthorities(t *testing.T) {
	a := bare()
	for name, got := range map[string]string{
		"auth": a.Account.GetAuthority(), "bank": a.Bank.GetAuthority(), "consensus": a.Consensus.GetAuthority(),
		"staking": a.Staking.GetAuthority(), "slashing": a.Slashing.GetAuthority(), "distribution": a.Distr.GetAuthority(),
		"mint": a.Mint.GetAuthority(), "gov": a.Gov.GetAuthority(), "content": a.Content.Authority(), "storage": a.Storage.Authority(),
		"revenue": a.Revenue.Authority(), "stream": a.Stream.Authority(), "subscription": a.Subscription.Authority(),
	} {
		require.Equal(t, app.Authority(), got, name)
	}
	res, err := a.Upgrade.Authority(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, authtypes.NewModuleAddress("gov").String(), res.Address)
}

// TestStores: what is mounted is what block-stm knows, or a parallel block would read past
// the transactions before it.
func TestStores(t *testing.T) {
	a := bare()
	require.NoError(t, a.LoadLatestVersion())
	require.ElementsMatch(t, app.StoreNames(a), app.ParallelStoreNames(a))
	require.Contains(t, app.StoreNames(a), "object:bank")
	require.Contains(t, app.StoreNames(a), "object:revenue")
}

// TestBlocks produces blocks through ABCI and follows the coins of a fee.
func TestBlocks(t *testing.T) {
	c := replicas.NewChain(t, replicas.NewGenesis(t, everybody...), replicas.Options{})
	alice, bob := c.Account("alice"), c.Account("bob")
	c.Finalize(t, replicas.Step)
	before := c.App.Bank.GetSupply(c.App.CommittedContext(), token.BaseDenom)
	c.Must(t, alice, send(alice, bob, 5))
	require.EqualValues(t, replicas.Purse-5-2000, c.Balance(alice.Addr()), "2,000,000 gas cost 2,000 ustream")
	require.EqualValues(t, replicas.Purse+5, c.Balance(bob.Addr()))
	shared := c.Balance(authtypes.NewModuleAddress(authtypes.FeeCollectorName))
	require.EqualValues(t, 2000, shared, "the fee is there at the end of the block, and what was minted is shared out already")
	c.Finalize(t, replicas.Step)
	require.Zero(t, c.Balance(authtypes.NewModuleAddress(authtypes.FeeCollectorName)), "and shared out in the next one")
	minted := streamtypes.Scheduled(int64(2 * replicas.Step / time.Second))
	added := c.App.Bank.GetSupply(c.App.CommittedContext(), token.BaseDenom).Sub(before).Amount
	require.True(t, added.IsPositive() && added.LTE(minted), "%s of at most %s, as storage's part is not matched", added, minted)
	require.NoError(t, c.App.CheckInvariants(c.App.CommittedContext()))
}

// TestTreasuryReceives: the treasury may be sent coins, and no other module account.
func TestTreasuryReceives(t *testing.T) {
	c := replicas.NewChain(t, replicas.NewGenesis(t, everybody...), replicas.Options{})
	alice := c.Account("alice")
	for _, name := range slices.Sorted(maps.Keys(app.ModuleAccounts())) {
		to := authtypes.NewModuleAddress(name)
		res := c.Run(t, alice, banktypes.NewMsgSend(alice.Addr(), to, sdk.NewCoins(token.Coin(1))))
		require.Equal(t, name == "governance", res[0].Code == 0, "%s: %s", name, res[0].Log)
	}
}

// TestFees: the floor holds in the mempool and in a block of a proposer who skipped it.
func TestFees(t *testing.T) {
	c := replicas.NewChain(t, replicas.NewGenesis(t, everybody...), replicas.Options{})
	c.Finalize(t, replicas.Step)
	alice, bob, carol := c.Account("alice"), c.Account("bob"), c.Account("carol")
	fee := func(amount int64) sdk.Coins { return sdk.NewCoins(token.Coin(amount)) }
	for name, x := range map[string]struct {
		gas  uint64
		fee  sdk.Coins
		want bool
	}{
		"the floor":          {100_000, fee(100), true},
		"above":              {100_000, fee(5000), true},
		"below":              {100_000, fee(99), false},
		"rounded up":         {100_001, fee(101), true},
		"rounded down":       {100_001, fee(100), false},
		"nothing":            {100_000, sdk.Coins{}, false},
		"another denom":      {100_000, sdk.NewCoins(sdk.NewInt64Coin("dust", 1000)), false},
		"and another denom":  {100_000, sdk.NewCoins(token.Coin(100), sdk.NewInt64Coin("dust", 1)), false},
		"more than there is": {100_000, fee(replicas.Purse + 1), false},
	} {
		seq := c.Sequence(alice)
		raw := c.Sign(t, replicas.Tx{From: alice, Sequence: seq, Msgs: []sdk.Msg{send(alice, bob, 1)}, Gas: x.gas, Fee: x.fee})
		checked := c.Check(t, raw)
		require.Equal(t, x.want, checked.Code == 0, "CheckTx: %s: %s", name, checked.Log)
		before := c.Balance(alice.Addr())
		res := c.Finalize(t, replicas.Step, raw).TxResults[0]
		require.Equal(t, x.want, res.Code == 0, "%s: %s", name, res.Log)
		if !x.want {
			require.Equal(t, before, c.Balance(alice.Addr()), name)
			require.Equal(t, seq, c.Sequence(alice), name)
		}
	}
	allowance, err := feegranttypes.NewMsgGrantAllowance(&feegranttypes.BasicAllowance{SpendLimit: fee(150)}, carol.Addr(), bob.Addr())
	require.NoError(t, err)
	c.Must(t, carol, allowance)
	purses := [2]int64{c.Balance(bob.Addr()), c.Balance(carol.Addr())}
	for _, want := range []bool{true, false} { // the allowance pays once
		res := c.Finalize(t, replicas.Step, c.Sign(t, replicas.Tx{
			From: bob, Sequence: c.Sequence(bob), Msgs: []sdk.Msg{send(bob, bob, 1)}, Gas: 100_000, Granter: carol.Addr(),
		})).TxResults[0]
		require.Equal(t, want, res.Code == 0, res.Log)
	}
	require.Equal(t, [2]int64{purses[0], purses[1] - 100}, [2]int64{c.Balance(bob.Addr()), c.Balance(carol.Addr())})
}

// TestUnordered: a transaction without a sequence counts once.
func TestUnordered(t *testing.T) {
	c := replicas.NewChain(t, replicas.NewGenesis(t, everybody...), replicas.Options{})
	alice := c.Account("alice")
	raw := c.Sign(t, replicas.Tx{From: alice, Msgs: []sdk.Msg{send(alice, alice, 1)}, Unordered: c.Time.Add(60 * replicas.Step / 2)})
	require.Zero(t, c.Finalize(t, replicas.Step, raw).TxResults[0].Code)
	require.NotZero(t, c.Finalize(t, replicas.Step, raw).TxResults[0].Code)
}

// TestDefaultGenesis: the defaults are those that the decisions name.
func TestDefaultGenesis(t *testing.T) {
	a := bare()
	gs := a.DefaultGenesis()
	require.NoError(t, a.Basics().ValidateGenesis(a.AppCodec(), a.TxConfig(), gs))
	all, err := json.Marshal(gs)
	require.NoError(t, err)
	require.False(t, bytes.Contains(all, []byte(`"stake"`)), "the SDK's default denom is somewhere in the genesis")
	p := app.ConsensusParams()
	require.NoError(t, p.ValidateBasic())
	require.EqualValues(t, 100_000_000, p.Block.MaxGas)
	require.EqualValues(t, 2<<20, p.Block.MaxBytes)
	require.Contains(t, string(gs["mint"]), `"inflation":"0.000000000000000000"`)
}
