package admit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// A node without a deal gets a work's bytes only where it could take a copy that is wanted.
func TestReplicaForRepair(t *testing.T) {
	for name, tc := range map[string]struct {
		price  int64
		status storagetypes.ProviderStatus
		wanted bool
		want   string
	}{
		"may repair":     {1000, storagetypes.PROVIDER_STATUS_ACTIVE, true, ""},
		"nothing wanted": {1000, storagetypes.PROVIDER_STATUS_ACTIVE, false, wire.NotAProvider},
		"too dear":       {2000, storagetypes.PROVIDER_STATUS_ACTIVE, true, wire.NotAProvider},
		"leaving":        {1000, storagetypes.PROVIDER_STATUS_LEAVING, true, wire.NotAProvider},
	} {
		f := setup(t)
		key, op2 := nodetest.Account("op2")
		f.chain.Works[f.root] = contenttypes.Work{Cid: f.root, Root: f.root, PieceSize: 1 << 30}
		f.chain.Providers[op2.String()] = storagetypes.Provider{Operator: op2.String(), Agent: op2.String(), Status: tc.status, PricePerGibDay: math.NewInt(tc.price)}
		if tc.wanted {
			f.chain.WantCopy(f.root, nodetest.Address("dead"), storagetypes.DEAL_END_LOST)
		}
		digest, err := manifest.ParseWorkID(f.root)
		require.NoError(t, err)
		r := wire.Replica{Requester: op2, Work: digest, Expires: time.Now().Unix() + 60, PubKey: key.PubKey().Bytes()}
		r.Signature, err = key.Sign(r.SignBytes(nodetest.ChainID, f.gate.Node.Bytes))
		require.NoError(t, err)
		g, p := f.askAll(serve.Ask{Method: "GET", Refs: []catalog.Ref{{Entry: f.entry}}, Whole: true}, wire.HeaderReplica, r.String())
		require.Equal(t, tc.want, slug(p), name)
		require.True(t, p != nil || g.Private, name)
	}
}
