package ledger

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

func TestMain(m *testing.M) {
	token.Configure()
	if path := os.Getenv("LEDGER_CRASH"); path != "" {
		crashWriter(path)
	}
	os.Exit(m.Run())
}

func address(name string) string {
	sum := sha256.Sum256([]byte(name))
	return sdk.AccAddress(sum[:20]).String()
}

var key = ed25519.NewKeyFromSeed(make([]byte, 32))

const (
	now     = int64(1_800_000_000)
	expires = now + 3600
	margin  = int64(600)
)

func testLane(cap uint64) Lane {
	return Lane{LaneID: LaneID{address("viewer"), "ustream", 1}, Cap: cap, PubKey: key.Public().(ed25519.PublicKey), Expires: expires, ClosesAt: expires + 3600}
}

// terms are those of a session with its hash chain.
func terms(t require.TestingT, number, price uint64, maxTicks uint32) (streamtypes.Session, *voucher.Chain) {
	s := streamtypes.Session{
		ChainId: "test-1", EscrowOwner: address("viewer"), Denom: "ustream", Provider: address("operator"), Generation: 1, Session: number,
		Work: manifest.WorkID(sha256.Sum256([]byte("work"))).String(), PricePerTick: price, TickSeconds: 1, MaxTicks: maxTicks,
		Root: make([]byte, 32), Expires: expires, Pubkey: key.Public().(ed25519.PublicKey),
	}
	v, err := s.Voucher()
	require.NoError(t, err)
	c := voucher.NewChain(&v, [32]byte{byte(number)})
	s.Root = v.Root[:]
	s.Signature = v.Sign(key)
	return s, c
}

func open(t require.TestingT, path string) *Ledger {
	l, err := Open(path, margin)
	require.NoError(t, err)
	return l
}

func start(t *testing.T, cap uint64) (*Ledger, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger")
	l := open(t, path)
	require.NoError(t, l.AddLane(testLane(cap)))
	return l, path
}

func begin(t require.TestingT, l *Ledger, number, price uint64, maxTicks uint32) (wire.SessionID, *voucher.Chain) {
	s, c := terms(t, number, price, maxTicks)
	st, again, err := l.OpenSession(s, now)
	require.NoError(t, err)
	require.False(t, again)
	return st.ID, c
}

func pay(c *voucher.Chain, n uint32) Payment { return Payment{n, c.Word(n)} }

func TestUse(t *testing.T) {
	l, path := start(t, 1000)
	id, c := begin(t, l, 7, 10, 300)
	seg := func(r uint16, i uint32) Ticks { return Ticks{r, 4 * i, 4 * (i + 1)} }

	st, err := l.Use(id, Payment{}, seg(0, 0), now)
	require.ErrorIs(t, err, ErrDue)
	require.EqualValues(t, 4, st.Due)
	st, err = l.Use(id, pay(c, 3), seg(0, 0), now)
	require.ErrorIs(t, err, ErrDue)
	require.Equal(t, State{ID: id, Paid: 3, Due: 4, Open: true}, st, "the payment stands, nothing is used")
	st, err = l.Use(id, pay(c, 4), seg(0, 0), now)
	require.NoError(t, err)
	require.Equal(t, State{ID: id, Paid: 4, Used: 4, Due: 4, Open: true}, st)
	_, err = l.Use(id, pay(c, 4), seg(0, 0), now)
	require.NoError(t, err, "the same again is free")
	for _, p := range []Payment{{}, {4, voucher.Word{1}}, {3, c.Word(4)}, {2, voucher.Word{}}} {
		st, err = l.Use(id, p, Ticks{0, 2, 4}, now)
		require.ErrorIs(t, err, ErrKnown, "not without a word")
		require.EqualValues(t, 4, st.Due)
	}
	_, err = l.Use(id, pay(c, 2), Ticks{0, 2, 4}, now)
	require.NoError(t, err, "an older word, which only the viewer has as well")
	st, err = l.Use(id, pay(c, 5), Ticks{0, 3, 5}, now)
	require.NoError(t, err, "a neighbour costs only what is new")
	require.EqualValues(t, 5, st.Used)
	_, err = l.Use(id, pay(c, 5), seg(1, 0), now)
	require.ErrorIs(t, err, ErrDue, "another rendition is bought apart")
	_, err = l.Use(id, pay(c, 70), Ticks{}, now)
	require.ErrorIs(t, err, voucher.ErrGap)
	_, err = l.Use(id, pay(c, 301), Ticks{}, now)
	require.ErrorIs(t, err, voucher.ErrBeyond)
	_, err = l.Use(id, pay(c, 69), Ticks{}, now)
	require.NoError(t, err)
	st, err = l.Use(id, pay(c, 101), Ticks{}, now)
	require.ErrorIs(t, err, ErrExhausted)
	require.EqualValues(t, 69, st.Paid)
	_, err = l.Use(id, Payment{}, seg(1, 0), expires-margin)
	require.ErrorIs(t, err, ErrExpired)

	require.NoError(t, l.Close())
	l = open(t, path)
	got, _, err := l.Session(id)
	require.NoError(t, err)
	require.Equal(t, State{ID: id, Paid: 69, Used: 5, Open: true}, got, "all of it survives")
	_, err = l.Use(id, pay(c, 69), Ticks{0, 0, 5}, now)
	require.NoError(t, err)
	_, err = l.Use(id, pay(c, 4), Ticks{0, 0, 5}, now)
	require.ErrorIs(t, err, ErrKnown, "more than a word's gap ago")

	_, err = l.Use(id, Payment{70, voucher.Word{9}}, Ticks{}, now)
	require.ErrorIs(t, err, voucher.ErrWord)
	_, err = l.Use(id, pay(c, 70), Ticks{}, now)
	require.NoError(t, err, "a wrong word, which may be a stranger's, ends nothing")
	require.NoError(t, l.CloseSession(id))
	require.NoError(t, l.Close())
	l = open(t, path)
	_, err = l.Use(id, pay(c, 70), Ticks{}, now)
	require.ErrorIs(t, err, ErrClosed, "closed for good")
	require.NoError(t, l.Close())
}

func TestSessions(t *testing.T) {
	l, _ := start(t, 1000)
	defer l.Close()
	s, _ := terms(t, 1, 10, 100)
	_, again, err := l.OpenSession(s, now)
	require.NoError(t, err)
	require.False(t, again)
	_, again, err = l.OpenSession(s, now)
	require.NoError(t, err)
	require.True(t, again)
	other, _ := terms(t, 1, 11, 100)
	_, _, err = l.OpenSession(other, now)
	require.ErrorIs(t, err, ErrNumber)
	s.Generation = 2
	_, _, err = l.OpenSession(s, now)
	require.ErrorIs(t, err, ErrNoLane)
	late, _ := terms(t, 2, 10, 100)
	_, _, err = l.OpenSession(late, expires-margin)
	require.ErrorIs(t, err, ErrExpired)
	for i := uint64(2); i <= streamtypes.MaxSessions; i++ {
		begin(t, l, i, 10, 10)
	}
	more, _ := terms(t, 999, 10, 10)
	_, _, err = l.OpenSession(more, now)
	require.ErrorIs(t, err, ErrTooMany)
}

// What was spent before the node knew the lane counts against its cap.
func TestAdoptedLane(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger"))
	defer l.Close()
	lane := testLane(100)
	lane.Spent = 60
	require.NoError(t, l.AddLane(lane))
	id, c := begin(t, l, 1, 10, 100)
	_, err := l.Use(id, pay(c, 5), Ticks{}, now)
	require.ErrorIs(t, err, ErrExhausted)
	_, err = l.Use(id, pay(c, 4), Ticks{}, now)
	require.NoError(t, err)
}

func TestSettling(t *testing.T) {
	l, path := start(t, 1000)
	id, c := begin(t, l, 1, 10, 100)
	require.Empty(t, l.Pending())
	require.Empty(t, l.Finished(0), "an open session holds its lane")
	_, err := l.Use(id, pay(c, 8), Ticks{0, 0, 8}, now)
	require.NoError(t, err)
	require.Len(t, l.Pending(), 1)
	require.EqualValues(t, 8, l.Pending()[0].Settlement.N)
	require.NoError(t, l.Settled(id, 8))
	require.Empty(t, l.Pending())
	require.NoError(t, l.CloseIdle(time.Hour, now))
	st, _, _ := l.Session(id)
	require.True(t, st.Open)
	require.NoError(t, l.CloseIdle(time.Hour, expires-margin))
	require.NoError(t, l.Close())
	l = open(t, path)
	st, _, _ = l.Session(id)
	require.False(t, st.Open)
	require.EqualValues(t, 8, st.Settled)
	require.Empty(t, l.Finished(time.Hour))
	require.Len(t, l.Finished(0), 1)
	next, _ := terms(t, 2, 10, 100)
	_, _, err = l.OpenSession(next, now)
	require.ErrorIs(t, err, ErrNoLane, "the chain would not pay what comes now")
	l.Unseal(testLane(0).LaneID)
	_, _, err = l.OpenSession(next, now)
	require.NoError(t, err)
	require.NoError(t, l.EndLane(testLane(0).LaneID))
	_, _, err = l.Session(id)
	require.ErrorIs(t, err, ErrNoSession)
	require.NoError(t, l.Close())
	l = open(t, path)
	require.Empty(t, l.Lanes())
	require.NoError(t, l.Close())
}

// Whatever viewers do at once, a lane pays at most its cap, and nobody uses what is not paid.
func TestCapHolds(t *testing.T) {
	dir := t.TempDir()
	i := 0
	rapid.Check(t, func(rt *rapid.T) {
		i++
		path := filepath.Join(dir, strconv.Itoa(i))
		limit := rapid.Uint64Range(1, 600).Draw(rt, "cap")
		l := open(rt, path)
		require.NoError(rt, l.AddLane(testLane(limit)))
		var wg sync.WaitGroup
		for n := range uint64(3) {
			id, c := begin(rt, l, n, n+1, 200)
			steps := rapid.SliceOfN(rapid.Uint32Range(1, 40), 1, 12).Draw(rt, "steps")
			wg.Go(func() {
				at := uint32(0)
				for _, step := range steps {
					_, _ = l.Use(id, pay(c, at+step), Ticks{0, at, at + step}, now)
					at += step
				}
			})
		}
		wg.Wait()
		sums := func(l *Ledger) (paid uint64) {
			for _, s := range l.sessions {
				paid += uint64(s.meter.N()) * s.terms.PricePerTick
				require.LessOrEqual(rt, s.used, s.meter.N())
			}
			return paid
		}
		paid := sums(l)
		require.LessOrEqual(rt, paid, limit)
		require.NoError(rt, l.Close())
		l = open(rt, path)
		require.Equal(rt, paid, sums(l))
		_, taken, _ := l.Lane(testLane(0).LaneID)
		require.Equal(rt, paid, taken, "the cap still knows what is taken")
		require.NoError(rt, l.compactNow())
		require.NoError(rt, l.Close())
		l = open(rt, path)
		require.Equal(rt, paid, sums(l))
		_, taken, _ = l.Lane(testLane(0).LaneID)
		require.Equal(rt, paid, taken)
		require.NoError(rt, l.Close())
	})
}

func (l *Ledger) compactNow() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.compact()
}

func TestSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s spans
		model := map[Ticks]bool{}
		for range rapid.IntRange(1, 40).Draw(t, "n") {
			from := rapid.Uint32Range(0, 60).Draw(t, "from")
			x := Ticks{rapid.Uint16Range(0, 2).Draw(t, "r"), from, from + rapid.Uint32Range(1, 9).Draw(t, "len")}
			want := uint32(0)
			for i := x.From; i < x.To; i++ {
				if k := (Ticks{x.Rendition, i, i}); !model[k] {
					want++
					model[k] = true
				}
			}
			require.Equal(t, want, s.missing(x))
			s.add(x)
			require.Zero(t, s.missing(x))
			for i := 1; i < len(s); i++ {
				require.True(t, s[i-1].Rendition < s[i].Rendition || s[i-1].To < s[i].From, "%v", s)
			}
		}
	})
}

// At every length that a crash may leave, the ledger opens with a prefix of what happened.
func TestTornTail(t *testing.T) {
	l, path := start(t, 100_000)
	id, c := begin(t, l, 1, 10, 300)
	for n := uint32(1); n <= 20; n++ {
		_, err := l.Use(id, pay(c, n), Ticks{0, n - 1, n}, now)
		require.NoError(t, err)
	}
	require.NoError(t, l.Close())
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	last := uint32(0)
	for cut := len(raw) - 20*(useLen+8); cut <= len(raw); cut++ {
		require.NoError(t, os.WriteFile(path, raw[:cut], 0o600))
		l, err := Open(path, margin)
		require.NoError(t, err, "cut at %d", cut)
		st, _, err := l.Session(id)
		require.NoError(t, err)
		require.Equal(t, st.Paid, st.Used)
		require.GreaterOrEqual(t, st.Paid, last)
		last = st.Paid
		require.NoError(t, l.Close())
	}
	require.EqualValues(t, 20, last)
	require.NoError(t, os.WriteFile(path, []byte("something else"), 0o600))
	_, err = Open(path, margin)
	require.ErrorIs(t, err, ErrDamaged)
}

// A journal that cannot be written acknowledges nothing more.
func TestDiskFails(t *testing.T) {
	l, _ := start(t, 1000)
	id, c := begin(t, l, 1, 10, 300)
	require.NoError(t, l.j.f.Close())
	_, err := l.Use(id, pay(c, 1), Ticks{0, 0, 1}, now)
	require.ErrorIs(t, err, ErrFailed)
	_, err = l.Use(id, pay(c, 2), Ticks{}, now)
	require.ErrorIs(t, err, ErrFailed)
	_, err = l.Use(id, Payment{}, Ticks{0, 0, 1}, now)
	require.ErrorIs(t, err, ErrFailed, "not even what memory says is used")
}

const crashSessions = 8

// crashWriter is the child of TestKill: it uses ticks and prints each that was acknowledged.
func crashWriter(path string) {
	l, err := Open(path, margin)
	if err != nil {
		panic(err)
	}
	var wg sync.WaitGroup
	for _, s := range l.sessions {
		wg.Go(func() {
			_, c := terms(panics{}, s.terms.Session, s.terms.PricePerTick, s.terms.MaxTicks)
			for n := s.meter.N() + 1; n <= s.terms.MaxTicks; n++ {
				if _, err := l.Use(s.id, pay(c, n), Ticks{0, n - 1, n}, now); err != nil {
					fmt.Printf("end %v\n", err)
					return
				}
				fmt.Printf("ok %s %d\n", s.id, n)
			}
		})
	}
	wg.Wait()
	select {}
}

type panics struct{}

func (panics) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (panics) FailNow()                          { panic("failed") }

// Killed at any moment, the ledger keeps every acknowledged tick and its cap.
func TestKill(t *testing.T) {
	const limit = 8 * 20_000
	l, path := start(t, limit)
	for n := range uint64(crashSessions) {
		begin(t, l, n, 10, 10_000)
	}
	require.NoError(t, l.Close())
	acked := map[string]uint32{}
	for round := range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "LEDGER_CRASH="+path)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for want := 50 + rand.Intn(300); want > 0 && lines.Scan(); want-- {
			note(acked, lines.Text())
		}
		require.NoError(t, cmd.Process.Kill())
		for lines.Scan() {
			note(acked, lines.Text())
		}
		_ = cmd.Wait()
		l := open(t, path)
		sum := uint64(0)
		for _, s := range l.sessions {
			require.GreaterOrEqual(t, s.meter.N(), acked[s.id.String()], "round %d", round)
			require.GreaterOrEqual(t, s.used, acked[s.id.String()])
			require.LessOrEqual(t, s.used, s.meter.N())
			sum += uint64(s.meter.N()) * s.terms.PricePerTick
		}
		require.LessOrEqual(t, sum, uint64(limit))
		require.NoError(t, l.Close())
	}
	require.Len(t, acked, crashSessions)
}

func note(acked map[string]uint32, line string) {
	var id string
	var n uint32
	if strings.HasPrefix(line, "ok ") {
		if _, err := fmt.Sscanf(line, "ok %s %d", &id, &n); err == nil && len(id) == 32 {
			acked[id] = max(acked[id], n)
		}
	}
}
