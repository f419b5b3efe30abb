package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/template"
	"github.com/streamchain/streamchain/x/subscription/types"
)

func bought(id string, at int64, price uint64, begins bool) types.TemplatePurchase {
	return types.TemplatePurchase{HoldId: id, At: at, Price: price, Begins: begins, ReleaseAt: at + 10}
}

// Runs, sums and times come out the same whether purchases are settled or not, and without the one that was refunded.
func TestStanding(t *testing.T) {
	var s types.TemplateStanding
	for _, p := range []types.TemplatePurchase{bought("a", 1, 5, true), bought("b", 2, 3, false), bought("c", 9, 7, true), bought("d", 11, 2, false)} {
		var err error
		s, err = s.Add(p)
		require.NoError(t, err)
	}
	want := types.TemplateHistory{Purchases: 4, Paid: 17, FirstAt: 1, LastAt: 11, LastPaid: 2, RunAt: 9, RunPurchases: 2, RunPaid: 9}
	require.Equal(t, want, s.Sum())
	for settled := range 5 {
		n := settled
		half, err := s.Settle(func(types.TemplatePurchase) (bool, error) { n--; return n < 0, nil })
		require.NoError(t, err)
		require.Len(t, half.Recent, 4-settled)
		require.Equal(t, want, half.Sum())
	}
	require.Len(t, s.Recent, 4, "the receiver is not written to")
	without, gone, found := s.Remove("d")
	require.True(t, found && gone.Price == 2)
	require.Equal(t, types.TemplateHistory{Purchases: 3, Paid: 15, FirstAt: 1, LastAt: 9, LastPaid: 7, RunAt: 9, RunPurchases: 1, RunPaid: 7}, without.Sum())
	// the first of a run is refunded: the rest is a run of its own, not a part of the one before
	without, _, _ = s.Remove("c")
	require.Equal(t, types.TemplateHistory{Purchases: 3, Paid: 10, FirstAt: 1, LastAt: 11, LastPaid: 2, RunAt: 11, RunPurchases: 1, RunPaid: 2}, without.Sum())
	_, _, found = s.Remove("e")
	require.False(t, found)
	_, _, found = s.Remove("")
	require.False(t, found)
	require.Equal(t, template.ViewerFacts{Purchases: 4, FirstAt: 1, LastAt: 11, Paid: 17, LastPaid: 2, RunAt: 9, RunPurchases: 2, RunPaid: 9}, s.Facts())
}

// A genesis whose templates do not fit together is refused.
func TestTemplateGenesis(t *testing.T) {
	token.Configure()
	author, viewer, other := sdk.AccAddress(make([]byte, 20)), sdk.AccAddress([]byte("viewer______________")), sdk.AccAddress([]byte("other_______________"))
	work, err := contenttypes.WorkID(make([]byte, 32))
	require.NoError(t, err)
	id := author.String() + "/1"
	good := func() types.GenesisState {
		terms := types.TemplateTerms{Template: id}
		return types.GenesisState{
			Params: types.DefaultParams(),
			Offers: []types.OfferList{{Work: work, Version: 1, SetAt: 1, Offers: []types.Offer{types.NewTemplateOffer(id)}}},
			Templates: []types.Template{{
				Id: id, Author: author.String(), Title: "T", Access: "true", Price: "params.p", Refund: "0", Version: 1, CreatedAt: 1,
				Deposit: token.Coin(1), Used: true,
				Params: types.NewTemplateParams([]template.Param{{Name: "p", Type: template.Int, Max: 9, Default: template.IntValue(1)}}),
			}},
			TemplateSequences: []types.TemplateSequence{{Author: author.String(), Last: 1}},
			TemplateStandings: []types.TemplateStanding{
				{Viewer: viewer.String(), Work: work, Terms: &terms, Referrer: other.String(), Recent: []types.TemplatePurchase{bought("h", 5, 3, true)}},
				{Viewer: other.String(), Work: work, Terms: &terms, Referrals: 1, History: types.TemplateHistory{
					Purchases: 1, Paid: 2, FirstAt: 1, LastAt: 1, LastPaid: 2, RunAt: 1, RunPurchases: 1, RunPaid: 2,
				}},
			},
			TemplateTotals: []types.TemplateTotals{{Work: work, Buyers: 2, Sales: 2, Gross: 5}},
		}
	}
	require.NoError(t, good().Validate())
	for name, change := range map[string]func(*types.GenesisState){
		"no sequence":        func(g *types.GenesisState) { g.TemplateSequences = nil },
		"sequence too low":   func(g *types.GenesisState) { g.TemplateSequences[0].Last = 0 },
		"sequence of nobody": func(g *types.GenesisState) { g.TemplateSequences[0].Author = "x" },
		"sequence twice":     func(g *types.GenesisState) { g.TemplateSequences = append(g.TemplateSequences, g.TemplateSequences[0]) },
		"template twice":     func(g *types.GenesisState) { g.Templates = append(g.Templates, g.Templates[0]) },
		"another author":     func(g *types.GenesisState) { g.Templates[0].Author = viewer.String() },
		"no title":           func(g *types.GenesisState) { g.Templates[0].Title = "" },
		"royalty":            func(g *types.GenesisState) { g.Templates[0].RoyaltyBps = 201 },
		"no version":         func(g *types.GenesisState) { g.Templates[0].Version = 0 },
		"version of nothing": func(g *types.GenesisState) { g.Templates[0].Version = 2 },
		"deposit":            func(g *types.GenesisState) { g.Templates[0].Deposit.Denom = "x" },
		"expression":         func(g *types.GenesisState) { g.Templates[0].Price = "1.5" },
		"not used":           func(g *types.GenesisState) { g.Templates[0].Used = false },
		"template missing":   func(g *types.GenesisState) { g.Templates = nil },
		"offer out of bounds": func(g *types.GenesisState) {
			g.Offers[0].Offers[0].GetTemplate().Terms.Args = types.NewTemplateArgs([]template.Arg{{Name: "p", Value: template.IntValue(10)}})
		},
		"standing twice":         func(g *types.GenesisState) { g.TemplateStandings = append(g.TemplateStandings, g.TemplateStandings[0]) },
		"viewer":                 func(g *types.GenesisState) { g.TemplateStandings[0].Viewer = "x" },
		"work":                   func(g *types.GenesisState) { g.TemplateStandings[0].Work = "x" },
		"no terms":               func(g *types.GenesisState) { g.TemplateStandings[0].Terms = nil },
		"terms of nothing":       func(g *types.GenesisState) { g.TemplateStandings[0].Recent = nil },
		"refers himself":         func(g *types.GenesisState) { g.TemplateStandings[0].Referrer = viewer.String() },
		"referrer has nothing":   func(g *types.GenesisState) { g.TemplateStandings[0].Referrer = author.String() },
		"not counted":            func(g *types.GenesisState) { g.TemplateStandings[1].Referrals = 0 },
		"of a collection":        func(g *types.GenesisState) { g.TemplateStandings[0].CollectionVersion = 1 },
		"no time":                func(g *types.GenesisState) { g.TemplateStandings[0].Recent[0].At = 0 },
		"no hold":                func(g *types.GenesisState) { g.TemplateStandings[0].Recent[0].HoldId = "" },
		"too many":               func(g *types.GenesisState) { g.TemplateStandings[0].Recent = make([]types.TemplatePurchase, 17) },
		"run before the first":   func(g *types.GenesisState) { g.TemplateStandings[1].History.RunAt = 0 },
		"run of nothing":         func(g *types.GenesisState) { g.TemplateStandings[1].History.RunPurchases = 0 },
		"sums without purchases": func(g *types.GenesisState) { g.TemplateStandings[0].History.Paid = 1 },
		"no totals":              func(g *types.GenesisState) { g.TemplateTotals = nil },
		"buyers":                 func(g *types.GenesisState) { g.TemplateTotals[0].Buyers = 1 },
		"gross":                  func(g *types.GenesisState) { g.TemplateTotals[0].Gross = 6 },
		"totals twice":           func(g *types.GenesisState) { g.TemplateTotals = append(g.TemplateTotals, g.TemplateTotals[0]) },
		"totals of nothing":      func(g *types.GenesisState) { g.TemplateTotals[0].Work = "x" },
	} {
		bad := good()
		change(&bad)
		require.Error(t, bad.Validate(), name)
	}
}
