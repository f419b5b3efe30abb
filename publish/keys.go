package publish

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/media"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

var (
	// ErrNoHolders says that nobody would hold the keys of an encrypted work.
	ErrNoHolders = errors.New("no storage node that offers to hold keys can be drawn, so nobody could open the encrypted work: try again later, or publish it readable by storage nodes with --no-encrypt")
	// ErrStaysEncrypted says that a version shall be clear whose work is encrypted.
	ErrStaysEncrypted = errors.New("the work is encrypted, and so are all its versions: leave --no-encrypt out, or publish a new work")
)

// windowSeconds is how much of a rendition one key opens.
const windowSeconds = 20

// Keys say how a work is encrypted, and who holds what opens it.
type Keys struct {
	Encrypted     bool   `json:"encrypted"`
	WindowSeconds uint32 `json:"window_seconds,omitempty"` // how much of a rendition one key opens
	Holders       int    `json:"holders,omitempty"`        // nodes; without a version, as many as would be drawn
	Threshold     uint32 `json:"threshold,omitempty"`      // of them that open a window
	Version       uint64 `json:"version,omitempty"`        // of the set of holders
	Status        string `json:"status,omitempty"`         // would be drawn, drawn, dealt, active
	Secret        string `json:"secret,omitempty"`         // Erased, or the file that holds it; empty before the end
}

// Erased is Keys.Secret where the secret is not kept.
const Erased = "erased"

// decide says whether the work is encrypted: what is sold is, unless it is a version of one that is not.
func (j *job) decide(ctx context.Context) error {
	j.encrypted = Priced(j.Offers) && !j.NoEncrypt
	if j.Previous != "" {
		root, err := j.rootOf(ctx, j.Previous)
		if err != nil {
			return err
		}
		j.root, j.encrypted = root, root.Keys != nil
		if j.encrypted && j.NoEncrypt {
			return ErrStaysEncrypted
		}
	}
	if j.Secret != "" && (j.Previous == "" || !j.encrypted) {
		return ErrSecretUnused
	}
	j.result.Keys.Encrypted = j.encrypted
	if j.encrypted {
		j.result.Keys.WindowSeconds = windowSeconds
	}
	return nil
}

// Priced says whether one of the offers is not free.
func Priced(offers []subscriptiontypes.Offer) bool {
	return slices.ContainsFunc(offers, func(o subscriptiontypes.Offer) bool { return o.GetFree() == nil })
}

// soldLater says that offers wait for the holders: the chain takes no money for what nobody can open.
func (j *job) soldLater() bool { return j.encrypted && Priced(j.Offers) }

// encrypt makes the packaged work one that opens with its keys only.
func (j *job) encrypt(ctx context.Context) error {
	if !j.encrypted {
		return nil
	}
	keys := media.Keys{ID: keyshare.KeyID(j.c0), WindowSeconds: windowSeconds, Key: func(string, uint32) (keyshare.Output, error) { return keyshare.Output{}, ErrSecretErased }}
	if j.secret != nil {
		keys.Key = media.SecretKeys(*j.secret)
	}
	var err error
	j.pack, err = media.Encrypt(ctx, j.pack, j.dir, keys, j.packaging)
	return err
}

// requireHolders refuses, before anything is paid, to encrypt what nobody would hold the keys of.
func (j *job) requireHolders(ctx context.Context) error {
	if !j.encrypted || j.state.TX != "" {
		return nil
	}
	if j.Previous != "" {
		active, pending, err := j.dealer().chain.KeySets(ctx, j.root.Cid)
		if err != nil {
			return err
		}
		if there := cmp.Or(active, pending); there != nil {
			j.held(there)
			return nil
		}
	}
	found, err := j.willing(ctx)
	if err != nil {
		return err
	}
	size := storagetypes.KeySetSize(found)
	if size == 0 {
		return ErrNoHolders
	}
	k := &j.result.Keys
	k.Holders, k.Threshold, k.Status = size, storagetypes.KeyThreshold(size), "would be drawn"
	return nil
}

// willing counts the providers that a draw could find now.
func (j *job) willing(ctx context.Context) (int, error) {
	q := storagetypes.NewQueryClient(j.client.Conn())
	params, err := q.Params(ctx, &storagetypes.QueryParamsRequest{})
	if err != nil {
		return 0, err
	}
	relaxed, period := params.Params.RelaxedNetworkRules, uint64(0)
	if !relaxed {
		res, err := q.Period(ctx, &storagetypes.QueryPeriodRequest{})
		if err != nil {
			return 0, err
		}
		period = res.Period.Number
	}
	found := map[string]bool{}
	for page := (&query.PageRequest{Limit: 100}); ; {
		res, err := q.Providers(ctx, &storagetypes.QueryProvidersRequest{Status: storagetypes.PROVIDER_STATUS_ACTIVE, Pagination: page})
		if err != nil {
			return 0, err
		}
		for _, p := range res.Providers {
			switch {
			case !p.Willing():
			case relaxed:
				found[p.Operator] = true
			case p.OfferedKeysAt+2 <= period:
				found[p.NetworkPrefix] = true // one of a network is drawn
			}
		}
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			return len(found), nil
		}
		page = &query.PageRequest{Limit: 100, Key: res.Pagination.NextKey}
	}
}

// dealer brings the secret to holders.
func (j *job) dealer() *dealer {
	return &dealer{chain: onChain{j.client, j.account}, controller: j.account.Address().String(), root: j.result.Root, secret: j.secret, told: j.held}
}

// hold brings the work's keys to holders, from wherever an earlier run left it.
func (j *job) hold(ctx context.Context, wait bool) error {
	if !j.encrypted {
		return nil
	}
	return j.dealer().hold(ctx, wait)
}

// held reports a set.
func (j *job) held(s *storagetypes.KeySet) {
	if s == nil {
		return
	}
	accepted := 0
	for _, h := range s.Holders {
		if h.Accepted {
			accepted++
		}
	}
	k := &j.result.Keys
	k.Holders, k.Threshold, k.Version = len(s.Holders), s.Threshold, s.Version
	k.Status = strings.ToLower(strings.TrimPrefix(s.Status.String(), "KEY_SET_STATUS_"))
	j.Progress("holders accept the keys", int64(accepted), int64(len(s.Holders)))
}

// sell sets the offers that waited for the holders, unless an earlier run did: a price that was changed since stays.
func (j *job) sell(ctx context.Context) error {
	if !j.encrypted || j.state.Done {
		return nil
	}
	if j.soldLater() {
		var msg sdk.Msg = &subscriptiontypes.MsgSetOffers{Controller: j.account.Address().String(), Work: j.result.Root, Offers: j.Offers}
		if _, err := j.account.Send(ctx, ForSale, msg); err != nil {
			return err
		}
	}
	j.state.Done = true
	return j.save()
}

// forget erases the secret where the creator does not keep it: it has done what it was drawn for.
func (j *job) forget() error {
	k := &j.result.Keys
	switch {
	case !j.encrypted:
		return nil
	case j.Previous != "":
		k.Secret = j.Secret
		return nil
	}
	if err := eraseSecret(j.jobSecret()); err != nil {
		return err
	}
	if k.Secret = Erased; j.KeepSecret != "" {
		k.Secret = j.KeepSecret
	}
	return nil
}
