package watch

import (
	"encoding/hex"
	"path/filepath"
	"sync"

	"github.com/streamchain/streamchain/keyclient"
)

// keyFile keeps the keys of windows that were paid for, beside the blocks: a run that goes on later, when the session is over, does not pay for them again. It is
// only a cache: what cannot be written is asked for again.
type keyFile struct {
	path string

	mu   sync.Mutex
	keys map[string]string // hexadecimal, by windowName
}

func windowName(w keyclient.Window) string { return keyTagName(w.Rendition, w.Number) }

// openKeyFile reads what is in the folder of a work's blocks, which Forget drops.
func openKeyFile(dir string) *keyFile {
	f := &keyFile{path: filepath.Join(dir, "keys.json"), keys: map[string]string{}}
	if readJSON(f.path, &f.keys) != nil || f.keys == nil {
		f.keys = map[string]string{}
	}
	return f
}

func (f *keyFile) get(w keyclient.Window) (key [16]byte, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	raw, err := hex.DecodeString(f.keys[windowName(w)])
	if err != nil || len(raw) != len(key) {
		return key, false
	}
	return [16]byte(raw), true
}

func (f *keyFile) put(w keyclient.Window, key [16]byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keys[windowName(w)] = hex.EncodeToString(key[:])
	_ = writeJSON(f.path, f.keys)
}
