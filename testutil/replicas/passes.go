package replicas

import (
	"crypto/sha256"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// passTraffic is what traffic knows of passes over many creators.
type passTraffic struct {
	passes []owned // by their curators
	listed []owned // passes by the creator's controller that they list
	in     []owned // those that were joined
	passed []owned // passes by who subscribed to them
}

func (x *Traffic) passKinds() []kind {
	return []kind{{3, x.createPass}, {1, x.updatePass}, {5, x.joinPass}, {1, x.leavePass}, {6, x.subscribePass}, {2, x.cancelPass}, {8, x.reportPassUse}}
}

func (x *Traffic) createPass(from Account) sdk.Msg {
	if len(x.works) == 0 {
		return nil
	}
	msg := &subscriptiontypes.MsgCreatePass{
		Curator: from.String(), Title: x.name("pass"), Price: token.Coin(subscriptiontypes.MinPassPrice + x.rng.Int64N(1_000_000)), PeriodSeconds: 10 + x.rng.Int64N(20),
	}
	seen := map[string]bool{}
	for range 4 {
		if by := pick(x.rng, x.works).by; !seen[by.Name] {
			seen[by.Name] = true
			msg.Creators = append(msg.Creators, contenttypes.NewCreatorID(by.Addr()).String())
		}
	}
	return msg
}

func (x *Traffic) updatePass(from Account) sdk.Msg {
	id, ok := x.mine(from, x.passes)
	if !ok {
		return nil
	}
	return &subscriptiontypes.MsgUpdatePass{
		Curator: from.String(), Pass: id, Title: x.name("pass"), Price: token.Coin(subscriptiontypes.MinPassPrice + x.rng.Int64N(1_000_000)), Closed: x.rng.IntN(8) == 0,
	}
}

func (x *Traffic) joinPass(from Account) sdk.Msg {
	id, ok := x.mine(from, x.listed)
	if !ok {
		return nil
	}
	return &subscriptiontypes.MsgJoinPass{Controller: from.String(), Pass: id, Creator: contenttypes.NewCreatorID(from.Addr()).String()}
}

func (x *Traffic) leavePass(from Account) sdk.Msg {
	id, ok := x.mine(from, x.in)
	if !ok {
		return nil
	}
	return &subscriptiontypes.MsgLeavePass{Controller: from.String(), Pass: id, Creator: contenttypes.NewCreatorID(from.Addr()).String()}
}

func (x *Traffic) subscribePass(from Account) sdk.Msg {
	if len(x.in) == 0 {
		return nil
	}
	msg := &subscriptiontypes.MsgSubscribePass{
		Subscriber: from.String(), Pass: pick(x.rng, x.in).id, MaxPrice: token.Coin(2_000_000), Periods: 1 + uint32(x.rng.IntN(2)), Renewals: uint32(x.rng.IntN(3)),
	}
	if to := pick(x.rng, x.c.Genesis.Accounts); to.Name != from.Name && x.rng.IntN(3) == 0 {
		msg.Recipient, msg.Renewals = to.String(), 0
		x.sent["gifts of passes"]++
	}
	return msg
}

func (x *Traffic) cancelPass(from Account) sdk.Msg {
	id, ok := x.mine(from, x.passed)
	if !ok {
		return nil
	}
	return &subscriptiontypes.MsgCancelPass{Viewer: from.String(), Pass: id}
}

// reportPassUse lets the sender, as a provider, prove what a subscriber of a pass watched of a creator that is in it.
func (x *Traffic) reportPassUse(from Account) sdk.Msg {
	if len(x.passed) == 0 {
		return nil
	}
	sub := pick(x.rng, x.passed)
	work := ""
	for range 20 {
		w := pick(x.rng, x.works)
		if _, in := x.mine(w.by, only(x.in, sub.id)); in && w.by.Name != sub.by.Name {
			work = w.id
			break
		}
	}
	if work == "" {
		return nil
	}
	s := streamtypes.Session{
		ChainId: ChainID, EscrowOwner: sub.by.String(), Provider: from.String(), Session: 2, Work: work, TickSeconds: 1, MaxTicks: 60,
		Expires: x.c.Genesis.Time.Add(12 * time.Hour).Unix(), Pubkey: publicKey(sub.by), Root: make([]byte, 32), Subscription: sub.id,
	}
	v, err := s.Voucher()
	require.NoError(x.t, err)
	words := voucher.NewChain(&v, sha256.Sum256([]byte(sub.by.Name)))
	s.Root, s.Signature = v.Root[:], v.Sign(sessionKey(sub.by))
	n := 1 + uint32(x.rng.IntN(4))
	w := words.Word(n)
	return &streamtypes.MsgReportUse{Agent: from.String(), Items: []streamtypes.Settlement{{Session: s, N: n, Word: w[:]}}}
}

func only(list []owned, id string) (out []owned) {
	for _, o := range list {
		if o.id == id {
			out = append(out, o)
		}
	}
	return out
}

func (x *Traffic) learnPasses(msg sdk.Msg, raw []byte) {
	switch m := msg.(type) {
	case *subscriptiontypes.MsgCreatePass:
		var r subscriptiontypes.MsgCreatePassResponse
		require.NoError(x.t, r.Unmarshal(raw))
		x.passes = append(x.passes, owned{x.byAddress(m.Curator), r.Pass})
		for _, creator := range m.Creators {
			for _, a := range x.c.Genesis.Accounts {
				if contenttypes.NewCreatorID(a.Addr()).String() == creator {
					x.listed = append(x.listed, owned{a, r.Pass})
				}
			}
		}
	case *subscriptiontypes.MsgJoinPass:
		x.in = append(x.in, owned{x.byAddress(m.Controller), m.Pass})
	case *subscriptiontypes.MsgSubscribePass:
		viewer := m.Subscriber
		if m.Recipient != "" {
			viewer = m.Recipient
			x.worked["gifts of passes"]++
		}
		x.passed = append(x.passed, owned{x.byAddress(viewer), m.Pass})
	case *streamtypes.MsgReportUse:
		var r streamtypes.MsgReportUseResponse
		require.NoError(x.t, r.Unmarshal(raw))
		if !subscriptiontypes.IsPass(m.Items[0].Session.Subscription) {
			return
		}
		x.sent["uses of passes"]++
		if r.Results[0].Ok() {
			x.worked["uses of passes"]++
		} else {
			x.failed["uses of passes"] = r.Results[0].Text
		}
	}
}
