package app

import (
	"encoding/json"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	"github.com/streamchain/streamchain/token"
)

const (
	// MaxBlockGas bounds the gas of a new chain's blocks.
	MaxBlockGas = 100_000_000
	// MaxBlockBytes bounds the size of a new chain's blocks.
	MaxBlockBytes = 2 << 20
)

// GenesisState is the genesis of each module by its name.
type GenesisState map[string]json.RawMessage

// ConsensusParams are those of a new chain. CometBFT's own let a block hold any amount of gas
// and some 50 MiB.
func ConsensusParams() *cmttypes.ConsensusParams {
	p := cmttypes.DefaultConsensusParams()
	p.Block.MaxGas = MaxBlockGas
	p.Block.MaxBytes = MaxBlockBytes
	p.Evidence.MaxBytes = MaxBlockBytes / 4
	// a double sign can be proved for as long as its stake can be slashed: x/staking's unbonding time
	p.Evidence.MaxAgeDuration = 21 * 24 * time.Hour
	p.Evidence.MaxAgeNumBlocks = int64(p.Evidence.MaxAgeDuration / time.Second)
	return p
}

// DefaultGenesis is a valid genesis without accounts and validators.
func (app *App) DefaultGenesis() GenesisState {
	cdc := app.enc.cdc
	gs := GenesisState(app.basics.DefaultGenesis(cdc))
	Adjust(cdc, gs, banktypes.ModuleName, &banktypes.GenesisState{}, func(b *banktypes.GenesisState) {
		b.DenomMetadata = []banktypes.Metadata{streamMetadata()}
	})
	Adjust(cdc, gs, minttypes.ModuleName, &minttypes.GenesisState{}, func(m *minttypes.GenesisState) {
		// the module mints nothing whatever these say: let queries say so too
		m.Minter.Inflation = math.LegacyZeroDec()
		m.Params.InflationMin, m.Params.InflationMax = math.LegacyZeroDec(), math.LegacyZeroDec()
		m.Params.InflationRateChange = math.LegacyZeroDec()
	})
	Adjust(cdc, gs, govtypes.ModuleName, &govv1.GenesisState{}, func(g *govv1.GenesisState) {
		// what a decision needs is its track's; this only refuses what the tally reports as not met
		g.Params.Quorum = math.LegacyNewDecWithPrec(10, 2).String()
		g.Params.MinDeposit = sdk.NewCoins(token.Coin(1_000_000_000))
		g.Params.ExpeditedMinDeposit = sdk.NewCoins(token.Coin(5_000_000_000))
	})
	return gs
}

// Adjust edits the genesis of one module.
func Adjust[T codec.ProtoMarshaler](cdc codec.JSONCodec, gs GenesisState, name string, state T, edit func(T)) {
	cdc.MustUnmarshalJSON(gs[name], state)
	edit(state)
	gs[name] = cdc.MustMarshalJSON(state)
}

// streamMetadata tells wallets how to write amounts.
func streamMetadata() banktypes.Metadata {
	return banktypes.Metadata{
		Description: "The token of StreamChain: it pays for what is watched and kept, secures the chain and votes.",
		DenomUnits: []*banktypes.DenomUnit{
			{Denom: token.BaseDenom, Exponent: 0},
			{Denom: token.Denom, Exponent: token.Exponent},
		},
		Base: token.BaseDenom, Display: token.Denom, Name: "StreamChain", Symbol: "STREAM",
	}
}
