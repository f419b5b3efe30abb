package manifest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/manifest"
)

// replace exchanges what must be there exactly once.
func replace(t testing.TB, b []byte, from, to string) []byte {
	t.Helper()
	require.Equal(t, 1, bytes.Count(b, []byte(from)), "%q", from)
	return bytes.Replace(b, []byte(from), []byte(to), 1)
}

// What Decode accepts is canonical: it, and a complete implementation of DAG-CBOR, write the same again.
func FuzzDecode(f *testing.F) {
	for _, m := range []manifest.Manifest{small(), song(), full()} {
		b, err := m.Encode()
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := manifest.Decode(b)
		if err != nil {
			return
		}
		again, err := m.Encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("accepted %x, encodes to %x: %v", b, again, err)
		}
		other, err := reencode(b)
		if err != nil || !bytes.Equal(other, b) {
			t.Fatalf("accepted %x, go-ipld-prime writes %x: %v", b, other, err)
		}
	})
}

// Whatever text is accepted comes back as it was.
func FuzzText(f *testing.F) {
	f.Add("title", "description\n", "tag", "en", "MIT")
	f.Add("e\u0301", "\u202e", "\x00", "en_US", "/")
	f.Fuzz(func(t *testing.T, title, description, tag, language, licence string) {
		m := small()
		m.Title, m.Description, m.Tags, m.Language, m.Licence = title, description, []string{tag}, language, licence
		b, err := m.Encode()
		if err != nil {
			return
		}
		got, err := manifest.Decode(b)
		if err != nil || got.Title != title || got.Description != description || got.Tags[0] != tag || got.Language != language || got.Licence != licence {
			t.Fatalf("%+v came back as %+v: %v", m, got, err)
		}
		if strings.ContainsAny(title+tag, "\n\x00\u202e\u2066") {
			t.Fatalf("accepted %q, %q", title, tag)
		}
	})
}

func FuzzParseWorkID(f *testing.F) {
	f.Add(manifest.WorkID([32]byte{1}).String())
	f.Fuzz(func(t *testing.T, s string) {
		if digest, err := manifest.ParseWorkID(s); err == nil && manifest.WorkID(digest).String() != s {
			t.Fatalf("%q is accepted beside %q", s, manifest.WorkID(digest))
		}
	})
}
