package replicas

import (
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/subscription/template"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// templateTraffic is what traffic knows of monetization templates.
type templateTraffic struct {
	published []owned           // by their authors
	versions  map[string]uint64 // of the offers of works, that were set last
	sold      []owned           // works by the account that has bought them and can give them back
}

// kinds are the messages about templates.
func (x *Traffic) templateKinds() []kind {
	return []kind{{3, x.publishTemplate}, {1, x.removeTemplate}, {8, x.buyByTemplate}, {3, x.refundByTemplate}}
}

func (x *Traffic) publishTemplate(from Account) sdk.Msg {
	return &subscriptiontypes.MsgPublishTemplate{
		Author: from.String(), Title: x.name("template"), RoyaltyBps: uint32(x.rng.IntN(203)),
		Access: "viewer.run_purchases > 0 && block_time < viewer.run_at + viewer.run_purchases * params.seconds",
		Price:  "viewer.purchases > 3 ? -1 : max(mul_div(params.price, 10, 10 + work.buyers), offered)",
		Refund: "block_time < viewer.last_at + 5 ? 10000 : params.seconds % 2 == 0 ? 5000 : 10000",
		Params: subscriptiontypes.NewTemplateParams([]template.Param{
			{Name: "price", Type: template.Int, Min: 0, Max: 2_000_000, Default: template.IntValue(10_000)},
			{Name: "seconds", Type: template.Int, Min: 1, Max: 100, Default: template.IntValue(20)},
		}),
	}
}

func (x *Traffic) removeTemplate(from Account) sdk.Msg {
	id, ok := x.mine(from, x.published)
	if !ok {
		return nil
	}
	return &subscriptiontypes.MsgRemoveTemplate{Author: from.String(), Template: id}
}

// templateOffer is an offer by one of the older templates: the newest stay removable.
func (x *Traffic) templateOffer() (subscriptiontypes.Offer, bool) {
	if len(x.published) < 3 {
		return subscriptiontypes.Offer{}, false
	}
	id := x.published[x.rng.IntN(len(x.published)-2)].id
	return subscriptiontypes.NewTemplateOffer(id, subscriptiontypes.NewTemplateArgs([]template.Arg{
		{Name: "seconds", Value: template.IntValue(1 + x.rng.Int64N(100))},
	})...), true
}

func (x *Traffic) buyByTemplate(from Account) sdk.Msg {
	if len(x.works) == 0 {
		return nil
	}
	work := pick(x.rng, x.works).id
	msg := &subscriptiontypes.MsgPurchaseByTemplate{Buyer: from.String(), Work: work, OffersVersion: x.versions[work], MaxPrice: token.Coin(2_000_000)}
	if x.rng.IntN(4) == 0 {
		pay := token.Coin(1 + x.rng.Int64N(2_000_000))
		msg.Pay = &pay
	}
	return msg
}

func (x *Traffic) refundByTemplate(from Account) sdk.Msg {
	work, ok := x.mine(from, x.sold)
	if !ok {
		return nil
	}
	return &subscriptiontypes.MsgRefundByTemplate{Buyer: from.String(), Work: work}
}

func (x *Traffic) learnTemplates(msg sdk.Msg, raw []byte) {
	switch m := msg.(type) {
	case *subscriptiontypes.MsgPublishTemplate:
		var r subscriptiontypes.MsgPublishTemplateResponse
		require.NoError(x.t, r.Unmarshal(raw))
		x.published = append(x.published, owned{x.byAddress(m.Author), r.Template})
	case *subscriptiontypes.MsgSetOffers:
		var r subscriptiontypes.MsgSetOffersResponse
		require.NoError(x.t, r.Unmarshal(raw))
		if x.versions == nil {
			x.versions = map[string]uint64{}
		}
		x.versions[m.Work] = r.Version
	case *subscriptiontypes.MsgPurchaseByTemplate:
		x.sold = append(x.sold, owned{x.byAddress(m.Buyer), m.Work})
	}
}
