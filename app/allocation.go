package app

import (
	"fmt"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Beneficiaries are who gets the genesis supply of a main network beside the treasury, in
// ustream. Each list must sum to its part (streamtypes.GenesisParts), and no account be in two.
type Beneficiaries struct {
	Team, Ecosystem, Public, Liquidity []Beneficiary
}

// Beneficiary is one account's part.
type Beneficiary struct {
	Address sdk.AccAddress
	Amount  math.Int
}

// Allocate writes the genesis supply of a main network into a genesis without accounts: balances,
// and the team's flows, whose coins lie in custody. x/stream checks all of it to the unit when the
// chain begins at this time.
func (app *App) Allocate(gs GenesisState, genesis time.Time, to Beneficiaries) error {
	parts := streamtypes.GenesisParts()
	a := &streamtypes.Allocation{Shares: []streamtypes.AllocationShare{{Name: streamtypes.Treasury, Address: Authority(), Amount: parts[0].Amount}}}
	for _, list := range []struct {
		name string
		of   []Beneficiary
	}{{streamtypes.Team, to.Team}, {streamtypes.Ecosystem, to.Ecosystem}, {streamtypes.Public, to.Public}, {streamtypes.Liquidity, to.Liquidity}} {
		for _, b := range list.of {
			a.Shares = append(a.Shares, streamtypes.AllocationShare{Name: list.name, Address: b.Address.String(), Amount: b.Amount})
		}
	}
	if err := a.Validate(Authority()); err != nil {
		return fmt.Errorf("allocate the genesis supply: %w", err)
	}
	var flows []streamtypes.Flow
	balances, team := []banktypes.Balance{}, math.ZeroInt()
	for _, s := range a.Shares {
		if s.Name == streamtypes.Team {
			team = team.Add(s.Amount)
			flows = append(flows, streamtypes.TeamFlow(Authority(), s.Address, token.BaseDenom, uint64(len(flows)+1), s.Amount, genesis.Unix()))
			continue
		}
		balances = append(balances, balance(s.Address, s.Amount))
	}
	balances = append(balances, balance(authtypes.NewModuleAddress(revenuetypes.ModuleName).String(), team))
	cdc := app.enc.cdc
	Adjust(cdc, gs, banktypes.ModuleName, &banktypes.GenesisState{}, func(b *banktypes.GenesisState) {
		b.Balances = append(b.Balances, balances...)
	})
	Adjust(cdc, gs, streamtypes.ModuleName, &streamtypes.GenesisState{}, func(s *streamtypes.GenesisState) {
		s.Allocation, s.Flows = a, flows
		s.FlowSequences = []streamtypes.FlowSequence{{Sender: Authority(), Last: uint64(len(flows))}}
	})
	return nil
}

func balance(address string, amount math.Int) banktypes.Balance {
	return banktypes.Balance{Address: address, Coins: sdk.Coins{{Denom: token.BaseDenom, Amount: amount}}}
}
