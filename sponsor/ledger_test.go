package sponsor

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func testLedger(t *testing.T, dir string, now int64) *ledger {
	t.Helper()
	l, err := openLedger(dir, newMeter(1000, 10_000, 80), now)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.close() })
	return l
}

func TestLedgerSurvives(t *testing.T) {
	dir := t.TempDir()
	l := testLedger(t, dir, 1000)
	a := Entry{State: Intent, Address: "a", At: 1000, Cost: 60, Held: 50, Expires: 2000, Until: 9, Net: "n"}
	b, c := a, a
	b.Address, b.At, c.Address, c.At = "b", 1001, "c", 1002
	require.NoError(t, l.write(a, b, c))
	require.EqualValues(t, 150, l.totals(1002).Held)
	a.State, a.TX = Granted, "tx"
	b.State, b.Held = Failed, 0
	require.NoError(t, l.write(a, b))
	want := totals{Granted: 1, Pending: 1, Failed: 1, Held: 100, Hour: 180, Day: 180, Load: 18}
	require.Equal(t, want, l.totals(1002))
	require.Equal(t, []Entry{c}, l.intents(10))
	require.NoError(t, l.close())

	l = testLedger(t, dir, 1500)
	require.Equal(t, want, l.totals(1500), "what failed stays counted")
	got, ok := l.get("a")
	require.True(t, ok)
	require.Equal(t, a, got)
	_, ofNet := l.load("n", 1500)
	require.Equal(t, 3, ofNet)

	_, err := openLedger(dir, newMeter(1, 1, 1), 0)
	require.ErrorIs(t, err, ErrLocked)
	l.expire(2000)
	require.EqualValues(t, 50, l.totals(2000).Held, "an open intent is held until its outcome is known")
	require.ErrorIs(t, known(mustGet(t, l, "a")), ErrSponsored, "an expired grant was one all the same")

	// the address that failed may ask again, and counts again
	b.State, b.Held, b.At = Intent, 50, 2001
	require.NoError(t, l.write(b))
	require.Equal(t, totals{Granted: 1, Pending: 2, Held: 100, Hour: 240, Day: 240, Load: 24}, l.totals(2001))
	require.NoError(t, l.close())
	l = testLedger(t, dir, 90_000)
	_, ofNet = l.load("n", 90_000)
	require.Zero(t, ofNet, "another day")
}

func mustGet(t *testing.T, l *ledger, address string) Entry {
	t.Helper()
	e, ok := l.get(address)
	require.True(t, ok)
	return e
}

func TestTornTailIsCut(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "grants.jsonl")
	l := testLedger(t, dir, 0)
	require.NoError(t, l.write(Entry{State: Intent, Address: "a", Cost: 1}))
	require.NoError(t, l.close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	torn := append(append([]byte(nil), whole[:len(whole)-1]...), bytes.Repeat([]byte(" "), 5000)...) // longer than what comes after it
	for _, cut := range []int{0, 1, 2, len(whole) / 2, len(whole) - 1, len(torn)} {
		require.NoError(t, os.WriteFile(path, append(append([]byte(nil), whole...), torn[:cut]...), 0o600))
		l := testLedger(t, dir, 0)
		require.Equal(t, 1, l.totals(0).Pending)
		require.NoError(t, l.write(Entry{State: Intent, Address: "b", Cost: 1}))
		require.NoError(t, l.close())
		l = testLedger(t, dir, 0)
		require.Equal(t, 2, l.totals(0).Pending, "what is written after a torn line is read again")
		require.NoError(t, l.close())
	}
}

func TestDamageIsNotGuessedOver(t *testing.T) {
	for name, content := range map[string]string{
		"garbage":       "x\n",
		"empty line":    "\n",
		"no address":    `{"state":"intent"}` + "\n",
		"unknown state": `{"state":"maybe","address":"a"}` + "\n",
		"in the middle": `{"state":"intent","address":"a"}` + "\n" + `{"state":"int` + "\n" + `{"state":"intent","address":"b"}` + "\n",
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "grants.jsonl"), []byte(content), 0o600))
		_, err := openLedger(dir, newMeter(1, 1, 1), 0)
		require.ErrorIs(t, err, ErrDamaged, name)
	}
}

func TestNothingIsWrittenAfterAFailure(t *testing.T) {
	l := testLedger(t, t.TempDir(), 0)
	require.NoError(t, l.f.Close())
	require.ErrorIs(t, l.write(Entry{State: Intent, Address: "a"}), ErrBroken)
	require.True(t, l.totals(0).Broken)
	_, ok := l.get("a")
	require.False(t, ok)
	require.ErrorIs(t, l.write(Entry{State: Intent, Address: "a"}), ErrBroken)
}
