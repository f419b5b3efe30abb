package sponsor

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// purpose is what whoever signs reads first.
const purpose = "StreamChain sponsored first use\nThis signature asks the sponsor named below to pay network fees. It moves no coins."

// Challenge is what a newcomer signs and works for. Its text is the whole truth: the service keeps nothing of a
// challenge until it is answered, so that asking for many costs it nothing.
type Challenge struct {
	ChainID    string
	Service    string // origin of the service, as in https://sponsor.example.org
	Address    string
	Difficulty int   // bits
	Expires    int64 // Unix seconds of the service's clock
	Nonce      [16]byte
	Seal       [32]byte // by which the service knows it for its own
}

func (c Challenge) unsealed() string {
	return fmt.Sprintf("%s\nchain: %s\nservice: %s\naddress: %s\ndifficulty: %d\nexpires: %d\nnonce: %s\n",
		purpose, c.ChainID, c.Service, c.Address, c.Difficulty, c.Expires, base64.RawURLEncoding.EncodeToString(c.Nonce[:]))
}

// Text is the challenge as it is signed.
func (c Challenge) Text() string {
	return c.unsealed() + "seal: " + base64.RawURLEncoding.EncodeToString(c.Seal[:])
}

// ParseChallenge reads a text. What is not exactly as Text writes it is refused: ErrChallenge.
func ParseChallenge(text string) (Challenge, error) {
	var c Challenge
	rest, ok := strings.CutPrefix(text, purpose+"\n")
	lines := strings.Split(rest, "\n")
	names := []string{"chain", "service", "address", "difficulty", "expires", "nonce", "seal"}
	if !ok || len(text) > 1024 || len(lines) != len(names) {
		return c, ErrChallenge
	}
	for i, name := range names {
		value, ok := strings.CutPrefix(lines[i], name+": ")
		if !ok || value == "" {
			return c, ErrChallenge
		}
		var err error
		switch name {
		case "chain":
			c.ChainID = value
		case "service":
			c.Service = value
		case "address":
			c.Address = value
		case "difficulty":
			c.Difficulty, err = strconv.Atoi(value)
		case "expires":
			c.Expires, err = strconv.ParseInt(value, 10, 64)
		case "nonce":
			err = decode(c.Nonce[:], value)
		case "seal":
			err = decode(c.Seal[:], value)
		}
		if err != nil {
			return c, ErrChallenge
		}
	}
	if c.Text() != text {
		return c, ErrChallenge
	}
	return c, nil
}

func decode(to []byte, value string) error {
	raw, err := base64.RawURLEncoding.DecodeString(value)
	if err == nil && copy(to, raw) != len(to) || len(raw) != len(to) {
		return ErrChallenge
	}
	return err
}

// issuer makes challenges and takes each back at most once. Its secret lives as long as the process: a challenge of
// before is worth nothing after, so no nonce needs to be remembered across a restart.
type issuer struct {
	chainID, service string
	valid            time.Duration
	secret           [32]byte

	mu   sync.Mutex
	used map[[16]byte]int64 // nonce → expiry
}

// maxUsed bounds the nonces that are remembered. Each has cost somebody the work.
const maxUsed = 1 << 20

func newIssuer(chainID, service string, valid time.Duration) *issuer {
	i := &issuer{chainID: chainID, service: service, valid: valid, used: map[[16]byte]int64{}}
	random(i.secret[:])
	return i
}

// random fills b; crypto/rand never fails on the systems that we run on, or ends the program.
func random(b []byte) { _, _ = rand.Read(b) }

func (i *issuer) seal(c Challenge) (out [32]byte) {
	m := hmac.New(sha256.New, i.secret[:])
	m.Write([]byte(c.unsealed()))
	copy(out[:], m.Sum(nil))
	return out
}

func (i *issuer) issue(address string, difficulty int, now time.Time) Challenge {
	c := Challenge{ChainID: i.chainID, Service: i.service, Address: address, Difficulty: difficulty, Expires: now.Add(i.valid).Unix()}
	random(c.Nonce[:])
	c.Seal = i.seal(c)
	return c
}

// check says whether text is a challenge of this service for address that has not expired. It says nothing of its use.
func (i *issuer) check(text, address string, now time.Time) (Challenge, error) {
	c, err := ParseChallenge(text)
	if err != nil {
		return c, err
	}
	want := i.seal(c)
	if !hmac.Equal(want[:], c.Seal[:]) || c.Address != address || now.Unix() >= c.Expires {
		return c, ErrChallenge
	}
	return c, nil
}

// spend uses the challenge up: of many requests that answer it at once, one gets nil, the others ErrUsed.
func (i *issuer) spend(c Challenge, now time.Time) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if _, used := i.used[c.Nonce]; used {
		return ErrUsed
	}
	if len(i.used) >= maxUsed {
		i.forget(now)
		if len(i.used) >= maxUsed {
			return ErrBusy
		}
	}
	i.used[c.Nonce] = c.Expires
	return nil
}

// forget drops nonces whose challenges have expired.
func (i *issuer) forget(now time.Time) {
	for nonce, expires := range i.used {
		if expires <= now.Unix() {
			delete(i.used, nonce)
		}
	}
}

// sweep is forget for who holds no lock.
func (i *issuer) sweep(now time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forget(now)
}
