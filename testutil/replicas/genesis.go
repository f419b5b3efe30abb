package replicas

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	// ChainID is the id of every chain here.
	ChainID = "streamchain-replicas-1"
	// Purse is what every account has at genesis, in ustream.
	Purse = 10_000_000_000
)

// start is the time of the genesis.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Account signs transactions. Number is its place in the genesis; the chain knows the sequence.
type Account struct {
	Name   string
	Key    *secp256k1.PrivKey
	Number uint64
}

// Addr is the account's address.
func (a Account) Addr() sdk.AccAddress { return sdk.AccAddress(a.Key.PubKey().Address()) }

// String is the address as text.
func (a Account) String() string { return a.Addr().String() }

// Genesis is what copies have in common.
type Genesis struct {
	State     []byte
	Validator *cmttypes.Validator
	Height    int64 // of the first block
	Time      time.Time
	Accounts  []Account
	// Heir is one more account that only takes creators over and gives them back.
	Heir Account
}

// NewGenesis funds an account of each name; all have staked with the only validator, just what it takes to vote, the first one a hundred times more.
// Waits are short, as on a local network.
func NewGenesis(t testing.TB, names ...string) Genesis {
	t.Helper()
	token.Configure()
	val := cmttypes.NewValidator(cmted25519.GenPrivKeyFromSecret([]byte("validator")).PubKey(), 1)
	g := Genesis{Validator: val, Height: 1, Time: start}
	var accounts []authtypes.GenesisAccount
	var balances []banktypes.Balance
	for i, name := range append(slices.Clone(names), heirName) {
		a := Account{Name: name, Key: secp256k1.GenPrivKeyFromSecret([]byte("replicas/" + name)), Number: uint64(i)}
		if name == heirName {
			g.Heir = a
		} else {
			g.Accounts = append(g.Accounts, a)
		}
		accounts = append(accounts, authtypes.NewBaseAccount(a.Addr(), a.Key.PubKey(), a.Number, 0))
		balances = append(balances, banktypes.Balance{Address: a.String(), Coins: sdk.NewCoins(token.Coin(Purse))})
	}
	balances = append(balances, banktypes.Balance{Address: app.Authority(), Coins: sdk.NewCoins(token.Coin(Purse))})
	a := app.New(log.NewNopLogger(), dbm.NewMemDB(), false, app.Options{})
	state := a.DefaultGenesis()
	shorten(a, state)
	app.Adjust(a.AppCodec(), state, governancetypes.ModuleName, &governancetypes.GenesisState{}, func(s *governancetypes.GenesisState) {
		s.Council = g.council()
	})
	app.Adjust(a.AppCodec(), state, contenttypes.ModuleName, &contenttypes.GenesisState{}, func(s *contenttypes.GenesisState) {
		s.Attesters, s.Params.RotationDelaySeconds = g.attesters(), 10
	})
	app.Adjust(a.AppCodec(), state, slashingtypes.ModuleName, &slashingtypes.GenesisState{}, func(g *slashingtypes.GenesisState) {
		cons := sdk.ConsAddress(val.Address)
		g.SigningInfos = []slashingtypes.SigningInfo{{Address: cons.String(), ValidatorSigningInfo: slashingtypes.NewValidatorSigningInfo(cons, 0, 0, time.Unix(0, 0).UTC(), false, 0)}}
	})
	filled, err := simtestutil.GenesisStateWithValSet(a.AppCodec(), maps.Clone(state), cmttypes.NewValidatorSet([]*cmttypes.Validator{val}), accounts, balances...)
	require.NoError(t, err)
	stakeAll(a, filled, g.Accounts[1:])
	g.State, err = json.Marshal(filled)
	require.NoError(t, err)
	return g
}

// stakeAll lets accounts stake the least that votes, beside the first one, which has much more.
func stakeAll(a *app.App, state app.GenesisState, accounts []Account) {
	const least, much = governancetypes.MinVoteStake, 100 * governancetypes.MinVoteStake
	added := token.Coin(much + int64(len(accounts))*least)
	app.Adjust(a.AppCodec(), state, stakingtypes.ModuleName, &stakingtypes.GenesisState{}, func(s *stakingtypes.GenesisState) {
		v := &s.Validators[0]
		v.DelegatorShares = math.LegacyNewDecFromInt(v.Tokens)
		s.Delegations[0].Shares = v.DelegatorShares.Add(math.LegacyNewDec(much))
		for _, to := range accounts {
			s.Delegations = append(s.Delegations, stakingtypes.NewDelegation(to.String(), v.OperatorAddress, math.LegacyNewDec(least)))
		}
		v.Tokens, v.DelegatorShares = v.Tokens.Add(added.Amount), v.DelegatorShares.Add(math.LegacyNewDecFromInt(added.Amount))
	})
	app.Adjust(a.AppCodec(), state, banktypes.ModuleName, &banktypes.GenesisState{}, func(b *banktypes.GenesisState) {
		pool := authtypes.NewModuleAddress(stakingtypes.BondedPoolName).String()
		for i := range b.Balances {
			if b.Balances[i].Address == pool {
				b.Balances[i].Coins = b.Balances[i].Coins.Add(added)
			}
		}
		b.Supply = b.Supply.Add(added)
	})
}

func shorten(a *app.App, state app.GenesisState) {
	app.Adjust(a.AppCodec(), state, revenuetypes.ModuleName, &revenuetypes.GenesisState{}, func(g *revenuetypes.GenesisState) {
		g.Params.RefundWindowSeconds, g.Params.RebatePeriodSeconds = 10, revenuetypes.MinRebatePeriodSeconds
	})
	app.Adjust(a.AppCodec(), state, streamtypes.ModuleName, &streamtypes.GenesisState{}, func(g *streamtypes.GenesisState) {
		g.Params.MinLaneSeconds, g.Params.MaxLaneSeconds, g.Params.SettleGraceSeconds, g.Params.ServeMarginSeconds = 10, 300, 10, 5
		g.Params.CloseGraceSeconds = streamtypes.LeastCloseGraceSeconds
	})
	app.Adjust(a.AppCodec(), state, storagetypes.ModuleName, &storagetypes.GenesisState{}, func(g *storagetypes.GenesisState) {
		g.Params.MinBond, g.Params.MinDealSeconds, g.Params.RequestTtlSeconds = token.Coin(storagetypes.LeastMinBond).Amount, 60, 60
		// bonds that refusals and misses leave are enough for the next deal
		g.Params.BondPerGib = math.ZeroInt()
		g.Params.PeriodSeconds, g.Params.WindowSeconds = storagetypes.MinPeriodSeconds, storagetypes.MinWindowSeconds
	})
	app.Adjust(a.AppCodec(), state, subscriptiontypes.ModuleName, &subscriptiontypes.GenesisState{}, func(g *subscriptiontypes.GenesisState) {
		g.Params.MinPeriodSeconds, g.Params.PassCloseSeconds = 10, 5
	})
	app.Adjust(a.AppCodec(), state, disputetypes.ModuleName, &disputetypes.GenesisState{}, func(g *disputetypes.GenesisState) {
		g.Params = disputeParams()
	})
	app.Adjust(a.AppCodec(), state, governancetypes.ModuleName, &governancetypes.GenesisState{}, func(g *governancetypes.GenesisState) {
		g.Params.TimelockPpm = 6 // of 2 days, a second; of the 90 of a seat, 46
	})
	app.Adjust(a.AppCodec(), state, govtypes.ModuleName, &govv1.GenesisState{}, func(g *govv1.GenesisState) {
		voting, expedited := 10*time.Second, 5*time.Second
		g.Params.VotingPeriod, g.Params.ExpeditedVotingPeriod = &voting, &expedited
		g.Params.MinDeposit = sdk.NewCoins(token.Coin(1000))
		g.Params.ExpeditedMinDeposit = sdk.NewCoins(token.Coin(5000))
	})
}
