package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// ErrNoProvider says that no live provider can take the work.
var ErrNoProvider = errors.New("no live storage provider can take the work: try again later, or with --copies 1")

const (
	secondsPerDay  = 24 * 3600
	acceptPatience = 60 * time.Second
	// others is how long the remaining copies are waited for once the first stands.
	others = 10 * time.Second
)

// candidate is a live provider.
type candidate struct {
	storagetypes.Provider
	address sdk.AccAddress
	node    nodeclient.Node
}

// pick returns the live providers with room for the piece, cheapest first, one per network where the chain wants that.
func (j *job) pick(ctx context.Context) ([]candidate, error) {
	q := storagetypes.NewQueryClient(j.client.Conn())
	params, err := q.Params(ctx, &storagetypes.QueryParamsRequest{})
	if err != nil {
		return nil, err
	}
	providers, endpoints := map[string]storagetypes.Provider{}, map[string]string{}
	for page := (&query.PageRequest{Limit: 100}); ; {
		res, err := q.Providers(ctx, &storagetypes.QueryProvidersRequest{Status: storagetypes.PROVIDER_STATUS_ACTIVE, Pagination: page})
		if err != nil {
			return nil, err
		}
		for _, p := range res.Providers {
			// one that was slashed takes nothing until its operator has added to the bond
			if p.CapacityBytes-p.CommittedBytes < j.size || p.Bond.LT(params.Params.RequiredBond(p.CapacityBytes)) {
				continue
			}
			providers[p.Operator] = p
			for _, e := range p.Endpoints {
				endpoints[e] = p.Operator
			}
		}
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			break
		}
		page = &query.PageRequest{Limit: 100, Key: res.Pagination.NextKey}
	}
	var out []candidate
	for _, n := range nodeclient.Pick(ctx, nodeclient.NewHTTP(j.Private), j.client.ChainID(), endpoints, 3*time.Second) {
		if n.Info.Free >= j.size && n.Info.MaxUpload >= j.size && !slices.ContainsFunc(out, func(c candidate) bool { return c.Operator == n.Info.Operator }) {
			address, err := sdk.AccAddressFromBech32(n.Info.Operator)
			if err != nil {
				continue // it answers nonsense
			}
			out = append(out, candidate{providers[n.Info.Operator], address, n})
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int {
		return cmp.Or(a.PricePerGibDay.BigInt().Cmp(b.PricePerGibDay.BigInt()), cmp.Compare(a.Operator, b.Operator))
	})
	if !params.Params.RelaxedNetworkRules {
		seen := map[string]bool{}
		out = slices.DeleteFunc(out, func(c candidate) bool {
			dup := seen[c.NetworkPrefix]
			seen[c.NetworkPrefix] = true
			return dup
		})
	}
	out = j.chosen(out)
	if len(out) == 0 {
		return nil, ErrNoProvider
	}
	return out, nil
}

// chosen keeps those that the creator named, in that order.
func (j *job) chosen(all []candidate) []candidate {
	if len(j.Providers) == 0 {
		return all
	}
	var out []candidate
	for _, name := range j.Providers {
		if i := slices.IndexFunc(all, func(c candidate) bool { return c.Operator == name }); i >= 0 {
			out = append(out, all[i])
		}
	}
	return out
}

// prepayment is what the copies cost for the days, at least one ustream each.
func (j *job) prepayment(nodes []candidate) math.Int {
	sum := math.ZeroInt()
	for _, n := range nodes {
		nano := storagetypes.Rate(n.PricePerGibDay, j.size).MulRaw(int64(j.PrepayDays) * secondsPerDay)
		sum = sum.Add(nano.Quo(storagetypes.Nano(math.OneInt())).AddRaw(1))
	}
	return sum
}

// upload brings the piece to as many of the candidates as there shall be copies, and returns those that have it.
func (j *job) upload(ctx context.Context, nodes []candidate) ([]candidate, error) {
	car, err := os.Open(j.car)
	if err != nil {
		return nil, err
	}
	defer car.Close()
	prove, err := j.account.Uploader(ctx, j.piece, j.size)
	if err != nil {
		return nil, err
	}
	var (
		mu   sync.Mutex
		next int
		done []candidate
		errs []error
		wg   sync.WaitGroup
	)
	take := func() (candidate, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(nodes) {
			return candidate{}, false
		}
		next++
		return nodes[next-1], true
	}
	for range min(j.Copies, len(nodes)) {
		wg.Go(func() {
			for c, ok := take(); ok; c, ok = take() {
				err := c.node.Upload(ctx, j.piece, car, int64(j.size), func() (string, error) { return prove(c.address) }, func(n int64) {
					j.Progress("upload to "+c.node.Endpoint(), n, int64(j.size))
				})
				mu.Lock()
				if err == nil {
					done = append(done, c)
					mu.Unlock()
					return
				}
				errs = append(errs, fmt.Errorf("%s: %w", c.node.Endpoint(), err))
				j.result.Deals = append(j.result.Deals, Deal{Provider: c.Operator, Endpoint: c.node.Endpoint(), Status: err.Error()})
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(done) == 0 {
		return nil, errors.Join(append([]error{ErrNoProvider}, errs...)...)
	}
	slices.SortFunc(done, func(a, b candidate) int { return strings.Compare(a.Operator, b.Operator) })
	return done, nil
}

// register sends the work, its deals, and its offers or, where it is encrypted, the draw of its holders in one transaction, unless an earlier run did. Where that run's requests
// have expired since, it asks for new deals.
func (j *job) register(ctx context.Context, msg *contenttypes.MsgPublish, work string, nodes []candidate) error {
	there, err := j.published(ctx, work)
	if err != nil {
		return err
	}
	var msgs []sdk.Msg
	if there {
		j.result.TX, j.result.Height = j.state.TX, j.state.Height
		res, err := storagetypes.NewQueryClient(j.client.Conn()).DealsByWork(ctx, &storagetypes.QueryDealsByWorkRequest{Work: work})
		if err != nil || len(res.Deals) > 0 {
			return err
		}
	} else {
		msgs = append(msgs, msg)
	}
	placed, err := j.upload(ctx, nodes)
	if err != nil {
		return err
	}
	prepaid := j.prepayment(placed)
	if there {
		// the escrow has it already: it does not come back
		prepaid = math.ZeroInt()
	}
	msgs = append(msgs, j.request(msg.Controller, work, placed, prepaid))
	if j.encrypted && j.Previous == "" && !there {
		// with the work or not at all: an encrypted work without holders would be of no use
		msgs = append(msgs, &storagetypes.MsgDrawKeySet{Signer: msg.Controller, Work: work})
	}
	if len(j.Offers) > 0 && !there && !j.soldLater() {
		msgs = append(msgs, &subscriptiontypes.MsgSetOffers{Controller: msg.Controller, Work: j.result.Root, Offers: j.Offers})
	}
	res, err := j.account.Send(ctx, ForWork, msgs...)
	if errors.Is(err, storagetypes.ErrNoHolders) {
		return fmt.Errorf("%w: %w", ErrNoHolders, err)
	}
	if err != nil {
		return err
	}
	j.result.Prepaid, j.result.TX, j.result.Height = sdk.NewCoin(token.BaseDenom, prepaid).String(), res.Hash, res.Height
	j.state.TX, j.state.Height = res.Hash, res.Height
	return j.save()
}

// request asks the placed nodes for deals at the prices that they named, and no more.
func (j *job) request(controller, work string, placed []candidate, prepaid math.Int) *storagetypes.MsgRequestDeals {
	// a copy that is lost may be repaired for a quarter more than the dearest of these asks
	m := &storagetypes.MsgRequestDeals{Funder: controller, Work: work, Prepayment: sdk.NewCoin(token.BaseDenom, prepaid), MaxPricePerGibDay: math.ZeroInt()}
	for _, c := range placed {
		m.Providers, m.MaxPricePerGibDay = append(m.Providers, c.Operator), math.MaxInt(m.MaxPricePerGibDay, c.PricePerGibDay)
	}
	m.MaxPricePerGibDay = math.MaxInt(m.MaxPricePerGibDay.MulRaw(5).QuoRaw(4), math.OneInt())
	return m
}

// await waits until one node has accepted, then a little for the others, and reports all.
func (j *job) await(ctx context.Context, work string) error {
	q := storagetypes.NewQueryClient(j.client.Conn())
	deadline := time.Now().Add(acceptPatience)
	for {
		res, err := q.DealsByWork(ctx, &storagetypes.QueryDealsByWorkRequest{Work: work})
		if err != nil {
			return err
		}
		accepted := 0
		deals := []Deal{}
		for _, d := range res.Deals {
			status := "requested"
			if d.Status == storagetypes.DEAL_STATUS_ACTIVE {
				status = "accepted"
				accepted++
			}
			deals = append(deals, Deal{Provider: d.Operator, Status: status})
		}
		j.Progress("nodes accept", int64(accepted), int64(len(res.Deals)))
		if accepted > 0 && accepted < len(res.Deals) && time.Until(deadline) > others {
			deadline = time.Now().Add(others)
		}
		if over := time.Now().After(deadline); accepted == len(res.Deals) && accepted > 0 || over {
			j.result.Deals = append(j.result.Deals, deals...)
			if accepted == 0 {
				return fmt.Errorf("%w: no node has accepted the work yet", ErrUnfinished)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), ErrUnfinished)
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// preview fills in what publishing would cost.
func (j *job) preview(ctx context.Context, nodes []candidate) error {
	nodes = nodes[:min(j.Copies, len(nodes))]
	res, err := contenttypes.NewQueryClient(j.client.Conn()).Params(ctx, &contenttypes.QueryParamsRequest{})
	if err != nil {
		return err
	}
	j.result.Deposit = sdk.NewCoin(token.BaseDenom, res.Params.WorkDeposit).String()
	j.result.Prepaid = sdk.NewCoin(token.BaseDenom, j.prepayment(nodes)).String()
	for _, n := range nodes {
		j.result.Deals = append(j.result.Deals, Deal{Provider: n.Operator, Endpoint: n.node.Endpoint(), Price: n.PricePerGibDay.String(), Status: "would be asked"})
	}
	return nil
}
