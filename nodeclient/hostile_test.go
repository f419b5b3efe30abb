package nodeclient_test

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/nodeclient"
)

// A node that drips bytes is as bad as a silent one: it would hold a viewer for hours.
func TestDrip(t *testing.T) {
	t.Parallel()
	root, car, _ := work(t, 1<<20)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(car) && r.Context().Err() == nil; i += 100 {
			_, _ = w.Write(car[i : i+100])
			_ = http.NewResponseController(w).Flush()
			time.Sleep(50 * time.Millisecond)
		}
	}))
	defer srv.Close()
	start := time.Now()
	_, _, err := nodeclient.New(nodeclient.NewHTTP(true), srv.URL).File(t.Context(), root, segPath, 1<<20, nodeclient.Credentials{})
	require.ErrorIs(t, err, nodeclient.ErrStalled)
	require.ErrorContains(t, err, srv.URL)
	require.Less(t, time.Since(start), 2*nodeclient.Stall)
}

// Whatever bit of an answer is flipped on its way, no wrong byte comes out, and the error names the node.
func TestFlippedInTransit(t *testing.T) {
	root, car, file := work(t, 1<<20)
	rng := rand.New(rand.NewPCG(3, 3))
	bit := -1
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		bad := bytes.Clone(car)
		if bit >= 0 {
			bad[bit/8] ^= 1 << (bit % 8)
		}
		_, _ = w.Write(bad)
	}))
	defer srv.Close()
	c := nodeclient.New(nodeclient.NewHTTP(true), srv.URL)
	data, _, err := c.File(t.Context(), root, segPath, 1<<20, nodeclient.Credentials{})
	require.NoError(t, err)
	require.True(t, bytes.Equal(file, data))
	refused := 0
	for range 400 {
		bit = rng.IntN(8 * len(car))
		data, _, err = c.File(t.Context(), root, segPath, 1<<20, nodeclient.Credentials{})
		if err == nil {
			// the flip lay beside the file: in a block that its path does not need
			require.True(t, bytes.Equal(file, data), "bit %d", bit)
			continue
		}
		refused++
		require.Nil(t, data)
		require.ErrorContains(t, err, srv.URL, "the source is named")
	}
	require.Greater(t, refused, 390)
}
