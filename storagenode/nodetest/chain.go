// Package nodetest has what the tests of a storage node share: a chain in memory that answers what a node
// asks, viewers with session keys, works with deals. It decides nothing that the real modules decide but what
// a test tells it.
package nodetest

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// ChainID is the test chain's id.
const ChainID = "test-1"

// ErrDown is what a chain says that is down.
var ErrDown = errors.New("the chain is down")

func init() { token.Configure() }

// Account makes an account's key and address from a name.
func Account(name string) (*secp256k1.PrivKey, sdk.AccAddress) {
	key := secp256k1.GenPrivKeyFromSecret([]byte(name))
	return key, sdk.AccAddress(key.PubKey().Address())
}

// Address is an account's address as text.
func Address(name string) string {
	_, a := Account(name)
	return a.String()
}

// WorkID makes a work's id from a name.
func WorkID(name string) string { return manifest.WorkID(sha256.Sum256([]byte(name))).String() }

// SessionKey makes a session key from a name.
func SessionKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("session/" + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Chain is a chain in memory, as the provider of operator "op" sees it; set its fields under Mu.
type Chain struct {
	Mu         sync.Mutex
	Operator   string
	Live       int64
	Block      int64 // the newest one's height
	Tip        time.Duration
	Down       bool
	Params     streamtypes.Params
	Decisions  map[string]subtypes.AccessDecision // by viewer + "/" + root
	Keys       map[string]streamtypes.SessionKey  // by owner + "/" + key
	Escrows    map[string]math.Int                // free, by owner
	Gens       map[string]uint64                  // last, by owner
	Lanes      map[string]streamtypes.Lane        // by owner + "/" + denom
	Settled    map[string]uint32                  // by owner, generation, session
	Works      map[string]contenttypes.Work
	Creators   map[string]string            // creator id by controller's address
	DealRows   map[string]storagetypes.Deal // by work + "/" + operator
	Providers  map[string]storagetypes.Provider
	Storage    storagetypes.Params
	RepairRows map[string]storagetypes.Repair // by work + "/" + operator
	Refused    map[string]string              // the denylist's name by work
	AgentKey   *secp256k1.PrivKey
	Changed    chan struct{}                      // pokes who follows
	Closing    chan *streamtypes.EventLaneClosing // tells who follows
	Txs        int
	Restricted map[string]bool
	Slow       time.Duration  // that OpenLanes takes
	Asked      map[string]int // queries by name
	Game       Game
	Sets       *KeySets
	Uses       Uses
}

// NewChain returns an empty chain of the provider with operator and agent.
func NewChain(operator, agent string) *Chain {
	return &Chain{
		Operator: operator, Live: time.Now().Unix(), Block: 7, Params: streamtypes.DefaultParams(),
		Decisions: map[string]subtypes.AccessDecision{}, Keys: map[string]streamtypes.SessionKey{}, Escrows: map[string]math.Int{}, Gens: map[string]uint64{},
		Lanes: map[string]streamtypes.Lane{}, Settled: map[string]uint32{}, Works: map[string]contenttypes.Work{}, Creators: map[string]string{},
		Storage: storagetypes.DefaultParams(), RepairRows: map[string]storagetypes.Repair{}, Refused: map[string]string{},
		DealRows: map[string]storagetypes.Deal{}, Asked: map[string]int{}, Changed: make(chan struct{}, 16), Closing: make(chan *streamtypes.EventLaneClosing, 16),
		Providers: map[string]storagetypes.Provider{operator: {Operator: operator, Agent: agent, Status: storagetypes.PROVIDER_STATUS_ACTIVE, PricePerGibDay: math.NewInt(10), Bond: math.NewInt(1000)}},
		Game:      newGame(operator),
		Sets:      NewKeySets(),
	}
}

func (c *Chain) begin(name string) (func(), error) {
	c.Mu.Lock()
	c.Asked[name]++
	if c.Down {
		return c.Mu.Unlock, ErrDown
	}
	return c.Mu.Unlock, nil
}

// Grant lets key sign for owner.
func (c *Chain) Grant(owner string, key ed25519.PrivateKey, scope streamtypes.SessionKeyScope) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	pub := key.Public().(ed25519.PublicKey)
	c.Keys[owner+"/"+string(pub)] = streamtypes.SessionKey{Owner: owner, Pubkey: pub, Expires: c.Live + 7200, Scope: scope}
}

// Decide sets what Access says.
func (c *Chain) Decide(viewer, root string, d subtypes.AccessDecision) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	d.Work = root
	c.Decisions[viewer+"/"+root] = d
}

// Metered is a refusal that offers ticks of a second.
func Metered(price uint64, preview uint32) subtypes.AccessDecision {
	p := math.NewIntFromUint64(price)
	return subtypes.AccessDecision{
		Reason: subtypes.ReasonPaymentRequired, Metered: &subtypes.MeteredOffer{PricePerTick: p, TickSeconds: 1, PreviewSeconds: preview},
		Offers: []subtypes.OfferCost{{Kind: subtypes.OFFER_KIND_METERED, Price: sdk.NewCoin(token.BaseDenom, p), Seconds: 1}},
	}
}

// Access answers like x/subscription; what was not decided is refused.
func (c *Chain) Access(_ context.Context, viewer, work string) (subtypes.AccessDecision, error) {
	done, err := c.begin("access")
	defer done()
	d, ok := c.Decisions[viewer+"/"+work]
	if !ok && viewer != "" {
		d, ok = c.Decisions["/"+work]
	}
	if !ok {
		d = subtypes.AccessDecision{Work: work, Reason: subtypes.ReasonNotOffered}
	}
	return d, err
}

// SessionKey answers like x/stream.
func (c *Chain) SessionKey(_ context.Context, owner string, pubkey []byte) (streamtypes.SessionKey, error) {
	done, err := c.begin("key")
	defer done()
	k, ok := c.Keys[owner+"/"+string(pubkey)]
	if err == nil && !ok {
		err = streamtypes.ErrKeyNotFound
	}
	return k, err
}

// StreamParams answers like x/stream.
func (c *Chain) StreamParams(context.Context) (streamtypes.Params, error) {
	done, err := c.begin("params")
	defer done()
	return c.Params, err
}

// NextGeneration answers like x/stream.
func (c *Chain) NextGeneration(_ context.Context, owner string) (uint64, error) {
	done, err := c.begin("generation")
	defer done()
	return c.Gens[owner] + 1, err
}

// FreeEscrow answers like x/stream.
func (c *Chain) FreeEscrow(_ context.Context, owner, _ string) (math.Int, error) {
	done, err := c.begin("escrow")
	defer done()
	if v, ok := c.Escrows[owner]; ok {
		return v, err
	}
	return math.ZeroInt(), err
}

// Lane answers like x/stream.
func (c *Chain) Lane(_ context.Context, owner, denom string) (streamtypes.Lane, error) {
	done, err := c.begin("lane")
	defer done()
	l, ok := c.Lanes[owner+"/"+denom]
	if err == nil && !ok {
		err = streamtypes.ErrLaneNotFound
	}
	return l, err
}

// OpenLanes opens those that the escrow covers.
func (c *Chain) OpenLanes(_ context.Context, intents []streamtypes.LaneIntent) ([]streamtypes.ItemResult, string, error) {
	time.Sleep(c.Slow)
	done, err := c.begin("open")
	defer done()
	if err != nil {
		return nil, "", err
	}
	c.Txs++
	var out []streamtypes.ItemResult
	for _, i := range intents {
		id := i.EscrowOwner + "/" + i.Denom
		free, ok := c.Escrows[i.EscrowOwner]
		limit := math.NewIntFromUint64(i.Cap)
		switch {
		case i.Generation != c.Gens[i.EscrowOwner]+1:
			out = append(out, streamtypes.ItemResult{Codespace: "stream", Code: streamtypes.ErrGeneration.ABCICode(), Text: streamtypes.ErrGeneration.Error()})
			continue
		case !ok || free.LT(limit):
			out = append(out, streamtypes.ItemResult{Codespace: "stream", Code: streamtypes.ErrInsufficientEscrow.ABCICode(), Text: streamtypes.ErrInsufficientEscrow.Error()})
			continue
		}
		c.Escrows[i.EscrowOwner] = free.Sub(limit)
		c.Gens[i.EscrowOwner] = i.Generation
		c.Lanes[id] = streamtypes.Lane{
			Owner: i.EscrowOwner, Denom: i.Denom, Provider: i.Provider, Generation: i.Generation, Pubkey: i.Pubkey, Cap: i.Cap,
			OpenedAt: c.Live, Expires: i.Expires, ClosesAt: i.Expires + c.Params.SettleGraceSeconds, EndsAt: i.Expires + c.Params.SettleGraceSeconds,
		}
		out = append(out, streamtypes.ItemResult{})
	}
	return out, fmt.Sprintf("%064x", c.Txs), nil
}

// Settle pays like x/stream, checking words and caps.
func (c *Chain) Settle(_ context.Context, items []streamtypes.Settlement) ([]streamtypes.ItemResult, error) {
	done, err := c.begin("settle")
	defer done()
	if err != nil {
		return nil, err
	}
	c.Txs++
	var out []streamtypes.ItemResult
	for _, it := range items {
		r, err := c.settle(it)
		if err != nil {
			r = streamtypes.ItemResult{Codespace: "stream", Code: 32, Text: err.Error()}
		}
		out = append(out, r)
	}
	return out, nil
}

func (c *Chain) settle(it streamtypes.Settlement) (r streamtypes.ItemResult, err error) {
	s := it.Session
	id := s.EscrowOwner + "/" + s.Denom
	lane, ok := c.Lanes[id]
	if !ok || lane.Generation != s.Generation || c.Live > lane.ClosesAt {
		return streamtypes.ItemResult{Codespace: "stream", Code: streamtypes.ErrLaneEnded.ABCICode(), Text: "ended"}, nil
	}
	v, err := s.Voucher()
	if err != nil || !v.Verify(lane.Pubkey, s.Signature) {
		return r, errors.New("signature")
	}
	salt := v.Salt()
	if c.Restricted[s.Work] {
		return streamtypes.ItemResult{Codespace: "stream", Code: streamtypes.ErrWorkRestricted.ABCICode(), Text: "restricted"}, nil
	}
	row := settledKey(id, s)
	if !voucher.Check(&salt, v.Root, voucher.Word(it.Word), it.N) {
		return r, errors.New("word")
	}
	if it.N <= c.Settled[row] {
		return streamtypes.ItemResult{Codespace: "stream", Code: streamtypes.ErrStale.ABCICode(), Text: "stale"}, nil
	}
	paid := uint64(it.N-c.Settled[row]) * s.PricePerTick
	if paid > lane.Cap-lane.Spent {
		return r, errors.New("over cap")
	}
	lane.Spent += paid
	c.Lanes[id], c.Settled[row] = lane, it.N
	return streamtypes.ItemResult{Paid: paid}, nil
}

func settledKey(id string, s streamtypes.Session) string {
	return fmt.Sprintf("%s/%d/%d", id, s.Generation, s.Session)
}

// CloseLanes gives the rest back, of all or none, as if nobody else had words of them: Close has the grace that a real chain gives.
func (c *Chain) CloseLanes(_ context.Context, lanes []ledger.LaneID) error {
	done, err := c.begin("close")
	defer done()
	for _, l := range lanes {
		switch lane, ok := c.Lanes[l.Owner+"/"+l.Denom]; {
		case err != nil:
		case !ok || lane.Generation != l.Generation:
			err = streamtypes.ErrLaneNotFound
		case lane.Closing():
			err = streamtypes.ErrLaneClosing
		}
	}
	if err != nil {
		return err
	}
	c.Txs++
	for _, l := range lanes {
		lane := c.Lanes[l.Owner+"/"+l.Denom]
		delete(c.Lanes, l.Owner+"/"+l.Denom)
		c.Escrows[l.Owner] = c.Escrows[l.Owner].Add(math.NewIntFromUint64(lane.Cap - lane.Spent))
	}
	return nil
}

// Deal answers like x/storage.
func (c *Chain) Deal(_ context.Context, work, operator string) (storagetypes.Deal, error) {
	done, err := c.begin("deal")
	defer done()
	d, ok := c.DealRows[work+"/"+operator]
	if err == nil && !ok {
		err = storagetypes.ErrDealNotFound
	}
	return d, err
}

// Provider answers like x/storage.
func (c *Chain) Provider(_ context.Context, operator string) (storagetypes.Provider, error) {
	done, err := c.begin("provider")
	defer done()
	p, ok := c.Providers[operator]
	if err == nil && !ok {
		err = storagetypes.ErrProviderNotFound
	}
	return p, err
}

// Work answers like x/content.
func (c *Chain) Work(_ context.Context, id string) (contenttypes.Work, error) {
	done, err := c.begin("work")
	defer done()
	w, ok := c.Works[id]
	if err == nil && !ok {
		err = contenttypes.ErrWorkNotFound
	}
	return w, err
}

// CreatorOf answers like x/content.
func (c *Chain) CreatorOf(_ context.Context, controller string) (string, error) {
	done, err := c.begin("creator")
	defer done()
	id, ok := c.Creators[controller]
	if err == nil && !ok {
		err = contenttypes.ErrCreatorNotFound
	}
	return id, err
}

// Deals lists this provider's.
func (c *Chain) Deals(context.Context) ([]storagetypes.Deal, error) {
	done, err := c.begin("deals")
	defer done()
	var out []storagetypes.Deal
	for _, d := range c.DealRows {
		if d.Operator == c.Operator {
			out = append(out, d)
		}
	}
	return out, err
}

// DealsOf lists a work's.
func (c *Chain) DealsOf(_ context.Context, work string) ([]storagetypes.Deal, error) {
	done, err := c.begin("deals of")
	defer done()
	var out []storagetypes.Deal
	for _, d := range c.DealRows {
		if d.Work == work {
			out = append(out, d)
		}
	}
	return out, err
}

// AcceptDeal checks the piece like x/storage.
func (c *Chain) AcceptDeal(_ context.Context, work string, root []byte, size uint64) error {
	done, err := c.begin("accept")
	defer done()
	if err != nil {
		return err
	}
	w, id := c.Works[work], work+"/"+c.Operator
	if string(w.PieceRoot) != string(root) || w.PieceSize != size {
		return storagetypes.ErrPieceMismatch
	}
	d, ok := c.DealRows[id]
	if !ok {
		return storagetypes.ErrDealNotFound
	}
	d.Status = storagetypes.DEAL_STATUS_ACTIVE
	c.DealRows[id] = d
	c.Txs++
	return nil
}

// Now implements admit.Chain.
func (c *Chain) Now() int64 {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	return c.Live
}

// Age implements admit.Chain.
func (c *Chain) Age() time.Duration {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	return c.Tip
}

// ChainID implements storagenode.Backend.
func (c *Chain) ChainID() string { return ChainID }

// Height implements storagenode.Backend.
func (c *Chain) Height() int64 {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	return c.Block
}

// Agent implements storagenode.Backend.
func (c *Chain) Agent() string { return sdk.AccAddress(c.AgentKey.PubKey().Address()).String() }

// PubKey implements storagenode.Backend.
func (c *Chain) PubKey() []byte { return c.AgentKey.PubKey().Bytes() }

// Sign implements storagenode.Backend.
func (c *Chain) Sign(msg []byte) ([]byte, error) { return c.AgentKey.Sign(msg) }

// Follow implements storagenode.Backend.
func (c *Chain) Follow(ctx context.Context, changed func(), closing func(*streamtypes.EventLaneClosing)) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.Changed:
			changed()
		case e := <-c.Closing:
			closing(e)
		}
	}
}

// Session makes a signed session and its hash chain.
func Session(owner, operator, work string, generation, number, price uint64, maxTicks uint32, expires int64, key ed25519.PrivateKey) (streamtypes.Session, *voucher.Chain) {
	s := streamtypes.Session{
		ChainId: ChainID, EscrowOwner: owner, Denom: token.BaseDenom, Provider: operator, Generation: generation, Session: number, Work: work,
		PricePerTick: price, TickSeconds: 1, MaxTicks: maxTicks, Root: make([]byte, 32), Expires: expires, Pubkey: key.Public().(ed25519.PublicKey),
	}
	v, err := s.Voucher()
	if err != nil {
		panic(err)
	}
	words := voucher.NewChain(&v, [32]byte{byte(number)})
	s.Root = v.Root[:]
	s.Signature = v.Sign(key)
	return s, words
}

// Intent makes a signed lane intent.
func Intent(owner, operator string, generation, limit uint64, submitBy, expires int64, key ed25519.PrivateKey) streamtypes.LaneIntent {
	i := streamtypes.LaneIntent{
		ChainId: ChainID, EscrowOwner: owner, Denom: token.BaseDenom, Provider: operator, Generation: generation, Cap: limit,
		SubmitBy: submitBy, Expires: expires, Pubkey: key.Public().(ed25519.PublicKey),
	}
	v, err := i.Voucher()
	if err != nil {
		panic(err)
	}
	i.Signature = v.Sign(key)
	return i
}
