package publish

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/keyshare"
	clocktypes "github.com/streamchain/streamchain/x/clock/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

const (
	// maxDraws is how many sets of holders one run draws, where those before did not accept in time.
	maxDraws = 3
	// lookEvery is how long the chain is left alone between two looks.
	lookEvery = 300 * time.Millisecond
)

// keyChain is what the chain knows of a work's holders.
type keyChain interface {
	// KeySets are the set that answers and the one that is being prepared, each nil where there is none.
	KeySets(ctx context.Context, work string) (active, pending *storagetypes.KeySet, err error)
	// Now is live time in Unix seconds.
	Now(ctx context.Context) (int64, error)
	// Send returns once a block holds the message.
	Send(ctx context.Context, purpose Purpose, msg sdk.Msg) error
}

// dealer brings a secret to the holders that the chain draws.
type dealer struct {
	chain      keyChain
	controller string
	root       string
	secret     *keyshare.Secret // nil where it is erased
	told       func(*storagetypes.KeySet)
}

// hold draws and deals until, without wait, the shares are dealt; with wait, all holders have accepted: where they do not in time, others are drawn and
// dealt to. What an earlier run did is not done again. ErrSecretErased, ErrUnfinished.
func (d *dealer) hold(ctx context.Context, wait bool) error {
	for draws := 0; ; {
		active, pending, err := d.chain.KeySets(ctx, d.root)
		if err != nil {
			return err
		}
		if active != nil {
			d.told(active)
			return nil
		}
		d.told(pending)
		late, err := d.late(ctx, pending)
		switch {
		case err != nil:
			return err
		case late && draws == maxDraws:
			return fmt.Errorf("%w: holders were drawn %d times and did not all accept", ErrUnfinished, draws)
		case late:
			draws++
			err = d.draw(ctx)
		case pending.Status == storagetypes.KEY_SET_STATUS_DRAWN:
			err = d.deal(ctx, pending)
		case !wait:
			return nil
		default:
			err = pause(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// late says that holders must be drawn: there are none, or they did not accept in time.
func (d *dealer) late(ctx context.Context, pending *storagetypes.KeySet) (bool, error) {
	if pending == nil {
		return true, nil
	}
	if pending.Status == storagetypes.KEY_SET_STATUS_DRAWN {
		return false, nil // it waits for us
	}
	now, err := d.chain.Now(ctx)
	return now >= pending.Deadline, err
}

func (d *dealer) draw(ctx context.Context) error {
	if d.secret == nil {
		return ErrSecretErased // holders would be drawn for nothing
	}
	err := d.chain.Send(ctx, ForDraw, &storagetypes.MsgDrawKeySet{Signer: d.controller, Work: d.root})
	if errors.Is(err, storagetypes.ErrNoHolders) {
		return fmt.Errorf("%w: %w: %w", ErrUnfinished, ErrNoHolders, err)
	}
	return err
}

// deal splits the secret among the holders that were drawn, each part sealed for one of them.
func (d *dealer) deal(ctx context.Context, set *storagetypes.KeySet) error {
	if d.secret == nil {
		return ErrSecretErased
	}
	commitments, shares, err := d.secret.Deal(rand.Reader, int(set.Threshold), len(set.Holders))
	if err != nil {
		return err
	}
	msg := &storagetypes.MsgDealKeys{Controller: d.controller, Root: set.Root, Commitments: commitments.Bytes()}
	for i, h := range set.Holders {
		b := shares[i].Bytes()
		sealed, err := keyshare.Seal(h.SealKey, keyshare.ForHolder, keyshare.ShareContext(set.Root, set.Version, h.Index, 0), b[:])
		clear(b[:])
		if err != nil {
			return fmt.Errorf("sealing the share of %s: %w", h.Operator, err)
		}
		msg.Sealed = append(msg.Sealed, sealed)
	}
	return d.chain.Send(ctx, ForDeal, msg)
}

// AwaitHolders waits until holders answer for the keys of an encrypted work, of any version. ErrUnfinished where none are being prepared, or those who are
// did not accept in time: publishing it was not finished.
func AwaitHolders(ctx context.Context, client *chainclient.Client, work string, progress func(stage string, done, total int64)) error {
	j := &job{Options: Options{Progress: progress}, result: &Result{}}
	return (&dealer{chain: onChain{client: client}, root: work, told: j.held}).await(ctx)
}

func (d *dealer) await(ctx context.Context) error {
	for {
		active, pending, err := d.chain.KeySets(ctx, d.root)
		if err != nil || active != nil {
			return err
		}
		d.told(pending)
		late, err := d.late(ctx, pending)
		if err != nil {
			return err
		}
		if late || pending.Status == storagetypes.KEY_SET_STATUS_DRAWN {
			return fmt.Errorf("%w: nobody holds the keys of %s; the command is the streamd publish that began it", ErrUnfinished, d.root)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return errors.Join(ctx.Err(), fmt.Errorf("%w: not all holders have accepted the keys", ErrUnfinished))
	case <-time.After(lookEvery):
		return nil
	}
}

// onChain is the real chain.
type onChain struct {
	client  *chainclient.Client
	account Account // nil for who only looks
}

// KeySets implements keyChain.
func (c onChain) KeySets(ctx context.Context, work string) (active, pending *storagetypes.KeySet, err error) {
	res, err := storagetypes.NewQueryClient(c.client.Conn()).KeySet(ctx, &storagetypes.QueryKeySetRequest{Work: work})
	if err != nil {
		return nil, nil, err
	}
	return res.Active, res.Pending, nil
}

// Now implements keyChain.
func (c onChain) Now(ctx context.Context) (int64, error) {
	res, err := clocktypes.NewQueryClient(c.client.Conn()).Now(ctx, &clocktypes.QueryNowRequest{})
	if err != nil {
		return 0, err
	}
	return res.LiveSeconds, nil
}

// Send implements keyChain.
func (c onChain) Send(ctx context.Context, purpose Purpose, msg sdk.Msg) error {
	_, err := c.account.Send(ctx, purpose, msg)
	return err
}
