package indexscale

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	providers = 8
	viewers   = 500
	// window is how many blocks a purchase waits.
	window = 4
)

// state is what blocks remember of those before.
type state struct {
	works int // all that there are
	owned map[string]bool
	holds map[string]int // last sequence of a payer
	queue []held
}

type held struct {
	due int
	e   revenuetypes.EventHeld
}

// draft is a block that is being made.
type draft struct {
	*Chain
	h     int
	block chainclient.RawBlock
	end   []abci.Event
}

// block makes the next block.
func (c *Chain) block(h int) (chainclient.RawBlock, error) {
	if h == 1 {
		c.state = state{works: c.cfg.Works, owned: map[string]bool{}, holds: map[string]int{}}
	}
	d := &draft{Chain: c, h: h, block: chainclient.RawBlock{Height: int64(h), Time: timeOf(h), Hash: c.hashOf(h), AppHash: c.hashOf(-h)}}
	if h > 1 {
		d.block.LastHash = c.hashOf(h - 1)
	}
	steps := []func() error{d.publish, d.sales, d.watching, d.storage, d.others, d.releases}
	if h == 1 {
		steps = append([]func() error{d.first}, steps...)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return chainclient.RawBlock{}, err
		}
	}
	d.block.Events = append(d.block.Events, d.end...)
	return d.block, nil
}

func (d *draft) live() int64 { return timeOf(d.h).Unix() }

// tx adds a transaction with the events of what it did.
func (d *draft) tx(msgs []*codectypes.Any, payer string, events ...proto.Message) error {
	body, err := proto.Marshal(&txtypes.TxBody{Messages: msgs, Memo: fmt.Sprintf("%d.%d", d.h, len(d.block.Txs))})
	if err != nil {
		return err
	}
	raw, err := proto.Marshal(&txtypes.TxRaw{BodyBytes: body})
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	tx := chainclient.RawTx{Hash: hex.EncodeToString(sum[:]), Bytes: raw, GasWanted: 200_000, GasUsed: 150_000, Events: []abci.Event{{
		Type: "tx", Attributes: []abci.EventAttribute{{Key: "fee", Value: "200ustream"}, {Key: "fee_payer", Value: payer}},
	}}}
	for _, e := range events {
		typed, err := event(e)
		if err != nil {
			return err
		}
		typed.Attributes = append(typed.Attributes, abci.EventAttribute{Key: "msg_index", Value: "0"})
		tx.Events = append(tx.Events, typed)
	}
	d.block.Txs = append(d.block.Txs, tx)
	return nil
}

func event(e proto.Message) (abci.Event, error) {
	typed, err := sdk.TypedEventToEvent(e)
	return abci.Event(typed), err
}

// ends adds an event of the block's end.
func (d *draft) ends(events ...proto.Message) error {
	for _, e := range events {
		typed, err := event(e)
		if err != nil {
			return err
		}
		typed.Attributes = append(typed.Attributes, abci.EventAttribute{Key: "mode", Value: "EndBlock"})
		d.end = append(d.end, typed)
	}
	return nil
}

// first registers who keeps works.
func (d *draft) first() error {
	for n := range providers {
		op := d.Account("provider", n)
		if err := d.tx(nil, op, &storagetypes.EventProviderRegistered{Provider: storagetypes.Provider{
			Operator: op, Agent: op, Endpoints: []string{fmt.Sprintf("https://n%d.example.org", n)}, Region: fmt.Sprintf("r%d", n%3), CapacityBytes: 1 << 40,
			PricePerGibDay: math.NewInt(1000), Bond: math.NewInt(1e9), Status: storagetypes.PROVIDER_STATUS_ACTIVE, RegisteredAt: d.live(),
		}}); err != nil {
			return err
		}
	}
	return nil
}

// publish publishes a work and sells it.
func (d *draft) publish() error {
	n := d.state.works
	d.state.works++
	m := d.Manifest(n)
	creator := contenttypes.CreatorID(m.Creator).String()
	msg := &contenttypes.MsgPublish{
		Controller: d.controller(n % max(1, d.cfg.Works/perCreator)).String(), Creator: creator, Kind: m.Kind, Title: m.Title, Language: m.Language, Description: m.Description, Tags: m.Tags,
		DurationSeconds: m.DurationSeconds, Media: m.Media.String(), Cover: m.Cover.String(), PieceRoot: m.Piece.Root[:], PieceSize: m.Piece.Size, Licence: m.Licence,
	}
	wrapped, err := codectypes.NewAnyWithValue(msg)
	if err != nil {
		return err
	}
	work := id(m)
	return d.tx([]*codectypes.Any{wrapped}, msg.Controller, &contenttypes.EventWorkPublished{
		Cid: work, Root: work, Creator: creator, Kind: m.Kind, Title: m.Title, Language: m.Language, Description: m.Description, Tags: m.Tags, DurationSeconds: m.DurationSeconds,
		Media: msg.Media, Cover: msg.Cover, PieceRoot: msg.PieceRoot, PieceSize: msg.PieceSize, Licence: m.Licence, Version: 1, PublishedAt: d.live(), Deposit: math.NewInt(1),
	}, &subscriptiontypes.EventOffersSet{Creator: creator, List: d.offers(n, work)})
}

// anyWork draws a work: new ones are drawn more often.
func (d *draft) anyWork(what string, i int) (work, creator string) {
	r := d.random(what, d.h*1000+i)
	n := d.state.works - 1 - int(float64(d.state.works)*r.Float64()*r.Float64())
	m := d.Manifest(n)
	return id(m), contenttypes.CreatorID(m.Creator).String()
}

// sales are purchases, which wait.
func (d *draft) sales() error {
	for i := range d.cfg.Sales {
		work, creator := d.anyWork("sale", i)
		viewer := d.Account("viewer", d.random("buyer", d.h*1000+i).IntN(viewers))
		if d.state.owned[viewer+work] {
			continue
		}
		d.state.owned[viewer+work] = true
		d.state.holds[viewer]++
		hold := fmt.Sprintf("%s-%d", viewer, d.state.holds[viewer])
		price := sdk.NewInt64Coin(token.BaseDenom, int64(100_000+1000*i))
		e := revenuetypes.EventHeld{
			HoldId: hold, Payer: viewer, Subject: work, Creator: creator, Rail: revenuetypes.RAIL_PURCHASE, Gross: price, Charged: price, Reference: viewer, ReleaseAt: d.live() + int64(window*blockTime.Seconds()),
		}
		d.state.queue = append(d.state.queue, held{d.h + window, e})
		if err := d.tx(nil, viewer, &e, &subscriptiontypes.EventPurchased{
			Buyer: viewer, Creator: creator, ReleaseAt: e.ReleaseAt,
			Entitlement: subscriptiontypes.Entitlement{Viewer: viewer, Work: work, HoldId: hold, BoughtAt: d.live(), Price: price},
		}); err != nil {
			return err
		}
	}
	return nil
}

// releases shares out what has waited.
func (d *draft) releases() error {
	for len(d.state.queue) > 0 && d.state.queue[0].due <= d.h {
		e := d.state.queue[0].e
		d.state.queue = d.state.queue[1:]
		p := payment(e.Rail, e.Subject, e.Creator, e.Payer, e.Gross.Amount.Int64())
		p.Reference = e.Reference
		if err := d.ends(p, &revenuetypes.EventReleased{HoldId: e.HoldId, Payer: e.Payer, Subject: e.Subject, Gross: e.Gross}); err != nil {
			return err
		}
	}
	return nil
}

// payment shares a gross out by round parts.
func payment(rail revenuetypes.Rail, subject, creator, payer string, gross int64) *revenuetypes.EventDistributed {
	part := func(bps int64) math.Int { return math.NewInt(gross * bps / 10_000) }
	zero := math.ZeroInt()
	e := &revenuetypes.EventDistributed{
		Subject: subject, Creator: creator, Payer: payer, Rail: rail, Gross: sdk.NewInt64Coin(token.BaseDenom, gross), ServerPart: part(100), KeyHoldersPart: part(50), EndowmentPart: part(100),
		StoragePoolPart: part(100), StakersPart: part(150), TreasuryPart: part(150), ParticipationPart: part(50), BurnPart: part(100), Discount: zero, RoyaltyPart: zero, ParentsPart: zero,
	}
	rest := math.NewInt(gross)
	for _, p := range []math.Int{e.ServerPart, e.KeyHoldersPart, e.EndowmentPart, e.StoragePoolPart, e.StakersPart, e.TreasuryPart, e.ParticipationPart, e.BurnPart} {
		rest = rest.Sub(p)
	}
	e.CreatorPart = rest
	e.Credits = []revenuetypes.Credit{{Recipient: creator, Amount: rest}}
	return e
}

// watching settles what was watched by the second, in one transaction of a provider.
func (d *draft) watching() error {
	var events []proto.Message
	op := d.Account("provider", d.h%providers)
	for i := range d.cfg.Sales {
		work, creator := d.anyWork("watch", i)
		viewer := d.Account("viewer", d.random("watcher", d.h*1000+i).IntN(viewers))
		e := payment(revenuetypes.RAIL_METERED, work, creator, viewer, int64(1000+17*i))
		e.Server = op
		events = append(events, e, &streamtypes.EventSessionSettled{Owner: viewer, Provider: op, Session: 1, Work: work, N: 10, Ticks: 10, Paid: e.Gross, Submitter: op})
	}
	work, creator := d.anyWork("tip", 0)
	tipper := d.Account("viewer", d.h%viewers)
	if err := d.tx(nil, op, events...); err != nil {
		return err
	}
	return d.tx(nil, tipper, payment(revenuetypes.RAIL_TIP, work, creator, tipper, 250_000), &streamtypes.EventTipped{
		Payer: tipper, Subject: work, Creator: creator, Amount: sdk.NewInt64Coin(token.BaseDenom, 250_000), Memo: "thanks",
	})
}

// storage makes deals for a work, and proofs.
func (d *draft) storage() error {
	work, _ := d.anyWork("deal", d.h)
	for i := range 3 {
		op := d.Account("provider", (d.h+i)%providers)
		if d.state.owned[op+work] {
			continue
		}
		d.state.owned[op+work] = true
		deal := storagetypes.Deal{
			Work: work, Operator: op, Root: work, Status: storagetypes.DEAL_STATUS_ACTIVE, PieceSize: 1 << 20, Rate: math.NewInt(5), RequestedAt: d.live(), AcceptedAt: d.live(),
			Bounty: math.ZeroInt(), BountyLeft: math.ZeroInt(), MaxRate: math.NewInt(9),
		}
		if err := d.tx(nil, op, &storagetypes.EventDealAccepted{Deal: deal}); err != nil {
			return err
		}
	}
	return d.tx(nil, d.Account("provider", d.h%providers), &storagetypes.EventProved{Operator: d.Account("provider", d.h%providers), Period: uint64(d.h), Answers: 8})
}

// others are things that happen seldom: a failed transaction, what this program does not know, what is minted.
func (d *draft) others() error {
	if err := d.ends(&streamtypes.EventEmitted{Stakers: math.NewInt(1000), Storage: math.NewInt(10), Participation: math.NewInt(1)}); err != nil {
		return err
	}
	if d.h%7 == 0 {
		if err := d.tx(nil, d.Account("viewer", 1)); err != nil {
			return err
		}
		last := &d.block.Txs[len(d.block.Txs)-1]
		last.Code, last.Codespace, last.Log = 5, "sdk", "insufficient funds"
	}
	if d.h%10 != 0 {
		return nil
	}
	if err := d.tx([]*codectypes.Any{{TypeUrl: "/streamchain.future.v1.MsgDream", Value: []byte{10, 1, 65}}}, d.Account("viewer", 2)); err != nil {
		return err
	}
	last := &d.block.Txs[len(d.block.Txs)-1]
	last.Events = append(last.Events, abci.Event{Type: "streamchain.future.v1.EventDreamt", Attributes: []abci.EventAttribute{{Key: "dreamer", Value: `"somebody"`}, {Key: "note", Value: "no JSON"}}})
	return nil
}
