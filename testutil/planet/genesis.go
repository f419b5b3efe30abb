package planet

import (
	"encoding/json"
	"fmt"
	"maps"
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
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/token"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	// ChainID is the id of every planet's chain.
	ChainID = "streamchain-planet-1"
	// Purse is what every account has at genesis, in ustream.
	Purse = 10_000_000_000
	// maxNodes is how many storage nodes have accounts.
	maxNodes = 8

	// RefundWindow, Timelock and VotingPeriod are the short waits of the genesis.
	RefundWindow = 2 * time.Second
	Timelock     = time.Second
	VotingPeriod = 2 * time.Second
	// PeriodTime is the time between two rounds of proofs, WindowTime how long one takes them.
	PeriodTime = 30 * time.Second
	WindowTime = 12 * time.Second
)

func seconds(want, otherwise time.Duration) int64 {
	if want == 0 {
		want = otherwise
	}
	return int64(want / time.Second)
}

// names are the accounts of the genesis. The first has the stake of the only validator.
func names() []string {
	out := []string{"validator", "alice", "bob", "viewer", "mallory"}
	for i := range maxNodes {
		out = append(out, operatorName(i), agentName(i))
	}
	return out
}

func operatorName(i int) string { return fmt.Sprintf("op%d", i) }
func agentName(i int) string    { return fmt.Sprintf("agent%d", i) }

func key(name string) *secp256k1.PrivKey {
	return secp256k1.GenPrivKeyFromSecret([]byte("planet/" + name))
}

func address(name string) sdk.AccAddress { return sdk.AccAddress(key(name).PubKey().Address()) }

// writeGenesis writes a genesis whose only validator is val.
func writeGenesis(t testing.TB, path string, val *cmttypes.Validator, cfg Config) {
	t.Helper()
	token.Configure()
	var accounts []authtypes.GenesisAccount
	var balances []banktypes.Balance
	for i, name := range names() {
		accounts = append(accounts, authtypes.NewBaseAccount(address(name), nil, uint64(i), 0))
		balances = append(balances, banktypes.Balance{Address: address(name).String(), Coins: sdk.NewCoins(token.Coin(Purse))})
	}
	balances = append(balances, banktypes.Balance{Address: app.Authority(), Coins: sdk.NewCoins(token.Coin(Purse))})
	a := app.New(log.NewNopLogger(), dbm.NewMemDB(), false, app.Options{})
	state := a.DefaultGenesis()
	shorten(a, state, cfg)
	app.Adjust(a.AppCodec(), state, slashingtypes.ModuleName, &slashingtypes.GenesisState{}, func(g *slashingtypes.GenesisState) {
		// what the validator's own transaction would have made
		cons := sdk.ConsAddress(val.Address)
		info := slashingtypes.NewValidatorSigningInfo(cons, 0, 0, time.Unix(0, 0).UTC(), false, 0)
		g.SigningInfos = []slashingtypes.SigningInfo{{Address: cons.String(), ValidatorSigningInfo: info}}
	})
	filled, err := simtestutil.GenesisStateWithValSet(a.AppCodec(), maps.Clone(state), cmttypes.NewValidatorSet([]*cmttypes.Validator{val}), accounts, balances...)
	require.NoError(t, err)
	raw, err := json.Marshal(filled)
	require.NoError(t, err)
	require.NoError(t, genutil.ExportGenesisFile(&genutiltypes.AppGenesis{
		AppName: app.Name, ChainID: ChainID, InitialHeight: 1, GenesisTime: time.Now(), AppState: raw,
		Consensus: &genutiltypes.ConsensusGenesis{
			Params:     app.ConsensusParams(),
			Validators: []cmttypes.GenesisValidator{{Address: val.Address, PubKey: val.PubKey, Power: val.VotingPower}},
		},
	}, path))
}

// shorten makes every wait one of seconds, as a local network does.
func shorten(a *app.App, state app.GenesisState, cfg Config) {
	cdc := a.AppCodec()
	app.Adjust(cdc, state, revenuetypes.ModuleName, &revenuetypes.GenesisState{}, func(g *revenuetypes.GenesisState) {
		g.Params.RefundWindowSeconds = seconds(cfg.RefundWindow, RefundWindow)
	})
	app.Adjust(cdc, state, streamtypes.ModuleName, &streamtypes.GenesisState{}, func(g *streamtypes.GenesisState) {
		g.Params.MinLaneSeconds, g.Params.MaxLaneSeconds, g.Params.SettleGraceSeconds, g.Params.ServeMarginSeconds = 10, 120, 10, 5
		g.Params.CloseGraceSeconds = 10
	})
	app.Adjust(cdc, state, storagetypes.ModuleName, &storagetypes.GenesisState{}, func(g *storagetypes.GenesisState) {
		g.Params.RelaxedNetworkRules = true
		g.Params.MinBond, g.Params.BondPerGib = math.NewInt(storagetypes.LeastMinBond), math.ZeroInt()
		g.Params.MinDealSeconds, g.Params.RequestTtlSeconds = 5, storagetypes.MinRequestTTLSeconds
		g.Params.PeriodSeconds, g.Params.WindowSeconds = seconds(cfg.Period, PeriodTime), seconds(cfg.Window, WindowTime)
	})
	app.Adjust(cdc, state, subscriptiontypes.ModuleName, &subscriptiontypes.GenesisState{}, func(g *subscriptiontypes.GenesisState) {
		g.Params.MinPeriodSeconds, g.Params.PassCloseSeconds = subscriptiontypes.MinMinPeriodSeconds, 10
	})
	app.Adjust(cdc, state, disputetypes.ModuleName, &disputetypes.GenesisState{}, func(g *disputetypes.GenesisState) {
		g.Params = g.Params.Shorten(30) // as soon as all jurors have voted, the next step begins
	})
	app.Adjust(cdc, state, governancetypes.ModuleName, &governancetypes.GenesisState{}, func(g *governancetypes.GenesisState) {
		g.Params.TimelockPpm = 6 // of 2 and of 3 days, a second
	})
	app.Adjust(cdc, state, govtypes.ModuleName, &govv1.GenesisState{}, func(g *govv1.GenesisState) {
		voting, expedited := VotingPeriod, VotingPeriod/2
		g.Params.VotingPeriod, g.Params.ExpeditedVotingPeriod = &voting, &expedited
		g.Params.MinDeposit, g.Params.ExpeditedMinDeposit = sdk.NewCoins(token.Coin(1000)), sdk.NewCoins(token.Coin(5000))
	})
}
