package project

import (
	"strings"

	"github.com/cosmos/gogoproto/proto"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// never are events that say who watched what, when, and through which node. They stay on the chain; the index, which makes things easy to
// find, does not keep them. Sums of them are kept.
var never = names(
	&streamtypes.EventSessionKeyGranted{}, &streamtypes.EventSessionKeyRevoked{},
	&streamtypes.EventLaneOpened{}, &streamtypes.EventLaneRefused{}, &streamtypes.EventLaneClosing{}, &streamtypes.EventLaneEnded{},
	&streamtypes.EventLaneEndFailed{}, &streamtypes.EventLaneSwept{}, &streamtypes.EventLaneSweepFailed{},
	&streamtypes.EventSessionSettled{}, &streamtypes.EventSettlementRefused{},
	&streamtypes.EventUseProved{}, &streamtypes.EventUseRefused{}, &streamtypes.EventUseSweepFailed{},
	&subscriptiontypes.EventPassCounted{}, &subscriptiontypes.EventPassPeriodClosed{},
)

// sometimes are events that say it for some payments only.
var sometimes = names(&revenuetypes.EventDistributed{})

func names(all ...proto.Message) map[string]bool {
	out := map[string]bool{}
	for _, m := range all {
		out[proto.MessageName(m)] = true
	}
	return out
}

// Private says whether an event is kept out of the index. msg may be nil where the type alone decides.
func private(name string, msg proto.Message) bool {
	if never[name] {
		return true
	}
	e, ok := msg.(*revenuetypes.EventDistributed)
	return ok && watched(e)
}

// watched says whether a payment tells what its payer watched: by the second, or a pass's fee that goes to what was.
func watched(e *revenuetypes.EventDistributed) bool {
	return e.Rail == revenuetypes.RAIL_METERED || ofPass(e)
}

func ofPass(e *revenuetypes.EventDistributed) bool {
	return e.Rail == revenuetypes.RAIL_PLAN && strings.HasPrefix(e.Reference, "pass-")
}
