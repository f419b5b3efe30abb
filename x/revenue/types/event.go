package types

import (
	"strconv"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// eventDistributed is the event's name on the chain.
const eventDistributed = "streamchain.revenue.v1.EventDistributed"

// TypedEvent is what sdk.TypedEventToEvent makes of EventDistributed, to the byte, written out:
// by way of reflection and JSON it cost more than all the rest of a settled session. A test
// holds the two to be the same.
func (d Distribution) TypedEvent() (sdk.Event, error) {
	for _, text := range [...]string{d.Subject, d.Creator, d.Payer, d.Gross.Denom, d.Server, d.Reference, d.RoyaltyTo} {
		if !plain(text) {
			return sdk.TypedEventToEvent(d.Event())
		}
	}
	// in the order of names
	return sdk.Event{Type: eventDistributed, Attributes: []abci.EventAttribute{
		{Key: "burn_part", Value: quote(d.BurnPart.String())},
		{Key: "creator", Value: quote(d.Creator)},
		{Key: "creator_part", Value: quote(d.CreatorPart.String())},
		{Key: "credits", Value: creditsJSON(d.Credits)},
		{Key: "discount", Value: quote(d.Discount.String())},
		{Key: "endowment_part", Value: quote(d.EndowmentPart.String())},
		{Key: "gross", Value: `{"denom":` + quote(d.Gross.Denom) + `,"amount":` + quote(d.Gross.Amount.String()) + `}`},
		{Key: "key_holders_part", Value: quote(d.KeyHoldersPart.String())},
		{Key: "parents_part", Value: quote(d.ParentsPart.String())},
		{Key: "participation_part", Value: quote(d.ParticipationPart.String())},
		{Key: "payer", Value: quote(d.Payer)},
		{Key: "rail", Value: quote(d.Rail.String())},
		{Key: "reference", Value: quote(d.Reference)},
		{Key: "royalty_part", Value: quote(d.RoyaltyPart.String())},
		{Key: "royalty_to", Value: quote(d.RoyaltyTo)},
		{Key: "server", Value: quote(d.Server)},
		{Key: "server_part", Value: quote(d.ServerPart.String())},
		{Key: "split_version", Value: quote(strconv.FormatUint(d.SplitVersion, 10))},
		{Key: "stakers_part", Value: quote(d.StakersPart.String())},
		{Key: "storage_pool_part", Value: quote(d.StoragePoolPart.String())},
		{Key: "subject", Value: quote(d.Subject)},
		{Key: "treasury_part", Value: quote(d.TreasuryPart.String())},
	}}, nil
}

// creditsJSON writes credits; their recipients are addresses and ids, which are plain.
func creditsJSON(credits []Credit) string {
	b := append(make([]byte, 0, 2+96*len(credits)), '[')
	for i, c := range credits {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, `{"recipient":"`...), c.Recipient...)
		b = append(append(b, `","amount":"`...), c.Amount.String()...)
		b = append(append(b, `","parent":"`...), c.Parent...)
		b = append(b, `"}`...)
	}
	return string(append(b, ']'))
}

func quote(s string) string { return `"` + s + `"` }

// plain reports whether s stands in JSON as it is.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&':
			return false
		}
	}
	return true
}
