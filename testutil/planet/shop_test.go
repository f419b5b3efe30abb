package planet_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/publish"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/templates"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// shopWindow is the refund window of a shop.
const shopWindow = 30 * time.Minute

// shop is a planet where alice sells works by templates that bob has published.
type shop struct {
	*planet.Planet
	t     *testing.T
	ids   map[string]string // of templates, by name
	media map[string]cid.Cid
	songs int
	turn  int
}

func newShop(t *testing.T) *shop {
	// works are proved once a day: the hours that pass here are minutes of it
	s := &shop{t: t, ids: map[string]string{}, media: map[string]cid.Cid{}, Planet: planet.New(t, planet.Config{
		Nodes: 3, Period: 24 * time.Hour, Window: 12 * time.Hour, RefundWindow: shopWindow,
	})}
	chainclient.RegisterErrors(subscriptiontypes.ErrNoRefund, subscriptiontypes.ErrNotSoldNow, subscriptiontypes.ErrInvalidReferrer)
	for _, viewer := range []string{"viewer", "validator", "mallory"} {
		s.GrantKey(viewer)
	}
	for _, name := range templates.Names() {
		f, err := templates.Load(name)
		require.NoError(t, err)
		src, err := f.Source()
		require.NoError(t, err)
		tx := s.Send("bob", &subscriptiontypes.MsgPublishTemplate{
			Author: s.Addr("bob"), Title: f.Title, Access: src.Access, Price: src.Price, Refund: src.Refund,
			Params: subscriptiontypes.NewTemplateParams(src.Params), RoyaltyBps: f.RoyaltyBps,
		})
		for _, e := range tx.Events {
			if e, ok := e.(*subscriptiontypes.EventTemplatePublished); ok {
				s.ids[name] = e.Template.Id
			}
		}
	}
	require.Len(t, s.ids, 8)
	willing(s.Planet, 3)
	return s
}

// offer is one by a template, with other parameters than its own.
func (s *shop) offer(name string, params map[string]any) subscriptiontypes.Offer {
	args, err := templates.ArgsOf(params)
	require.NoError(s.t, err)
	return subscriptiontypes.NewTemplateOffer(s.ids[name], subscriptiontypes.NewTemplateArgs(args)...)
}

// publish publishes another song of alice's on all nodes.
func (s *shop) publish(encrypted bool, offers ...subscriptiontypes.Offer) string {
	s.songs++
	res, err := publish.Publish(s.t.Context(), s.Chain.Client, s.Account("alice"), publish.Options{
		File: s.Song(fmt.Sprintf("3.%02d", s.songs)), Title: fmt.Sprint("song ", s.songs), Licence: "CC-BY-4.0", Offers: offers, Copies: len(s.Nodes),
		PrepayDays: 30, Home: filepath.Join(s.t.TempDir(), "publish"), Private: true, NoEncrypt: !encrypted,
	})
	require.NoError(s.t, err)
	require.Equal(s.t, encrypted, work(s.Planet, res.Work).Keys != nil)
	s.media[res.Work], err = cid.Decode(res.Media)
	require.NoError(s.t, err)
	return res.Work
}

// collect sells works of alice's as one, by a template.
func (s *shop) collect(kind contenttypes.CollectionKind, works []string, offer subscriptiontypes.Offer) (id string) {
	tx := s.Send("alice", &contenttypes.MsgCreateCollection{Controller: s.Addr("alice"), Creator: s.Creator("alice"), Title: "collection", Works: works, Kind: kind})
	for _, e := range tx.Events {
		if e, ok := e.(*contenttypes.EventCollectionCreated); ok {
			id = e.Collection.Id
		}
	}
	s.Send("alice", &subscriptiontypes.MsgSetOffers{Controller: s.Addr("alice"), Work: id, Offers: []subscriptiontypes.Offer{offer}})
	return id
}

// terms are what one pays for and how, where it is not the default.
type terms struct {
	pay      int64
	referrer string
}

func (s *shop) tryBuy(viewer, item string, t terms) (paid int64, err error) {
	offers, err := subscriptiontypes.NewQueryClient(s.Chain.Client.Conn()).Offers(s.t.Context(), &subscriptiontypes.QueryOffersRequest{Work: item})
	require.NoError(s.t, err)
	msg := &subscriptiontypes.MsgPurchaseByTemplate{Buyer: s.Addr(viewer), Work: item, OffersVersion: offers.List.Version, MaxPrice: token.Coin(20 * stream)}
	if t.pay > 0 {
		pay := token.Coin(t.pay)
		msg.Pay = &pay
	}
	if t.referrer != "" {
		msg.Referrer = s.Addr(t.referrer)
	}
	tx, err := s.TrySend(viewer, msg)
	if err != nil {
		return 0, err
	}
	for _, e := range tx.Events {
		if e, ok := e.(*subscriptiontypes.EventTemplatePurchased); ok {
			paid = e.Paid.Amount.Int64()
		}
	}
	return paid, nil
}

func (s *shop) buy(viewer, item string, t terms) int64 {
	s.t.Helper()
	paid, err := s.tryBuy(viewer, item, t)
	require.NoError(s.t, err)
	return paid
}

func (s *shop) tryRefund(viewer, item string) (back int64, err error) {
	tx, err := s.TrySend(viewer, &subscriptiontypes.MsgRefundByTemplate{Buyer: s.Addr(viewer), Work: item})
	if err != nil {
		return 0, err
	}
	for _, e := range tx.Events {
		if e, ok := e.(*revenuetypes.EventRefunded); ok {
			back += e.Gross.Amount.Int64()
		}
	}
	return back, nil
}

func (s *shop) refund(viewer, item string) int64 {
	s.t.Helper()
	back, err := s.tryRefund(viewer, item)
	require.NoError(s.t, err)
	return back
}

// noRefund requires that nothing comes back.
func (s *shop) noRefund(viewer, item, why string) {
	s.t.Helper()
	_, err := s.tryRefund(viewer, item)
	require.ErrorIs(s.t, err, subscriptiontypes.ErrNoRefund, why)
}

// audioOf finds the folder of a song's segments in its master playlist.
var audioOf = regexp.MustCompile(`(audio(?:-[0-9a-f]{8})?)/index\.m3u8`)

// ask asks a node for the first segment of a work, and returns its answer's status.
func (s *shop) ask(viewer, work string, n *planet.Node) int {
	digest, err := manifest.ParseWorkID(work)
	require.NoError(s.t, err)
	p := wire.Proof{Owner: s.Account(viewer).Address(), Work: digest, Expires: time.Now().Add(time.Minute).Unix()}
	_, err = rand.Read(p.Nonce[:])
	require.NoError(s.t, err)
	p.Sign(s.DeviceKey(viewer), planet.ChainID, s.Account(n.Operator).Address(), http.MethodGet)
	node := nodeclient.New(nodeclient.NewHTTP(true), n.URL)
	master, _, err := node.File(s.t.Context(), s.media[work], []string{"master.m3u8"}, 1<<20, nodeclient.Credentials{})
	require.NoError(s.t, err)
	rendition := audioOf.FindStringSubmatch(string(master))[1]
	data, _, err := node.File(s.t.Context(), s.media[work], []string{rendition, "seg00000.m4s"}, 1<<20, nodeclient.Credentials{Proof: p.String()})
	var refusal *wire.Problem
	if errors.As(err, &refusal) {
		require.Empty(s.t, data)
		return refusal.Status
	}
	require.NoError(s.t, err)
	require.NotEmpty(s.t, data)
	return http.StatusOK
}

// answers requires a status of a node. Each question goes to another one: what a node has granted it remembers for seconds.
func (s *shop) answers(want int, viewer, work, why string) {
	s.t.Helper()
	s.turn++
	n, got := s.Nodes[s.turn%len(s.Nodes)], 0
	for end := time.Now().Add(20 * time.Second); got != want && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		got = s.ask(viewer, work, n)
	}
	require.Equal(s.t, want, got, why)
}

func (s *shop) opens(viewer, work, why string) {
	s.t.Helper()
	s.answers(http.StatusOK, viewer, work, why)
}

func (s *shop) closed(viewer, work, why string) {
	s.t.Helper()
	s.answers(http.StatusPaymentRequired, viewer, work, why)
}
