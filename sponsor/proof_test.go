package sponsor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"

	"github.com/streamchain/streamchain/token"
)

// golden is the vector of docs/spec/sponsor.md.
func golden() Challenge {
	c := Challenge{ChainID: "streamchain-local-1", Service: "http://127.0.0.1:8190", Address: person("golden").Address().String(), Difficulty: 12, Expires: 1_800_000_000}
	for i := range c.Nonce {
		c.Nonce[i] = byte(i)
	}
	for i := range c.Seal {
		c.Seal[i] = byte(255 - i)
	}
	return c
}

func TestGoldenVector(t *testing.T) {
	token.Configure()
	c := golden()
	sum := sha256.Sum256([]byte(c.Text()))
	require.Equal(t, goldenText, hex.EncodeToString(sum[:]), c.Text())
	sum = sha256.Sum256(SignBytes(c.Address, c.Text()))
	require.Equal(t, goldenSignBytes, hex.EncodeToString(sum[:]), "%s", SignBytes(c.Address, c.Text()))
	work, err := Solve(context.Background(), c.Text(), c.Difficulty)
	require.NoError(t, err)
	require.EqualValues(t, goldenWork, work, "the least solution")
	parsed, err := ParseChallenge(c.Text())
	require.NoError(t, err)
	require.Equal(t, c, parsed)
}

func TestChallengeIsCanonical(t *testing.T) {
	token.Configure()
	text := golden().Text()
	for name, bad := range map[string]string{
		"empty":            "",
		"another purpose":  strings.Replace(text, "moves no coins", "moves all coins", 1),
		"a line more":      text + "\nmore: x",
		"a line less":      text[:strings.LastIndex(text, "\n")],
		"zeros in front":   strings.Replace(text, "difficulty: 12", "difficulty: 012", 1),
		"a sign":           strings.Replace(text, "difficulty: 12", "difficulty: +12", 1),
		"no number":        strings.Replace(text, "expires: 1", "expires: x", 1),
		"short nonce":      strings.Replace(text, "nonce: AAEC", "nonce: ", 1),
		"padded seal":      text + "=",
		"space at the end": text + " ",
		"CRLF":             strings.ReplaceAll(text, "\n", "\r\n"),
		"too long":         strings.Replace(text, "service: ", "service: "+strings.Repeat("x", 1000), 1),
		"swapped":          strings.Replace(strings.Replace(text, "chain: ", "service: ", 1), "\nservice: http", "\nchain: http", 1),
	} {
		_, err := ParseChallenge(bad)
		require.ErrorIs(t, err, ErrChallenge, name)
	}
}

func TestIssuerTakesOnlyItsOwn(t *testing.T) {
	token.Configure()
	now := time.Unix(1_700_000_000, 0)
	me, other := person("me").Address().String(), person("other").Address().String()
	i := newIssuer(testChain, "https://a.test", time.Minute)
	c := i.issue(me, 10, now)
	_, err := i.check(c.Text(), me, now.Add(59*time.Second))
	require.NoError(t, err)
	for name, f := range map[string]func() (string, string, time.Time){
		"expired":           func() (string, string, time.Time) { return c.Text(), me, now.Add(time.Minute) },
		"another address":   func() (string, string, time.Time) { return c.Text(), other, now },
		"easier":            func() (string, string, time.Time) { d := c; d.Difficulty = 1; return d.Text(), me, now },
		"longer":            func() (string, string, time.Time) { d := c; d.Expires++; return d.Text(), me, now },
		"another's address": func() (string, string, time.Time) { d := c; d.Address = other; return d.Text(), other, now },
		"another nonce":     func() (string, string, time.Time) { d := c; d.Nonce[0]++; return d.Text(), me, now },
		"another service": func() (string, string, time.Time) {
			return newIssuer(testChain, "https://a.test", time.Minute).issue(me, 10, now).Text(), me, now
		},
	} {
		text, address, at := f()
		_, err := i.check(text, address, at)
		require.ErrorIs(t, err, ErrChallenge, name)
	}
	require.NoError(t, i.spend(c, now))
	require.ErrorIs(t, i.spend(c, now), ErrUsed)
	i.sweep(now.Add(59 * time.Second))
	require.ErrorIs(t, i.spend(c, now), ErrUsed, "remembered as long as it can be answered")
	i.sweep(now.Add(time.Minute))
	require.Empty(t, i.used)
}

func TestSignatureTable(t *testing.T) {
	token.Configure()
	me, other := person("me"), person("other")
	text, address := golden().Text(), me.Address().String()
	sig, err := me.Sign(SignBytes(address, text))
	require.NoError(t, err)
	require.NoError(t, verifySignature(address, text, me.PubKey().Bytes(), sig))
	raw, err := me.Sign([]byte(text))
	require.NoError(t, err)
	theirs, err := other.Sign(SignBytes(address, text))
	require.NoError(t, err)
	flipped := append([]byte(nil), sig...)
	flipped[63] ^= 1
	for name, c := range map[string]struct {
		text     string
		pub, sig []byte
		want     error
	}{
		"another's key":       {text, other.PubKey().Bytes(), theirs, ErrKey},
		"no key":              {text, nil, sig, ErrKey},
		"long key":            {text, append(me.PubKey().Bytes(), 0), sig, ErrKey},
		"uncompressed prefix": {text, append([]byte{4}, me.PubKey().Bytes()[1:]...), sig, ErrKey},
		"ed25519":             {text, ed25519.GenPrivKey().PubKey().Bytes(), sig, ErrKey},
		"another's signature": {text, me.PubKey().Bytes(), theirs, ErrSignature},
		"another text":        {text + "x", me.PubKey().Bytes(), sig, ErrSignature},
		"the text alone":      {text, me.PubKey().Bytes(), raw, ErrSignature},
		"a flipped bit":       {text, me.PubKey().Bytes(), flipped, ErrSignature},
		"short":               {text, me.PubKey().Bytes(), sig[:63], ErrSignature},
		"none":                {text, me.PubKey().Bytes(), nil, ErrSignature},
	} {
		require.ErrorIs(t, verifySignature(address, c.text, c.pub, c.sig), c.want, name)
	}
}

func TestWork(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	for d := 0; d <= 14; d++ {
		n, err := Solve(ctx, "text", d)
		require.NoError(t, err)
		seed := workSeed("text")
		require.GreaterOrEqual(t, workBits(&seed, n), d)
	}
	for _, d := range []int{-1, MaxDifficulty + 1} {
		_, err := Solve(ctx, "text", d)
		require.Error(t, err, "a sponsor cannot make a client work for ever")
	}
	cancel()
	_, err := Solve(ctx, "text", MaxDifficulty)
	require.ErrorIs(t, err, context.Canceled)
}
