package storagenode_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/storagenode/nodetest"
)

func TestANodeOffersKeysUnlessItIsToldNotTo(t *testing.T) {
	for _, enabled := range []bool{true, false} {
		cfg, chain := config(t), newChain()
		cfg.Keys.Enabled = enabled
		n, err := storagenode.New(context.Background(), cfg, chain, slog.New(slog.NewTextHandler(io.Discard, nil)))
		require.NoError(t, err)
		require.NoError(t, n.HoldKeys(context.Background()))
		require.Equal(t, enabled, len(chain.Providers[nodetest.Address("op")].SealKey) == 32)
		rec := httptest.NewRecorder()
		n.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/v1/keys", http.NoBody))
		require.Equal(t, http.StatusMethodNotAllowed, rec.Code)
		require.NoError(t, n.Close())
	}
}
