//go:build !linux

package media

// limitMemory does nothing: the limits of single allocations and of pictures hold here as well.
func limitMemory(int) {}
