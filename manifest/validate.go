package manifest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ipfs/go-cid"
)

// Validate checks every rule of every field, in the order of the struct. Its errors are *FieldError.
func (m Manifest) Validate() error {
	if m.Version != Version {
		return wrong("version", "%d, only %d is known", m.Version, Version)
	}
	if len(m.Creator) != CreatorLen {
		return wrong("creator", "%d bytes, a creator id has %d", len(m.Creator), CreatorLen)
	}
	if !slices.Contains(Kinds(), m.Kind) {
		return wrong("kind", "%q, use one of %s", m.Kind, strings.Join(Kinds(), ", "))
	}
	for _, check := range []func() error{m.ValidateTexts, m.validateMedia, m.validateParents, m.validateKeys} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// ValidateTexts checks what a person writes: title, language, description, licence and tags. Programs ask it before they do the work
// that the rest of a manifest takes. FieldError.
func (m Manifest) ValidateTexts() error {
	if m.Title == "" {
		return wrong("title", "empty, every work has one")
	}
	if err := checkText("title", m.Title, MaxTitle, false); err != nil {
		return err
	}
	if len(m.Language) > MaxLanguage || !consistsOf(m.Language, "-") {
		return wrong("language", "%q, use a BCP 47 tag such as en or pt-BR", clip(m.Language))
	}
	if err := checkText("description", m.Description, MaxDescription, true); err != nil {
		return err
	}
	if m.Licence == "" || len(m.Licence) > MaxLicence || !consistsOf(m.Licence, " .+-:()") {
		return wrong("licence", "%q, use an SPDX expression such as CC-BY-4.0, or LicenseRef- and a name, of at most %d bytes", clip(m.Licence), MaxLicence)
	}
	return m.validateTags()
}

func (m Manifest) validateTags() error {
	if len(m.Tags) > MaxTags {
		return wrong("tags", "%d, the limit is %d", len(m.Tags), MaxTags)
	}
	for i, tag := range m.Tags {
		field := fmt.Sprintf("tags[%d]", i)
		if tag == "" {
			return wrong(field, "empty, leave it out")
		}
		if err := checkText(field, tag, MaxTag, false); err != nil {
			return err
		}
		if slices.Contains(m.Tags[:i], tag) {
			return wrong(field, "%q is there twice", tag)
		}
	}
	return nil
}

func (m Manifest) validateMedia() error {
	if m.DurationSeconds > MaxInteger {
		return wrong("duration", "%d s, the limit is %d", m.DurationSeconds, uint64(MaxInteger))
	}
	if err := checkLink("media", m.Media, cid.DagProtobuf, cid.Raw); err != nil {
		return err
	}
	if m.Cover.Defined() {
		if err := checkLink("cover", m.Cover, cid.DagProtobuf, cid.Raw); err != nil {
			return err
		}
	}
	// a CAR has a header at least
	if m.Piece.Size == 0 || m.Piece.Size > MaxInteger {
		return wrong("piece.size", "%d bytes, it lies between 1 and %d", m.Piece.Size, uint64(MaxInteger))
	}
	return nil
}

func (m Manifest) validateParents() error {
	if len(m.Parents) > MaxParents {
		return wrong("parents", "%d, the limit is %d", len(m.Parents), MaxParents)
	}
	sum := uint64(0)
	for i, p := range m.Parents {
		if err := checkLink(fmt.Sprintf("parents[%d].work", i), p.Work, cid.DagCBOR); err != nil {
			return err
		}
		if slices.ContainsFunc(m.Parents[:i], func(o Parent) bool { return o.Work.Equals(p.Work) }) {
			return wrong(fmt.Sprintf("parents[%d].work", i), "%s is there twice", p.Work)
		}
		// each is bounded before it is added, so the sum cannot wrap
		if p.Bps > MaxParentBps {
			return wrong(fmt.Sprintf("parents[%d].bps", i), "%d, the limit is %d", p.Bps, MaxParentBps)
		}
		sum += p.Bps
	}
	if sum > MaxParentBps {
		return wrong("parents", "%d basis points in all, the limit is %d", sum, MaxParentBps)
	}
	if m.Previous.Defined() {
		return checkLink("previous", m.Previous, cid.DagCBOR)
	}
	return nil
}

func (m Manifest) validateKeys() error {
	k := m.Keys
	switch {
	case k == nil:
		return nil
	case k.Suite == "" || len(k.Suite) > MaxSuite || !consistsOf(k.Suite, "-./_"):
		return wrong("keys.suite", "%q, use 1 to %d letters, digits and -./_", clip(k.Suite), MaxSuite)
	case len(k.C0) == 0 || len(k.C0) > MaxC0:
		return wrong("keys.c0", "%d bytes, it has 1 to %d", len(k.C0), MaxC0)
	case k.WindowSeconds == 0 || k.WindowSeconds > MaxInteger:
		return wrong("keys.window", "%d s, it lies between 1 and %d", k.WindowSeconds, uint64(MaxInteger))
	}
	return nil
}

// checkLink demands a CIDv1 of sha2-256 and one of the codecs.
func checkLink(field string, c cid.Cid, codecs ...uint64) error {
	if !c.Defined() {
		return wrong(field, "missing")
	}
	p := c.Prefix()
	if p.Version != 1 || p.MhType != sha2256 || p.MhLength != 32 || len(c.Bytes()) != cidLen || !slices.Contains(codecs, p.Codec) {
		return wrong(field, "%s, use a CIDv1 of sha2-256 with codec %s", c, codecNames(codecs))
	}
	return nil
}

func codecNames(codecs []uint64) string {
	names := make([]string, len(codecs))
	for i, c := range codecs {
		names[i] = map[uint64]string{cid.DagCBOR: "dag-cbor", cid.DagProtobuf: "dag-pb", cid.Raw: "raw"}[c]
	}
	return strings.Join(names, " or ")
}
