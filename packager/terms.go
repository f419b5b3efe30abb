package packager

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/publish"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Terms say what is published, and on which conditions.
type Terms struct {
	Account     string            `json:"account"`
	Title       string            `json:"title"`
	Description string            `json:"description,omitempty"`
	Language    string            `json:"language,omitempty"`
	Licence     string            `json:"licence"`
	Kind        string            `json:"kind,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Handle      string            `json:"handle,omitempty"`
	Previous    string            `json:"previous,omitempty"`
	Parents     []Parent          `json:"parents,omitempty"`
	Offers      []json.RawMessage `json:"offers"`
	Encrypt     bool              `json:"encrypt"`
	KeepSecret  bool              `json:"keep_secret"`
	Copies      int               `json:"copies"`
	Days        int               `json:"days"`
	Providers   []string          `json:"providers,omitempty"`
	Renditions  string            `json:"renditions,omitempty"`
}

// Parent is a work that this one derives from.
type Parent struct {
	Work string `json:"work"`
	Bps  uint32 `json:"bps"`
}

const maxOffers = 32

var language = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$`)

func badTerms(format string, args ...any) *Problem {
	return problem(http.StatusUnprocessableEntity, "terms", format, args...)
}

// options turns terms into what package publish takes, but for files and folders. *Problem of slug terms.
func (t Terms) options(cdc codec.Codec) (publish.Options, error) {
	opt := publish.Options{
		Title: t.Title, Description: t.Description, Language: t.Language, Licence: t.Licence, Kind: t.Kind, Tags: t.Tags, Handle: t.Handle,
		Previous: t.Previous, Copies: t.Copies, PrepayDays: t.Days, Providers: t.Providers, NoEncrypt: !t.Encrypt && t.Previous == "", Renditions: t.Renditions,
	}
	switch texts := (manifest.Manifest{Title: t.Title, Language: t.Language, Description: t.Description, Licence: t.Licence, Tags: t.Tags}); {
	case t.Copies < 1 || t.Copies > 8:
		return opt, badTerms("copies is 1 to 8")
	case t.Days < 0 || t.Days > 3660:
		return opt, badTerms("days is 0 to 3660")
	case len(t.Offers) > maxOffers:
		return opt, badTerms("at most %d offers", maxOffers)
	case t.Previous == "" && len(t.Offers) == 0:
		return opt, badTerms("offers: say what it costs, or that it is free")
	case t.Previous != "" && len(t.Offers) > 0:
		return opt, badTerms("offers: a new version is sold as the work is")
	default:
		if err := texts.ValidateTexts(); err != nil {
			return opt, badTerms("%v", err)
		}
	}
	if _, err := sdk.AccAddressFromBech32(t.Account); err != nil {
		return opt, badTerms("account: %v", err)
	}
	seen := slices.Clone(t.Providers)
	slices.Sort(seen)
	if len(slices.Compact(seen)) != len(t.Providers) {
		return opt, badTerms("providers: one stands there twice")
	}
	for _, p := range t.Parents {
		opt.Parents = append(opt.Parents, contenttypes.Parent{Work: p.Work, Bps: p.Bps})
	}
	for i, raw := range t.Offers {
		var o subscriptiontypes.Offer
		if err := cdc.UnmarshalJSON(raw, &o); err != nil || o.Kind == nil {
			return opt, badTerms("offers: number %d is none that the chain knows", i+1)
		}
		opt.Offers = append(opt.Offers, o)
	}
	return opt, nil
}

// validLanguage says whether a tag may name a file.
func validLanguage(tag string) error {
	if !language.MatchString(tag) {
		return errors.New("a language is a tag as en or pt-BR")
	}
	return nil
}
