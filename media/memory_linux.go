package media

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// limitMemory bounds what a running tool may allocate: what it asks for beyond fails, and it says so. Where the
// tool has ended already there is nothing to bound.
func limitMemory(pid int) {
	_ = unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: maxMemory, Max: maxMemory}, nil)
}

// tie has the tool killed when this process is: what an orphan goes on writing would get between the files of the next run.
func tie(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
