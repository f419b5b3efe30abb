package replicas

import (
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// moneyTraffic is what traffic of derived works and flows refers to.
type moneyTraffic struct {
	derived []derived
	flows   []flow
}

type derived struct {
	parentBy     Account
	work, parent string
}

type flow struct {
	sender, recipient Account
	id                string
}

func (x *Traffic) moneyKinds() []kind {
	return []kind{
		{3, x.derive}, {2, x.setTerms}, {3, x.acceptDerivation}, {2, x.setPayout}, {3, x.claimRebate}, {4, x.createFlow},
		{2, x.topUpFlow}, {2, x.pauseFlow}, {2, x.resumeFlow}, {2, x.reRateFlow}, {2, x.cancelFlow}, {3, x.withdrawFlow},
	}
}

// derive publishes a work that gives to one or two others.
func (x *Traffic) derive(from Account) sdk.Msg {
	if len(x.works) == 0 {
		return nil
	}
	msg := Publish(from, x.name("derived"))
	for range 1 + x.rng.IntN(2) {
		msg.Parents = append(msg.Parents, contenttypes.Parent{Work: pick(x.rng, x.works).id, Bps: uint32(x.rng.IntN(1600))})
	}
	return msg
}

func (x *Traffic) setTerms(from Account) sdk.Msg {
	work, ok := x.mine(from, x.works)
	if !ok {
		return nil
	}
	return &revenuetypes.MsgSetDerivationTerms{Controller: from.String(), Work: work, Open: x.rng.IntN(2) == 0, MinBps: uint32(x.rng.IntN(3001))}
}

func (x *Traffic) acceptDerivation(from Account) sdk.Msg {
	if len(x.derived) == 0 {
		return nil
	}
	d := pick(x.rng, x.derived)
	if d.parentBy.Name != from.Name && x.rng.IntN(5) > 0 {
		return nil
	}
	return &revenuetypes.MsgAcceptDerivation{Controller: from.String(), Work: d.work, Parent: d.parent}
}

func (x *Traffic) setPayout(from Account) sdk.Msg {
	msg := &revenuetypes.MsgSetPayout{Claimant: from.String(), To: x.account().String(), Threshold: token.Coin(revenuetypes.MinPayout + x.rng.Int64N(1_000_000))}
	if x.rng.IntN(2) == 0 {
		msg.Recipient = contenttypes.NewCreatorID(from.Addr()).String()
	}
	if x.rng.IntN(4) == 0 {
		msg.Threshold = token.Coin(0)
	}
	return msg
}

func (x *Traffic) claimRebate(from Account) sdk.Msg {
	return &revenuetypes.MsgClaimRebate{Viewer: from.String()}
}

func (x *Traffic) createFlow(from Account) sdk.Msg {
	msg := &streamtypes.MsgCreateFlow{
		Sender: from.String(), Recipient: x.account().String(), Deposit: token.Coin(100_000 + x.rng.Int64N(1_000_000)),
		RateAmount: math.NewInt(1 + x.rng.Int64N(100_000)), RateSeconds: 1 + x.rng.Int64N(10),
	}
	if x.rng.IntN(3) == 0 {
		msg.StartsAt = x.after(10 * time.Second)
	}
	return msg
}

// someFlow is a flow that from may change, or now and then one that it may not.
func (x *Traffic) someFlow(from Account, party func(flow) Account) (string, bool) {
	var ids []string
	for _, f := range x.flows {
		if party(f).Name == from.Name || x.rng.IntN(20) == 0 {
			ids = append(ids, f.id)
		}
	}
	if len(ids) == 0 {
		return "", false
	}
	return pick(x.rng, ids), true
}

func senderOf(f flow) Account { return f.sender }

func recipientOf(f flow) Account { return f.recipient }

func (x *Traffic) topUpFlow(from Account) sdk.Msg {
	if len(x.flows) == 0 {
		return nil
	}
	return &streamtypes.MsgTopUpFlow{Payer: from.String(), Flow: pick(x.rng, x.flows).id, Amount: x.amount()}
}

func (x *Traffic) pauseFlow(from Account) sdk.Msg {
	id, ok := x.someFlow(from, senderOf)
	if !ok {
		return nil
	}
	return &streamtypes.MsgPauseFlow{Sender: from.String(), Flow: id}
}

func (x *Traffic) resumeFlow(from Account) sdk.Msg {
	id, ok := x.someFlow(from, senderOf)
	if !ok {
		return nil
	}
	return &streamtypes.MsgResumeFlow{Sender: from.String(), Flow: id}
}

func (x *Traffic) reRateFlow(from Account) sdk.Msg {
	id, ok := x.someFlow(from, senderOf)
	if !ok {
		return nil
	}
	return &streamtypes.MsgReRateFlow{Sender: from.String(), Flow: id, RateAmount: math.NewInt(1 + x.rng.Int64N(1000)), RateSeconds: 1 + x.rng.Int64N(10)}
}

func (x *Traffic) cancelFlow(from Account) sdk.Msg {
	id, ok := x.someFlow(from, senderOf)
	if !ok {
		return nil
	}
	return &streamtypes.MsgCancelFlow{Signer: from.String(), Flow: id}
}

func (x *Traffic) withdrawFlow(from Account) sdk.Msg {
	id, ok := x.someFlow(from, recipientOf)
	if !ok {
		return nil
	}
	return &streamtypes.MsgWithdrawFlow{Recipient: from.String(), Flow: id, To: x.account().String()}
}

// learnMoney reads what there is to refer to.
func (x *Traffic) learnMoney(msg sdk.Msg, raw []byte) {
	switch m := msg.(type) {
	case *contenttypes.MsgPublish:
		var r contenttypes.MsgPublishResponse
		require.NoError(x.t, r.Unmarshal(raw))
		for _, p := range m.Parents {
			for _, w := range x.works {
				if w.id == p.Work {
					x.derived = append(x.derived, derived{w.by, r.Cid, p.Work})
				}
			}
		}
	case *streamtypes.MsgCreateFlow:
		var r streamtypes.MsgCreateFlowResponse
		require.NoError(x.t, r.Unmarshal(raw))
		x.flows = append(x.flows, flow{x.byAddress(m.Sender), x.byAddress(m.Recipient), r.Flow})
	}
}
