package types

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/publicnet"
	"github.com/streamchain/streamchain/voucher"
)

// FeedKey is a feed's id, read: its owner and the name that the owner gave it.
type FeedKey struct {
	Owner sdk.AccAddress
	Name  string
}

// String is the id's text: stream1…/short-songs.
func (k FeedKey) String() string { return k.Owner.String() + "/" + k.Name }

// ParseFeedID reads an id. It refuses every other spelling with ErrInvalidFeedID.
func ParseFeedID(id string) (FeedKey, error) {
	owner, name, _ := strings.Cut(id, "/")
	addr, err := sdk.AccAddressFromBech32(owner)
	if err != nil || addr.String() != owner || !isFeedName(name) {
		return FeedKey{}, errorsmod.Wrapf(ErrInvalidFeedID, "%.150q", id)
	}
	return FeedKey{Owner: addr, Name: name}, nil
}

// isFeedName reports whether name fits into URLs and command lines as it is.
func isFeedName(name string) bool {
	if name == "" || len(name) > MaxFeedNameLen || name[0] == '-' || name[len(name)-1] == '-' {
		return false
	}
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// NewFeed checks what an owner says of a feed and returns its row, without times and deposit. relaxed allows endpoints
// without TLS and at private addresses. Errors: ErrInvalidFeedEndpoint, ErrInvalidFeedKey, ErrInvalidFeedText.
func NewFeed(key FeedKey, endpoint string, pubkey []byte, title, description string, relaxed bool) (Feed, error) {
	normal, err := publicnet.Endpoint(endpoint, relaxed)
	if err != nil {
		return Feed{}, errorsmod.Wrapf(ErrInvalidFeedEndpoint, "%.300q: %s", endpoint, err)
	}
	if !relaxed && !strings.HasPrefix(normal, "https://") {
		return Feed{}, errorsmod.Wrapf(ErrInvalidFeedEndpoint, "%.300q: not https", endpoint)
	}
	if !voucher.UsableKey(pubkey) {
		return Feed{}, errorsmod.Wrapf(ErrInvalidFeedKey, "%x", pubkey)
	}
	if strings.TrimSpace(title) == "" || !isLine(title, MaxFeedTitle) {
		return Feed{}, errorsmod.Wrap(ErrInvalidFeedText, "title")
	}
	if !isLine(description, MaxFeedDescription) {
		return Feed{}, errorsmod.Wrap(ErrInvalidFeedText, "description")
	}
	return Feed{
		Id: key.String(), Owner: key.Owner.String(), Endpoint: normal, Key: slices.Clone(pubkey), Title: title, Description: description,
		Deposit: math.ZeroInt(),
	}, nil
}

// isLine reports whether s is at most so many characters, none of which changes how the text around it is shown.
func isLine(s string, most int) bool {
	// the bytes first: counting the characters of a huge text is work before it is refused
	if len(s) > most*utf8.UTFMax || !utf8.ValidString(s) || utf8.RuneCountInString(s) > most {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
	})
}

// Validate checks one stored feed.
func (f Feed) Validate(relaxed bool) error {
	key, err := ParseFeedID(f.Id)
	if err != nil {
		return err
	}
	clean, err := NewFeed(key, f.Endpoint, f.Key, f.Title, f.Description, relaxed)
	if err != nil {
		return errorsmod.Wrapf(err, "feed %s", f.Id)
	}
	if f.Owner != clean.Owner || f.Endpoint != clean.Endpoint {
		return errorsmod.Wrapf(ErrInvalidGenesis, "feed %s: owner, or an endpoint that is not normal", f.Id)
	}
	if f.RegisteredAt <= 0 || f.UpdatedAt < f.RegisteredAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "feed %s: times", f.Id)
	}
	if f.Deposit.IsNil() || f.Deposit.IsNegative() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "feed %s: deposit", f.Id)
	}
	return nil
}

func (gs GenesisState) validateFeeds() error {
	seen := make(map[string]bool, len(gs.Feeds))
	for _, f := range gs.Feeds {
		if err := f.Validate(gs.Params.RelaxedNetworkRules); err != nil {
			return err
		}
		if seen[f.Id] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "feed %s occurs twice", f.Id)
		}
		seen[f.Id] = true
	}
	return nil
}

// Parse returns the row that the message asks for, without times and deposit. The message server calls it, so that it
// also holds inside authz and governance. Errors: ErrInvalidAddress, ErrInvalidFeedID and those of NewFeed.
func (m *MsgRegisterFeed) Parse(relaxed bool) (FeedKey, Feed, error) {
	owner, err := ParseAddress(m.Owner)
	if err != nil {
		return FeedKey{}, Feed{}, err
	}
	if !isFeedName(m.Name) {
		return FeedKey{}, Feed{}, errorsmod.Wrapf(ErrInvalidFeedID, "name %.100q", m.Name)
	}
	key := FeedKey{Owner: owner, Name: m.Name}
	feed, err := NewFeed(key, m.Endpoint, m.Key, m.Title, m.Description, relaxed)
	return key, feed, err
}

// Parse returns the row that the message asks for, without times and deposit.
// Errors: ErrInvalidAddress, ErrInvalidFeedID, ErrNotFeedOwner and those of NewFeed.
func (m *MsgUpdateFeed) Parse(relaxed bool) (FeedKey, Feed, error) {
	key, err := ownFeed(m.Owner, m.Feed)
	if err != nil {
		return FeedKey{}, Feed{}, err
	}
	feed, err := NewFeed(key, m.Endpoint, m.Key, m.Title, m.Description, relaxed)
	return key, feed, err
}

// Parse returns which feed is to go. Errors: ErrInvalidAddress, ErrInvalidFeedID, ErrNotFeedOwner.
func (m *MsgRemoveFeed) Parse() (FeedKey, error) { return ownFeed(m.Owner, m.Feed) }

// ownFeed reads a feed's id and refuses another account's: the id names its owner.
func ownFeed(signer, id string) (FeedKey, error) {
	owner, err := ParseAddress(signer)
	if err != nil {
		return FeedKey{}, err
	}
	key, err := ParseFeedID(id)
	if err != nil {
		return FeedKey{}, err
	}
	if !key.Owner.Equals(owner) {
		return FeedKey{}, errorsmod.Wrap(ErrNotFeedOwner, id)
	}
	return key, nil
}
