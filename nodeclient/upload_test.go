package nodeclient_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// A node that says it has more of a piece than there is, or less than nothing, is sent all of it.
func TestOffsetsThatCannotBe(t *testing.T) {
	car := bytes.Repeat([]byte("piece"), 1000)
	for said, sent := range map[string][]byte{"": car, "x": car, "-1": car, "5001": car, "9223372036854775807": car, "1000": car[1000:], "5000": {}} {
		var got []byte
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead {
				w.Header().Set(wire.HeaderOffset, said)
				return
			}
			got, _ = io.ReadAll(r.Body)
			_ = json.NewEncoder(w).Encode(wire.UploadState{Complete: true})
		}))
		sign := func() (string, error) { return "signed", nil }
		err := nodeclient.New(nodeclient.NewHTTP(true), srv.URL).Upload(t.Context(), [32]byte{1}, bytes.NewReader(car), int64(len(car)), sign, func(int64) {})
		srv.Close()
		require.NoError(t, err, said)
		require.True(t, bytes.Equal(sent, got), "offset %q: %d bytes came", said, len(got))
	}
}
