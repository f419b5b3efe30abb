package manifest_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/manifest"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

const vectorsPath = "testdata/vectors.json"

// fields is a manifest as other languages read it.
type fields struct {
	Version         uint64            `json:"version"`
	Creator         string            `json:"creator"` // hexadecimal
	Kind            string            `json:"kind"`
	Title           string            `json:"title"`
	Language        string            `json:"language"`
	Description     string            `json:"description"`
	Tags            []string          `json:"tags"`
	DurationSeconds uint64            `json:"duration"`
	Media           string            `json:"media"`
	Cover           string            `json:"cover,omitempty"`
	Piece           map[string]string `json:"piece"` // root in hexadecimal, size in decimal
	Licence         string            `json:"licence"`
	Parents         []parent          `json:"parents"`
	Previous        string            `json:"previous,omitempty"`
	Keys            *keys             `json:"keys,omitempty"`
}

type parent struct {
	Work string `json:"work"`
	Bps  uint64 `json:"bps"`
}

type keys struct {
	Suite  string `json:"suite"`
	C0     string `json:"c0"`
	Window uint64 `json:"window"`
}

type valid struct {
	Name     string `json:"name"`
	Fields   fields `json:"fields"`
	Encoding string `json:"encoding"`
	WorkID   string `json:"work_id"`
	Digest   string `json:"digest"`
}

type invalid struct {
	Name     string `json:"name"`
	Encoding string `json:"encoding"`
	Field    string `json:"field,omitempty"` // of a well-formed encoding that breaks a rule
}

type commitment struct {
	Creator string `json:"creator"`
	Media   string `json:"media"`
	Salt    string `json:"salt"`
	Hash    string `json:"hash"`
}

type vectors struct {
	Valid       []valid      `json:"valid"`
	Invalid     []invalid    `json:"invalid"`
	Commitments []commitment `json:"commitments"`
	BadWorkIDs  []string     `json:"bad_work_ids"`
}

func text(c cid.Cid) string {
	if !c.Defined() {
		return ""
	}
	return c.String()
}

func describe(m manifest.Manifest) fields {
	f := fields{
		Version: m.Version, Creator: hex.EncodeToString(m.Creator), Kind: m.Kind, Title: m.Title, Language: m.Language,
		Description: m.Description, Tags: append([]string{}, m.Tags...), DurationSeconds: m.DurationSeconds, Media: text(m.Media), Cover: text(m.Cover),
		Piece:   map[string]string{"root": hex.EncodeToString(m.Piece.Root[:]), "size": jsonNumber(m.Piece.Size)},
		Licence: m.Licence, Parents: []parent{}, Previous: text(m.Previous),
	}
	for _, p := range m.Parents {
		f.Parents = append(f.Parents, parent{p.Work.String(), p.Bps})
	}
	if m.Keys != nil {
		f.Keys = &keys{m.Keys.Suite, hex.EncodeToString(m.Keys.C0), m.Keys.WindowSeconds}
	}
	return f
}

func jsonNumber(n uint64) string {
	b, _ := json.Marshal(n)
	return string(b)
}

func makeVectors(t *testing.T) vectors {
	var v vectors
	derived := song()
	derived.Previous = link(cid.DagCBOR, "previous")
	derived.Parents = []manifest.Parent{{Work: link(cid.DagCBOR, "p1"), Bps: 1000}, {Work: link(cid.DagCBOR, "p2"), Bps: 0}}
	encrypted := small()
	encrypted.Keys = &manifest.Keys{Suite: "streamchain-window/v1", C0: make([]byte, 32), WindowSeconds: 20}
	for _, c := range []struct {
		name string
		m    manifest.Manifest
	}{{"small", small()}, {"song", song()}, {"derived", derived}, {"encrypted", encrypted}, {"full", full()}} {
		b, err := c.m.Encode()
		require.NoError(t, err)
		id, err := c.m.CID()
		require.NoError(t, err)
		digest, err := manifest.ParseWorkID(id.String())
		require.NoError(t, err)
		v.Valid = append(v.Valid, valid{c.name, describe(c.m), hex.EncodeToString(b), id.String(), hex.EncodeToString(digest[:])})
	}
	v.Invalid = invalidVectors(t)
	salt := []byte("0123456789abcdef")
	hash := manifest.Commitment(song().Creator, song().Media, salt)
	v.Commitments = []commitment{{hex.EncodeToString(song().Creator), song().Media.String(), hex.EncodeToString(salt), hex.EncodeToString(hash[:])}}
	id := v.Valid[0].WorkID
	v.BadWorkIDs = []string{"", id[:58], "B" + id[1:], link(cid.DagProtobuf, "media").String(), cid.NewCidV0(link(cid.Raw, "x").Hash()).String(), " " + id}
	return v
}

func invalidVectors(t *testing.T) []invalid {
	base, err := small().Encode()
	require.NoError(t, err)
	edit := func(name, field, from, to string) invalid {
		return invalid{name, hex.EncodeToString(replace(t, base, from, to)), field}
	}
	return []invalid{
		edit("a number in a longer head", "", "gversion\x01", "gversion\x18\x01"),
		edit("a list of indefinite length", "", "dtags\x80", "dtags\x9f\xff"),
		edit("keys out of order", "", "dkindevideodtags\x80", "dtags\x80dkindevideo"),
		edit("a null in place of a missing entry", "", "emedia", "ecover\xf6emedia"),
		edit("a link without its zero byte", "", "emedia\xd8\x2aX%\x00", "emedia\xd8\x2aX%\x01"),
		{"a byte too many", hex.EncodeToString(append(base[:len(base):len(base)], 0)), ""},
		{"cut short", hex.EncodeToString(base[:len(base)-1]), ""},
		edit("an empty title", "title", "etitleaA", "etitle`"),
		edit("a title that is not NFC", "title", "etitleaA", "etitlecA\u030a"),
		edit("a title that reorders text", "title", "etitleaA", "etitled\u202eA"),
		edit("version 2", "version", "gversion\x01", "gversion\x02"),
		edit("an unknown kind", "kind", "dkindevideo", "dkinddfilm"),
		edit("a licence with a slash", "licence", "glicencecMIT", "glicencecM/T"),
	}
}

func TestVectors(t *testing.T) {
	if *update {
		raw, err := json.MarshalIndent(makeVectors(t), "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(vectorsPath, append(raw, '\n'), 0o644))
	}
	raw, err := os.ReadFile(vectorsPath)
	require.NoError(t, err)
	var want vectors
	require.NoError(t, json.Unmarshal(raw, &want))
	require.Equal(t, want, makeVectors(t))
	for _, c := range want.Valid {
		b, err := hex.DecodeString(c.Encoding)
		require.NoError(t, err)
		m, err := manifest.Decode(b)
		require.NoError(t, err, c.Name)
		require.Equal(t, c.Fields, describe(m), c.Name)
	}
	for _, c := range want.Invalid {
		b, err := hex.DecodeString(c.Encoding)
		require.NoError(t, err)
		_, err = manifest.Decode(b)
		var field *manifest.FieldError
		if errors.As(err, &field) {
			require.Equal(t, c.Field, field.Field, c.Name)
			continue
		}
		require.ErrorIs(t, err, manifest.ErrMalformed, c.Name)
		require.Empty(t, c.Field, c.Name)
	}
	for _, id := range want.BadWorkIDs {
		_, err := manifest.ParseWorkID(id)
		require.ErrorIs(t, err, manifest.ErrWorkID)
	}
}
