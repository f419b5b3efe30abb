package watch

import (
	"context"

	"github.com/streamchain/streamchain/keyclient"
	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// batch are the keys of neighbouring windows of a file, asked for at once.
type batch struct {
	done chan struct{}
	keys map[keyclient.Window]keyshare.Output
	err  error
}

// ofFile gives the keys of a file of size bytes in order, a batch ahead.
func (k *keyring) ofFile(ctx context.Context, name string, size uint64) media.FileKey {
	last := uint32(media.RecordOf(max(size, 1)-1) / media.WindowRecords)
	batches := map[uint32]*batch{}
	begin := func(i uint32) *batch {
		b := batches[i]
		if b == nil {
			b = &batch{done: make(chan struct{})}
			batches[i] = b
			go func() {
				defer close(b.done)
				var windows []keyclient.Window
				for n := i * wire.MaxKeyWindows; n <= min(last, (i+1)*wire.MaxKeyWindows-1); n++ {
					windows = append(windows, keyclient.Window{Rendition: name, Number: n})
				}
				b.keys, b.err = k.ask(windows...)
				k.opened.Add(int64(len(b.keys)))
			}()
		}
		return b
	}
	begin(0) // while the first bytes come
	return func(window uint32) ([32]byte, error) {
		i := window / wire.MaxKeyWindows
		b := begin(i)
		if (i+1)*wire.MaxKeyWindows <= last {
			begin(i + 1)
		}
		if i > 0 {
			delete(batches, i-1)
		}
		select {
		case <-b.done:
		case <-ctx.Done():
			return [32]byte{}, ctx.Err()
		}
		return b.keys[keyclient.Window{Rendition: name, Number: window}].AES256(), b.err
	}
}
