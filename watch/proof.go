package watch

import (
	"context"
	"crypto/rand"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/storagenode/wire"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// proofSeconds is how long a proof of the session key is valid.
const proofSeconds = 240

// sign proves to the node of operator that the session key's owner asks for this work.
func (p *player) sign(operator sdk.AccAddress, method string) (string, error) {
	work, err := manifest.ParseWorkID(p.root)
	if err != nil {
		return "", err
	}
	proof := wire.Proof{Owner: p.chain.account(), Work: work, Expires: time.Now().Unix() + proofSeconds}
	if _, err := rand.Read(proof.Nonce[:]); err != nil {
		return "", err
	}
	proof.Sign(p.device.key, p.chain.ChainID(), operator, method)
	return proof.String(), nil
}

// endpoints maps the URL of each provider with an active deal for the version to its operator.
func (c chain) endpoints(ctx context.Context, version string) (map[string]string, error) {
	q := storagetypes.NewQueryClient(c.Conn())
	deals, err := q.DealsByWork(ctx, &storagetypes.QueryDealsByWorkRequest{Work: version})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, d := range deals.Deals {
		if d.Status != storagetypes.DEAL_STATUS_ACTIVE {
			continue
		}
		res, err := q.Provider(ctx, &storagetypes.QueryProviderRequest{Operator: d.Operator})
		if err != nil {
			return nil, err
		}
		for _, e := range res.Provider.Endpoints {
			out[e] = d.Operator
		}
	}
	return out, nil
}
