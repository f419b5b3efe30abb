package publish

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
)

func TestSecretFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	_, err := ReadSecret(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	s := keyshare.NewSecret(rand.Reader)
	require.NoError(t, WriteSecret(path, s))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	got, err := ReadSecret(path)
	require.NoError(t, err)
	require.Equal(t, s.Bytes(), got.Bytes())

	require.ErrorIs(t, WriteSecret(path, keyshare.NewSecret(rand.Reader)), ErrSecretExists)
	got, err = ReadSecret(path)
	require.NoError(t, err)
	require.Equal(t, s.Bytes(), got.Bytes(), "it is still the first one")

	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	kept := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Link(path, kept))
	require.NoError(t, eraseSecret(path))
	require.NoFileExists(t, path)
	after, err := os.ReadFile(kept)
	require.NoError(t, err)
	require.Len(t, after, len(raw))
	require.NotContains(t, string(after), `"secret"`, "it was overwritten before it was removed")
	require.NoError(t, eraseSecret(path), "what is not there is erased")
}

func TestSecretFilesThatAreNone(t *testing.T) {
	s := keyshare.NewSecret(rand.Reader)
	dir := t.TempDir()
	good := filepath.Join(dir, "good")
	require.NoError(t, WriteSecret(good, s))
	raw, err := os.ReadFile(good)
	require.NoError(t, err)
	b, c0 := s.Bytes(), s.C0()
	secret, other := hex.EncodeToString(b[:]), keyshare.NewSecret(rand.Reader).C0()
	for name, change := range map[string]func(string) string{
		"nothing":       func(string) string { return "" },
		"no JSON":       func(string) string { return secret },
		"another file":  func(s string) string { return strings.Replace(s, "streamchain/secret/v1", "streamchain/secret/v2", 1) },
		"another suite": func(s string) string { return strings.Replace(s, keyshare.Suite, "x", 1) },
		"another C0": func(s string) string {
			return strings.Replace(s, hex.EncodeToString(c0[:]), hex.EncodeToString(other[:]), 1)
		},
		"more fields": func(s string) string { return strings.Replace(s, "{", `{"x": 1,`, 1) },
		"short":       func(s string) string { return strings.Replace(s, secret, secret[2:], 1) },
		"zero":        func(s string) string { return strings.Replace(s, secret, strings.Repeat("0", 64), 1) },
		"not reduced": func(s string) string { return strings.Replace(s, secret, strings.Repeat("f", 64), 1) },
		"cut off":     func(s string) string { return s[:len(s)/2] },
		"endless":     func(s string) string { return strings.Repeat(" ", maxSecretFile) + s },
	} {
		path := filepath.Join(dir, "bad")
		require.NoError(t, os.WriteFile(path, []byte(change(string(raw))), 0o600))
		_, err := ReadSecret(path)
		require.ErrorIs(t, err, ErrSecretFormat, name)
		require.NotContains(t, err.Error(), secret[4:], name)
	}
}

// A run that is killed around the drawing of the secret has one secret in the end, and one C0.
func TestOwnSecret(t *testing.T) {
	open := func(dir string, change func(*job)) (*job, error) {
		j := &job{dir: dir, encrypted: true, result: &Result{}}
		if change != nil {
			change(j)
		}
		return j, j.openSecret(t.Context())
	}
	dir := t.TempDir()
	first, err := open(dir, nil)
	require.NoError(t, err)
	require.Equal(t, first.secret.C0(), first.c0)
	killed, err := open(dir, nil) // after the file was written, before the state was
	require.NoError(t, err)
	require.Equal(t, first.c0, killed.c0)
	state := func(j *job) { j.state = first.state }

	require.NoError(t, os.WriteFile(first.jobSecret(), []byte("{"), 0o600))
	_, err = open(dir, state)
	require.ErrorIs(t, err, ErrSecretFormat, "a secret that something depends on is not replaced")
	half, err := open(dir, nil)
	require.NoError(t, err, "one that was half written, and nothing depends on, is")
	require.NotEqual(t, first.c0, half.c0)

	kept := filepath.Join(t.TempDir(), "kept")
	with := func(j *job) { j.state, j.KeepSecret = half.state, kept }
	dry := func(j *job) { with(j); j.DryRun = true }
	_, err = open(dir, dry)
	require.NoError(t, err)
	require.NoFileExists(t, kept)
	for range 2 {
		_, err = open(dir, with)
		require.NoError(t, err)
	}
	s, err := ReadSecret(kept)
	require.NoError(t, err)
	require.Equal(t, half.c0, s.C0())
	require.NoError(t, os.WriteFile(kept, []byte("my diary"), 0o600))
	_, err = open(dir, with)
	require.ErrorIs(t, err, ErrSecretExists)
	data, err := os.ReadFile(kept)
	require.NoError(t, err)
	require.Equal(t, "my diary", string(data))

	require.NoError(t, eraseSecret(half.jobSecret()))
	erased, err := open(dir, func(j *job) { j.state = half.state })
	require.NoError(t, err)
	require.Nil(t, erased.secret)
	require.Equal(t, half.c0, erased.c0)
	require.NoError(t, os.Remove(kept))
	_, err = open(dir, with)
	require.ErrorIs(t, err, ErrSecretErased)
}
