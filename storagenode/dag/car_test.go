package dag

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"
)

// A CAR of many tiny blocks fills no disk; what is remembered of each must not fill the memory.
func TestOpenCARBoundsWhatItRemembers(t *testing.T) {
	block := func(i uint32) (cid.Cid, []byte) {
		data := binary.BigEndian.AppendUint32(nil, i)
		c, err := cid.V1Builder{Codec: cid.Raw, MhType: mh.SHA2_256}.Sum(data)
		require.NoError(t, err)
		return c, data
	}
	root, _ := block(0)
	var car bytes.Buffer
	w, err := NewCARWriter(&car, []cid.Cid{root})
	require.NoError(t, err)
	w.Duplicates = true
	for i := range uint32(20) {
		c, data := block(i % 10)
		require.NoError(t, w.Block(c, data))
	}
	require.NoError(t, w.Close())
	r, size := bytes.NewReader(car.Bytes()), int64(car.Len())

	f, err := openCAR(r, size, 10)
	require.NoError(t, err, "one that comes twice counts once")
	require.Len(t, f.CIDs(), 10)
	_, err = openCAR(r, size, 9)
	require.ErrorIs(t, err, ErrLimit)
}
