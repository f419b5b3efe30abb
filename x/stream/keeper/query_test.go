package keeper_test

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/stream/types"
)

func TestQueries(t *testing.T) {
	f := busy(t)
	alice, bob, node := f.Addr("alice"), f.Addr("bob"), f.Addr("node")
	params, err := f.q.Params(f.Ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, types.DefaultParams(), params.Params)

	escrow, err := f.q.Escrow(f.Ctx, &types.QueryEscrowRequest{Owner: alice.String(), Denom: denom})
	require.NoError(t, err)
	require.Equal(t, escrow.Escrow.Balance.Sub(escrow.Escrow.Reserved), escrow.Free)
	none, err := f.q.Escrow(f.Ctx, &types.QueryEscrowRequest{Owner: alice.String(), Denom: "uatom"})
	require.NoError(t, err)
	require.True(t, none.Escrow.Balance.IsZero() && none.Free.IsZero())

	key, err := f.q.SessionKey(f.Ctx, &types.QuerySessionKeyRequest{Owner: alice.String(), Pubkey: hex.EncodeToString(pub(keyOf("alice")))})
	require.NoError(t, err)
	require.Equal(t, key.Key.Available(f.now()), key.Available)
	require.True(t, key.Available.IsPositive())
	keys, err := f.q.SessionKeys(f.Ctx, &types.QuerySessionKeysRequest{Owner: bob.String()})
	require.NoError(t, err)
	require.Len(t, keys.Keys, 1)
	require.True(t, keys.Keys[0].Revoked)

	next, err := f.q.NextGeneration(f.Ctx, &types.QueryNextGenerationRequest{Owner: alice.String(), Provider: node.String()})
	require.NoError(t, err)
	require.EqualValues(t, 2, next.Generation)
	session, err := f.q.Session(f.Ctx, &types.QuerySessionRequest{Owner: alice.String(), Denom: denom, Provider: node.String(), Generation: 1, Session: 2})
	require.NoError(t, err)
	require.EqualValues(t, 7, session.Session.N)

	_, err = f.q.Session(f.Ctx, &types.QuerySessionRequest{Owner: alice.String(), Denom: denom, Provider: node.String(), Generation: 1, Session: 9})
	require.ErrorIs(t, err, types.ErrSessionNotFound)
	_, err = f.q.Session(f.Ctx, &types.QuerySessionRequest{Owner: alice.String(), Denom: denom, Provider: f.Addr("third").String(), Generation: 1, Session: 1})
	require.ErrorIs(t, err, types.ErrLaneEnded)
	_, err = f.q.SessionKey(f.Ctx, &types.QuerySessionKeyRequest{Owner: alice.String(), Pubkey: "00"})
	require.ErrorIs(t, err, types.ErrInvalidPubkey)
	_, err = f.q.Escrow(f.Ctx, &types.QueryEscrowRequest{Owner: alice.String()})
	require.ErrorIs(t, err, types.ErrInvalidDenom)
}

// Lists page through an owner's and a provider's own lanes only.
func TestLanePages(t *testing.T) {
	f := newFixture(t)
	node := f.provider("node")
	f.viewer("alice", 20*stream)
	f.viewer("bob", 20*stream)
	f.lane("bob", node, 1, 10_000)
	for i := range 4 {
		f.lane("alice", f.provider(fmt.Sprint("node ", i)), 1, 10_000)
	}
	f.lane("alice", node, 1, 10_000)

	seen := map[string]bool{}
	page := &query.PageRequest{Limit: 2}
	for range 4 {
		res, err := f.q.LanesByOwner(f.Ctx, &types.QueryLanesByOwnerRequest{Owner: f.Addr("alice").String(), Pagination: page})
		require.NoError(t, err)
		for _, lane := range res.Lanes {
			require.Equal(t, f.Addr("alice").String(), lane.Owner)
			seen[lane.Provider] = true
		}
		if res.Pagination.NextKey == nil {
			break
		}
		require.Len(t, res.Lanes, 2)
		page = &query.PageRequest{Key: res.Pagination.NextKey, Limit: 2}
	}
	require.Len(t, seen, 5)
	byProvider, err := f.q.LanesByProvider(f.Ctx, &types.QueryLanesByProviderRequest{Provider: node.String(), Pagination: &query.PageRequest{Limit: 1000, CountTotal: true}})
	require.NoError(t, err)
	require.Len(t, byProvider.Lanes, 2)
	require.Zero(t, byProvider.Pagination.Total)
	for _, lane := range byProvider.Lanes {
		require.Equal(t, node.String(), lane.Provider)
	}
}
