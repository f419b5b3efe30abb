package manifest

import (
	"bytes"
)

// Names of the entries, in the order of canonical DAG-CBOR: shorter first, then bytewise.
const (
	keyKeys        = "keys"
	keyKind        = "kind"
	keyTags        = "tags"
	keyCover       = "cover"
	keyMedia       = "media"
	keyPiece       = "piece"
	keyTitle       = "title"
	keyCreator     = "creator"
	keyLicence     = "licence"
	keyParents     = "parents"
	keyVersion     = "version"
	keyDuration    = "duration"
	keyLanguage    = "language"
	keyPrevious    = "previous"
	keyDescription = "description"

	// all but keys, cover and previous, which are left out when unset
	entriesAlways = 12
)

// Encode returns the canonical DAG-CBOR of a valid manifest. Its errors are those of Validate.
func (m Manifest) Encode() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	b := m.encode()
	if len(b) > MaxSize {
		return nil, wrong("manifest", "%d bytes, the limit is %d", len(b), MaxSize)
	}
	return b, nil
}

func (m Manifest) encode() []byte {
	entries := uint64(entriesAlways)
	for _, set := range []bool{m.Keys != nil, m.Cover.Defined(), m.Previous.Defined()} {
		if set {
			entries++
		}
	}
	b := appendHead(make([]byte, 0, 512+len(m.Description)), majorMap, entries)
	if m.Keys != nil {
		b = m.Keys.encode(appendText(b, keyKeys))
	}
	b = appendText(appendText(b, keyKind), m.Kind)
	b = appendHead(appendText(b, keyTags), majorList, uint64(len(m.Tags)))
	for _, tag := range m.Tags {
		b = appendText(b, tag)
	}
	if m.Cover.Defined() {
		b = appendLink(appendText(b, keyCover), m.Cover)
	}
	b = appendLink(appendText(b, keyMedia), m.Media)
	b = appendHead(appendText(b, keyPiece), majorMap, 2)
	b = appendBytes(appendText(b, "root"), m.Piece.Root[:])
	b = appendHead(appendText(b, "size"), majorUint, m.Piece.Size)
	b = appendText(appendText(b, keyTitle), m.Title)
	b = appendBytes(appendText(b, keyCreator), m.Creator)
	b = appendText(appendText(b, keyLicence), m.Licence)
	b = appendHead(appendText(b, keyParents), majorList, uint64(len(m.Parents)))
	for _, p := range m.Parents {
		b = appendHead(b, majorMap, 2)
		b = appendHead(appendText(b, "bps"), majorUint, p.Bps)
		b = appendLink(appendText(b, "work"), p.Work)
	}
	b = appendHead(appendText(b, keyVersion), majorUint, m.Version)
	b = appendHead(appendText(b, keyDuration), majorUint, m.DurationSeconds)
	b = appendText(appendText(b, keyLanguage), m.Language)
	if m.Previous.Defined() {
		b = appendLink(appendText(b, keyPrevious), m.Previous)
	}
	return appendText(appendText(b, keyDescription), m.Description)
}

func (k *Keys) encode(b []byte) []byte {
	b = appendHead(b, majorMap, 3)
	b = appendBytes(appendText(b, "c0"), k.C0)
	b = appendText(appendText(b, "suite"), k.Suite)
	return appendHead(appendText(b, "window"), majorUint, k.WindowSeconds)
}

// Decode reads an encoding and checks it whole: what it returns is valid and encodes to the
// same bytes. Errors: ErrMalformed, *FieldError.
func Decode(b []byte) (Manifest, error) {
	if len(b) > MaxSize {
		return Manifest{}, wrong("manifest", "%d bytes, the limit is %d", len(b), MaxSize)
	}
	r := &reader{b: b}
	m := r.manifest()
	if len(r.b) > 0 {
		r.fail("%d bytes follow it", len(r.b))
	}
	if r.err != nil {
		return Manifest{}, r.err
	}
	if err := m.Validate(); err != nil {
		return Manifest{}, err
	}
	// one comparison stands for every rule of canonical form: counts, shortest heads
	if !bytes.Equal(m.encode(), b) {
		r.fail("another encoding of the same fields is the canonical one")
		return Manifest{}, r.err
	}
	return m, nil
}

func (r *reader) manifest() (m Manifest) {
	r.head(majorMap)
	if r.has(keyKeys) {
		m.Keys = r.keys()
	}
	r.key(keyKind)
	m.Kind = r.text()
	r.key(keyTags)
	for range r.list(MaxTags) {
		m.Tags = append(m.Tags, r.text())
	}
	if r.has(keyCover) {
		m.Cover = r.link()
	}
	r.key(keyMedia)
	m.Media = r.link()
	r.key(keyPiece)
	m.Piece = r.piece()
	r.key(keyTitle)
	m.Title = r.text()
	r.key(keyCreator)
	m.Creator = r.bytes()
	r.key(keyLicence)
	m.Licence = r.text()
	r.key(keyParents)
	for range r.list(MaxParents) {
		m.Parents = append(m.Parents, r.parent())
	}
	r.key(keyVersion)
	m.Version = r.uint()
	r.key(keyDuration)
	m.DurationSeconds = r.uint()
	r.key(keyLanguage)
	m.Language = r.text()
	if r.has(keyPrevious) {
		m.Previous = r.link()
	}
	r.key(keyDescription)
	m.Description = r.text()
	return m
}

func (r *reader) keys() *Keys {
	k := new(Keys)
	r.head(majorMap)
	r.key("c0")
	k.C0 = r.bytes()
	r.key("suite")
	k.Suite = r.text()
	r.key("window")
	k.WindowSeconds = r.uint()
	return k
}

func (r *reader) piece() (p Piece) {
	r.head(majorMap)
	r.key("root")
	root := r.string(majorBytes)
	if r.err == nil && len(root) != len(p.Root) {
		r.fail("a piece root of %d bytes", len(root))
	}
	copy(p.Root[:], root)
	r.key("size")
	p.Size = r.uint()
	return p
}

func (r *reader) parent() (p Parent) {
	r.head(majorMap)
	r.key("bps")
	p.Bps = r.uint()
	r.key("work")
	p.Work = r.link()
	return p
}
