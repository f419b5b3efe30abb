package admit

import (
	"sync"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
)

const (
	// maxSent is how often a session gets the bytes that it has bought: connections break, and players ask again. Without
	// an end, one tick would buy any number of bytes.
	maxSent = 8
	// maxTargets bounds what is remembered.
	maxTargets = 1 << 16
)

// sent counts the bytes that sessions got of files. It lives in memory: after a restart a session may begin anew.
type sent struct {
	mu    sync.Mutex
	bytes map[target]uint64
}

type target struct {
	session wire.SessionID
	file    cid.Cid
}

// more notes the bytes that are asked for, and says whether they may leave.
func (s *sent) more(session wire.SessionID, a serve.Ask) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := target{session, a.Target}
	n := s.bytes[k] + a.Bytes
	if n > maxSent*max(a.Size, a.Bytes) {
		return false
	}
	if s.bytes == nil || len(s.bytes) >= maxTargets {
		s.bytes = map[target]uint64{}
	}
	s.bytes[k] = n
	return true
}
