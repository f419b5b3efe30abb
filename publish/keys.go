package publish

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/media"
	clocktypes "github.com/streamchain/streamchain/x/clock/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

var (
	// ErrNoHolders says that nobody would hold the keys of an encrypted work.
	ErrNoHolders = errors.New("no storage node that offers to hold keys can be drawn, so nobody could open the encrypted work: try again later, or publish it readable by storage nodes with --no-encrypt")
	// ErrStaysEncrypted says that a version shall be clear whose work is encrypted.
	ErrStaysEncrypted = errors.New("the work is encrypted, and so are all its versions: leave --no-encrypt out, or publish a new work")
)

const (
	// windowSeconds is how much of a rendition one key opens.
	windowSeconds = 20
	// maxDraws is how many sets of holders one run draws, where those before did not accept in time.
	maxDraws = 3
)

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
		active, pending, err := j.keySets(ctx, j.root.Cid)
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

func (j *job) keySets(ctx context.Context, work string) (active, pending *storagetypes.KeySet, err error) {
	res, err := storagetypes.NewQueryClient(j.client.Conn()).KeySet(ctx, &storagetypes.QueryKeySetRequest{Work: work})
	if err != nil {
		return nil, nil, err
	}
	return res.Active, res.Pending, nil
}

// hold brings the work's keys to holders, from wherever an earlier run left it. With wait, until they all have accepted: those who do not in time are drawn
// and dealt anew. Without, until the shares are dealt.
func (j *job) hold(ctx context.Context, wait bool) error {
	if !j.encrypted {
		return nil
	}
	for draws := 0; ; {
		active, pending, err := j.keySets(ctx, j.result.Root)
		if err != nil {
			return err
		}
		if active != nil {
			j.held(active)
			return nil
		}
		j.held(pending)
		switch late, err := j.late(ctx, pending); {
		case err != nil:
			return err
		case late && draws == maxDraws:
			return fmt.Errorf("%w: holders were drawn %d times and did not all accept", ErrUnfinished, draws)
		case late:
			draws++
			if err := j.draw(ctx); err != nil {
				return err
			}
			continue
		case pending.Status == storagetypes.KEY_SET_STATUS_DRAWN:
			if err := j.deal(ctx, pending); err != nil {
				return err
			}
			continue
		}
		if !wait {
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// late says that holders must be drawn: there are none, or they did not accept in time.
func (j *job) late(ctx context.Context, pending *storagetypes.KeySet) (bool, error) {
	if pending == nil {
		return true, nil
	}
	if pending.Status == storagetypes.KEY_SET_STATUS_DRAWN {
		return false, nil // it waits for us
	}
	now, err := clocktypes.NewQueryClient(j.client.Conn()).Now(ctx, &clocktypes.QueryNowRequest{})
	if err != nil {
		return false, err
	}
	return now.LiveSeconds >= pending.Deadline, nil
}

func (j *job) draw(ctx context.Context) error {
	_, err := j.client.Broadcast(ctx, j.signer, &storagetypes.MsgDrawKeySet{Signer: j.signer.Address().String(), Work: j.result.Root})
	if errors.Is(err, storagetypes.ErrNoHolders) {
		return fmt.Errorf("%w: %w: %w", ErrUnfinished, ErrNoHolders, err)
	}
	return err
}

// deal splits the secret among the holders that were drawn, each part sealed for one of them.
func (j *job) deal(ctx context.Context, set *storagetypes.KeySet) error {
	if j.secret == nil {
		return ErrSecretErased
	}
	commitments, shares, err := j.secret.Deal(rand.Reader, int(set.Threshold), len(set.Holders))
	if err != nil {
		return err
	}
	msg := &storagetypes.MsgDealKeys{Controller: j.signer.Address().String(), Root: set.Root, Commitments: commitments.Bytes()}
	for i, h := range set.Holders {
		b := shares[i].Bytes()
		sealed, err := keyshare.Seal(h.SealKey, keyshare.ForHolder, keyshare.ShareContext(set.Root, set.Version, h.Index, 0), b[:])
		clear(b[:])
		if err != nil {
			return fmt.Errorf("sealing the share of %s: %w", h.Operator, err)
		}
		msg.Sealed = append(msg.Sealed, sealed)
	}
	_, err = j.client.Broadcast(ctx, j.signer, msg)
	return err
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
		var msg sdk.Msg = &subscriptiontypes.MsgSetOffers{Controller: j.signer.Address().String(), Work: j.result.Root, Offers: j.Offers}
		if _, err := j.client.Broadcast(ctx, j.signer, msg); err != nil {
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

// AwaitHolders waits until holders answer for the keys of an encrypted work, of any version. ErrUnfinished where none are being prepared, or those who are
// did not accept in time: publishing it was not finished.
func AwaitHolders(ctx context.Context, client *chainclient.Client, work string, progress func(stage string, done, total int64)) error {
	j := &job{Options: Options{Progress: progress}, client: client, result: &Result{}}
	for {
		active, pending, err := j.keySets(ctx, work)
		if err != nil || active != nil {
			return err
		}
		j.held(pending)
		late, err := j.late(ctx, pending)
		if err != nil {
			return err
		}
		if late || pending.Status == storagetypes.KEY_SET_STATUS_DRAWN {
			return fmt.Errorf("%w: nobody holds the keys of %s; the command is the streamd publish that began it", ErrUnfinished, work)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// pause is how long the chain is left alone between two looks.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return errors.Join(ctx.Err(), fmt.Errorf("%w: not all holders have accepted the keys", ErrUnfinished))
	case <-time.After(300 * time.Millisecond):
		return nil
	}
}
