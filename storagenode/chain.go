package storagenode

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	"github.com/cosmos/gogoproto/proto"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/storagenode/ledger"
	clocktypes "github.com/streamchain/streamchain/x/clock/types"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Modules are the messages that a node needs of the chain, for chainclient.Config.Register.
var Modules = []func(codectypes.InterfaceRegistry){
	contenttypes.RegisterInterfaces, storagetypes.RegisterInterfaces, streamtypes.RegisterInterfaces, subtypes.RegisterInterfaces,
}

var registerErrors = sync.OnceFunc(func() {
	chainclient.RegisterErrors(streamtypes.ErrLaneNotFound, streamtypes.ErrLaneEnded, streamtypes.ErrLaneClosing, streamtypes.ErrNotProvider, streamtypes.ErrTooManyHashes,
		storagetypes.ErrDealNotFound, storagetypes.ErrPieceMismatch, storagetypes.ErrRequestExpired, storagetypes.ErrDealNotRequested,
		storagetypes.ErrProviderNotFound, storagetypes.ErrProviderInactive, storagetypes.ErrRepairNotFound, storagetypes.ErrSameNetwork, storagetypes.ErrTooManyDeals,
		storagetypes.ErrWorkNotActive, storagetypes.ErrDealExists, storagetypes.ErrDealTooYoung, storagetypes.ErrAlreadyProved, storagetypes.ErrPeriodNotOpen,
		storagetypes.ErrKeySetStatus, storagetypes.ErrNoKeySet, storagetypes.ErrNotHolder,
		storagetypes.ErrNoBeacon, storagetypes.ErrWrongReveal, storagetypes.ErrWrongProof, storagetypes.ErrNoChallenge)
})

// Chain is the real Backend: the chain as the agent of operator sees it. It is safe for concurrent use.
type Chain struct {
	*chainclient.Client
	signer   chainclient.Signer
	operator string

	mu     sync.Mutex
	live   int64     // live time at the newest block, Unix seconds
	block  time.Time // the newest block's time
	heard  time.Time // when we heard of it
	height int64
}

// NewChain looks at the chain once. Follow keeps it looking.
func NewChain(ctx context.Context, c *chainclient.Client, signer chainclient.Signer, operator string) (*Chain, error) {
	registerErrors()
	ch := &Chain{Client: c, signer: signer, operator: operator}
	st, err := c.Status(ctx)
	if err != nil {
		return nil, err
	}
	return ch, ch.look(ctx, st.Height, st.Time)
}

// look reads live time after a block.
func (c *Chain) look(ctx context.Context, height int64, block time.Time) error {
	res, err := clocktypes.NewQueryClient(c.Conn()).Now(ctx, &clocktypes.QueryNowRequest{})
	if err != nil {
		return fmt.Errorf("live time: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.height, c.block, c.live, c.heard = height, block, res.LiveSeconds, time.Now()
	return nil
}

// maxAhead bounds how far live time is continued without a block: when the chain stands, live time does.
const maxAhead = 60 * time.Second

// Now is live time in Unix seconds, continued since the newest block.
func (c *Chain) Now() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.live + int64(min(time.Since(c.heard), maxAhead)/time.Second)
}

// Age is how old the newest block is.
func (c *Chain) Age() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(time.Since(c.block), 0)
}

// Skew is how far this machine's clock is ahead of the newest block's time: a block's age, or an error of the clock.
func (c *Chain) Skew() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard.Sub(c.block)
}

// Height is the newest block's.
func (c *Chain) Height() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.height
}

// Follow calls changed after each block that changes a deal of this provider or a key set, or opens a period, and closing for each lane of
// anybody that was closed, until ctx ends.
func (c *Chain) Follow(ctx context.Context, changed func(), closing func(*streamtypes.EventLaneClosing)) error {
	return c.FollowBlocks(ctx, c.Height()+1, func(b chainclient.Block) error {
		// a clock that could not be read stays as it was: Age tells
		_ = c.look(ctx, b.Height, b.Time)
		events := b.Events
		for _, tx := range b.Txs {
			events = append(events, tx.Events...)
		}
		concerned := false
		for _, e := range events {
			if e, ok := e.(*streamtypes.EventLaneClosing); ok {
				closing(e)
			}
			concerned = concerned || c.concerns(e)
		}
		if concerned {
			changed()
		}
		return nil
	})
}

func (c *Chain) concerns(e proto.Message) bool {
	switch e := e.(type) {
	case *storagetypes.EventDealRequested:
		return e.Deal.Operator == c.operator
	case *storagetypes.EventDealEnded:
		return e.Operator == c.operator
	case *storagetypes.EventDealAccepted:
		return true // perhaps of a work that this node waits for
	case *storagetypes.EventPeriodOpened, *storagetypes.EventRepairOpened:
		return true
	case *storagetypes.EventKeySetDrawn, *storagetypes.EventKeySetDealt, *storagetypes.EventKeySetActive:
		return true // perhaps of a set that this node hands over, which does not stand in the event
	}
	return false
}

// Agent is the address that signs.
func (c *Chain) Agent() string { return c.signer.Address().String() }

// PubKey is the agent's, compressed.
func (c *Chain) PubKey() []byte { return c.signer.PubKey().Bytes() }

// Sign signs as the agent.
func (c *Chain) Sign(msg []byte) ([]byte, error) { return c.signer.Sign(msg) }

// is replaces what gRPC makes of "not found" by the module's own error.
func is(err error, missing error) error {
	if status.Code(err) == codes.NotFound {
		return missing
	}
	return err
}

// Access asks x/subscription; a work that the chain does not know is not offered.
func (c *Chain) Access(ctx context.Context, viewer, work string) (subtypes.AccessDecision, error) {
	res, err := subtypes.NewQueryClient(c.Conn()).Access(ctx, &subtypes.QueryAccessRequest{Work: work, Viewer: viewer})
	if code := status.Code(err); code == codes.NotFound || code == codes.InvalidArgument {
		return subtypes.AccessDecision{Work: work, Reason: subtypes.ReasonNotOffered}, nil
	}
	if err != nil {
		return subtypes.AccessDecision{}, err
	}
	return res.Decision, nil
}

// SessionKey asks x/stream.
func (c *Chain) SessionKey(ctx context.Context, owner string, pubkey []byte) (streamtypes.SessionKey, error) {
	res, err := streamtypes.NewQueryClient(c.Conn()).SessionKey(ctx, &streamtypes.QuerySessionKeyRequest{Owner: owner, Pubkey: hex.EncodeToString(pubkey)})
	if err != nil {
		return streamtypes.SessionKey{}, is(err, streamtypes.ErrKeyNotFound)
	}
	return res.Key, nil
}

// StreamParams asks x/stream.
func (c *Chain) StreamParams(ctx context.Context) (streamtypes.Params, error) {
	res, err := streamtypes.NewQueryClient(c.Conn()).Params(ctx, &streamtypes.QueryParamsRequest{})
	if err != nil {
		return streamtypes.Params{}, err
	}
	return res.Params, nil
}

// NextGeneration asks x/stream.
func (c *Chain) NextGeneration(ctx context.Context, owner string) (uint64, error) {
	res, err := streamtypes.NewQueryClient(c.Conn()).NextGeneration(ctx, &streamtypes.QueryNextGenerationRequest{Owner: owner, Provider: c.operator})
	if err != nil {
		return 0, err
	}
	return res.Generation, nil
}

// FreeEscrow asks x/stream.
func (c *Chain) FreeEscrow(ctx context.Context, owner, denom string) (math.Int, error) {
	res, err := streamtypes.NewQueryClient(c.Conn()).Escrow(ctx, &streamtypes.QueryEscrowRequest{Owner: owner, Denom: denom})
	if err != nil {
		return math.Int{}, err
	}
	return res.Free, nil
}

// Lane asks x/stream.
func (c *Chain) Lane(ctx context.Context, owner, denom string) (streamtypes.Lane, error) {
	res, err := streamtypes.NewQueryClient(c.Conn()).Lane(ctx, &streamtypes.QueryLaneRequest{Owner: owner, Denom: denom, Provider: c.operator})
	if err != nil {
		return streamtypes.Lane{}, is(err, streamtypes.ErrLaneNotFound)
	}
	return res.Lane, nil
}

// Deal asks x/storage.
func (c *Chain) Deal(ctx context.Context, work, operator string) (storagetypes.Deal, error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).Deal(ctx, &storagetypes.QueryDealRequest{Work: work, Operator: operator})
	if err != nil {
		return storagetypes.Deal{}, is(err, storagetypes.ErrDealNotFound)
	}
	return res.Deal, nil
}

// Provider asks x/storage.
func (c *Chain) Provider(ctx context.Context, operator string) (storagetypes.Provider, error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).Provider(ctx, &storagetypes.QueryProviderRequest{Operator: operator})
	if err != nil {
		return storagetypes.Provider{}, is(err, storagetypes.ErrProviderNotFound)
	}
	return res.Provider, nil
}

// Deals asks x/storage for all of this provider's.
func (c *Chain) Deals(ctx context.Context) ([]storagetypes.Deal, error) {
	var out []storagetypes.Deal
	q, page := storagetypes.NewQueryClient(c.Conn()), &query.PageRequest{Limit: 100}
	for {
		res, err := q.DealsByProvider(ctx, &storagetypes.QueryDealsByProviderRequest{Operator: c.operator, Pagination: page})
		// a provider that is not registered yet has no deals
		if status.Code(err) == codes.NotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, res.Deals...)
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			return out, nil
		}
		page = &query.PageRequest{Key: res.Pagination.NextKey, Limit: 100}
	}
}

// DealsOf asks x/storage.
func (c *Chain) DealsOf(ctx context.Context, work string) ([]storagetypes.Deal, error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).DealsByWork(ctx, &storagetypes.QueryDealsByWorkRequest{Work: work})
	if err != nil {
		return nil, err
	}
	return res.Deals, nil
}

// Work asks x/content.
func (c *Chain) Work(ctx context.Context, id string) (contenttypes.Work, error) {
	res, err := contenttypes.NewQueryClient(c.Conn()).Work(ctx, &contenttypes.QueryWorkRequest{Work: id})
	if err != nil {
		return contenttypes.Work{}, is(err, contenttypes.ErrWorkNotFound)
	}
	return res.Work, nil
}

// CreatorOf asks x/content.
func (c *Chain) CreatorOf(ctx context.Context, controller string) (string, error) {
	res, err := contenttypes.NewQueryClient(c.Conn()).CreatorByController(ctx, &contenttypes.QueryCreatorByControllerRequest{Controller: controller})
	if err != nil {
		return "", is(err, contenttypes.ErrCreatorNotFound)
	}
	return res.Creator.Id, nil
}

// send broadcasts msgs and decodes the first response.
func (c *Chain) send(ctx context.Context, out proto.Message, msgs ...sdk.Msg) (*chainclient.TxResult, error) {
	res, err := c.Broadcast(ctx, c.signer, msgs...)
	if err != nil || out == nil {
		return res, err
	}
	var data sdk.TxMsgData
	if err := proto.Unmarshal(res.Data, &data); err != nil {
		return res, err
	}
	if len(data.MsgResponses) == 0 {
		return res, errors.New("the chain's answer has no results")
	}
	return res, proto.Unmarshal(data.MsgResponses[0].Value, out)
}

// OpenLanes submits lane intents.
func (c *Chain) OpenLanes(ctx context.Context, intents []streamtypes.LaneIntent) ([]streamtypes.ItemResult, string, error) {
	var out streamtypes.MsgOpenLanesResponse
	res, err := c.send(ctx, &out, &streamtypes.MsgOpenLanes{Submitter: c.Agent(), Intents: intents})
	if err != nil {
		return nil, "", err
	}
	return out.Results, res.Hash, nil
}

// Settle submits settlements.
func (c *Chain) Settle(ctx context.Context, items []streamtypes.Settlement) ([]streamtypes.ItemResult, error) {
	var out streamtypes.MsgSettleResponse
	_, err := c.send(ctx, &out, &streamtypes.MsgSettle{Submitter: c.Agent(), Settlements: items})
	return out.Results, err
}

// CloseLanes closes lanes, all or none.
func (c *Chain) CloseLanes(ctx context.Context, lanes []ledger.LaneID) error {
	msgs := make([]sdk.Msg, len(lanes))
	for i, l := range lanes {
		msgs[i] = &streamtypes.MsgCloseLane{Agent: c.Agent(), Owner: l.Owner, Denom: l.Denom, Generation: l.Generation}
	}
	_, err := c.send(ctx, nil, msgs...)
	return err
}

// AcceptDeal promises to keep a work.
func (c *Chain) AcceptDeal(ctx context.Context, work string, root []byte, size uint64) error {
	_, err := c.send(ctx, nil, &storagetypes.MsgAcceptDeal{Agent: c.Agent(), Work: work, PieceRoot: root, PieceSize: size})
	return err
}
