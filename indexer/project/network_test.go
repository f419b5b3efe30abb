package project_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

func provider(name string) storagetypes.Provider {
	return storagetypes.Provider{
		Operator: addr(name), Agent: addr(name + "agent"), Endpoints: []string{"https://" + name + ".example.org"}, Region: "r", CapacityBytes: 1<<64 - 1, PricePerGibDay: math.NewInt(7),
		Bond: math.NewInt(1000), Status: storagetypes.PROVIDER_STATUS_ACTIVE, RegisteredAt: 5,
	}
}

func deal(work, operator string, status storagetypes.DealStatus) storagetypes.Deal {
	return storagetypes.Deal{
		Work: work, Operator: addr(operator), Root: work, Status: status, PieceSize: 1 << 63, Rate: math.NewInt(5), Bounty: math.ZeroInt(), BountyLeft: math.ZeroInt(), MaxRate: math.NewInt(9),
	}
}

func TestProvidersAndDeals(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice")
	work, second := b.publish(film, "alice"), b.publish(song, "alice")
	for _, n := range []string{"a", "b"} {
		b.tx(nil, &storagetypes.EventProviderRegistered{Provider: provider(n)})
	}
	b.tx(nil, &storagetypes.EventDealRequested{Deal: deal(work, "a", storagetypes.DEAL_STATUS_REQUESTED)})
	b.commit()
	state := func() string {
		return b.rows("SELECT (SELECT group_concat(copies) FROM (SELECT copies FROM works ORDER BY n)), (SELECT deals || ':' || stored_bytes FROM providers WHERE operator = ?)", addr("a"))
	}
	require.Equal(t, "0,0|0:0", state())
	b.tx(nil, &storagetypes.EventDealAccepted{Deal: deal(work, "a", storagetypes.DEAL_STATUS_ACTIVE)}, &storagetypes.EventDealAccepted{Deal: deal(work, "b", storagetypes.DEAL_STATUS_ACTIVE)})
	b.tx(nil, &storagetypes.EventDealAccepted{Deal: deal(second, "a", storagetypes.DEAL_STATUS_ACTIVE)})
	b.commit()
	require.Equal(t, "2,1|2:18446744073709551616", state(), "sizes can be beyond 64 bits")

	b.tx(nil, &storagetypes.EventProved{Operator: addr("a"), Period: 1, Answers: 8}, &storagetypes.EventProved{Operator: addr("a"), Period: 2, Answers: 7, Lost: []string{work}})
	b.ends(&storagetypes.EventProofMissed{Operator: addr("a"), Period: 3, Misses: 1}, &storagetypes.EventSlashed{Operator: addr("a"), Amount: math.NewInt(300), Bounties: math.ZeroInt()},
		&storagetypes.EventDealEnded{Work: work, Operator: addr("a"), Root: work, Status: storagetypes.DEAL_STATUS_ACTIVE, Reason: storagetypes.DEAL_END_LOST, Settled: math.ZeroInt()},
		&storagetypes.EventRepairOpened{Repair: storagetypes.Repair{Work: work, Operator: addr("a"), Root: work, MaxRate: math.ZeroInt(), Bounty: math.ZeroInt(), OpenedAt: 3, Reason: storagetypes.DEAL_END_LOST}})
	b.commit()
	require.Equal(t, "1,1|1:9223372036854775808", state())
	require.Equal(t, "1|1|1|300|700", b.rows("SELECT proved, lost, missed, slashed, bond FROM providers WHERE operator = ?", addr("a")))
	require.Equal(t, "lost", b.rows("SELECT reason FROM repairs"))
	repaired := deal(work, "c", storagetypes.DEAL_STATUS_ACTIVE)
	b.tx(nil, &storagetypes.EventProviderRegistered{Provider: provider("c")}, &storagetypes.EventWorkRepaired{Deal: repaired, Operator: addr("a")})
	b.commit()
	require.Equal(t, "2,1|1:9223372036854775808", state())
	require.Empty(t, b.rows("SELECT * FROM repairs"))

	b.tx(nil, &storagetypes.EventBondAdded{Operator: addr("a"), Amount: math.NewInt(50), Bond: math.NewInt(750)}, &storagetypes.EventKeysOffered{Operator: addr("a"), SealKey: sum("k")},
		&storagetypes.EventLeft{Operator: addr("a"), UnbondAt: 77},
		&storagetypes.EventKeySetActive{KeySet: storagetypes.KeySet{Root: work, Version: 2, Threshold: 1, Holders: []storagetypes.KeyHolder{{Operator: addr("a")}}}})
	b.commit()
	require.Equal(t, "750|leaving|77|1|18446744073709551615", b.rows("SELECT bond, status, unbond_at, holds_keys, capacity_bytes FROM providers WHERE operator = ?", addr("a")))
	require.Equal(t, work+`|2|["`+addr("a")+`"]|1`, b.rows("SELECT * FROM key_sets"))
	b.tx(nil, &storagetypes.EventBondWithdrawn{Operator: addr("a"), Amount: math.NewInt(750)})
	b.commit()
	require.Equal(t, "0|gone", b.rows("SELECT bond, status FROM providers WHERE operator = ?", addr("a")))
	b.ends(&storagetypes.EventDealEnded{Work: work, Operator: addr("a"), Root: work, Settled: math.ZeroInt()})
	b.fails("0 rows for the deal")
}

func TestDisputes(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice")
	work := b.publish(film, "alice")
	state := func() string {
		return b.rows("SELECT status, round, ruling, final, uphold, dismiss, deadline, executed FROM disputes")
	}
	zero := math.ZeroInt()
	for _, step := range []struct {
		e    proto.Message
		want string
	}{
		{&disputetypes.EventDisputeOpened{Dispute: 1, Kind: disputetypes.KIND_ILLEGAL_CONTENT, Claimant: addr("c"), Subject: work, Respondent: creatorID("alice"), Evidence: "bafye", RespondUntil: 90, Bond: math.NewInt(5)}, "evidence|0||0|0|0|90|0"},
		{&disputetypes.EventResponded{Dispute: 1, Responder: addr("alice"), Evidence: "bafyf", CounterBond: math.NewInt(6)}, "evidence|0||0|0|0|90|0"},
		{&disputetypes.EventEvidenceAdded{Dispute: 1, By: addr("x"), Evidence: "bafyg"}, "evidence|0||0|0|0|90|0"},
		{&disputetypes.EventDrawPostponed{Dispute: 1, Drawn: 2, Period: 4}, "drawing|0||0|0|0|0|0"},
		{&disputetypes.EventJuryDrawn{Dispute: 1, Seats: 7, Period: 5, CommitUntil: 91}, "commit|0||0|0|0|91|0"},
		{&disputetypes.EventRevealOpened{Dispute: 1, RevealUntil: 92}, "reveal|0||0|0|0|92|0"},
		{&disputetypes.EventRuled{Dispute: 1, Kind: disputetypes.KIND_ILLEGAL_CONTENT, Subject: work, Ruling: disputetypes.CHOICE_UPHOLD, Uphold: 5, Dismiss: 2, AppealUntil: 93}, "appeal|0|uphold|0|5|2|93|0"},
		{&disputetypes.EventRestricted{Dispute: 1, Work: work}, "appeal|0|uphold|0|5|2|93|0"},
		{&disputetypes.EventAppealed{Dispute: 1, Round: 1, Appellant: addr("alice"), Side: disputetypes.CHOICE_DISMISS, Bond: math.NewInt(9), Seats: 15}, "drawing|1|uphold|0|5|2|0|0"},
		{&disputetypes.EventRuled{Dispute: 1, Kind: disputetypes.KIND_ILLEGAL_CONTENT, Subject: work, Round: 1, Ruling: disputetypes.CHOICE_DISMISS, Uphold: 4, Dismiss: 11, Final: true}, "closed|1|dismiss|1|4|11|0|0"},
		{&disputetypes.EventRestored{Dispute: 1, Work: work}, "closed|1|dismiss|1|4|11|0|0"},
		{&disputetypes.EventRemedyExecuted{Dispute: 1, Ruling: disputetypes.CHOICE_DISMISS}, "closed|1|dismiss|1|4|11|0|1"},
		{&disputetypes.EventSettled{Dispute: 1, Returned: zero, Lost: zero, Slashed: zero, Paid: math.NewInt(4), Compensation: zero, Treasury: zero}, "closed|1|dismiss|1|4|11|0|1"},
	} {
		b.tx(nil, step.e)
		b.commit()
		require.Equal(t, step.want, state(), "%T", step.e)
	}
	require.Equal(t, "illegal-content|6|4", b.rows("SELECT kind, counter_bond, json_extract(settlement, '$.paid') FROM disputes"))
	require.Equal(t, "0|bafye\n1|bafyf\n2|bafyg", b.rows("SELECT idx, cid FROM evidence ORDER BY idx"))
	require.Equal(t, "1|opened|0|90\n2|upheld|0|93\n3|restricted|0|0\n4|dismissed|1|0\n5|restored|0|0\n6|executed|1|0", b.rows("SELECT id, action, final, until FROM notices WHERE subject = ? ORDER BY id", work))
}

func plain(typ string, attrs ...string) abci.Event {
	e := abci.Event{Type: typ}
	for i := 0; i < len(attrs); i += 2 {
		e.Attributes = append(e.Attributes, abci.EventAttribute{Key: attrs[i], Value: attrs[i+1]})
	}
	return e
}

func TestProposals(t *testing.T) {
	b := newBench(t, "")
	wrap := func(m proto.Message) *codectypes.Any {
		a, err := codectypes.NewAnyWithValue(m)
		require.NoError(t, err)
		return a
	}
	inner := wrap(&banktypes.MsgSend{FromAddress: addr("gov"), ToAddress: addr("x"), Amount: nil})
	submit := func(title string, messages ...*codectypes.Any) proto.Message {
		return &govv1.MsgSubmitProposal{Title: title, Summary: "S", Proposer: addr("p"), Messages: messages}
	}
	b.tx([]proto.Message{submit("one", wrap(&governancetypes.MsgEnact{Authority: addr("gov"), Messages: []*codectypes.Any{inner}})), submit("two", &codectypes.Any{TypeUrl: "/future.Msg", Value: []byte{1}})})
	b.txs[0].Events = []abci.Event{
		plain("submit_proposal", "proposal_id", "1", "proposal_proposer", addr("p"), "proposal_messages", "x", "msg_index", "0"),
		plain("proposal_deposit", "depositor", addr("p"), "amount", "70ustream", "proposal_id", "1"),
		plain("submit_proposal", "voting_period_start", "1"),
		plain("submit_proposal", "proposal_id", "2"),
	}
	b.commit()
	require.Equal(t, fmt.Sprintf("1|one|voting|%d|70\n2|two|deposit|0|0", b.time.Unix()), b.rows("SELECT id, title, status, voting_start, deposit FROM proposals"))
	require.Equal(t, `[{"@type":"/cosmos.bank.v1beta1.MsgSend","from_address":"`+addr("gov")+`","to_address":"`+addr("x")+`","amount":[]}]`, b.rows("SELECT inner_messages FROM proposals WHERE id = 1"))
	require.Equal(t, `[{"@type":"/future.Msg","value":"AQ=="}]`, b.rows("SELECT messages FROM proposals WHERE id = 2"))
	b.tx(nil)
	b.txs[0].Events = []abci.Event{plain("proposal_deposit", "depositor", addr("q"), "amount", "30ustream", "proposal_id", "1"), plain("cancel_proposal", "sender", addr("p"), "proposal_id", "2")}
	b.ends(&governancetypes.EventEnacted{Id: 4, TypeUrls: []string{"/cosmos.bank.v1beta1.MsgSend"}, ExecuteAt: 99, Track: governancetypes.TRACK_FEES_AND_COURT})
	b.end = append(b.end, plain("active_proposal", "proposal_id", "1", "proposal_result", "proposal_passed", "mode", "EndBlock"))
	b.commit()
	require.Equal(t, "passed|100|4\ncancelled|0|0", b.rows("SELECT status, deposit, enactment FROM proposals ORDER BY id"))
	require.Equal(t, "4|1|fees-and-court|queued|99", b.rows("SELECT id, proposal, track, status, execute_at FROM enactments"))
	b.ends(&governancetypes.EventEnactmentFailed{Id: 4, Failure: governancetypes.Failure{Message: 1, Codespace: "bank", Code: 5}})
	b.commit()
	require.Equal(t, "failed|5", b.rows("SELECT status, json_extract(failure, '$.code') FROM enactments"))

	b.tx([]proto.Message{submit("three")})
	b.txs[0].Events = []abci.Event{plain("submit_proposal", "proposal_id", "3")}
	b.commit()
	b.end = []abci.Event{plain("inactive_proposal", "proposal_id", "3", "proposal_result", "proposal_dropped", "mode", "EndBlock")}
	b.commit()
	require.Equal(t, "dropped", b.rows("SELECT status FROM proposals WHERE id = 3"))
	b.end = []abci.Event{plain("active_proposal", "proposal_id", "3", "proposal_result", "proposal_odd", "mode", "EndBlock")}
	b.fails("does not know")
	b.tx(nil)
	b.txs[0].Events = []abci.Event{plain("submit_proposal", "proposal_id", "4")}
	b.fails("submitted by no message")
}

func TestHouseAndPauses(t *testing.T) {
	b := newBench(t, "")
	b.tx(nil, &governancetypes.EventSeatTaken{Seat: governancetypes.Seat{Creator: creatorID("alice"), TakenAt: 1, ExpiresAt: 9}}, &governancetypes.EventPaused{TypeUrl: "/x", Until: 7})
	b.commit()
	require.Equal(t, creatorID("alice")+"|1|9|/x|7", b.rows("SELECT s.*, p.* FROM seats s, pauses p"))
	b.tx(nil, &governancetypes.EventSeatExpired{Creator: creatorID("alice")}, &governancetypes.EventResumed{TypeUrl: "/x", Signer: addr("c")})
	b.commit()
	require.Equal(t, "0", b.rows("SELECT (SELECT COUNT(*) FROM seats) + (SELECT COUNT(*) FROM pauses)"))
}

// A genesis that is an export gives the rows that blocks would have given.
func TestGenesisOfAnExport(t *testing.T) {
	a, bob := creatorID("alice"), creatorID("bob")
	parent, work := workID(film, "bob"), workID(song, "alice")
	state := fmt.Sprintf(`{
	"auth":{"accounts":[{"x":[1,{"y":2}]}]},
	"content":{"attestations":[{"creator":%[1]q,"attester":%[5]q,"level":1,"evidence_hash":"","attested_at":"1","expires_at":"99999999999"}],
		"attesters":[{"attester":%[5]q,"levels":[1],"active":true,"set_at":"1"}],
		"creators":[{"id":%[1]q,"controller":%[5]q,"handle":"alice","registered_at":"20","handle_deposit":"1"},{"id":%[2]q,"controller":%[6]q,"handle":"","registered_at":"10","handle_deposit":"0"}],
		"works":[{"cid":%[3]q,"root":%[3]q,"creator":%[1]q,"kind":"audio","piece_size":"5","status":"WORK_STATUS_ACTIVE","published_at":"200","version":1,"deposit":"1","parents":[{"work":%[4]q,"bps":100}]},
			{"cid":%[4]q,"root":%[4]q,"creator":%[2]q,"kind":"video","piece_size":"5","status":"WORK_STATUS_RETIRED","published_at":"100","version":1,"deposit":"0"}],
		"collections":[{"collection":{"id":"%[1]s/c1","kind":"COLLECTION_KIND_ALBUM","title":"Album","works":1,"version":"1","created_at":"1","updated_at":"1"},"works":[%[3]q]}]},
	"gov":{"proposals":[{"id":"3","messages":[],"status":"PROPOSAL_STATUS_PASSED","submit_time":"2026-01-01T00:00:00Z","voting_end_time":"2026-01-02T00:00:00Z","total_deposit":[{"denom":"ustream","amount":"9"}],"title":"T","summary":"S","proposer":%[5]q}]},
	"governance":{"enactments":[{"id":"2","messages":[],"enacted_at":"1","execute_at":"2","status":"ENACTMENT_STATUS_DONE","closed_at":"3"}],"pauses":[{"type_url":"/x","paused_until":"5"}]},
	"revenue":{"acceptances":[{"work":%[3]q,"parent":%[4]q,"accepted_at":"1"}],
		"holds":[{"id":"h","payment":{"rail":"RAIL_PURCHASE","subject":%[3]q,"payer":%[6]q,"gross":{"denom":"ustream","amount":"7"}},"creator":%[1]q,"sequence":"1","held_at":"4","release_at":"9","due_at":"9","charged":"7","shares":{}}]},
	"storage":{"deals":[{"work":%[3]q,"operator":%[5]q,"root":%[3]q,"status":"DEAL_STATUS_ACTIVE","piece_size":"5","rate":"1","bounty":"0","bounty_left":"0","max_rate":"1"}],
		"proof_states":[{"operator":%[5]q,"proven":"4","missed":"2","slashed":"8"}],
		"providers":[{"operator":%[5]q,"agent":%[5]q,"endpoints":["https://a"],"price_per_gib_day":"1","bond":"5","status":"PROVIDER_STATUS_ACTIVE"}]},
	"subscription":{"entitlements":[{"viewer":%[6]q,"work":%[3]q,"hold_id":"h","bought_at":"4","price":{"denom":"ustream","amount":"7"}}],
		"offers":[{"work":"%[1]s/c1","version":"1","offers":[{"free":{}}],"set_at":"1"}],
		"passes":[{"pass":{"id":"pass-1","curator":%[5]q,"title":"P","price":{"denom":"ustream","amount":"1"},"period_seconds":"9"},"members":[{"creator":%[1]q,"joined_at":"1"}]}]}}`,
		a, bob, work, parent, addr("alice"), addr("bob"))
	b := newBench(t, state)
	require.Equal(t, "1|"+bob+"|0|0\n2|"+a+"|1|1", b.rows("SELECT n, id, level, works FROM creators ORDER BY n"), "numbers follow age")
	require.Equal(t, "1|"+parent+"|retired|0|0\n2|"+work+"|active|17|1", b.rows("SELECT n, root, status, prices, copies FROM works ORDER BY n"))
	require.Equal(t, parent+"|100|1", b.rows("SELECT parent, bps, granted FROM parents"))
	require.Equal(t, "4|2|8|1|5", b.rows("SELECT proved, missed, slashed, deals, stored_bytes FROM providers"))
	require.Equal(t, "passed|9\n", b.rows("SELECT status, deposit FROM proposals")+"\n")
	require.Equal(t, "done|3|/x|5", b.rows("SELECT e.status, e.closed_at, p.* FROM enactments e, pauses p"))
	require.Equal(t, "held|7|h", b.rows("SELECT h.status, e.price, e.hold FROM holds h, entitlements e"))
	require.Equal(t, a, b.rows("SELECT creator FROM offers"))
	require.Equal(t, "1", b.rows("SELECT COUNT(*) FROM works_fts"))
	b.commit(time.Second)
	require.Equal(t, "1", b.rows("SELECT MAX(height) FROM blocks"))
}

// What rows depend on comes before them; a document in another order is refused.
func TestGenesisTimeComesFirst(t *testing.T) {
	b := newBench(t, "")
	require.NoError(t, b.s.Reset(t.Context()))
	doc := `{"app_state":{},"initial_height":1,"genesis_time":"2026-11-25T00:00:00Z"}`
	require.ErrorContains(t, b.p.Genesis(t.Context(), b.s, strings.NewReader(doc)), "stands after app_state")
}
