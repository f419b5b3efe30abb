package project

import (
	"encoding/json"
	"fmt"
	"math/big"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/indexer/store"
	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

var paymentEvents = table{}.add(on((*run).distributed))

// parts are the columns of earnings, totals and days after payments, gross and charged, in their order.
var parts = []string{"creator", "parents", "server", "key_holders", "endowment", "storage_pool", "stakers", "treasury", "participation", "burn", "royalty"}

// within says which of them is within another and does not count towards charged.
const within = "parents"

// share is a payment in the order of parts.
type share struct {
	gross, charged *big.Int
	parts          []*big.Int
}

func shareOf(e *revenuetypes.EventDistributed) (share, error) {
	n := func(i math.Int) *big.Int {
		if i.IsNil() {
			return new(big.Int)
		}
		return i.BigInt()
	}
	s := share{gross: n(e.Gross.Amount), parts: []*big.Int{
		n(e.CreatorPart), n(e.ParentsPart), n(e.ServerPart), n(e.KeyHoldersPart), n(e.EndowmentPart), n(e.StoragePoolPart), n(e.StakersPart),
		n(e.TreasuryPart), n(e.ParticipationPart), n(e.BurnPart), n(e.RoyaltyPart),
	}}
	s.charged = new(big.Int).Sub(s.gross, n(e.Discount))
	sum := new(big.Int)
	for i, p := range s.parts {
		if parts[i] != within {
			sum.Add(sum, p)
		}
	}
	if sum.Cmp(s.charged) != 0 {
		return s, fmt.Errorf("the parts of a payment for %s sum to %s, not to the %s that was charged", e.Subject, sum, s.charged)
	}
	return s, nil
}

// add adds one to a sum.
func (s *share) add(o share) {
	if s.gross == nil {
		s.gross, s.charged, s.parts = new(big.Int), new(big.Int), make([]*big.Int, len(parts))
		for i := range s.parts {
			s.parts[i] = new(big.Int)
		}
	}
	s.gross.Add(s.gross, o.gross)
	s.charged.Add(s.charged, o.charged)
	for i := range s.parts {
		s.parts[i].Add(s.parts[i], o.parts[i])
	}
}

// json is parts for the API: zeros are left out.
func (s share) json() (string, error) {
	out := map[string]string{}
	for i, p := range s.parts {
		if p.Sign() != 0 {
			out[parts[i]] = p.String()
		}
	}
	return marshal(out)
}

// bps is the creator's part of gross in basis points.
func (s share) bps() int64 {
	if s.gross.Sign() == 0 {
		return 0
	}
	n := new(big.Int).Mul(s.parts[0], big.NewInt(10_000))
	return n.Quo(n, s.gross).Int64()
}

func (r *run) distributed(e *revenuetypes.EventDistributed) error {
	s, err := shareOf(e)
	if err != nil {
		return err
	}
	rail := word(e.Rail, "RAIL_")
	if err := r.sum(e, rail, s); err != nil {
		return err
	}
	if err := r.spend(e); err != nil {
		return err
	}
	if watched(e) {
		return nil
	}
	credits, err := creditsOf(e.Credits)
	if err != nil {
		return err
	}
	return r.pay(payment{
		rail: rail, subject: e.Subject, creator: e.Creator, payer: e.Payer, denom: e.Gross.Denom, share: s, credits: credits, reference: e.Reference,
	})
}

func creditsOf(credits []revenuetypes.Credit) (string, error) {
	type credit struct {
		Recipient string `json:"recipient"`
		Amount    string `json:"amount"`
		Parent    string `json:"parent,omitempty"`
	}
	out := []credit{}
	for _, c := range credits {
		out = append(out, credit{c.Recipient, amount(c.Amount), c.Parent})
	}
	return marshal(out)
}

// payment is a row of payments.
type payment struct {
	rail, subject, creator, payer, denom string
	share                                share
	credits, reference                   string
}

func (r *run) pay(p payment) error {
	raw, err := p.share.json()
	if err != nil {
		return err
	}
	_, err = r.tx.Exec(`INSERT INTO payments (height, idx, time, tx, rail, subject, creator, payer, denom, gross, charged, parts, creator_bps, credits, hold, reference)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?)`, r.height, r.at.idx, r.time, r.at.hash, p.rail, p.subject, p.creator, p.payer, p.denom,
		p.share.gross.String(), p.share.charged.String(), raw, p.share.bps(), p.credits, p.reference)
	return err
}

// payPass keeps what a period of a pass cost who paid it: the payments to works, which came before, as one.
func (r *run) payPass(e *subscriptiontypes.EventPassPeriodClosed) error {
	paid := math.ZeroInt()
	for _, s := range e.Shares {
		paid = paid.Add(s.Amount)
	}
	if paid.IsZero() {
		return nil
	}
	sum := share{}
	for _, s := range r.passed {
		sum.add(s)
	}
	r.passed = nil
	if sum.gross == nil || sum.gross.Cmp(paid.BigInt()) != 0 {
		return fmt.Errorf("a period of %s paid %s, the payments before it do not", e.Pass, paid)
	}
	return r.pay(payment{rail: "plan", subject: e.Pass, payer: e.Payer, denom: e.Fee.Denom, share: sum, credits: "[]", reference: e.Pass})
}

// sum adds a payment to the sums.
func (r *run) sum(e *revenuetypes.EventDistributed, rail string, s share) error {
	if ofPass(e) {
		r.passed = append(r.passed, s)
	}
	scope := "work"
	if !isWork(e.Subject) {
		scope = ""
	}
	for _, to := range []struct {
		table sumTable
		key   []any
	}{
		{earnings, []any{e.Creator, r.day, e.Subject, rail, e.Gross.Denom}},
		{days, []any{r.day, rail, e.Gross.Denom}},
		{totals, []any{"all", "", rail, e.Gross.Denom}},
		{totals, []any{"creator", e.Creator, rail, e.Gross.Denom}},
		{totals, []any{scope, e.Subject, rail, e.Gross.Denom}},
	} {
		if to.key[0] == "" {
			continue
		}
		if err := r.addTo(to.table, to.key, s); err != nil {
			return err
		}
	}
	return r.royalties(e)
}

// royalties adds up what parents get.
func (r *run) royalties(e *revenuetypes.EventDistributed) error {
	sums, order := map[string]*big.Int{}, []string{}
	for _, c := range e.Credits {
		if c.Parent == "" {
			continue
		}
		if sums[c.Parent] == nil {
			sums[c.Parent], order = new(big.Int), append(order, c.Parent)
		}
		sums[c.Parent].Add(sums[c.Parent], c.Amount.BigInt())
	}
	for _, parent := range order {
		key := []any{parent, r.day, e.Gross.Denom}
		var had string
		if _, err := r.tx.Row("SELECT amount FROM royalties WHERE parent = ? AND day = ? AND denom = ?", key, &had); err != nil {
			return err
		}
		sum, err := store.Add(had, sums[parent].String())
		if err != nil {
			return err
		}
		if _, err := r.tx.Exec("INSERT INTO royalties (parent, day, denom, payments, amount) VALUES (?, ?, ?, 1, ?) ON CONFLICT (parent, day, denom) DO UPDATE SET payments = payments + 1, amount = excluded.amount",
			append(key, sum)...); err != nil {
			return err
		}
	}
	return nil
}

// rebateBps is the most that rebates give back of what payments leave to burn and treasury.
func (r *run) rebateBps() (int64, error) {
	var raw string
	found, err := r.tx.Row("SELECT data FROM params WHERE module = 'revenue'", nil, &raw)
	if err != nil || !found {
		return defaultRebateBps, err
	}
	var p struct {
		RebateBps int64 `json:"rebate_bps"`
	}
	err = json.Unmarshal([]byte(raw), &p)
	return p.RebateBps, err
}

// defaultRebateBps holds until a genesis or a vote says otherwise.
var defaultRebateBps = int64(revenuetypes.DefaultParams().RebateBps)

// spend notes what a payment left to burn and treasury, less what rebates can give back of it.
func (r *run) spend(e *revenuetypes.EventDistributed) error {
	if e.Gross.Denom != token.BaseDenom {
		return nil
	}
	rebate, err := r.rebateBps()
	if err != nil {
		return err
	}
	net := e.BurnPart.Add(e.TreasuryPart).MulRaw(10_000 - rebate).QuoRaw(10_000)
	if !net.IsPositive() {
		return nil
	}
	who := r.tx.Who(e.Payer)
	subjects := []string{e.Creator}
	if isWork(e.Subject) {
		subjects = append(subjects, e.Subject)
	}
	r.changed.spent.add(subjects...)
	for _, s := range subjects {
		if _, err := r.tx.Exec("INSERT INTO spends (subject, who, day, amount) VALUES (?, ?, ?, ?) ON CONFLICT (subject, who, day) DO UPDATE SET amount = amount + excluded.amount",
			s, who, r.day, clamp(net.BigInt())); err != nil {
			return err
		}
	}
	return nil
}
