package types

import (
	"strconv"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// eventSessionSettled is the event's name on the chain.
const eventSessionSettled = "streamchain.stream.v1.EventSessionSettled"

// TypedEvent is what sdk.TypedEventToEvent makes of the event, to the byte, written out: by way
// of reflection and JSON it cost a third of a settled session. A test holds the two to be the
// same. Every text in it must be one that the keeper has read: an address, a cid, a denom.
func (e EventSessionSettled) TypedEvent() sdk.Event {
	// in the order of names
	return sdk.Event{Type: eventSessionSettled, Attributes: []abci.EventAttribute{
		{Key: "generation", Value: quote(strconv.FormatUint(e.Generation, 10))},
		{Key: "n", Value: strconv.FormatUint(uint64(e.N), 10)},
		{Key: "owner", Value: quote(e.Owner)},
		{Key: "paid", Value: `{"denom":` + quote(e.Paid.Denom) + `,"amount":` + quote(e.Paid.Amount.String()) + `}`},
		{Key: "provider", Value: quote(e.Provider)},
		{Key: "session", Value: quote(strconv.FormatUint(e.Session, 10))},
		{Key: "spent", Value: quote(strconv.FormatUint(e.Spent, 10))},
		{Key: "submitter", Value: quote(e.Submitter)},
		{Key: "ticks", Value: strconv.FormatUint(uint64(e.Ticks), 10)},
		{Key: "work", Value: quote(e.Work)},
	}}
}

func quote(s string) string { return `"` + s + `"` }
