package project

import (
	"encoding/json"
	"time"

	"github.com/cosmos/gogoproto/proto"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/streamchain/streamchain/token"
	clocktypes "github.com/streamchain/streamchain/x/clock/types"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// field says what becomes of a field of the genesis.
type field struct {
	list bool
	put  func(*genesis, *run, json.RawMessage) error
}

// message is a pointer to a proto message.
type message[T any] interface {
	*T
	proto.Message
}

// decoded makes a field of one message.
func decoded[T any, M message[T]](list bool, f func(*genesis, *run, M) error) field {
	return field{list, func(g *genesis, r *run, raw json.RawMessage) error {
		var m T
		if err := g.enc.Codec.UnmarshalJSON(raw, M(&m)); err != nil {
			return err
		}
		return f(g, r, &m)
	}}
}

func each[T any, M message[T]](f func(*run, M) error) field {
	return decoded(true, func(_ *genesis, r *run, m M) error { return f(r, m) })
}

func paramsOf[T any, M message[T]](module string, _ M) field {
	return decoded(false, func(_ *genesis, r *run, m M) error { return r.putParams(module, m) })
}

// genesisFields is filled in init: its functions refer to it.
var genesisFields map[string]field

func init() { //nolint:gochecknoinits // see genesisFields
	genesisFields = map[string]field{
		"clock.clock": decoded(false, func(g *genesis, _ *run, c *clocktypes.Clock) error { g.clock = *c; return nil }),

		"content.params": paramsOf("content", &contenttypes.Params{}),
		"content.creators": decoded(true, func(g *genesis, _ *run, c *contenttypes.Creator) error {
			g.creators = append(g.creators, *c)
			return nil
		}),
		"content.works":        decoded(true, stageWork),
		"content.collections":  each(func(r *run, c *contenttypes.CollectionRecord) error { return r.putCollection(c.Collection, c.Works) }),
		"content.attesters":    each(func(r *run, a *contenttypes.Attester) error { return r.putAttester(*a) }),
		"content.attestations": each(func(r *run, a *contenttypes.Attestation) error { return r.putAttestation(*a) }),
		"content.feeds":        each(func(r *run, f *contenttypes.Feed) error { return r.putFeed(*f) }),
		"content.rotations":    each(func(r *run, o *contenttypes.Rotation) error { return r.putRotation(*o) }),

		"revenue.params": paramsOf("revenue", &revenuetypes.Params{}),
		"revenue.holds":  each(genesisHold),
		"revenue.splits": each(func(r *run, s *revenuetypes.Split) error { return r.putSplit(*s) }),
		"revenue.terms":  each(func(r *run, t *revenuetypes.DerivationTerms) error { return r.putTerms(*t) }),
		"revenue.acceptances": decoded(true, func(g *genesis, _ *run, a *revenuetypes.Acceptance) error {
			g.acceptances = append(g.acceptances, *a)
			return nil
		}),

		"stream.params": paramsOf("stream", &streamtypes.Params{}),

		"subscription.params":             paramsOf("subscription", &subscriptiontypes.Params{}),
		"subscription.offers":             each(func(r *run, l *subscriptiontypes.OfferList) error { return r.putOffers("", *l) }),
		"subscription.plans":              each(func(r *run, p *subscriptiontypes.PlanRecord) error { return r.putPlan(p.Plan, p.Works) }),
		"subscription.entitlements":       each(func(r *run, e *subscriptiontypes.Entitlement) error { return r.putEntitlement(*e, e.Viewer) }),
		"subscription.subscriptions":      each(func(r *run, s *subscriptiontypes.Subscription) error { return r.putSubscription(*s) }),
		"subscription.rentals":            each(func(r *run, e *subscriptiontypes.Rental) error { return r.putRental(*e, e.Viewer) }),
		"subscription.templates":          each(func(r *run, t *subscriptiontypes.Template) error { return r.putTemplate(*t) }),
		"subscription.template_standings": each(genesisStanding),
		"subscription.passes":             each(genesisPass),
		"subscription.pass_subscriptions": each(func(r *run, s *subscriptiontypes.PassSubscriptionRecord) error {
			return r.putPassSubscription(s.Subscription)
		}),

		"storage.params":    paramsOf("storage", &storagetypes.Params{}),
		"storage.providers": each(func(r *run, p *storagetypes.Provider) error { return r.putProvider(*p) }),
		"storage.deals":     each(func(r *run, d *storagetypes.Deal) error { return r.putDeal(*d) }),
		"storage.repairs":   each(func(r *run, p *storagetypes.Repair) error { return r.putRepair(*p) }),
		"storage.key_sets": each(func(r *run, k *storagetypes.KeySet) error {
			if k.Status != storagetypes.KEY_SET_STATUS_ACTIVE {
				return nil
			}
			return r.putKeySet(*k)
		}),
		"storage.proof_states": decoded(true, genesisProofs),

		"dispute.params":   paramsOf("dispute", &disputetypes.Params{}),
		"dispute.disputes": each(genesisDispute),
		"dispute.notices":  each(genesisNotice),

		"governance.params":     paramsOf("governance", &governancetypes.Params{}),
		"governance.enactments": each(genesisEnactment),
		"governance.seats":      each(func(r *run, s *governancetypes.Seat) error { return r.putSeat(*s) }),
		"governance.pauses":     each(func(r *run, p *governancetypes.Pause) error { return r.putPause(p.TypeUrl, p.PausedUntil) }),
		"gov.proposals":         each(genesisProposal),
	}
}

func stageWork(_ *genesis, r *run, w *contenttypes.Work) error {
	raw, err := proto.Marshal(w)
	if err != nil {
		return err
	}
	_, err = r.tx.Exec("INSERT INTO genesis_works (published_at, version, cid, data) VALUES (?, ?, ?, ?)", w.PublishedAt, w.Version, w.Cid, raw)
	return err
}

func genesisHold(r *run, h *revenuetypes.Hold) error {
	p := h.Payment
	if err := r.putHold(hold{
		id: h.Id, payer: p.Payer, subject: p.Subject, creator: h.Creator, rail: p.Rail, denom: p.Gross.Denom, gross: amount(p.Gross.Amount), charged: amount(h.Charged),
		reference: p.Reference, releaseAt: h.ReleaseAt, partOf: h.PartOf,
	}); err != nil || h.ReleaseAt <= h.HeldAt {
		return err
	}
	_, err := r.tx.Exec("UPDATE holds SET time = ? WHERE id = ?", h.HeldAt, h.Id)
	return err
}

func genesisStanding(r *run, s *subscriptiontypes.TemplateStanding) error {
	if s.Terms == nil || s.History.Purchases == 0 && len(s.Recent) == 0 {
		return nil
	}
	e := right{
		viewer: s.Viewer, work: s.Work, kind: "template", at: s.History.LastAt, buyer: s.Viewer, price: sdk.NewInt64Coin(token.BaseDenom, seconds(s.History.LastPaid)),
		collection: s.CollectionVersion, template: s.Terms.Template,
	}
	if n := len(s.Recent); n > 0 {
		last := s.Recent[n-1]
		e.at, e.hold, e.price = last.At, last.HoldId, sdk.NewInt64Coin(token.BaseDenom, seconds(last.Price))
	}
	if err := r.putRight(e); err != nil {
		return err
	}
	_, err := r.tx.Exec("UPDATE entitlements SET purchases = ? WHERE viewer = ? AND work = ? AND right = 'template'", seconds(s.History.Purchases+uint64(len(s.Recent))), s.Viewer, s.Work)
	return err
}

func genesisPass(r *run, p *subscriptiontypes.PassRecord) error {
	if err := r.putPass(p.Pass); err != nil {
		return err
	}
	for _, m := range p.Members {
		if err := r.setJoined(p.Pass.Id, m.Creator, m.JoinedAt > 0 && m.LeftAt == 0); err != nil {
			return err
		}
	}
	return nil
}

// genesisProofs waits for the providers, which a document may have later.
func genesisProofs(g *genesis, _ *run, s *storagetypes.ProofState) error {
	g.proofs = append(g.proofs, func(r *run) error {
		return r.provider(s.Operator, "proved = ?, missed = ?, slashed = ?", seconds(s.Proven), seconds(s.Missed), amount(s.Slashed))
	})
	return nil
}

func genesisDispute(r *run, d *disputetypes.Dispute) error {
	ruling, round, uphold, dismiss := "", 0, uint32(0), uint32(0)
	for i, o := range d.Rounds {
		round = i
		if o.Ruling != disputetypes.CHOICE_UNSPECIFIED {
			ruling, uphold, dismiss = word(d.Standing, "CHOICE_"), o.Uphold, o.Dismiss
		}
	}
	closed := d.Status == disputetypes.STATUS_CLOSED
	if _, err := r.tx.Exec(`INSERT INTO disputes (id, kind, status, subject, claimant, respondent, responder, round, ruling, final, uphold, dismiss, opened_at, deadline, bond,
		counter_bond, interim_until, executed, settlement) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')`,
		seconds(d.Id), kindOf(d.Kind), word(d.Status, "STATUS_"), d.Subject, d.Claimant, d.Respondent, d.Responder, round, ruling, flag(closed), uphold, dismiss, d.OpenedAt, d.DueAt,
		amount(d.Bond), amount(d.CounterBond), d.InterimUntil, flag(d.Remedy.Done)); err != nil {
		return err
	}
	for i, e := range d.Evidence {
		if _, err := r.tx.Exec("INSERT INTO evidence (dispute, idx, by, cid, at) VALUES (?, ?, ?, ?, ?)", seconds(d.Id), i, e.By, e.Cid, e.At); err != nil {
			return err
		}
	}
	return nil
}

func genesisNotice(r *run, n *disputetypes.Notice) error {
	_, err := r.tx.Exec("INSERT INTO notices (id, dispute, kind, subject, respondent, action, final, at, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		seconds(n.Id), seconds(n.Dispute), kindOf(n.Kind), n.Subject, n.Respondent, word(n.Action, "ACTION_"), flag(n.Final), n.At, n.Until)
	return err
}

func genesisEnactment(r *run, e *governancetypes.Enactment) error {
	urls := []string{}
	for _, a := range e.Messages {
		urls = append(urls, a.TypeUrl)
	}
	if err := r.putEnactment(seconds(e.Id), governancetypes.TRACK_UNSPECIFIED, urls, e.ExecuteAt); err != nil {
		return err
	}
	failure := ""
	if e.Failure != nil {
		raw, err := protoRaw(e.Failure)
		if err != nil {
			return err
		}
		failure = string(raw)
	}
	return r.enactment(e.Id, "status = ?, closed_at = ?, failure = ?", word(e.Status, "ENACTMENT_STATUS_"), e.ClosedAt, failure)
}

func genesisProposal(r *run, p *govv1.Proposal) error {
	unix := func(t *time.Time) int64 {
		if t == nil {
			return 0
		}
		return t.Unix()
	}
	status := map[govv1.ProposalStatus]string{
		govv1.StatusDepositPeriod: "deposit", govv1.StatusVotingPeriod: "voting", govv1.StatusPassed: "passed", govv1.StatusRejected: "rejected", govv1.StatusFailed: "failed",
	}[p.Status]
	closed := int64(0)
	if p.Status != govv1.StatusDepositPeriod && p.Status != govv1.StatusVotingPeriod {
		closed = unix(p.VotingEndTime)
	}
	messages := make([]*codectypes.Any, len(p.Messages))
	copy(messages, p.Messages)
	return r.putProposal(proposal{
		id: seconds(p.Id), title: p.Title, summary: p.Summary, proposer: p.Proposer, metadata: p.Metadata, messages: messages, expedited: p.Expedited, status: status,
		submitted: unix(p.SubmitTime), votingStart: unix(p.VotingStartTime), closedAt: closed, deposit: p.TotalDeposit,
	})
}
