package types

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"
)

// collectionMark stands before a collection's number, so that no collection has the id of a plan.
const collectionMark = "/c"

// CollectionKey is a collection's id, read: its creator and the creator's sequence from 1.
type CollectionKey struct {
	Creator CreatorID
	Number  uint64
}

// String is the id's text: streamcreator1…/c7.
func (k CollectionKey) String() string {
	return k.Creator.String() + collectionMark + strconv.FormatUint(k.Number, 10)
}

// ParseCollectionID reads an id. It refuses every other spelling with ErrInvalidCollectionID.
func ParseCollectionID(id string) (CollectionKey, error) {
	creator, digits, _ := strings.Cut(id, collectionMark)
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || number == 0 {
		return CollectionKey{}, errorsmod.Wrapf(ErrInvalidCollectionID, "%.150q", id)
	}
	creatorID, err := ParseCreatorID(creator)
	if err != nil {
		return CollectionKey{}, errorsmod.Wrapf(ErrInvalidCollectionID, "%.150q", id)
	}
	key := CollectionKey{Creator: creatorID, Number: number}
	if key.String() != id {
		return CollectionKey{}, errorsmod.Wrapf(ErrInvalidCollectionID, "%.150q", id)
	}
	return key, nil
}

// Grants reports whether who bought the collection in a version has the work: one that is in it now, or
// was when it was bought or later. So what was bought never shrinks.
func (m Membership) Grants(bought uint64) bool {
	return m.RemovedVersion == 0 || m.RemovedVersion > bought
}

// Known reports whether k is a kind that a collection can have.
func (k CollectionKind) Known() bool {
	return k >= COLLECTION_KIND_ALBUM && k <= COLLECTION_KIND_PODCAST
}

// IsTitle reports whether a title is 1 to MaxTitleLen bytes of UTF-8 that are not blank, without
// characters that change how the text around it is shown.
func IsTitle(title string) bool {
	if len(title) > MaxTitleLen || !utf8.ValidString(title) || strings.TrimSpace(title) == "" {
		return false
	}
	return !strings.ContainsFunc(title, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) })
}

// validateWorks refuses a list that is too long, names what is no work's id, or one twice.
func validateWorks(field string, works []string) error {
	if len(works) > MaxCollectionWorks {
		return errorsmod.Wrapf(ErrInvalidCollection, "%s: %d works", field, len(works))
	}
	seen := make(map[string]bool, len(works))
	for _, work := range works {
		if _, err := ParseWorkID(work); err != nil {
			return errorsmod.Wrap(err, field)
		}
		if seen[work] {
			return errorsmod.Wrapf(ErrInvalidCollection, "%s: %s occurs twice", field, work)
		}
		seen[work] = true
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgCreateCollection) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if _, err := ParseCreatorID(m.Creator); err != nil {
		return err
	}
	if !m.Kind.Known() {
		return errorsmod.Wrapf(ErrInvalidCollection, "kind %d", m.Kind)
	}
	if !IsTitle(m.Title) {
		return errorsmod.Wrapf(ErrInvalidTitle, "%d bytes", len(m.Title))
	}
	return validateWorks("works", m.Works)
}

// Validate checks every field by itself; whether the works fit is the keeper's to say.
func (m *MsgUpdateCollection) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if _, err := ParseCollectionID(m.Collection); err != nil {
		return err
	}
	if m.Title != "" && !IsTitle(m.Title) {
		return errorsmod.Wrapf(ErrInvalidTitle, "%d bytes", len(m.Title))
	}
	for _, list := range []struct {
		field string
		works []string
	}{{"remove", m.Remove}, {"add", m.Add}, {"order", m.Order}} {
		if err := validateWorks(list.field, list.works); err != nil {
			return err
		}
	}
	if m.Title == "" && len(m.Remove) == 0 && len(m.Add) == 0 && len(m.Order) == 0 {
		return errorsmod.Wrap(ErrInvalidCollection, "nothing to change")
	}
	return nil
}

// Rearrange returns works without those that go, with those that come at the end, in the new order
// where one is given. Errors: ErrInvalidCollection.
func Rearrange(works, remove, add, order []string) ([]string, error) {
	out := slices.Clone(works)
	for _, work := range remove {
		i := slices.Index(out, work)
		if i < 0 {
			return nil, errorsmod.Wrapf(ErrInvalidCollection, "remove: %s is not in it", work)
		}
		out = slices.Delete(out, i, i+1)
	}
	for _, work := range add {
		if slices.Contains(out, work) {
			return nil, errorsmod.Wrapf(ErrInvalidCollection, "add: %s is in it already", work)
		}
		out = append(out, work)
	}
	if len(out) > MaxCollectionWorks {
		return nil, errorsmod.Wrapf(ErrInvalidCollection, "%d works; there can be %d", len(out), MaxCollectionWorks)
	}
	if len(order) == 0 {
		return out, nil
	}
	// no work occurs twice in either, so equal sets of equal size are the same works
	if len(order) != len(out) || slices.ContainsFunc(order, func(work string) bool { return !slices.Contains(out, work) }) {
		return nil, errorsmod.Wrap(ErrInvalidCollection, "order must name every work that is then in it, once")
	}
	return order, nil
}

// Validate checks one stored collection with its works.
func (r CollectionRecord) Validate() error {
	c := r.Collection
	if _, err := ParseCollectionID(c.Id); err != nil {
		return err
	}
	if !c.Kind.Known() || !IsTitle(c.Title) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "collection %s: kind or title", c.Id)
	}
	if c.Version == 0 || c.CreatedAt <= 0 || c.UpdatedAt < c.CreatedAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "collection %s: version or times", c.Id)
	}
	if err := validateWorks("works", r.Works); err != nil {
		return errorsmod.Wrapf(err, "collection %s", c.Id)
	}
	if int(c.Works) != len(r.Works) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "collection %s: has %d works, not %d", c.Id, len(r.Works), c.Works)
	}
	seen := make(map[string]bool, len(r.Former))
	for _, f := range r.Former {
		if _, err := ParseWorkID(f.Work); err != nil {
			return errorsmod.Wrapf(err, "collection %s", c.Id)
		}
		if seen[f.Work] || slices.Contains(r.Works, f.Work) || f.RemovedVersion < 2 || f.RemovedVersion > c.Version {
			return errorsmod.Wrapf(ErrInvalidGenesis, "collection %s: former work %s", c.Id, f.Work)
		}
		seen[f.Work] = true
	}
	return nil
}

// validateCollections checks all collections against creators and works. Works may have retired since
// they came in.
func (gs GenesisState) validateCollections(creators map[string]bool) error {
	owner := make(map[string]string, len(gs.Works))
	for _, w := range gs.Works {
		if w.IsRoot() {
			owner[w.Cid] = w.Creator
		}
	}
	last, memberships := make(map[string]uint64), make(map[string]int)
	for _, r := range gs.Collections {
		if err := r.Validate(); err != nil {
			return err
		}
		key, err := ParseCollectionID(r.Collection.Id)
		if err != nil {
			return err
		}
		creator := key.Creator.String()
		last[creator]++
		// a gap or a repeat would let the sequence give an id out twice
		if !creators[creator] || key.Number != last[creator] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "collection %s: no creator, or a gap before it", r.Collection.Id)
		}
		works := slices.Clone(r.Works)
		for _, f := range r.Former {
			works = append(works, f.Work)
		}
		for _, work := range works {
			memberships[work]++
			if owner[work] != creator || memberships[work] > MaxCollectionsOfWork {
				return errorsmod.Wrapf(ErrInvalidGenesis, "collection %s: %s is not a root of its creator, or in too many", r.Collection.Id, work)
			}
		}
	}
	return nil
}
