package admit_test

import (
	"context"
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"

	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// TestWidenedKey: a key that was granted to show who asks, and is then allowed to pay, pays at once.
func TestWidenedKey(t *testing.T) {
	f := setup(t)
	pub := []byte(f.key.Public().(ed25519.PublicKey))
	f.chain.Grant(f.viewer, f.key, streamtypes.SESSION_KEY_SCOPE_ACCESS)
	require.NoError(t, f.gate.Reader.Key(context.Background(), f.viewer, pub, streamtypes.SESSION_KEY_SCOPE_ACCESS))
	f.chain.Grant(f.viewer, f.key, streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS)
	require.NoError(t, f.gate.Reader.Key(context.Background(), f.viewer, pub, streamtypes.SESSION_KEY_SCOPE_PAYMENT))
}
