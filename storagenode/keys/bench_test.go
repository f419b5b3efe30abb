package keys_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/cloudflare/circl/group"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/storagenode/keys/keystest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// BenchmarkRelease is a request for 16 windows through the whole handler: JSON, the proof's signature, what the chain says, the share from disk, and
// for paid ones the words and a synced line in the book; then 16 answers with their proofs, sealed. BenchmarkMultiply is one of the five scalar
// multiplications of an answer, alone.
func BenchmarkRelease(b *testing.B) {
	for _, by := range []string{"right", "paid"} {
		b.Run(by, func(b *testing.B) {
			w := keystest.New(b, 1).Active()
			w.Decide("", nodetest.Metered(price, 0))
			_, owner := nodetest.Account("viewer")
			key := nodetest.SessionKey("viewer")
			w.Grant(owner.String(), key, streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS)
			w.Lane(owner.String(), key, 1<<62)
			if by == "right" {
				w.Decide(owner.String(), subtypes.AccessDecision{Granted: true, Reason: "purchased"})
			}
			digest, err := manifest.ParseWorkID(w.Root)
			require.NoError(b, err)
			_, public, err := keyshare.NewSealKey(rand.Reader)
			require.NoError(b, err)
			session := uint64(0)
			next, pay := uint32(0), (func(uint32) *wire.KeyPay)(nil)
			for b.Loop() {
				b.StopTimer()
				if next%(16*64) == 0 {
					session++
					next = 0
					_, pay = w.Pay(owner.String(), key, session, price, 6*16*64)
				}
				req := wire.KeysRequest{Work: w.Root, ReplyKey: public[:]}
				for range wire.MaxKeyWindows {
					req.Windows = append(req.Windows, keystest.Windows(100+next)...)
					next++
				}
				if by == "paid" {
					req.Pay = pay(6 * next)
				}
				proof := wire.Proof{Owner: owner, Work: digest, Expires: time.Now().Unix() + 60, Nonce: req.Nonce()}
				proof.Sign(key, nodetest.ChainID, w.Nodes[0].Account, http.MethodPost)
				body, err := json.Marshal(req)
				require.NoError(b, err)
				r := httptest.NewRequest(http.MethodPost, "/v1/keys", bytes.NewReader(body))
				r.Header.Set(wire.HeaderAuth, proof.String())
				rec := httptest.NewRecorder()
				b.StartTimer()
				w.Nodes[0].Server.ServeHTTP(rec, r)
				if rec.Code != http.StatusOK {
					b.Fatal(rec.Body)
				}
			}
			b.ReportMetric(float64(wire.MaxKeyWindows*b.N)/b.Elapsed().Seconds(), "windows/s")
		})
	}
}

func BenchmarkMultiply(b *testing.B) {
	g := group.Ristretto255
	k, p, out := g.RandomNonZeroScalar(rand.Reader), g.RandomElement(rand.Reader), g.NewElement()
	for b.Loop() {
		out.Mul(p, k)
	}
}
