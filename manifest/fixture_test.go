package manifest_test

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"pgregory.net/rapid"

	"github.com/streamchain/streamchain/manifest"
)

func link(codec uint64, name string) cid.Cid {
	hash, err := mh.Sum([]byte(name), mh.SHA2_256, -1)
	if err != nil {
		panic(err)
	}
	return cid.NewCidV1(codec, hash)
}

func creator(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	return sum[:manifest.CreatorLen]
}

// small is a manifest with nothing that can be left out.
func small() manifest.Manifest {
	return manifest.Manifest{
		Version: manifest.Version, Creator: creator("alice"), Kind: "video", Title: "A",
		Media: link(cid.DagProtobuf, "media"), Piece: manifest.Piece{Root: sha256.Sum256([]byte("piece")), Size: 1}, Licence: "MIT",
	}
}

// song has all that a first publication has.
func song() manifest.Manifest {
	m := small()
	m.Kind, m.Title, m.Language = "audio", "Étude № 1", "fr"
	m.Description = "Première\n\tseconde ligne"
	m.Tags = []string{"piano", "étude"}
	m.DurationSeconds = 243
	m.Cover = link(cid.Raw, "cover")
	m.Piece.Size = 5_242_880
	m.Licence = "CC-BY-SA-4.0"
	return m
}

// full has everything, each part as large as it may be.
func full() manifest.Manifest {
	m := song()
	m.Title = strings.Repeat("é", manifest.MaxTitle/2)
	m.Language = strings.Repeat("a", manifest.MaxLanguage)
	m.Description = strings.Repeat("x", manifest.MaxDescription)
	m.Licence = "LicenseRef-" + strings.Repeat("x", manifest.MaxLicence-11)
	m.Tags, m.Parents = nil, nil
	for i := range manifest.MaxTags {
		m.Tags = append(m.Tags, strings.Repeat(string(rune('a'+i)), manifest.MaxTag))
	}
	for i := range manifest.MaxParents {
		m.Parents = append(m.Parents, manifest.Parent{Work: link(cid.DagCBOR, string(rune('p'+i))), Bps: manifest.MaxParentBps / manifest.MaxParents})
	}
	m.DurationSeconds, m.Piece.Size = manifest.MaxInteger, manifest.MaxInteger
	m.Previous = link(cid.DagCBOR, "previous")
	m.Keys = &manifest.Keys{Suite: strings.Repeat("s", manifest.MaxSuite), C0: make([]byte, manifest.MaxC0), WindowSeconds: manifest.MaxInteger}
	return m
}

// anyManifest draws valid manifests.
func anyManifest() *rapid.Generator[manifest.Manifest] {
	words := rapid.StringMatching(`[a-zA-Z0-9éüñ漢字 ]{1,16}`)
	return rapid.Custom(func(t *rapid.T) manifest.Manifest {
		integer := rapid.Uint64Range(0, manifest.MaxInteger)
		m := small()
		m.Creator = rapid.SliceOfN(rapid.Byte(), manifest.CreatorLen, manifest.CreatorLen).Draw(t, "creator")
		m.Kind = rapid.SampledFrom(manifest.Kinds()).Draw(t, "kind")
		m.Title = words.Draw(t, "title")
		m.Language = rapid.StringMatching(`[a-zA-Z0-9-]{0,35}`).Draw(t, "language")
		m.Description = rapid.StringMatching(`[a-z漢\n\t]{0,300}`).Draw(t, "description")
		m.Tags = rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zé]{1,12}`), 0, manifest.MaxTags, rapid.ID[string]).Draw(t, "tags")
		m.DurationSeconds = integer.Draw(t, "duration")
		codec := rapid.SampledFrom([]uint64{cid.Raw, cid.DagProtobuf})
		m.Media = link(codec.Draw(t, "media codec"), words.Draw(t, "media"))
		if rapid.Bool().Draw(t, "has cover") {
			m.Cover = link(codec.Draw(t, "cover codec"), words.Draw(t, "cover"))
		}
		m.Piece.Root = sha256.Sum256([]byte(words.Draw(t, "piece")))
		m.Piece.Size = rapid.Uint64Range(1, manifest.MaxInteger).Draw(t, "size")
		m.Licence = rapid.StringMatching(`[a-zA-Z0-9.+:() -]{1,64}`).Draw(t, "licence")
		left := uint64(manifest.MaxParentBps)
		for _, name := range rapid.SliceOfNDistinct(words, 0, manifest.MaxParents, rapid.ID[string]).Draw(t, "parents") {
			bps := rapid.Uint64Range(0, left).Draw(t, "bps")
			left -= bps
			m.Parents = append(m.Parents, manifest.Parent{Work: link(cid.DagCBOR, name), Bps: bps})
		}
		if rapid.Bool().Draw(t, "has previous") {
			m.Previous = link(cid.DagCBOR, words.Draw(t, "previous"))
		}
		if rapid.Bool().Draw(t, "has keys") {
			m.Keys = &manifest.Keys{
				Suite: rapid.StringMatching(`[a-z0-9./_-]{1,32}`).Draw(t, "suite"), WindowSeconds: integer.Draw(t, "window") | 1,
				C0: rapid.SliceOfN(rapid.Byte(), 1, manifest.MaxC0).Draw(t, "c0"),
			}
		}
		return m
	})
}

// BenchmarkEncode measures what the chain does once for each published work.
func BenchmarkEncode(b *testing.B) {
	m := song()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	raw, err := song().Encode()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := manifest.Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}
