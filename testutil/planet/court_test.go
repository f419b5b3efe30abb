package planet_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/publish"
	"github.com/streamchain/streamchain/testutil/planet"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// benchers are who judges. Operators of nodes cannot judge their own.
var benchers = []string{"op4", "op5", "op6", "op7", "agent6", "agent7"}

// court is a planet's disputes.
type court struct {
	*planet.Planet
	disputetypes.QueryClient
}

func (c court) dispute(id uint64) disputetypes.Dispute {
	res, err := c.Dispute(c.T.Context(), &disputetypes.QueryDisputeRequest{Id: id})
	require.NoError(c.T, err)
	return res.Dispute
}

// vote lets every juror seal, or reveal, all votes that wait for it.
func (c court) vote(status disputetypes.Status, choices map[uint64]disputetypes.Choice) {
	for _, name := range benchers {
		juror := c.Account(name).Address()
		res, err := c.Duties(c.T.Context(), &disputetypes.QueryDutiesRequest{Address: juror.String()})
		require.NoError(c.T, err)
		var msgs []sdk.Msg
		for _, d := range res.Duties {
			b := d.Ballot
			if !d.Current || d.Status != status {
				continue
			}
			salt := disputetypes.SaltOf([]byte(name))
			if status == disputetypes.STATUS_REVEAL {
				msgs = append(msgs, &disputetypes.MsgRevealVote{Juror: b.Juror, Dispute: b.Dispute, Round: b.Round, Choice: choices[b.Dispute], Salt: salt})
				continue
			}
			msgs = append(msgs, &disputetypes.MsgCommitVote{
				Juror: b.Juror, Dispute: b.Dispute, Round: b.Round,
				Commit: disputetypes.VoteHash(planet.ChainID, b.Dispute, b.Round, juror, choices[b.Dispute], salt),
			})
		}
		if len(msgs) > 0 {
			c.Send(name, msgs...)
		}
	}
}

// answer is a node's status for the root block of a work's media.
func (c court) answer(work *publish.Result) int {
	res, err := http.Get(c.Nodes[0].URL + "/ipfs/" + work.Media + "?format=raw") //nolint:noctx // a test
	require.NoError(c.T, err)
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// within waits until a node answers with a status, and says how long that took.
func (c court) within(most time.Duration, work *publish.Result, status int, why string) {
	start := time.Now()
	c.Eventually(func() bool { return c.answer(work) == status }, why)
	require.Less(c.T, time.Since(start), most, why)
	c.T.Logf("%s: %s", why, time.Since(start).Round(time.Millisecond))
}

// TestCourt: claims of five kinds go from the bond to the remedy. A restricted work is answered with 451 within a minute of the ruling, while its CID stays; one
// whose claim is dismissed comes back.
func TestCourt(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 1, Period: 20 * time.Second, Window: 8 * time.Second})
	c := court{p, disputetypes.NewQueryClient(p.Chain.Client.Conn())}
	for _, name := range benchers {
		p.Send(name, &disputetypes.MsgStakeJuror{Juror: p.Addr(name), Amount: math.NewInt(5000 * stream)})
	}
	stolen := p.Publish("bob", p.Song("2"), subscriptiontypes.NewFreeOffer())
	honest := p.Publish("bob", p.Song("3"), subscriptiontypes.NewFreeOffer())
	bob := p.Creator("bob")
	p.Send("bob", &contenttypes.MsgSetHandle{Controller: p.Addr("bob"), Creator: bob, Handle: "rihanna"})
	operator := p.Addr(p.Nodes[0].Operator)
	bond := func() int64 {
		res, err := storagetypes.NewQueryClient(p.Chain.Client.Conn()).Provider(t.Context(), &storagetypes.QueryProviderRequest{Operator: operator})
		require.NoError(t, err)
		return res.Provider.Bond.Int64()
	}
	before := bond()
	require.Equal(t, http.StatusOK, c.answer(stolen))
	require.Equal(t, http.StatusOK, c.answer(honest))

	claim := func(kind disputetypes.Kind, subject string) *disputetypes.MsgOpenDispute {
		return &disputetypes.MsgOpenDispute{Claimant: p.Addr("alice"), Kind: kind, Subject: subject, Evidence: stolen.Media, Bond: math.NewInt(200 * stream)}
	}
	interim, split := claim(disputetypes.KIND_ILLEGAL_CONTENT, honest.Work), claim(disputetypes.KIND_SPLIT, stolen.Work)
	interim.Interim = true
	split.Shares = []revenuetypes.Share{{Recipient: p.Addr("alice"), Bps: 5000}, {Recipient: bob, Bps: 5000}}
	p.Send("alice", claim(disputetypes.KIND_INFRINGEMENT, stolen.Work), interim, claim(disputetypes.KIND_IMPERSONATION, bob), split,
		claim(disputetypes.KIND_PROVIDER_FAULT, operator))
	c.within(time.Minute, honest, http.StatusUnavailableForLegalReasons, "an interim measure reaches the node")
	p.Send("bob", &disputetypes.MsgRespond{Responder: p.Addr("bob"), Dispute: 2, Evidence: honest.Media})

	choices := map[uint64]disputetypes.Choice{}
	for id := uint64(1); id <= 5; id++ {
		choices[id] = disputetypes.CHOICE_UPHOLD
	}
	choices[2] = disputetypes.CHOICE_DISMISS
	all := func(status disputetypes.Status) bool {
		for id := range choices {
			if c.dispute(id).Status < status {
				return false
			}
		}
		return true
	}
	waits := func(status disputetypes.Status, what string) {
		for range 4 { // two periods of the beacon are longer than one wait of the planet
			deadline := time.Now().Add(30 * time.Second)
			for time.Now().Before(deadline) {
				if all(status) {
					return
				}
				time.Sleep(200 * time.Millisecond)
			}
		}
		require.Fail(t, what)
	}
	waits(disputetypes.STATUS_COMMIT, "juries are drawn")
	c.vote(disputetypes.STATUS_COMMIT, choices)
	waits(disputetypes.STATUS_REVEAL, "votes can be revealed")
	c.vote(disputetypes.STATUS_REVEAL, choices)
	waits(disputetypes.STATUS_APPEAL, "juries have ruled")
	c.within(time.Minute, stolen, http.StatusUnavailableForLegalReasons, "a takedown reaches the node")
	c.within(time.Minute, honest, http.StatusOK, "a work whose claim was dismissed is back")
	require.Equal(t, before, bond(), "slashes wait for the last appeal window")

	waits(disputetypes.STATUS_CLOSED, "the appeal windows end")
	for id := range choices {
		require.True(t, c.dispute(id).Remedy.Done)
	}
	work, err := contenttypes.NewQueryClient(p.Chain.Client.Conn()).Work(t.Context(), &contenttypes.QueryWorkRequest{Work: stolen.Work})
	require.NoError(t, err)
	require.Equal(t, contenttypes.WORK_STATUS_RESTRICTED, work.Work.Status, "the CID stays")
	creator, err := contenttypes.NewQueryClient(p.Chain.Client.Conn()).Creator(t.Context(), &contenttypes.QueryCreatorRequest{Creator: bob})
	require.NoError(t, err)
	require.Empty(t, creator.Creator.Handle)
	sheet, err := revenuetypes.NewQueryClient(p.Chain.Client.Conn()).Split(t.Context(), &revenuetypes.QuerySplitRequest{Subject: stolen.Work})
	require.NoError(t, err)
	require.Equal(t, split.Shares, sheet.Split.Shares)
	require.Equal(t, before-before*500/10_000, bond())
	owed, err := c.Owed(t.Context(), &disputetypes.QueryOwedRequest{Account: p.Addr("bob")})
	require.NoError(t, err)
	require.Greater(t, owed.Amount.Int64(), int64(1200*stream), "the interim bond, the answer's bond and compensation")
	p.Send("bob", &disputetypes.MsgClaimOwed{Account: p.Addr("bob")})

	log, err := c.Notices(t.Context(), &disputetypes.QueryNoticesRequest{})
	require.NoError(t, err)
	seen := map[disputetypes.Action]int{}
	for i, n := range log.Notices {
		require.EqualValues(t, i+1, n.Id)
		seen[n.Action]++
	}
	require.Equal(t, map[disputetypes.Action]int{
		disputetypes.ACTION_OPENED: 5, disputetypes.ACTION_RESTRICTED: 2, disputetypes.ACTION_RESTORED: 1,
		disputetypes.ACTION_UPHELD: 8, disputetypes.ACTION_DISMISSED: 2, disputetypes.ACTION_EXECUTED: 5,
	}, seen)
}
