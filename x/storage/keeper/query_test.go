package keeper_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/keeper"
	"github.com/streamchain/streamchain/x/storage/types"
)

func second[T any](_ T, err error) error { return err }

func TestQueriesCountUpToNow(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film, song := f.work(alice, "film", gib, ""), f.work(alice, "song", gib/2, "")
	waiting := f.work(alice, "waiting", gib, "")
	a := f.provider("a").String()
	f.ask(alice, film, 100, "a")
	f.ask(alice, song, 100, "a")
	f.ask(alice, waiting, 100, "a")
	f.accept("a", film)
	f.accept("a", song)
	f.next(7 * time.Second)
	f.must(f.claimMsg("a", song)) // 3.5: a half stays
	f.next(4 * time.Second)

	before := f.state()
	deal, err := f.q.Deal(f.Ctx, &types.QueryDealRequest{Work: film, Operator: a})
	require.NoError(t, err)
	require.Equal(t, "11000000000", deal.Accrued.String())
	escrow := f.escrow(song)
	require.Equal(t, []string{"94500000000", "2000000000", "500000000"},
		[]string{escrow.Escrow.Balance.String(), escrow.Escrow.Owed.String(), escrow.Escrow.Rate.String()})
	require.Equal(t, f.now()+189, escrow.DryAt)

	all, err := f.q.Claimable(f.Ctx, &types.QueryClaimableRequest{Operator: a})
	require.NoError(t, err)
	require.Equal(t, "500000000", all.Settled.String())
	require.Equal(t, "13", all.Claimable.String())
	require.Len(t, all.Accruals, 2, "a request earns nothing")
	var works []string
	for _, x := range all.Accruals {
		works = append(works, x.Work)
	}
	require.Equal(t, before, f.state(), "queries write nothing")
	f.must(f.claimMsg("a", works...))
	require.EqualValues(t, 990*stream+3+13, f.Balance(f.Addr("a")), "what it said is what is paid")

	first, err := f.q.Claimable(f.Ctx, &types.QueryClaimableRequest{Operator: a, Pagination: &query.PageRequest{Limit: 1}})
	require.NoError(t, err)
	require.Len(t, first.Accruals, 1)
	require.NotNil(t, first.Pagination.NextKey)

	list, err := f.q.DealsByProvider(f.Ctx, &types.QueryDealsByProviderRequest{Operator: a})
	require.NoError(t, err)
	require.Len(t, list.Deals, 3)
	params, err := f.q.Params(f.Ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, types.DefaultParams(), params.Params)

	// an escrow that nobody paid into yet
	empty := f.escrow(f.work(alice, "empty", 1, ""))
	require.True(t, empty.Escrow.Balance.IsZero())
	require.Zero(t, empty.DryAt)
}

func TestQueryProviders(t *testing.T) {
	f := newFixture(t)
	for i := range keeper.MaxPage + 1 {
		f.provider(fmt.Sprint("n", i))
	}
	f.must(&types.MsgLeave{Operator: f.Addr("n3").String()})
	list := func(status types.ProviderStatus, limit uint64) (out []string) {
		page := &query.PageRequest{Limit: limit, CountTotal: true}
		for {
			res, err := f.q.Providers(f.Ctx, &types.QueryProvidersRequest{Status: status, Pagination: page})
			require.NoError(t, err)
			require.LessOrEqual(t, len(res.Providers), keeper.MaxPage)
			require.Zero(t, res.Pagination.Total)
			for _, p := range res.Providers {
				out = append(out, p.Operator)
			}
			if res.Pagination.NextKey == nil {
				return out
			}
			page = &query.PageRequest{Limit: limit, Key: res.Pagination.NextKey}
		}
	}
	require.Len(t, list(types.PROVIDER_STATUS_UNSPECIFIED, 1<<40), keeper.MaxPage+1)
	require.Len(t, list(types.PROVIDER_STATUS_ACTIVE, 7), keeper.MaxPage)
	require.Equal(t, []string{f.Addr("n3").String()}, list(types.PROVIDER_STATUS_LEAVING, 0))
	require.Empty(t, list(types.PROVIDER_STATUS_GONE, 0))

	res, err := f.q.ProviderByAgent(f.Ctx, &types.QueryProviderByAgentRequest{Agent: f.agent("n7").String()})
	require.NoError(t, err)
	one, err := f.q.Provider(f.Ctx, &types.QueryProviderRequest{Operator: f.Addr("n7").String()})
	require.NoError(t, err)
	require.Equal(t, one.Provider, res.Provider)
}

func TestQueryErrors(t *testing.T) {
	f := newFixture(t)
	a, work := f.Addr("a").String(), nowhere("x")
	for _, err := range []error{
		second(f.q.Provider(f.Ctx, &types.QueryProviderRequest{Operator: a})),
		second(f.q.ProviderByAgent(f.Ctx, &types.QueryProviderByAgentRequest{Agent: a})),
		second(f.q.Deal(f.Ctx, &types.QueryDealRequest{Work: work, Operator: a})),
		second(f.q.WorkEscrow(f.Ctx, &types.QueryWorkEscrowRequest{Root: work})),
	} {
		require.Equal(t, codes.NotFound, status.Code(err), err)
	}
	for _, err := range []error{
		second(f.q.Provider(f.Ctx, &types.QueryProviderRequest{Operator: strings.ToUpper(a)})),
		second(f.q.Providers(f.Ctx, &types.QueryProvidersRequest{Status: 9})),
		second(f.q.ProviderByAgent(f.Ctx, &types.QueryProviderByAgentRequest{Agent: work})),
		second(f.q.Deal(f.Ctx, &types.QueryDealRequest{Work: a, Operator: a})),
		second(f.q.Deal(f.Ctx, &types.QueryDealRequest{Work: work, Operator: work})),
		second(f.q.DealsByWork(f.Ctx, &types.QueryDealsByWorkRequest{Work: a})),
		second(f.q.DealsByProvider(f.Ctx, &types.QueryDealsByProviderRequest{Operator: work})),
		second(f.q.WorkEscrow(f.Ctx, &types.QueryWorkEscrowRequest{Root: a})),
		second(f.q.Claimable(f.Ctx, &types.QueryClaimableRequest{Operator: work})),
	} {
		require.Equal(t, codes.InvalidArgument, status.Code(err), err)
	}
	require.ErrorIs(t, second(f.q.WorkEscrow(f.Ctx, &types.QueryWorkEscrowRequest{Root: work})), contenttypes.ErrWorkNotFound)
}
