package keyshare_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	mathrand "math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
)

var window = keyshare.Window{Work: sha256.Sum256([]byte("work")), Rendition: "v720", Number: 7}

func answers(t testing.TB, w keyshare.Window, shares ...keyshare.Share) []keyshare.Answer {
	out := make([]keyshare.Answer, len(shares))
	for i, s := range shares {
		a, err := s.Answer(rand.Reader, w)
		require.NoError(t, err)
		out[i] = a
	}
	return out
}

// TestAnySubset: every t of n holders give the key that the secret gives, and no t − 1 of them give any.
func TestAnySubset(t *testing.T) {
	for _, x := range []struct{ threshold, holders int }{{1, 1}, {2, 3}, {3, 5}, {4, 5}} {
		secret := keyshare.NewSecret(rand.Reader)
		c, shares, err := secret.Deal(rand.Reader, x.threshold, x.holders)
		require.NoError(t, err)
		require.Equal(t, secret.C0(), c.C0())
		want, err := secret.Output(window)
		require.NoError(t, err)
		for mask := range 1 << x.holders {
			var some []keyshare.Share
			for i, s := range shares {
				require.NoError(t, s.Verify(c))
				if mask>>i&1 == 1 {
					some = append(some, s)
				}
			}
			got, liars, err := keyshare.Combine(c, window, answers(t, window, some...))
			require.Empty(t, liars)
			if len(some) < x.threshold {
				require.ErrorIs(t, err, keyshare.ErrTooFew)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, want.AES128(), got.AES128())
			require.Equal(t, want.AES256(), got.AES256())
		}
	}
}

// TestWindowsDiffer: keys of different windows, works and renditions have nothing in common, nor have the two kinds of key.
func TestWindowsDiffer(t *testing.T) {
	secret := keyshare.NewSecret(rand.Reader)
	seen := map[[16]byte]bool{}
	for _, w := range []keyshare.Window{
		window,
		{Work: window.Work, Rendition: window.Rendition, Number: 8},
		{Work: window.Work, Rendition: "v72", Number: 7},
		{Work: sha256.Sum256(nil), Rendition: window.Rendition, Number: 7},
	} {
		out, err := secret.Output(w)
		require.NoError(t, err)
		wide := out.AES256()
		for _, k := range [][16]byte{out.AES128(), [16]byte(wide[:16])} {
			require.False(t, seen[k])
			seen[k] = true
		}
	}
	for _, bad := range []string{"", string(make([]byte, 65))} {
		_, err := secret.Output(keyshare.Window{Rendition: bad})
		require.ErrorIs(t, err, keyshare.ErrWindow)
	}
}

// TestLiars: a false answer is left out and named, whatever is false about it.
func TestLiars(t *testing.T) {
	secret := keyshare.NewSecret(rand.Reader)
	c, shares, err := secret.Deal(rand.Reader, 3, 5)
	require.NoError(t, err)
	_, others, err := keyshare.NewSecret(rand.Reader).Deal(rand.Reader, 3, 5)
	require.NoError(t, err)
	want, err := secret.Output(window)
	require.NoError(t, err)
	another := window
	another.Number++
	true1, true2 := answers(t, window, shares[0])[0], answers(t, window, shares[1])[0]
	swapped := bytes.Clone(true1.Bytes())
	swapped[1] = 2 // another's index
	renamed, err := keyshare.ParseAnswer(swapped)
	require.NoError(t, err)
	for name, lie := range map[string]keyshare.Answer{
		"another secret":  answers(t, window, others[1])[0],
		"another window":  answers(t, another, shares[1])[0],
		"another's index": renamed,
	} {
		require.ErrorAs(t, lie.Verify(c, window), new(*keyshare.LiarsError), name)
		honest := answers(t, window, shares[0], shares[3], shares[4])
		got, liars, err := keyshare.Combine(c, window, append([]keyshare.Answer{lie}, honest...))
		require.NoError(t, err, name)
		require.Equal(t, []uint16{2}, liars, name)
		require.Equal(t, want.AES128(), got.AES128(), name)
		_, _, err = keyshare.Combine(c, window, append([]keyshare.Answer{lie}, honest[:2]...))
		require.ErrorIs(t, err, keyshare.ErrTooFew)
		var l *keyshare.LiarsError
		require.ErrorAs(t, err, &l)
		require.Equal(t, []uint16{2}, l.Indexes)
	}
	_, _, err = keyshare.Combine(c, window, []keyshare.Answer{true1, true2, true1, true2})
	require.ErrorIs(t, err, keyshare.ErrTooFew, "two who answer twice are two")
	_, _, err = keyshare.Combine(c, window, make([]keyshare.Answer, 5))
	require.ErrorIs(t, err, keyshare.ErrTooFew)
}

// TestFlippedBits: an answer with any bit changed is refused.
func TestFlippedBits(t *testing.T) {
	c, shares, err := keyshare.NewSecret(rand.Reader).Deal(rand.Reader, 2, 3)
	require.NoError(t, err)
	raw := answers(t, window, shares[0])[0].Bytes()
	for bit := range len(raw) * 8 {
		flipped := bytes.Clone(raw)
		flipped[bit/8] ^= 1 << (bit % 8)
		if a, err := keyshare.ParseAnswer(flipped); err == nil {
			require.Error(t, a.Verify(c, window), "bit %d", bit)
		}
	}
	_, err = keyshare.ParseAnswer(raw[1:])
	require.ErrorIs(t, err, keyshare.ErrEncoding)
}

// TestReshare: new holders under another threshold give the same keys under the same C0; old and new shares do not mix.
func TestReshare(t *testing.T) {
	secret := keyshare.NewSecret(rand.Reader)
	old, shares, err := secret.Deal(rand.Reader, 3, 5)
	require.NoError(t, err)
	want, err := secret.Output(window)
	require.NoError(t, err)
	const threshold, holders = 2, 4
	var dealings []keyshare.Dealing
	parts := make([][]keyshare.Share, holders)
	for _, i := range []int{0, 2, 4} {
		d, ps, err := shares[i].Reshare(rand.Reader, threshold, holders)
		require.NoError(t, err)
		dealings = append(dealings, d)
		for j, p := range ps {
			parts[j] = append(parts[j], p)
		}
	}
	now, err := keyshare.Reshared(old, dealings)
	require.NoError(t, err)
	require.Equal(t, old.C0(), now.C0())
	require.Equal(t, threshold, now.Threshold())
	fresh := make([]keyshare.Share, holders)
	for j := range fresh {
		fresh[j], err = keyshare.Receive(old, dealings, parts[j])
		require.NoError(t, err)
		require.NoError(t, fresh[j].Verify(now))
	}
	got, _, err := keyshare.Combine(now, window, answers(t, window, fresh[1], fresh[3]))
	require.NoError(t, err)
	require.Equal(t, want.AES128(), got.AES128())
	_, liars, err := keyshare.Combine(now, window, answers(t, window, shares[0], fresh[1]))
	require.ErrorIs(t, err, keyshare.ErrTooFew)
	require.Equal(t, []uint16{1}, liars, "an old share opens nothing under the new commitments")

	// a dealer who hands over something else is found out by everybody
	c2, _, err := keyshare.NewSecret(rand.Reader).Deal(rand.Reader, threshold, holders)
	require.NoError(t, err)
	false1 := append([]keyshare.Dealing{{Dealer: 1, Commitments: c2}}, dealings[1:]...)
	_, err = keyshare.Reshared(old, false1)
	require.ErrorIs(t, err, keyshare.ErrDealing)
	// and one who gives a new holder a false part is found out by it
	wrong := append([]keyshare.Share{parts[1][0]}, parts[0][1:]...)
	_, err = keyshare.Receive(old, dealings, wrong)
	require.ErrorIs(t, err, keyshare.ErrDealing)
	for name, ds := range map[string][]keyshare.Dealing{
		"too few": dealings[:2], "too many": append(dealings[:3:3], dealings[0]), "twice": {dealings[0], dealings[0], dealings[1]}, "none": nil,
	} {
		_, err = keyshare.Reshared(old, ds)
		require.Error(t, err, name)
	}
}

func TestEncodings(t *testing.T) {
	secret := keyshare.NewSecret(rand.Reader)
	b := secret.Bytes()
	again, err := keyshare.ParseSecret(b[:])
	require.NoError(t, err)
	require.Equal(t, secret.C0(), again.C0())
	c, shares, err := secret.Deal(rand.Reader, 2, 2)
	require.NoError(t, err)
	parsed, err := keyshare.ParseCommitments(c.Bytes())
	require.NoError(t, err)
	sb := shares[1].Bytes()
	share, err := keyshare.ParseShare(2, sb[:])
	require.NoError(t, err)
	require.NoError(t, share.Verify(parsed))
	require.ErrorIs(t, shares[0].Verify(keyshare.Commitments{}), keyshare.ErrShare)
	moved, err := keyshare.ParseShare(1, sb[:])
	require.NoError(t, err)
	require.ErrorIs(t, moved.Verify(parsed), keyshare.ErrShare)

	order := []byte{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10}
	for name, bad := range map[string][]byte{"zero": make([]byte, 32), "short": b[:31], "the order": order, "all ones": bytes.Repeat([]byte{0xff}, 32)} {
		_, err := keyshare.ParseSecret(bad)
		require.ErrorIs(t, err, keyshare.ErrEncoding, name)
		_, err = keyshare.ParseCommitments([][]byte{bad})
		require.ErrorIs(t, err, keyshare.ErrEncoding, name)
	}
	for _, index := range []uint16{0, 33} {
		_, err := keyshare.ParseShare(index, sb[:])
		require.ErrorIs(t, err, keyshare.ErrEncoding)
	}
	for _, x := range [][2]int{{0, 1}, {2, 1}, {1, 33}, {-1, 3}} {
		_, _, err := secret.Deal(rand.Reader, x[0], x[1])
		require.ErrorIs(t, err, keyshare.ErrThreshold)
	}
}

func TestSeal(t *testing.T) {
	private, public, err := keyshare.NewSealKey(rand.Reader)
	require.NoError(t, err)
	sealed, err := keyshare.Seal(public[:], keyshare.ForHolder, []byte("work"), []byte("share"))
	require.NoError(t, err)
	plain, err := keyshare.Open(private[:], keyshare.ForHolder, []byte("work"), sealed)
	require.NoError(t, err)
	require.Equal(t, "share", string(plain))
	other, _, err := keyshare.NewSealKey(rand.Reader)
	require.NoError(t, err)
	for name, open := range map[string]func() ([]byte, error){
		"another key":     func() ([]byte, error) { return keyshare.Open(other[:], keyshare.ForHolder, []byte("work"), sealed) },
		"another purpose": func() ([]byte, error) { return keyshare.Open(private[:], keyshare.ForViewer, []byte("work"), sealed) },
		"another context": func() ([]byte, error) { return keyshare.Open(private[:], keyshare.ForHolder, []byte("word"), sealed) },
		"cut off": func() ([]byte, error) {
			return keyshare.Open(private[:], keyshare.ForHolder, []byte("work"), sealed[:40])
		},
		"empty": func() ([]byte, error) { return keyshare.Open(private[:], keyshare.ForHolder, []byte("work"), nil) },
	} {
		_, err := open()
		require.ErrorIs(t, err, keyshare.ErrSealed, name)
	}
	_, err = keyshare.Seal(make([]byte, 32), keyshare.ForHolder, nil, nil)
	require.ErrorIs(t, err, keyshare.ErrSealed, "a key of low order")
}

func BenchmarkAnswer(b *testing.B) {
	_, shares, err := keyshare.NewSecret(rand.Reader).Deal(rand.Reader, 3, 5)
	require.NoError(b, err)
	for b.Loop() {
		if _, err := shares[0].Answer(rand.Reader, window); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCombine(b *testing.B) {
	for name, n := range map[string]int{"3of5": 5, "4of7": 7} {
		b.Run(name, func(b *testing.B) {
			threshold := (n + 1) / 2
			c, shares, err := keyshare.NewSecret(rand.Reader).Deal(rand.Reader, threshold, n)
			require.NoError(b, err)
			as := answers(b, window, shares[:threshold]...)
			for b.Loop() {
				if _, _, err := keyshare.Combine(c, window, as); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What is drawn comes from the source that is given, and from nothing else; without one nothing is drawn.
func TestChance(t *testing.T) {
	draw := func(seed byte) keyshare.Secret { return keyshare.NewSecret(mathrand.NewChaCha8([32]byte{seed})) }
	require.Equal(t, draw(1).Bytes(), draw(1).Bytes())
	require.NotEqual(t, draw(1).Bytes(), draw(2).Bytes())
	deal := func(seed byte) [][]byte {
		c, _, err := draw(1).Deal(mathrand.NewChaCha8([32]byte{seed}), 3, 5)
		require.NoError(t, err)
		return c.Bytes()
	}
	require.Equal(t, deal(3), deal(3))
	require.NotEqual(t, deal(3)[1:], deal(4)[1:])
	one, _, err := keyshare.NewSealKey(mathrand.NewChaCha8([32]byte{5}))
	require.NoError(t, err)
	again, _, err := keyshare.NewSealKey(mathrand.NewChaCha8([32]byte{5}))
	require.NoError(t, err)
	require.Equal(t, one, again)
	require.Panics(t, func() { keyshare.NewSecret(bytes.NewReader(make([]byte, 63))) })
}
