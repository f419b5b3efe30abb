package sponsor

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"
)

// networks finds out from which network a request comes.
type networks struct {
	v4, v6  int // bits of a prefix
	trusted []netip.Prefix
}

// of is the request's network. A header is believed only where a proxy that the operator named sends it: then the
// rightmost address that is no such proxy counts, because everything left of it is the client's own word.
func (n networks) of(r *http.Request) netip.Prefix {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	addr := peer.Addr().Unmap()
	if n.proxy(addr) {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for i := len(hops) - 1; i >= 0; i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				break
			}
			if addr = hop.Unmap().WithZone(""); !n.proxy(addr) {
				break
			}
		}
	}
	bits := n.v6
	if addr.Is4() {
		bits = n.v4
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

func (n networks) proxy(a netip.Addr) bool {
	for _, p := range n.trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// salts hashes networks so that nobody, the operator included, can tell a day later which they were. The day's salt
// lies in a file, because limits must outlive a restart, and is overwritten when the day (UTC) ends.
type salts struct {
	path string

	mu   sync.Mutex
	Day  int64  `json:"day"` // days since 1970
	Salt []byte `json:"salt"`
}

func openSalts(path string) (*salts, error) {
	s := &salts{path: path}
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	return s, json.Unmarshal(raw, s)
}

func day(now time.Time) int64 { return now.Unix() / 86400 }

// rotate makes the day's salt where it is not there yet, over that of the day before.
func (s *salts) rotate(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if day(now) == s.Day && len(s.Salt) == 32 {
		return nil
	}
	next := salts{Day: day(now), Salt: make([]byte, 32)}
	random(next.Salt)
	raw, err := json.Marshal(&next)
	if err != nil {
		return err
	}
	if err := writeFile(s.path, raw); err != nil {
		return err
	}
	s.Day, s.Salt = next.Day, next.Salt
	return nil
}

// hash is the network's name for today.
func (s *salts) hash(p netip.Prefix, now time.Time) (string, error) {
	if err := s.rotate(now); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := hmac.New(sha256.New, s.Salt)
	m.Write([]byte(p.String()))
	return hex.EncodeToString(m.Sum(nil)[:8]), nil
}

// maxNetworks bounds the memory of rates. Who holds more networks than that in a minute holds up newcomers, not the budget.
const maxNetworks = 100_000

// rates counts requests by network and minute.
type rates struct {
	most int

	mu     sync.Mutex
	minute int64
	counts map[netip.Prefix]int
}

// take counts one request. ErrRate, ErrBusy.
func (r *rates) take(p netip.Prefix, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := now.Unix() / 60; m != r.minute || r.counts == nil {
		r.minute, r.counts = m, map[netip.Prefix]int{}
	}
	n, known := r.counts[p]
	switch {
	case n >= r.most:
		return ErrRate
	case !known && len(r.counts) >= maxNetworks:
		return ErrBusy
	}
	r.counts[p]++
	return nil
}
