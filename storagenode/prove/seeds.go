package prove

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

const (
	// reveals is how many values a hash chain has: more than a century of daily proofs.
	reveals = 1 << 16
	// spare is how many values must be left: a chain that replaces another counts two periods later.
	spare = 4
	// seedTag separates what this file makes for one chain and operator from what it makes for others: values are
	// public once they were revealed.
	seedTag = "streamchain/node/beacon/v1"
)

// Seeds is a file of secrets, the newest last: old ones are revealed from until the chain has gone over to a new
// one. Whoever reads it can foretell the node's reveals, and no more. It is safe for concurrent use.
type Seeds struct {
	path   string
	domain []byte

	mu     sync.Mutex
	chains []storagetypes.BeaconChain
	found  map[string]found // of the newest questions: to answer one takes a hash for each value
}

type found struct {
	reveal     []byte
	enough, ok bool
}

// OpenSeeds reads the file, or makes it with one new secret.
func OpenSeeds(path, chainID string, operator []byte) (*Seeds, error) {
	s := &Seeds{path: path}
	for _, part := range [][]byte{[]byte(seedTag), []byte(chainID), operator} {
		s.domain = append(binary.BigEndian.AppendUint16(s.domain, uint16(len(part))), part...)
	}
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	for line := range strings.Lines(string(raw)) {
		// a line that a crash cut off was never committed to
		if secret, err := hex.DecodeString(strings.TrimSpace(line)); err == nil && len(secret) == sha256.Size {
			s.chains = append(s.chains, s.chain(secret))
		}
	}
	if len(s.chains) == 0 {
		return s, s.add()
	}
	return s, nil
}

func (s *Seeds) chain(secret []byte) storagetypes.BeaconChain {
	return storagetypes.NewBeacon(sha256.Sum256(append(append([]byte{}, s.domain...), secret...)), reveals)
}

// add appends a new secret. It is on stable storage before anybody commits to it.
func (s *Seeds) add() error {
	secret := make([]byte, sha256.Size)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	f, err := os.OpenFile(s.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	// on a line of its own, whatever a crash has left before
	_, err = fmt.Fprintf(f, "\n%x\n", secret)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(s.path))
	if err != nil {
		return err
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return err
	}
	s.chains, s.found = append(s.chains, s.chain(secret)), nil
	return nil
}

// Next is the value that follows known, which the chain has; ok says whether known is of this file, and enough whether
// values are left for the periods until a new hash chain would count.
func (s *Seeds) Next(known []byte) (reveal []byte, enough, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, asked := s.found[string(known)]
	if !asked {
		f = s.find(known)
		if len(s.found) > 8 || s.found == nil {
			s.found = map[string]found{}
		}
		s.found[string(known)] = f
	}
	return f.reveal, f.enough, f.ok
}

func (s *Seeds) find(known []byte) found {
	for i := len(s.chains) - 1; i >= 0; i-- {
		if v, ok := s.chains[i].Next(known); ok {
			next, enough := v, true
			for j := 0; j < spare && enough; j++ {
				next, enough = s.chains[i].Next(next[:])
			}
			return found{v[:], enough, true}
		}
	}
	return found{}
}

// Fresh is the root of a hash chain that known, what the chain has now, is not of. A new secret is made only where the newest
// is in use, so that a commitment that is tried again is the same.
func (s *Seeds) Fresh(known []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest := s.chains[len(s.chains)-1]
	if _, used := newest.Next(known); used || newest.Seed == [32]byte(pad(known)) {
		if err := s.add(); err != nil {
			return nil, err
		}
		newest = s.chains[len(s.chains)-1]
	}
	root := newest.Root()
	return root[:], nil
}

// pad makes what may be empty comparable.
func pad(b []byte) []byte {
	if len(b) != sha256.Size {
		return make([]byte, sha256.Size)
	}
	return b
}
