package media

import "golang.org/x/sys/unix"

// limitMemory bounds what a running tool may allocate: what it asks for beyond fails, and it says so. Where the
// tool has ended already there is nothing to bound.
func limitMemory(pid int) {
	_ = unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: maxMemory, Max: maxMemory}, nil)
}
