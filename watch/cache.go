package watch

import (
	"os"
	"path/filepath"

	"github.com/ipfs/go-cid"
)

// blocks is a folder of blocks by their CID: what a run that was stopped had fetched. It is only a cache: what cannot be
// written is fetched again, and what is read is verified by its reader, so no write has to be waited for.
type blocks struct{ dir string }

func (b blocks) path(id cid.Cid) string {
	name := id.String()
	return filepath.Join(b.dir, name[len(name)-2:], name)
}

// Get implements nodeclient.Cache.
func (b blocks) Get(id cid.Cid) ([]byte, bool) {
	data, err := os.ReadFile(b.path(id))
	return data, err == nil
}

// Put implements nodeclient.Cache.
func (b blocks) Put(id cid.Cid, data []byte) {
	path := b.path(id)
	if os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "new-*")
	if err != nil {
		return
	}
	_, err = tmp.Write(data)
	if cerr := tmp.Close(); err != nil || cerr != nil || os.Rename(tmp.Name(), path) != nil {
		_ = os.Remove(tmp.Name())
	}
}
