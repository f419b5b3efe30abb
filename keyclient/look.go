package keyclient

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/manifest"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// maxEndpoints bounds how many of a provider's URLs are tried.
const maxEndpoints = 3

// look asks the chain who holds the keys, once, and again when it must.
func (c *Client) look(ctx context.Context, again bool) (*work, error) {
	c.mu.Lock()
	w := c.work
	c.mu.Unlock()
	if w != nil && !again {
		return w, nil
	}
	w, err := c.find(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.work = w
	c.mu.Unlock()
	return w, nil
}

func (c *Client) find(ctx context.Context) (*work, error) {
	version, err := c.cfg.Chain.Work(ctx, c.cfg.Work)
	if err != nil {
		return nil, fmt.Errorf("work %s: %w", c.cfg.Work, err)
	}
	if version.Keys == nil || len(version.Keys.C0) != keyshare.PointLen {
		return nil, fmt.Errorf("%w: %s", ErrNotEncrypted, c.cfg.Work)
	}
	w := &work{root: version.Root, c0: [keyshare.PointLen]byte(version.Keys.C0), endpoints: map[string][]string{}}
	w.keyID = keyshare.KeyID(w.c0)
	if w.digest, err = manifest.ParseWorkID(w.root); err != nil {
		return nil, err
	}
	if w.set, err = c.cfg.Chain.ActiveKeySet(ctx, w.root); err != nil {
		return nil, err
	}
	if w.commitments, err = keyshare.ParseCommitments(w.set.Commitments); err != nil {
		return nil, fmt.Errorf("the key set of %s: %w", w.root, err)
	}
	if w.commitments.C0() != w.c0 {
		return nil, fmt.Errorf("the key set of %s is of another secret: %w", w.root, keyshare.ErrDealing)
	}
	for _, h := range w.set.Holders {
		urls, err := c.cfg.Chain.Endpoints(ctx, h.Operator)
		if err != nil {
			return nil, fmt.Errorf("holder %s: %w", h.Operator, err)
		}
		w.endpoints[h.Operator] = urls[:min(len(urls), maxEndpoints)]
	}
	return w, nil
}

// OnChain is the real Chain.
type OnChain struct{ *chainclient.Client }

// Work asks x/content.
func (c OnChain) Work(ctx context.Context, cid string) (contenttypes.Work, error) {
	res, err := contenttypes.NewQueryClient(c.Conn()).Work(ctx, &contenttypes.QueryWorkRequest{Work: cid})
	if err != nil {
		return contenttypes.Work{}, err
	}
	return res.Work, nil
}

// ActiveKeySet asks x/storage.
func (c OnChain) ActiveKeySet(ctx context.Context, root string) (storagetypes.KeySet, error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).KeySet(ctx, &storagetypes.QueryKeySetRequest{Work: root})
	switch {
	case status.Code(err) == codes.NotFound || err == nil && res.Active == nil:
		return storagetypes.KeySet{}, fmt.Errorf("%w: %s", ErrNoKeySet, root)
	case err != nil:
		return storagetypes.KeySet{}, err
	}
	return *res.Active, nil
}

// Endpoints asks x/storage; a provider that is gone has none.
func (c OnChain) Endpoints(ctx context.Context, operator string) ([]string, error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).Provider(ctx, &storagetypes.QueryProviderRequest{Operator: operator})
	switch {
	case status.Code(err) == codes.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return res.Provider.Endpoints, nil
}
