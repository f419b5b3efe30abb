package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/indexer/api"
	"github.com/streamchain/streamchain/indexer/feeds"
	"github.com/streamchain/streamchain/indexer/feeds/wire"
	"github.com/streamchain/streamchain/indexer/project"
	"github.com/streamchain/streamchain/indexer/store"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	genesisTime = 1_795_600_000
	site        = "https://stream.example.org"
)

// world is an index, a chain that a test writes block by block, and the API of it.
type world struct {
	testing.TB
	store  *store.Store
	p      *project.Projector
	api    *api.API
	url    string
	height int64
	time   time.Time
	txs    []chainclient.RawTx
	end    []abci.Event

	mu   sync.Mutex
	wake chan struct{}
}

type option func(*api.Config)

func newWorld(t testing.TB, options ...option) *world {
	t.Helper()
	s, err := store.Open(context.Background(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	p, err := project.New(nil)
	require.NoError(t, err)
	w := &world{TB: t, store: s, p: p, time: time.Unix(genesisTime, 0), wake: make(chan struct{})}
	require.NoError(t, s.SetChain(context.Background(), "test-1"))
	doc := fmt.Sprintf(`{"app_name":"x","genesis_time":%q,"initial_height":1,"app_state":{}}`, w.time.UTC().Format(time.RFC3339))
	require.NoError(t, p.Genesis(context.Background(), s, strings.NewReader(doc)))
	w.serve(options...)
	return w
}

// serve puts the API over the store; again after a restart.
func (w *world) serve(options ...option) {
	w.Helper()
	cfg := api.Config{
		Store: w.store, Chain: chainOf{}, URL: site, Version: "test", Changed: w.changed, ChainHeight: func() int64 { return w.height },
		App:  api.App{ChainID: "test-1", RPC: "http://127.0.0.1:26657", REST: "http://127.0.0.1:1317", GasPrice: "0.001ustream", Denom: "ustream", AllowPrivateNodes: true},
		Rate: 1e6, Burst: 1e6,
		Feeds: feeds.New(feeds.Config{ChainID: "test-1", Registry: registry{w.store}, Works: registry{w.store}, AllowNear: true, BuiltIn: []feeds.BuiltIn{{
			ID: feeds.Trending, Title: "Trending", Description: "d", Items: func(ctx context.Context, q feeds.Query) (feeds.Page, error) {
				works, cursor, err := w.store.Works(ctx, store.Filter{}, store.Trending, store.Page{Cursor: q.Cursor, Limit: q.Limit})
				page := feeds.Page{Cursor: cursor}
				for _, one := range works {
					page.Items = append(page.Items, wire.Item{Work: one.Root, Reason: "paid for"})
				}
				return page, err
			},
		}}}),
	}
	for _, o := range options {
		o(&cfg)
	}
	var err error
	w.api, err = api.New(cfg)
	require.NoError(w, err)
	srv := httptest.NewServer(w.api.Handler())
	w.url = srv.URL
	w.Cleanup(srv.Close)
}

func (w *world) changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wake
}

// registry is the index as feeds see it.
type registry struct{ s *store.Store }

func (r registry) Feeds(ctx context.Context) ([]feeds.Registered, error) {
	rows, err := r.s.FeedRows(ctx, "")
	var out []feeds.Registered
	for _, f := range rows {
		key, _ := hex.DecodeString(f.Pubkey)
		out = append(out, feeds.Registered{ID: f.ID, Owner: f.Owner, Title: f.Title, Description: f.Description, Endpoint: f.Endpoint, Key: key})
	}
	return out, err
}

func (r registry) Feed(ctx context.Context, id string) (feeds.Registered, error) {
	all, err := r.Feeds(ctx)
	for _, f := range all {
		if f.ID == id {
			return f, nil
		}
	}
	return feeds.Registered{}, errors.Join(err, feeds.ErrNotFound)
}

func (r registry) Shown(ctx context.Context, roots []string) ([]string, error) {
	works, err := r.s.WorksOf(ctx, roots)
	var out []string
	for _, w := range works {
		out = append(out, w.Root)
	}
	return out, err
}

// chainOf is the chain's own answers: of governance and transactions.
type chainOf struct{}

func (chainOf) Conn() grpc.ClientConnInterface { return chainOf{} }

func (chainOf) Prove(context.Context, string, []byte) (api.Proof, error) {
	return api.Proof{Height: 7, AppHash: []byte{1}, Value: []byte{2}, Ops: []api.ProofOp{{Type: "ics23:iavl", Key: "AQ==", Data: "Ag=="}, {Type: "ics23:simple", Key: "AQ==", Data: "Ag=="}}}, nil
}

func (chainOf) Invoke(_ context.Context, method string, _, reply any, _ ...grpc.CallOption) error {
	switch r := reply.(type) {
	case *govv1.QueryProposalResponse:
		end := time.Unix(genesisTime+1000, 0)
		r.Proposal = &govv1.Proposal{VotingEndTime: &end, FinalTallyResult: &govv1.TallyResult{YesCount: "1", NoCount: "2", AbstainCount: "3", NoWithVetoCount: "4"}}
	case *governancetypes.QueryOutlookResponse:
		r.Rule = governancetypes.Rule{Track: governancetypes.TRACK_TREASURY, ApprovalBps: 6000, TurnoutBps: 2000, TimelockSeconds: 9, House: true}
		r.Tally = governancetypes.Tally{Yes: "50", No: "6", Veto: "7", Abstain: "8", Bonded: "900"}
		r.House = governancetypes.House{Seats: 5, Yes: "2", Against: "1", Abstain: "0"}
	case *txtypes.GetTxResponse:
		r.Tx = &txtypes.Tx{Body: &txtypes.TxBody{}}
		for _, m := range []proto.Message{&streamtypes.MsgCloseLane{Agent: addr("a"), Owner: addr("watcher")}, &streamtypes.MsgTip{Payer: addr("viewer"), Subject: "film", Amount: ustream(1_000_000)}} {
			packed, err := codectypes.NewAnyWithValue(m)
			if err != nil {
				return err
			}
			r.Tx.Body.Messages = append(r.Tx.Body.Messages, packed)
		}
	default:
		return fmt.Errorf("the chain does not answer %s", method)
	}
	return nil
}

func (chainOf) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("no streams")
}

func sum(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

func addr(name string) string { return sdk.AccAddress(sum(name)[:20]).String() }

func creatorID(name string) string { return contenttypes.NewCreatorID(sum(name)[:20]).String() }

func fileCID(name string) string {
	mh, err := multihash.Encode(sum(name), multihash.SHA2_256)
	if err != nil {
		panic(err)
	}
	return cid.NewCidV1(cid.DagProtobuf, mh).String()
}

func ustream(n int64) sdk.Coin { return sdk.NewInt64Coin("ustream", n) }

func event(t testing.TB, e proto.Message, attrs ...string) abci.Event {
	t.Helper()
	typed, err := sdk.TypedEventToEvent(e)
	require.NoError(t, err)
	return with(abci.Event(typed), attrs...)
}

func plain(name string, attrs ...string) abci.Event { return with(abci.Event{Type: name}, attrs...) }

func with(e abci.Event, attrs ...string) abci.Event {
	for i := 0; i < len(attrs); i += 2 {
		e.Attributes = append(e.Attributes, abci.EventAttribute{Key: attrs[i], Value: attrs[i+1]})
	}
	return e
}

// tx adds a transaction with the events of what it did, and returns its hash.
func (w *world) tx(msgs []proto.Message, events ...proto.Message) string {
	w.Helper()
	var all []abci.Event
	for _, e := range events {
		all = append(all, event(w, e, "msg_index", "0"))
	}
	return w.raw(msgs, all...)
}

func (w *world) raw(msgs []proto.Message, events ...abci.Event) string {
	w.Helper()
	var body txtypes.TxBody
	for _, m := range msgs {
		packed, err := codectypes.NewAnyWithValue(m)
		require.NoError(w, err)
		body.Messages = append(body.Messages, packed)
	}
	rawBody, err := proto.Marshal(&body)
	require.NoError(w, err)
	raw, err := proto.Marshal(&txtypes.TxRaw{BodyBytes: rawBody})
	require.NoError(w, err)
	hash := fmt.Sprintf("%060d%04d", w.height+1, len(w.txs))
	fee := plain("tx", "fee", "200ustream", "fee_payer", addr("viewer"))
	w.txs = append(w.txs, chainclient.RawTx{Hash: hash, Bytes: raw, Events: append([]abci.Event{fee}, events...)})
	return hash
}

// ends adds events of the block's end.
func (w *world) ends(events ...proto.Message) {
	w.Helper()
	for _, e := range events {
		w.end = append(w.end, event(w, e, "mode", "EndBlock"))
	}
}

// commit puts the drafted block in, and tells who waits for it.
func (w *world) commit() {
	w.Helper()
	w.time = w.time.Add(time.Second)
	block := chainclient.RawBlock{Height: w.height + 1, Time: w.time, Hash: fmt.Sprintf("H%d", w.height+1), LastHash: fmt.Sprintf("H%d", w.height), AppHash: "00", Txs: w.txs, Events: w.end}
	w.txs, w.end = nil, nil
	require.NoError(w, w.store.Write(context.Background(), func(tx *store.Tx) error { return w.p.Block(tx, block) }))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.height++
	close(w.wake)
	w.wake = make(chan struct{})
}

// work is a publication by somebody.
type work struct {
	by, title, kind, language, description, licence string
	tags                                            []string
	cover                                           bool
}

// publish drafts a transaction that publishes a work, and returns its root.
func (w *world) publish(of work) string {
	w.Helper()
	if of.kind == "" {
		of.kind = "video"
	}
	if of.licence == "" {
		of.licence = "CC0-1.0"
	}
	m := &contenttypes.MsgPublish{
		Controller: addr(of.by), Creator: creatorID(of.by), Kind: of.kind, Title: of.title, Language: of.language, Description: of.description, Tags: of.tags, DurationSeconds: 60, Licence: of.licence,
		Media: fileCID("media of " + of.title), PieceRoot: sum(of.title), PieceSize: 1024,
	}
	if of.cover {
		m.Cover = fileCID("cover of " + of.title)
	}
	man, err := m.Manifest()
	require.NoError(w, err)
	link, err := man.CID()
	require.NoError(w, err, of.title)
	id := link.String()
	w.tx([]proto.Message{m}, &contenttypes.EventWorkPublished{
		Cid: id, Root: id, Creator: m.Creator, Kind: m.Kind, Title: m.Title, Language: m.Language, Description: m.Description, Tags: m.Tags, DurationSeconds: m.DurationSeconds,
		Media: m.Media, Cover: m.Cover, PieceRoot: m.PieceRoot, PieceSize: m.PieceSize, Licence: m.Licence, Version: 1, PublishedAt: w.time.Unix(), CommittedAt: w.time.Unix(), Deposit: math.NewInt(1),
	})
	return id
}

// register drafts creators whose handles are their names.
func (w *world) register(names ...string) {
	w.Helper()
	for _, n := range names {
		w.tx(nil, &contenttypes.EventCreatorRegistered{Creator: creatorID(n), Controller: addr(n), RegisteredAt: genesisTime + 1},
			&contenttypes.EventHandleSet{Creator: creatorID(n), Handle: n, Deposit: math.NewInt(1), Returned: math.ZeroInt()})
	}
}

func (w *world) sell(creator, subject string, offers ...subscriptiontypes.Offer) {
	w.Helper()
	w.tx(nil, &subscriptiontypes.EventOffersSet{Creator: creatorID(creator), List: subscriptiontypes.OfferList{Work: subject, Version: 1, Offers: offers, SetAt: 7}})
}

func free() subscriptiontypes.Offer {
	return subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Free{Free: &subscriptiontypes.FreeOffer{}}}
}

func forSale(price int64) subscriptiontypes.Offer {
	return subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Purchase{Purchase: &subscriptiontypes.PurchaseOffer{Price: ustream(price)}}}
}

// paid is a payment of which a tenth goes to others.
func paid(rail revenuetypes.Rail, subject, creator, payer string, gross int64) *revenuetypes.EventDistributed {
	part := func(bps int64) math.Int { return math.NewInt(gross * bps / 10_000) }
	return &revenuetypes.EventDistributed{
		Subject: subject, Creator: creatorID(creator), Payer: addr(payer), Rail: rail, Gross: ustream(gross), CreatorPart: part(9000), ServerPart: part(100), KeyHoldersPart: part(50), EndowmentPart: part(50),
		StoragePoolPart: part(100), StakersPart: part(200), TreasuryPart: part(300), ParticipationPart: part(100), BurnPart: part(100), Discount: math.ZeroInt(), RoyaltyPart: math.ZeroInt(),
		ParentsPart: math.ZeroInt(), Credits: []revenuetypes.Credit{{Recipient: creatorID(creator), Amount: part(9000)}}, Reference: "ref",
	}
}

func (w *world) node(name string, works ...string) {
	w.Helper()
	w.tx(nil, &storagetypes.EventProviderRegistered{Provider: storagetypes.Provider{
		Operator: addr(name), Agent: addr(name + "agent"), Endpoints: []string{"https://" + name + ".example.org"}, Region: "r-" + name, CapacityBytes: 1<<64 - 1, PricePerGibDay: math.NewInt(7),
		Bond: math.NewInt(1000), Status: storagetypes.PROVIDER_STATUS_ACTIVE, RegisteredAt: 5,
	}})
	for _, id := range works {
		w.tx(nil, &storagetypes.EventDealAccepted{Deal: storagetypes.Deal{
			Work: id, Operator: addr(name), Root: id, Status: storagetypes.DEAL_STATUS_ACTIVE, PieceSize: 1 << 63, Rate: math.NewInt(5), Bounty: math.ZeroInt(), BountyLeft: math.ZeroInt(), MaxRate: math.NewInt(9),
		}})
	}
}

// town is a world in which everything that the API shows has happened.
type town struct {
	*world
	film, song, derived, retired string
	collection, template, sale   string // sale is the transaction of a purchase
	failed                       string
}

func newTown(t testing.TB, options ...option) *town {
	t.Helper()
	w := &town{world: newWorld(t, options...)}
	w.register("alice", "bob", "carol")
	w.commit()
	w.film = w.publish(work{by: "alice", title: "Die Straße im Café", kind: "video", language: "de", description: "Ein Film über Nächte", tags: []string{"film", "night"}, cover: true})
	w.song = w.publish(work{by: "alice", title: "Midnight Serenade", kind: "audio", language: "en", licence: "CC-BY-4.0", tags: []string{"night"}, cover: true})
	w.derived = w.publish(work{by: "bob", title: "東京の夜の歌", kind: "audio", language: "ja", description: "remix"})
	w.retired = w.publish(work{by: "bob", title: "Gone by now"})
	w.node("a", w.film, w.song)
	w.node("b", w.film)
	w.commit()
	w.tx(nil, &contenttypes.EventWorkRetired{Root: w.retired, Creator: creatorID("bob")})
	w.shops()
	w.commit()
	w.money()
	w.commit()
	w.community()
	w.commit()
	w.ends(paid(revenuetypes.RAIL_PURCHASE, w.film, "alice", "viewer", 100_000), &revenuetypes.EventReleased{HoldId: "h-1", Payer: addr("viewer"), Subject: w.film, Gross: ustream(100_000)})
	w.ends(&streamtypes.EventEmitted{Stakers: math.NewInt(1000), Storage: math.NewInt(10), Participation: math.NewInt(1)})
	w.end = append(w.end, plain("burn", "burner", addr("m"), "amount", "77ustream", "mode", "EndBlock"))
	w.commit()
	return w
}

func (w *town) shops() {
	w.Helper()
	w.sell("alice", w.film, forSale(100_000), subscriptiontypes.NewMeteredOffer(math.NewInt(9), 2, 3))
	w.sell("alice", w.song, free())
	w.template = addr("t") + "/1"
	w.tx(nil, &subscriptiontypes.EventTemplatePublished{Template: subscriptiontypes.Template{Id: w.template, Author: addr("t"), Title: "Three for two", Access: "true", Price: "1", Refund: "0", Version: 1, Deposit: ustream(1), RoyaltyBps: 50}})
	w.sell("bob", w.derived, subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Template{Template: &subscriptiontypes.TemplateOffer{Terms: subscriptiontypes.TemplateTerms{
		Template: w.template, Args: []subscriptiontypes.TemplateArg{{Name: "n", Value: subscriptiontypes.TemplateValue{Type: subscriptiontypes.TEMPLATE_TYPE_INT, Number: 5}}},
	}}}})
	w.collection = creatorID("alice") + "/1"
	w.tx(nil, &contenttypes.EventCollectionCreated{Creator: creatorID("alice"), Works: []string{w.song, w.film}, Collection: contenttypes.Collection{
		Id: w.collection, Kind: contenttypes.COLLECTION_KIND_ALBUM, Title: "Nights", Works: 2, Version: 1, CreatedAt: genesisTime, UpdatedAt: genesisTime,
	}})
	w.tx(nil, &subscriptiontypes.EventPlanCreated{Creator: creatorID("alice"), Works: []string{w.film}, Plan: subscriptiontypes.Plan{
		Id: creatorID("alice") + "/2", Title: "Monthly", Price: ustream(7), PeriodSeconds: 60, Coverage: subscriptiontypes.COVERAGE_LISTED, Works: 1, CreatedAt: 4,
	}})
	w.tx(nil, &subscriptiontypes.EventPassCreated{Pass: subscriptiontypes.Pass{Id: "pass-1", Curator: addr("c"), Title: "Pass", Price: ustream(9), PeriodSeconds: 60, CreatedAt: 5, Creators: 1}, Creators: []string{creatorID("bob")}},
		&subscriptiontypes.EventPassJoined{Pass: "pass-1", Creator: creatorID("bob")})
}

func (w *town) money() {
	w.Helper()
	v := addr("viewer")
	w.sale = w.tx([]proto.Message{&subscriptiontypes.MsgPurchase{Buyer: v, Work: w.film, MaxPrice: ustream(100_000)}}, &revenuetypes.EventHeld{
		HoldId: "h-1", Payer: v, Subject: w.film, Creator: creatorID("alice"), Rail: revenuetypes.RAIL_PURCHASE, Gross: ustream(100_000), Charged: ustream(100_000), Reference: "ref", ReleaseAt: genesisTime + 900,
	}, &subscriptiontypes.EventPurchased{Buyer: v, Creator: creatorID("alice"), ReleaseAt: genesisTime + 900, Entitlement: subscriptiontypes.Entitlement{Viewer: v, Work: w.film, HoldId: "h-1", BoughtAt: genesisTime, Price: ustream(100_000)}})
	w.tx(nil, &revenuetypes.EventHeld{
		HoldId: "h-2", Payer: v, Subject: w.song, Creator: creatorID("alice"), Rail: revenuetypes.RAIL_PURCHASE, Gross: ustream(5000), Charged: ustream(5000), Reference: "ref", ReleaseAt: genesisTime + 900,
	}, &subscriptiontypes.EventPurchased{Buyer: v, Creator: creatorID("alice"), ReleaseAt: genesisTime + 900, Entitlement: subscriptiontypes.Entitlement{Viewer: v, Work: w.song, HoldId: "h-2", BoughtAt: genesisTime, Price: ustream(5000)}})
	w.tx([]proto.Message{&streamtypes.MsgTip{Payer: v, Subject: w.film, Amount: ustream(50_000)}}, paid(revenuetypes.RAIL_TIP, w.film, "alice", "viewer", 50_000))
	w.tx(nil, paid(revenuetypes.RAIL_METERED, w.film, "alice", "viewer", 30_000), &streamtypes.EventSessionSettled{
		Owner: v, Provider: addr("a"), Session: 1, Work: w.film, N: 1, Ticks: 1, Paid: ustream(30_000), Submitter: addr("a"),
	})
	w.tx(nil, paid(revenuetypes.RAIL_METERED, w.song, "alice", "other", 20_000))
	w.tx(nil, paid(revenuetypes.RAIL_TIP, creatorID("bob"), "bob", "other", 10_000))
	w.tx(nil, &subscriptiontypes.EventSubscribed{Subscriber: v, Creator: creatorID("alice"), Periods: 1, Paid: ustream(7), Subscription: subscriptiontypes.Subscription{
		Viewer: v, Plan: creatorID("alice") + "/2", StartedAt: genesisTime, ExpiresAt: genesisTime + 60_000,
	}}, &subscriptiontypes.EventRenewalSet{Viewer: v, Plan: creatorID("alice") + "/2", Signer: v, Mandate: &subscriptiontypes.Mandate{Payer: v, MaxPrice: ustream(8), Renewals: 5}})
	w.failed = w.raw([]proto.Message{&streamtypes.MsgTip{Payer: v, Subject: w.film, Amount: ustream(1)}})
	last := &w.txs[len(w.txs)-1]
	last.Code, last.Codespace, last.Log = 5, "sdk", "insufficient funds <b>"
}

func (w *town) community() {
	w.Helper()
	for _, by := range []string{"x", "y"} {
		w.tx(nil, &contenttypes.EventAttesterSet{Attester: contenttypes.Attester{Attester: addr(by), Levels: []uint32{1, 2}, Active: true, SetAt: genesisTime}},
			&contenttypes.EventAttested{Attestation: contenttypes.Attestation{Creator: creatorID("alice"), Attester: addr(by), Level: 2, EvidenceHash: sum(by), AttestedAt: genesisTime, ExpiresAt: genesisTime + 1e6}})
	}
	w.tx(nil, &contenttypes.EventRotationRequested{Rotation: contenttypes.Rotation{Creator: creatorID("alice"), Controller: addr("alice"), NewController: addr("new"), RequestedAt: 1, ReadyAt: 2, ExpiresAt: genesisTime + 1e6}})
	w.tx(nil, &disputetypes.EventDisputeOpened{Dispute: 1, Kind: disputetypes.KIND_INFRINGEMENT, Claimant: addr("c"), Subject: w.film, Respondent: creatorID("alice"), Evidence: "bafye", RespondUntil: genesisTime + 90, Bond: math.NewInt(5)},
		&disputetypes.EventRuled{Dispute: 1, Kind: disputetypes.KIND_INFRINGEMENT, Subject: w.film, Ruling: disputetypes.CHOICE_DISMISS, Uphold: 1, Dismiss: 6, AppealUntil: genesisTime + 93})
	w.tx(nil, &disputetypes.EventDisputeOpened{Dispute: 2, Kind: disputetypes.KIND_SPLIT, Claimant: addr("c"), Subject: w.song, Respondent: creatorID("alice"), Evidence: "bafyf", RespondUntil: genesisTime + 90, Bond: math.NewInt(5)})
	inner, err := codectypes.NewAnyWithValue(&banktypes.MsgSend{FromAddress: addr("gov"), ToAddress: addr("x")})
	require.NoError(w, err)
	enact, err := codectypes.NewAnyWithValue(&governancetypes.MsgEnact{Authority: addr("gov"), Messages: []*codectypes.Any{inner}})
	require.NoError(w, err)
	w.raw([]proto.Message{&govv1.MsgSubmitProposal{Title: "Spend", Summary: "S", Proposer: addr("p"), Messages: []*codectypes.Any{enact}}},
		plain("submit_proposal", "proposal_id", "1"), plain("proposal_deposit", "depositor", addr("p"), "amount", "70ustream", "proposal_id", "1"), plain("submit_proposal", "voting_period_start", "1"))
	w.raw([]proto.Message{&govv1.MsgSubmitProposal{Title: "Later", Summary: "S", Proposer: addr("p")}}, plain("submit_proposal", "proposal_id", "2"))
	w.tx(nil, &contenttypes.EventFeedRegistered{Feed: contenttypes.Feed{Id: addr("x") + "/niche", Owner: addr("x"), Endpoint: "http://127.0.0.1:1", Key: sum("k"), Title: "Niche", RegisteredAt: 7, Deposit: math.NewInt(9)}})
}

// answer is what the API said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// transport shows answers as they were sent.
var transport = &http.Transport{DisableCompression: true}

func (w *world) do(method, path string, body []byte, headers ...string) answer {
	w.Helper()
	req, err := http.NewRequest(method, w.url+path, bytes.NewReader(body))
	require.NoError(w, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := transport.RoundTrip(req)
	require.NoError(w, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(w, err)
	return answer{res.StatusCode, res.Header, raw}
}

func (w *world) get(path string, headers ...string) answer {
	w.Helper()
	return w.do(http.MethodGet, path, nil, headers...)
}

// json reads a good answer.
func (w *world) json(path string, into any) {
	w.Helper()
	a := w.get(path)
	require.Equal(w, http.StatusOK, a.status, "%s: %s", path, a.body)
	require.NoError(w, json.Unmarshal(a.body, into), "%s", a.body)
}

// refused requires a problem document.
func (w *world) refused(a answer, status int, slug string) {
	w.Helper()
	require.Equal(w, status, a.status, "%s", a.body)
	require.Equal(w, "application/problem+json", a.header.Get("Content-Type"))
	var p api.Problem
	require.NoError(w, json.Unmarshal(a.body, &p))
	require.Equal(w, slug, p.Slug, "%s", a.body)
	require.Equal(w, status, p.Status)
	require.NotEmpty(w, p.Title)
	require.NotEmpty(w, p.Type)
}
