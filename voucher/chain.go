package voucher

import (
	"crypto/sha256"
	"math/bits"
)

// Word is one link of a session's hash chain; the n-th pays n ticks.
type Word [32]byte

// Step is the word before w: SHA-256(salt ‖ w), one compression.
func Step(salt *[16]byte, w *Word) Word {
	var b [48]byte
	copy(b[:16], salt[:])
	copy(b[16:], w[:])
	return sha256.Sum256(b[:])
}

// Forward applies Step steps times.
func Forward(salt *[16]byte, w Word, steps uint32) Word {
	for range steps {
		w = Step(salt, &w)
	}
	return w
}

// Check says whether word lies gap ticks after last.
func Check(salt *[16]byte, last, word Word, gap uint32) bool {
	return Forward(salt, word, gap) == last
}

// Chain is the payer's side: it can reveal each word of a session. It keeps about 2·√MaxTicks words.
// It is not safe for concurrent use.
type Chain struct {
	salt   [16]byte
	max    uint32
	stride uint32
	marks  []Word // marks[i] is word min(i*stride, max)
	cache  []Word // the words of one stride
	at     uint32 // index of cache[0]
}

const domainSeed = "streamchain/words/v1"

// NewChain makes the hash chain of s from a secret seed and sets s.Root. The same seed and terms give
// the same chain, so a payer needs to keep only the seed. It hashes MaxTicks times: a day of ticks of one second
// takes some milliseconds.
func NewChain(s *Session, seed [32]byte) *Chain {
	c := &Chain{salt: s.Salt(), max: s.MaxTicks}
	c.stride = isqrt(s.MaxTicks)
	b := append([]byte(domainSeed), seed[:]...)
	b = append(b, c.salt[:]...)
	w := Word(sha256.Sum256(b))
	c.marks = make([]Word, s.MaxTicks/c.stride+2)
	for i := s.MaxTicks; ; i-- {
		if i == s.MaxTicks {
			c.marks[len(c.marks)-1] = w
		}
		if i%c.stride == 0 {
			c.marks[i/c.stride] = w
		}
		if i == 0 {
			break
		}
		w = Step(&c.salt, &w)
	}
	s.Root = w
	return c
}

// Word reveals the word that pays n ticks; n above the session's MaxTicks gives the last.
func (c *Chain) Word(n uint32) Word {
	n = min(n, c.max)
	block := n / c.stride
	if start := block * c.stride; c.cache == nil || c.at != start {
		end, mark := c.max, c.marks[len(c.marks)-1]
		// as a difference: the sum may exceed 32 bits
		if c.max-start >= c.stride {
			end, mark = start+c.stride, c.marks[block+1]
		}
		c.cache = make([]Word, end-start+1)
		for i := end; ; i-- {
			c.cache[i-start] = mark
			if i == start {
				break
			}
			mark = Step(&c.salt, &mark)
		}
		c.at = start
	}
	return c.cache[n-c.at]
}

// isqrt is the square root of n, rounded up to a power of two and at least 1.
func isqrt(n uint32) uint32 { return 1 << ((bits.Len32(n) + 1) / 2) }
