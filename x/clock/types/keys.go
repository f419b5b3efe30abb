package types

import (
	"cosmossdk.io/collections"
)

const (
	// ModuleName names the module, its store and its CLI group.
	ModuleName = "clock"
	// StoreKey names the module's store.
	StoreKey = ModuleName
	// MaxStepNanos is the most that live time advances in one block: a halt
	// then neither drains a stream nor lets a window lapse. A constant.
	MaxStepNanos = int64(60) * 1_000_000_000
)

// ClockKey stores the one Clock.
var ClockKey = collections.NewPrefix(0)
