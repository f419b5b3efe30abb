package watch

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/token"
	clocktypes "github.com/streamchain/streamchain/x/clock/types"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// ErrNotFound says that the chain knows no such work.
var ErrNotFound = errors.New("the chain knows no such work")

// keySeconds is how long a session key that this package grants is valid.
const keySeconds = 30 * 24 * 3600

// chain is the viewer's side of the chain.
type chain struct {
	*chainclient.Client
	signer chainclient.Signer // nil for a viewer without an account
}

func (c chain) account() sdk.AccAddress {
	if c.signer == nil {
		return nil
	}
	return c.signer.Address()
}

func (c chain) viewer() string {
	if c.signer == nil {
		return ""
	}
	return c.signer.Address().String()
}

// work returns the newest version of the work and its first one.
func (c chain) work(ctx context.Context, id string) (head, root contenttypes.Work, err error) {
	q := contenttypes.NewQueryClient(c.Conn())
	for i, next := range []func(contenttypes.Work) string{
		func(contenttypes.Work) string { return id },
		func(w contenttypes.Work) string { return w.Root },
		func(w contenttypes.Work) string { return w.Head },
	} {
		res, err := q.Work(ctx, &contenttypes.QueryWorkRequest{Work: next(head)})
		if status.Code(err) == codes.NotFound || status.Code(err) == codes.InvalidArgument {
			return head, root, fmt.Errorf("%w: %s", ErrNotFound, id)
		}
		if err != nil {
			return head, root, err
		}
		if head = res.Work; i == 1 {
			root = head
		}
	}
	return head, root, nil
}

func (c chain) access(ctx context.Context, work string) (subscriptiontypes.AccessDecision, error) {
	res, err := subscriptiontypes.NewQueryClient(c.Conn()).Access(ctx, &subscriptiontypes.QueryAccessRequest{Work: work, Viewer: c.viewer()})
	if err != nil {
		return subscriptiontypes.AccessDecision{}, err
	}
	return res.Decision, nil
}

func (c chain) now(ctx context.Context) (int64, error) {
	res, err := clocktypes.NewQueryClient(c.Conn()).Now(ctx, &clocktypes.QueryNowRequest{})
	if err != nil {
		return 0, err
	}
	return res.LiveSeconds, nil
}

func (c chain) params(ctx context.Context) (streamtypes.Params, error) {
	res, err := streamtypes.NewQueryClient(c.Conn()).Params(ctx, &streamtypes.QueryParamsRequest{})
	if err != nil {
		return streamtypes.Params{}, err
	}
	return res.Params, nil
}

func (c chain) nextGeneration(ctx context.Context, provider string) (uint64, error) {
	res, err := streamtypes.NewQueryClient(c.Conn()).NextGeneration(ctx, &streamtypes.QueryNextGenerationRequest{Owner: c.viewer(), Provider: provider})
	if err != nil {
		return 0, err
	}
	return res.Generation, nil
}

// prepare makes sure that the session key is granted and, for need > 0, that it may reserve need and that the escrow
// holds need; what is missing is granted and deposited in one transaction.
func (c chain) prepare(ctx context.Context, pubkey []byte, need uint64) error {
	now, err := c.now(ctx)
	if err != nil {
		return err
	}
	amount := math.NewIntFromUint64(need)
	var msgs []sdk.Msg
	q := streamtypes.NewQueryClient(c.Conn())
	key, err := q.SessionKey(ctx, &streamtypes.QuerySessionKeyRequest{Owner: c.viewer(), Pubkey: hex.EncodeToString(pubkey)})
	if err != nil && status.Code(err) != codes.NotFound {
		return err
	}
	if err != nil || key.Key.Revoked || key.Key.Expires < now+3600 || key.Available.LT(amount) {
		// room for this lane beside what the key has spent and reserved, and for some more without a wallet; a key
		// that only shows who is asking cannot spend anything
		limit, scope := amount.MulRaw(10), streamtypes.SESSION_KEY_SCOPE_ACCESS
		if err == nil && !key.Key.Revoked {
			limit = limit.Add(key.Key.Limit.Amount)
		}
		if limit.IsPositive() {
			scope = streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS
		}
		msgs = append(msgs, &streamtypes.MsgGrantSessionKey{
			Owner: c.viewer(), Pubkey: pubkey, Limit: sdk.NewCoin(token.BaseDenom, limit), Expires: now + keySeconds,
			Scope: scope,
		})
	}
	if need > 0 {
		escrow, err := q.Escrow(ctx, &streamtypes.QueryEscrowRequest{Owner: c.viewer(), Denom: token.BaseDenom})
		if err != nil {
			return err
		}
		if short := amount.Sub(escrow.Free); short.IsPositive() {
			params, err := c.params(ctx)
			if err != nil {
				return err
			}
			msgs = append(msgs, &streamtypes.MsgDeposit{Owner: c.viewer(), Amount: sdk.NewCoin(token.BaseDenom, math.MaxInt(short, params.MinDeposit))})
		}
	}
	if len(msgs) == 0 {
		return nil
	}
	_, err = c.Broadcast(ctx, c.signer, msgs...)
	return err
}

// proving never grants anything: who has no key is not asked for one.
func (c chain) proving(ctx context.Context, root string, pubkey []byte) (uint64, error) {
	now, err := c.now(ctx)
	if err != nil {
		return 0, err
	}
	key, err := streamtypes.NewQueryClient(c.Conn()).SessionKey(ctx, &streamtypes.QuerySessionKeyRequest{Owner: c.viewer(), Pubkey: hex.EncodeToString(pubkey)})
	if err != nil || key.Key.Usable(streamtypes.SESSION_KEY_SCOPE_ACCESS, now) != nil {
		return 0, err
	}
	res, err := contenttypes.NewQueryClient(c.Conn()).Work(ctx, &contenttypes.QueryWorkRequest{Work: root})
	if err != nil {
		return 0, err
	}
	return res.Work.DurationSeconds, nil
}
