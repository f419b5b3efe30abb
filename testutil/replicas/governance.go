package replicas

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
)

// quiet is a message that no traffic needs: it can be paused.
var quiet = sdk.MsgTypeURL(&contenttypes.MsgSetHandle{})

// council is of the first five accounts, if there are as many.
func (g Genesis) council() governancetypes.Council {
	var msg governancetypes.MsgSetCouncil
	for _, a := range g.Accounts[:min(len(g.Accounts), governancetypes.Seats)] {
		msg.Members = append(msg.Members, a.String())
	}
	if len(msg.Members) < governancetypes.Seats {
		return governancetypes.Council{}
	}
	return msg.Council()
}

func (x *Traffic) track() governancetypes.Track {
	return governancetypes.Track(x.rng.IntN(2) * int(governancetypes.TRACK_TREASURY))
}

func (x *Traffic) delegateVote(from Account) sdk.Msg {
	return &governancetypes.MsgDelegateVote{Delegator: from.String(), Delegate: x.account().String(), Track: x.track()}
}

func (x *Traffic) undelegateVote(from Account) sdk.Msg {
	delegator := from
	if x.rng.IntN(2) == 0 { // a delegate may refuse
		delegator = x.account()
	}
	return &governancetypes.MsgUndelegateVote{Signer: from.String(), Delegator: delegator.String(), Track: x.track()}
}

func (x *Traffic) pause(from Account) sdk.Msg {
	return &governancetypes.MsgPause{Member: from.String(), TypeUrl: quiet, Seconds: 3600, Reason: "traffic"}
}

func (x *Traffic) resume(from Account) sdk.Msg {
	return &governancetypes.MsgResume{Signer: from.String(), TypeUrl: quiet}
}
