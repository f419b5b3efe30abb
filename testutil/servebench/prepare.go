package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/storagenode/blob"
)

// segmentSeconds is how long each segment plays; a viewer pays by the second.
const segmentSeconds = 4

// prepare writes a presentation as files for nginx and as blocks for the others. Every run writes the same bytes.
func prepare(ctx context.Context, dir string, o options) (root cid.Cid, err error) {
	files := filepath.Join(dir, "files", "v0")
	if err := os.MkdirAll(files, 0o755); err != nil {
		return cid.Undef, err
	}
	random := rand.NewChaCha8([32]byte{1})
	data := make([]byte, o.size)
	list := strings.Builder{}
	list.WriteString("#EXTM3U\n#EXT-X-TARGETDURATION:4\n")
	for i := range o.segments {
		if _, err := random.Read(data); err != nil {
			return cid.Undef, err
		}
		if err := os.WriteFile(filepath.Join(files, segmentName(i)), data, 0o644); err != nil {
			return cid.Undef, err
		}
		fmt.Fprintf(&list, "#EXTINF:%d.000,\n%s\n", segmentSeconds, segmentName(i))
	}
	list.WriteString("#EXT-X-ENDLIST\n")
	if err := os.WriteFile(filepath.Join(files, "index.m3u8"), []byte(list.String()), 0o644); err != nil {
		return cid.Undef, err
	}
	disk, err := blob.OpenDisk(filepath.Join(dir, "blocks"), 1<<40)
	if err != nil {
		return cid.Undef, err
	}
	root, _, err = media.BuildDAG(ctx, filepath.Join(dir, "files"), disk)
	return root, errors.Join(err, disk.Close())
}

func segmentName(i int) string { return fmt.Sprintf("seg%05d.m4s", i) }

// dontNeed is POSIX_FADV_DONTNEED.
const dontNeed = 4

// evict writes all files beneath dir to the disk and has the system forget their bytes.
func evict(dir string) error {
	syscall.Sync()
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, _, no := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0); no != 0 {
			return no
		}
		return nil
	})
}
