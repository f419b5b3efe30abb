package planet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/receipt"
	"github.com/streamchain/streamchain/templates"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// TestTemplates sells real works by each of the eight templates while an hour and more passes: who may watch is what nodes answer, what
// comes back is what the template says, and at the end every payment is shared out with its author's part in it.
func TestTemplates(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	sales := map[string]func(*shop){
		"early-access": (*shop).earlyAccess, "rental-extension": (*shop).rental, "pay-what-you-want": (*shop).payWhatYouWant, "referral": (*shop).referral,
		"first-n-free": (*shop).firstFree, "staged-course": (*shop).course, "patronage-tiers": (*shop).patrons, "collective-bundle": (*shop).bundle,
	}
	for _, name := range templates.Names() {
		start := time.Now()
		sales[name](s)
		t.Logf("%s: %s", name, time.Since(start))
	}
	s.Chain.Pass(t, shopWindow+time.Minute)
	s.shared()
}

// shared requires that every payment has been shared out, with the royalty that its template says.
func (s *shop) shared() {
	bps := map[int64]bool{}
	for _, name := range templates.Names() {
		f, err := templates.Load(name)
		require.NoError(s.t, err)
		bps[int64(f.RoyaltyBps)] = true
	}
	sum := int64(0)
	for _, viewer := range []string{"viewer", "validator", "mallory"} {
		st, err := receipt.OfPayer(s.t.Context(), s.Chain.Client, s.Addr(viewer))
		require.NoError(s.t, err)
		require.Zero(s.t, st.Pending.Int64())
		require.NotEmpty(s.t, st.Payments)
		for _, p := range st.Payments {
			parts := p.Discount.Int64()
			for _, part := range p.Parts {
				parts += part.Int64()
			}
			require.Equal(s.t, p.Gross.Int64(), parts)
			require.GreaterOrEqual(s.t, p.CreatorBps, int64(revenuetypes.FloorBps))
			require.Equal(s.t, s.Addr("bob"), p.RoyaltyTo)
			require.True(s.t, bps[s.royaltyBps(p)], "a royalty of %s of %s", p.Parts["royalty"], p.Gross)
			sum += p.Parts["royalty"].Int64()
		}
	}
	require.Equal(s.t, sum, s.Claim("bob", s.Addr("bob")), "the author has what others' sales brought")
	require.Positive(s.t, s.Claim("alice", s.Creator("alice")))
}

// royaltyBps is the rate that an author got, rounded.
func (s *shop) royaltyBps(p receipt.Payment) int64 {
	return (p.Parts["royalty"].Int64()*10_000 + p.Gross.Int64()/2) / p.Gross.Int64()
}

// earlyAccess: dearer the earlier, free for all at the end.
func (s *shop) earlyAccess() {
	song := s.publish(true, s.offer("early-access", map[string]any{"early": 600}))
	published := work(s.Planet, song).PublishedAt
	s.closed("viewer", song, "nobody has paid")
	first := s.buy("viewer", song, terms{})
	require.Less(s.t, first, int64(2_000_001))
	s.opens("viewer", song, "who paid is early")
	res, clear := s.Watch("viewer", song, 0, nil)
	require.Equal(s.t, "template", res.GrantedBy)
	require.Positive(s.t, res.Keys.Windows, "and gets the keys")
	plays(s.t, clear)
	s.closed("mallory", song, "who did not is not")
	s.Chain.PassTo(s.t, published+300)
	second := s.buy("validator", song, terms{})
	require.InDelta(s.t, 1_000_000, second, 400_000, "half of the time is left")
	s.noRefund("validator", song, "early access is no loan")
	s.Chain.PassTo(s.t, published+600)
	s.opens("mallory", song, "it is free")
	_, err := s.tryBuy("mallory", song, terms{})
	require.ErrorIs(s.t, err, subscriptiontypes.ErrNotSoldNow)
}

// rental: an extension is cheaper, its unused part comes back, and access ends.
func (s *shop) rental() {
	song := s.publish(true, s.offer("rental-extension", map[string]any{"period": 240}))
	require.EqualValues(s.t, 1_000_000, s.buy("viewer", song, terms{}))
	began := s.Chain.Now(s.t)
	s.opens("viewer", song, "rented")
	require.EqualValues(s.t, 500_000, s.buy("viewer", song, terms{}), "while it runs it is extended")
	s.Chain.PassTo(s.t, began+300)
	s.opens("viewer", song, "the second period runs")
	require.InDelta(s.t, 375_000, s.refund("viewer", song), 100_000, "three quarters of it are unused")
	s.closed("viewer", song, "and given up")
	require.EqualValues(s.t, 1_000_000, s.buy("viewer", song, terms{}), "it begins anew")
	res, clear := s.Watch("viewer", song, 0, nil)
	require.Equal(s.t, "template", res.GrantedBy)
	plays(s.t, clear)
	s.Chain.Pass(s.t, 241*time.Second)
	s.closed("viewer", song, "it is over")
	s.noRefund("viewer", song, "nothing is unused")
}

func (s *shop) payWhatYouWant() {
	song := s.publish(false, s.offer("pay-what-you-want", map[string]any{"refund_bps": 5000}))
	s.closed("viewer", song, "nothing is paid")
	require.EqualValues(s.t, 100_000, s.buy("viewer", song, terms{pay: 5}), "the least")
	s.opens("viewer", song, "paid")
	require.EqualValues(s.t, 700_000, s.buy("mallory", song, terms{pay: 700_000}))
	s.opens("mallory", song, "paid more")
	require.EqualValues(s.t, 350_000, s.refund("mallory", song), "half")
	s.closed("mallory", song, "what is given back is given up")
	s.opens("viewer", song, "another's stays")
}

// referral: who is brought pays less, who brings has it for longer.
func (s *shop) referral() {
	song := s.publish(false, s.offer("referral", map[string]any{"period": 300, "bonus": 300}))
	_, err := s.tryBuy("viewer", song, terms{referrer: "viewer"})
	require.ErrorIs(s.t, err, subscriptiontypes.ErrInvalidReferrer, "nobody brings himself")
	_, err = s.tryBuy("validator", song, terms{referrer: "viewer"})
	require.ErrorIs(s.t, err, subscriptiontypes.ErrInvalidReferrer, "who has not bought brings nobody")
	require.EqualValues(s.t, 4_000_000, s.buy("viewer", song, terms{}))
	require.EqualValues(s.t, 3_200_000, s.buy("validator", song, terms{referrer: "viewer"}))
	require.EqualValues(s.t, 3_200_000, s.buy("mallory", song, terms{referrer: "viewer"}))
	bought := s.Chain.Now(s.t)
	s.noRefund("viewer", song, "he has brought others")
	require.EqualValues(s.t, 3_200_000, s.refund("mallory", song))
	s.opens("viewer", song, "bought")
	s.opens("validator", song, "bought")
	s.closed("mallory", song, "given back")
	s.Chain.PassTo(s.t, bought+301)
	s.closed("validator", song, "his period is over")
	s.opens("viewer", song, "the one that he brought, and who stayed, counts")
	s.Chain.PassTo(s.t, bought+601)
	s.closed("viewer", song, "and counts once")
}

func (s *shop) firstFree() {
	song := s.publish(false, s.offer("first-n-free", map[string]any{"places": 1}))
	s.closed("viewer", song, "a place has to be taken")
	require.Zero(s.t, s.buy("viewer", song, terms{}))
	s.opens("viewer", song, "the first")
	require.EqualValues(s.t, 3_000_000, s.buy("mallory", song, terms{}), "the second pays")
	s.opens("mallory", song, "paid")
	require.EqualValues(s.t, 3_000_000, s.refund("mallory", song), "within the hour")
	s.closed("mallory", song, "given back")
	_, err := s.tryBuy("viewer", song, terms{})
	require.ErrorIs(s.t, err, subscriptiontypes.ErrNotSoldNow, "once")
}

// course: the first lesson is free, the others open one after the other from the purchase on.
func (s *shop) course() {
	lessons := []string{s.publish(false), s.publish(false), s.publish(false)}
	course := s.collect(contenttypes.COLLECTION_KIND_COURSE, lessons, s.offer("staged-course", map[string]any{"interval": 300}))
	s.opens("mallory", lessons[0], "the first is free")
	s.closed("viewer", lessons[1], "the second is not")
	require.EqualValues(s.t, 20_000_000, s.buy("viewer", course, terms{}))
	bought := s.Chain.Now(s.t)
	s.opens("viewer", lessons[1], "it opens with the purchase")
	s.closed("viewer", lessons[2], "the third is for later")
	require.EqualValues(s.t, 20_000_000, s.buy("mallory", course, terms{}))
	require.EqualValues(s.t, 20_000_000, s.refund("mallory", course), "until the next lesson opens")
	s.closed("mallory", lessons[1], "given back")
	s.Chain.PassTo(s.t, bought+300)
	s.opens("viewer", lessons[2], "it has opened")
	s.noRefund("viewer", course, "and nothing comes back any more")
}

// patrons: what one has given in all opens works.
func (s *shop) patrons() {
	songs := []string{s.publish(false), s.publish(false)}
	album := s.collect(contenttypes.COLLECTION_KIND_ALBUM, songs, s.offer("patronage-tiers", map[string]any{"levels": []any{1_000_000, 5_000_000}}))
	require.EqualValues(s.t, 1_000_000, s.buy("viewer", album, terms{}))
	s.opens("viewer", songs[0], "the first level")
	s.closed("viewer", songs[1], "not the second")
	require.EqualValues(s.t, 4_000_000, s.buy("viewer", album, terms{}), "what is missing")
	s.opens("viewer", songs[1], "the second")
	require.EqualValues(s.t, 6_000_000, s.buy("mallory", album, terms{pay: 6_000_000}))
	s.opens("mallory", songs[1], "both at once")
	s.noRefund("viewer", album, "gifts stay")
}

// bundle: each buyer makes it cheaper, and at the goal it is free for all.
func (s *shop) bundle() {
	song := s.publish(false)
	bundle := s.collect(contenttypes.COLLECTION_KIND_SERIES, []string{song}, s.offer("collective-bundle", map[string]any{
		"step": 1_000_000, "goal": 19_000_000,
	}))
	require.EqualValues(s.t, 10_000_000, s.buy("viewer", bundle, terms{}))
	s.opens("viewer", song, "bought")
	s.closed("mallory", song, "the goal is not reached")
	require.EqualValues(s.t, 9_000_000, s.buy("validator", bundle, terms{}))
	s.opens("mallory", song, "it is free for all")
	_, err := s.tryBuy("mallory", bundle, terms{})
	require.ErrorIs(s.t, err, subscriptiontypes.ErrNotSoldNow)
	require.EqualValues(s.t, 9_000_000, s.refund("validator", bundle))
	s.closed("mallory", song, "until a buyer takes back what he gave")
	s.opens("viewer", song, "who has bought has it")
}
