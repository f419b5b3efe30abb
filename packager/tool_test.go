package packager

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// However many ask, and however often, programs are started once in a while: whoever asks need not be paired.
func TestToolIsLookedForOnce(t *testing.T) {
	var ran atomic.Int32
	ask := func(context.Context) Tool {
		ran.Add(1)
		return Tool{OK: true, Detail: "there"}
	}
	var l tool
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { require.Equal(t, Tool{OK: true, Detail: "there"}, l.look(ask)) })
	}
	wg.Wait()
	require.EqualValues(t, 1, ran.Load())
	l.at = time.Now().Add(-toolAge - time.Second)
	l.look(ask)
	require.EqualValues(t, 2, ran.Load(), "who installs ffmpeg is told soon")
}
