//go:build !linux

package media

import "os/exec"

// limitMemory does nothing: the limits of single allocations and of pictures hold here as well.
func limitMemory(int) {}

// tie does nothing here: a tool may outlive a process that is killed, for as long as it is allowed to work.
func tie(*exec.Cmd) {}
