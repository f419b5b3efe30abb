package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// Parents get their part by their own sheets, one step and no further, and both sides' totals say so.
func TestParentsShare(t *testing.T) {
	f := newFixture(t)
	alice, author := f.creator("alice")
	_, remixer := f.creator("remixer")
	_, third := f.creator("third")
	book, film, remix := f.work(author, "book"), f.work(author, "film"), f.work(remixer, "remix")
	f.content.parents[film] = []contenttypes.Parent{{Work: book, Bps: 3000}}
	f.content.parents[remix] = []contenttypes.Parent{{Work: film, Bps: 2000}, {Work: f.work(third, "song"), Bps: 1000}}
	_, missing := f.set(alice, film, sheet(author, 7500, f.Addr("bob"), 2500))
	require.Empty(t, missing)
	d, err := f.pay(sale(f.Funded("viewer", stream), remix, 1_000_000))
	require.NoError(t, err)
	require.EqualValues(t, 905_000, d.CreatorPart.Int64())
	require.EqualValues(t, 271_500, d.ParentsPart.Int64())
	require.EqualValues(t, 135_750, f.claimable(author), "three quarters of a fifth; nothing for the book")
	require.EqualValues(t, 45_250, f.claimable(f.Addr("bob").String()))
	require.EqualValues(t, 90_500, f.claimable(third))
	require.EqualValues(t, 633_500, f.claimable(remixer))
	totals := func(subject string) types.Total {
		res, err := f.q.Totals(f.Ctx, &types.QueryTotalsRequest{Subject: subject})
		require.NoError(t, err)
		if len(res.Totals) == 0 {
			return types.Total{}
		}
		return res.Totals[0]
	}
	for subject, royalties := range map[string]int64{film: 181_000, author: 181_000, third: 90_500} {
		require.Equal(t, royalties, totals(subject).Royalties.Int64())
		require.True(t, totals(subject).Gross.IsZero())
	}
	require.Empty(t, totals(book).Subject)
	require.EqualValues(t, 1_000_000, totals(remix).Gross.Int64())
	require.Equal(t, film, d.Credits[0].Parent)
	require.Empty(t, d.Credits[len(d.Credits)-1].Parent)
}

func TestDerivationConsent(t *testing.T) {
	f := newFixture(t)
	alice, author := f.creator("alice")
	bob, remixer := f.creator("bob")
	film, remix, late := f.work(author, "film"), f.work(remixer, "remix"), f.work(remixer, "late")
	published := func(work string, bps uint32) {
		f.content.parents[work] = []contenttypes.Parent{{Work: film, Bps: bps}}
		require.NoError(t, f.k.Hooks().AfterWorkPublished(f.Ctx, contenttypes.Work{Cid: work, Root: work, Parents: f.content.parents[work]}))
	}
	granted := func(work string) bool {
		res, err := f.q.Derivation(f.Ctx, &types.QueryDerivationRequest{Work: work})
		require.NoError(t, err)
		return res.Parents[0].Granted
	}
	published(remix, 1000)
	require.False(t, granted(remix), "without terms, the parent's creator is asked")
	f.reject([]rejection{
		{"another's", &types.MsgAcceptDerivation{Controller: bob.String(), Work: remix, Parent: film}, contenttypes.ErrNotController},
		{"no parent", &types.MsgAcceptDerivation{Controller: bob.String(), Work: film, Parent: remix}, types.ErrNotParent},
		{"a creator", &types.MsgAcceptDerivation{Controller: alice.String(), Work: author, Parent: film}, types.ErrNotWork},
		{"of a creator", &types.MsgAcceptDerivation{Controller: alice.String(), Work: remix, Parent: author}, types.ErrNotWork},
		{"unknown", &types.MsgAcceptDerivation{Controller: alice.String(), Work: workID("unknown"), Parent: film}, contenttypes.ErrWorkNotFound},
		{"malformed", &types.MsgAcceptDerivation{Controller: alice.String(), Work: "bafy", Parent: film}, contenttypes.ErrInvalidWorkID},
		{"terms of another's", &types.MsgSetDerivationTerms{Controller: bob.String(), Work: film, Open: true}, contenttypes.ErrNotController},
		{"terms of a creator", &types.MsgSetDerivationTerms{Controller: alice.String(), Work: author}, types.ErrNotWork},
		{"terms too high", &types.MsgSetDerivationTerms{Controller: alice.String(), Work: film, MinBps: 3001}, types.ErrInvalidTerms},
		{"terms of nothing", &types.MsgSetDerivationTerms{Controller: alice.String()}, contenttypes.ErrInvalidWorkID},
	})
	for _, a := range badAddresses {
		f.reject([]rejection{
			{"address " + a, &types.MsgAcceptDerivation{Controller: a, Work: remix, Parent: film}, types.ErrInvalidAddress},
			{"address " + a, &types.MsgSetDerivationTerms{Controller: a, Work: film}, types.ErrInvalidAddress},
		})
	}
	accept := &types.MsgAcceptDerivation{Controller: alice.String(), Work: remix, Parent: film}
	require.NoError(t, f.send(accept))
	require.True(t, granted(remix))
	f.reject([]rejection{{"twice", accept, types.ErrAlreadyGranted}})

	require.NoError(t, f.send(&types.MsgSetDerivationTerms{Controller: alice.String(), Work: film, Open: true, MinBps: 1500}))
	res, err := f.q.Derivation(f.Ctx, &types.QueryDerivationRequest{Work: film})
	require.NoError(t, err)
	require.Equal(t, types.DerivationTerms{Work: film, Open: true, MinBps: 1500}, res.Terms)
	published(late, 1499)
	require.False(t, granted(late), "less than the terms ask")
	fair := f.work(remixer, "fair")
	published(fair, 1500)
	require.True(t, granted(fair))
	require.NoError(t, f.send(&types.MsgSetDerivationTerms{Controller: alice.String(), Work: film}))
	require.True(t, granted(fair), "terms take nothing back")
	require.False(t, granted(late))

	// paid all the same: consent says that it may be derived, not who is paid
	d, err := f.pay(sale(f.Funded("viewer", stream), late, 10_000))
	require.NoError(t, err)
	require.True(t, d.ParentsPart.IsPositive())
	require.Equal(t, token.BaseDenom, d.Gross.Denom)
}
