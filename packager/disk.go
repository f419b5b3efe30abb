package packager

import (
	"syscall"
)

// freeBytes is what a program may still write to the disk that dir is on.
func freeBytes(dir string) (int64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return int64(uint64(fs.Bavail) * uint64(fs.Bsize)), nil //nolint:unconvert // types differ between systems
}
