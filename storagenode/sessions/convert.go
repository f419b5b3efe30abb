package sessions

import (
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/wire"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

func intentOf(i wire.LaneIntent) streamtypes.LaneIntent {
	return streamtypes.LaneIntent{
		ChainId: i.ChainID, EscrowOwner: i.EscrowOwner, Denom: i.Denom, Provider: i.Provider, Generation: i.Generation, Cap: i.Cap,
		SubmitBy: i.SubmitBy, Expires: i.Expires, Pubkey: i.PubKey, Signature: i.Signature,
	}
}

// SessionOf is the chain's form of signed terms.
func SessionOf(s wire.Session) streamtypes.Session {
	return streamtypes.Session{
		ChainId: s.ChainID, EscrowOwner: s.EscrowOwner, Denom: s.Denom, Provider: s.Provider, Generation: s.Generation, Session: s.Session, Work: s.Work,
		PricePerTick: s.PricePerTick, TickSeconds: s.TickSeconds, MaxTicks: s.MaxTicks, Root: s.Root, Expires: s.Expires, Pubkey: s.PubKey, Signature: s.Signature,
		Subscription: s.Subscription,
	}
}

func laneOf(l streamtypes.Lane) ledger.Lane {
	return ledger.Lane{
		LaneID: ledger.LaneID{Owner: l.Owner, Denom: l.Denom, Generation: l.Generation},
		Cap:    l.Cap, Spent: l.Spent, PubKey: l.Pubkey, Expires: l.Expires, ClosesAt: l.ClosesAt,
	}
}

func laneState(l ledger.Lane, spent uint64, tx string) *wire.LaneState {
	return &wire.LaneState{Generation: l.Generation, Cap: l.Cap, Spent: spent, Expires: l.Expires, Open: true, TX: tx}
}

func sessionState(s ledger.State) *wire.SessionState {
	return &wire.SessionState{ID: s.ID.String(), Paid: s.Paid, Used: s.Used, Settled: s.Settled, Open: s.Open}
}
