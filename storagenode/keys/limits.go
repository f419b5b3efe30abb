package keys

import (
	"net"
	"sync"
	"time"
)

// Limit is how many requests a second are answered, and how many at once.
type Limit struct {
	Rate, Burst float64
}

// maxBuckets bounds the names that a limiter remembers; beyond, those that are full again are forgotten.
const maxBuckets = 1 << 14

// limiter holds each name to a limit.
type limiter struct {
	limit Limit

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	left float64
	at   time.Time
}

func newLimiter(l Limit) *limiter { return &limiter{limit: l, buckets: map[string]*bucket{}} }

// allow takes one request from the name's bucket.
func (l *limiter) allow(name string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[name]
	if b == nil {
		if len(l.buckets) >= maxBuckets && !l.forget(now) {
			return false
		}
		b = &bucket{left: l.limit.Burst, at: now}
		l.buckets[name] = b
	}
	b.left = min(l.limit.Burst, b.left+now.Sub(b.at).Seconds()*l.limit.Rate)
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// forget drops buckets that are full again, and says whether any were.
func (l *limiter) forget(now time.Time) bool {
	n := len(l.buckets)
	for name, b := range l.buckets {
		if b.left+now.Sub(b.at).Seconds()*l.limit.Rate >= l.limit.Burst {
			delete(l.buckets, name)
		}
	}
	return len(l.buckets) < n
}

// addressOf is the address that a request counts for: an IPv4 address, or the /64 of an IPv6 one, which one host has for itself.
func addressOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return ip.Mask(net.CIDRMask(64, 128)).String()
	}
	return host
}
