package replicas

import (
	"crypto/sha256"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func (x *Traffic) freeOffer(from Account) sdk.Msg {
	work, ok := x.mine(from, x.works)
	if !ok {
		return nil
	}
	return &subscriptiontypes.MsgSetOffers{Controller: from.String(), Work: work, Offers: []subscriptiontypes.Offer{subscriptiontypes.NewFreeOffer()}}
}

func (x *Traffic) fundServing(from Account) sdk.Msg {
	if len(x.works) == 0 {
		return nil
	}
	work := pick(x.rng, x.works).id
	if len(x.deals) > 0 {
		work = pick(x.rng, x.deals).id
	}
	return &storagetypes.MsgFundServing{Funder: from.String(), Work: work, Amount: token.Coin(1 + x.rng.Int64N(1_000_000))}
}

// reportUse lets the sender, as a provider, say that somebody else watched. Terms follow from
// viewer, provider and work, so that a later report goes on where an earlier one ended.
func (x *Traffic) reportUse(from Account) sdk.Msg {
	if len(x.works) == 0 {
		return nil
	}
	msg := &streamtypes.MsgReportUse{Agent: from.String()}
	for range 1 + x.rng.IntN(3) {
		viewer, work := x.account(), pick(x.rng, x.works).id
		if kept, ok := x.mine(from, x.deals); ok {
			work = kept
		}
		s := streamtypes.Session{
			ChainId: ChainID, EscrowOwner: viewer.String(), Provider: from.String(), Session: 1, Work: work, TickSeconds: 1, MaxTicks: 60,
			Expires: x.c.Genesis.Time.Add(12 * time.Hour).Unix(), Pubkey: publicKey(viewer), Root: make([]byte, 32),
		}
		v, err := s.Voucher()
		require.NoError(x.t, err)
		words := voucher.NewChain(&v, sha256.Sum256([]byte(viewer.Name)))
		s.Root, s.Signature = v.Root[:], v.Sign(sessionKey(viewer))
		n := 1 + uint32(x.rng.IntN(4))
		w := words.Word(n)
		msg.Items = append(msg.Items, streamtypes.Settlement{Session: s, N: n, Word: w[:]})
	}
	return msg
}

func (x *Traffic) learnUse(raw []byte) {
	var res streamtypes.MsgReportUseResponse
	require.NoError(x.t, res.Unmarshal(raw))
	for _, r := range res.Results {
		x.sent["uses"]++
		x.sent["served uses"]++
		switch {
		case !r.Ok():
			x.failed["uses"] = r.Text
		case r.Seconds > 0:
			x.worked["uses"]++
			if r.Paid.IsPositive() {
				x.worked["served uses"]++
			}
		}
	}
}
