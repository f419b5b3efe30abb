package media

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
)

// TestVectors holds the bytes of DAG and CAR: a change here makes every published work's piece another one.
func TestVectors(t *testing.T) {
	ctx := context.Background()
	var vectors []struct {
		Name  string
		Files map[string]int // path → size; byte i is i mod 251
		Cover string
		Media string
		Root  string // of the cover
		Size  uint64
		Piece string
	}
	data, err := os.ReadFile("testdata/vectors.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &vectors))
	require.NotEmpty(t, vectors)
	for _, v := range vectors {
		dir, x := t.TempDir(), NewIndex()
		for path, size := range v.Files {
			b := make([]byte, size)
			for i := range b {
				b[i] = byte(i % 251)
			}
			write(t, filepath.Join(dir, path), b)
		}
		media, _, err := BuildDAG(ctx, dir, x)
		require.NoError(t, err)
		require.Equal(t, v.Media, media.String(), v.Name)
		cover := cid.Undef
		if v.Cover != "" {
			cover, _, err = BuildDAG(ctx, filepath.Join(dir, v.Cover), x)
			require.NoError(t, err)
			require.Equal(t, v.Root, cover.String(), v.Name)
		}
		var car bytes.Buffer
		piece, size, err := WriteCAR(ctx, &car, []cid.Cid{media, cover}, x)
		require.NoError(t, err)
		require.Equal(t, v.Size, size, v.Name)
		require.Equal(t, v.Piece, hex.EncodeToString(piece[:]), v.Name)
	}
}
