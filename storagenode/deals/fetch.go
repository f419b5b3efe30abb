package deals

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ipfs/go-cid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/piece"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/outboard"
	"github.com/streamchain/streamchain/storagenode/wire"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

var (
	// ErrNobody says that no node gave the work's bytes.
	ErrNobody = errors.New("no node gave the work's bytes")
	// ErrPiece says that the DAG of a work does not make the piece that the work names. Its creator published it so.
	ErrPiece = outboard.ErrPiece
)

const (
	// stall is how long a peer may stay silent, or below nodeclient.MinRate: one fetch at a time is under way.
	stall = 15 * time.Second
	// carOverhead is what a CAR has on top of a piece's bytes: header, and what two CARs repeat.
	carOverhead = 4 << 20
)

// Fetch brings in a work from the nodes that keep it, every block verified and the whole held to the piece. When it fails,
// nothing of it stays. ErrNobody, ErrPiece, blob.ErrDiskFull.
func (k *Keeper) Fetch(ctx context.Context, e catalog.Entry) error {
	if k.Room != nil {
		// twice while it is fetched: in a file, and then in blocks
		if err := k.Room.Hold(e.ID, e.PieceSize); err != nil {
			return err
		}
		defer k.Room.Release(e.ID)
	}
	peers, err := k.peers(ctx, e.Work)
	if err != nil {
		return err
	}
	failed := fmt.Errorf("%w: %d keep it", ErrNobody, len(peers))
	for _, p := range peers {
		for _, endpoint := range p.Endpoints {
			err := k.fetchFrom(ctx, p, endpoint, e)
			if err == nil || errors.Is(err, ErrPiece) || ctx.Err() != nil {
				return err
			}
			failed = errors.Join(failed, fmt.Errorf("%s: %w", endpoint, err))
		}
	}
	return failed
}

// peers are the other nodes with an active deal of the version, and after them those whose copy is to be repaired: who
// gave it up in order serves it until it is.
func (k *Keeper) peers(ctx context.Context, work string) ([]storagetypes.Provider, error) {
	rows, err := k.Chain.DealsOf(ctx, work)
	if err != nil {
		return nil, err
	}
	repairs, err := k.Chain.Repairs(ctx, work)
	if err != nil {
		return nil, err
	}
	var operators []string
	for _, d := range rows {
		if d.Status == storagetypes.DEAL_STATUS_ACTIVE {
			operators = append(operators, d.Operator)
		}
	}
	for _, r := range repairs {
		if mayHave(r.Reason) {
			operators = append(operators, r.Operator)
		}
	}
	var out []storagetypes.Provider
	for i, o := range operators {
		if o == k.Node.Operator || slices.Contains(operators[:i], o) {
			continue
		}
		p, err := k.Chain.Provider(ctx, o)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// fetchFrom takes both trees of a work from one node into a file, holds them to the piece, and brings them in.
func (k *Keeper) fetchFrom(ctx context.Context, p storagetypes.Provider, endpoint string, e catalog.Entry) error {
	media, cover, err := e.Roots()
	if err != nil {
		return err
	}
	src := &trees{}
	defer src.close()
	roots := []cid.Cid{media}
	if cover.Defined() {
		roots = append(roots, cover)
	}
	for _, root := range roots {
		car, f, err := k.download(ctx, p, endpoint, root, e)
		if f != nil {
			src.files = append(src.files, f)
		}
		if err != nil {
			return err
		}
		src.cars = append(src.cars, car)
	}
	var b piece.Builder
	if err := dag.WriteCAR(ctx, src, roots, &b); err != nil {
		return err
	}
	if root := b.Root(); string(root[:]) != string(e.Piece) || b.Size() != e.PieceSize {
		return fmt.Errorf("%w: it makes %x of %d bytes", ErrPiece, root, b.Size())
	}
	e.Added = time.Now().Unix() // what waits for a deal waits from now on
	return k.Catalog.Ingest(ctx, k.Blocks, src, e)
}

// trees reads blocks out of the CARs that were downloaded.
type trees struct {
	cars  []*dag.CARFile
	files []*os.File
}

func (t *trees) Get(ctx context.Context, c cid.Cid) (data []byte, err error) {
	err = dag.ErrCAR
	for _, car := range t.cars {
		if data, err = car.Get(ctx, c); err == nil {
			return data, nil
		}
	}
	return nil, err
}

func (t *trees) close() {
	for _, f := range t.files {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
}

// download asks for everything beneath root and verifies each block.
func (k *Keeper) download(ctx context.Context, p storagetypes.Provider, endpoint string, root cid.Cid, e catalog.Entry) (*dag.CARFile, *os.File, error) {
	proof, err := k.proof(p, e.Work)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch := time.AfterFunc(stall, cancel)
	defer watch.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(endpoint, "/")+"/ipfs/"+root.String()+"?format=car", nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set(wire.HeaderReplica, proof)
	res, err := k.HTTP.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
		return nil, nil, wire.ReadProblem(res.StatusCode, body)
	}
	f, err := os.CreateTemp(k.Dir, "replica-*.car")
	if err != nil {
		return nil, nil, err
	}
	limit := int64(e.PieceSize) + carOverhead
	n, err := io.Copy(f, io.LimitReader(&nodeclient.Alive{R: res.Body, Within: stall, Reset: func() { watch.Reset(stall) }}, limit))
	if err == nil && n == limit {
		err = fmt.Errorf("%w: it is longer than the piece", dag.ErrCAR)
	}
	if err != nil {
		return nil, f, err
	}
	car, err := dag.OpenCAR(f, n)
	return car, f, err
}

func (k *Keeper) proof(p storagetypes.Provider, work string) (string, error) {
	server, err := sdk.AccAddressFromBech32(p.Operator)
	if err != nil {
		return "", err
	}
	digest, err := manifest.ParseWorkID(work)
	if err != nil {
		return "", err
	}
	r, err := k.Sign(server, digest)
	if err != nil {
		return "", err
	}
	return r.String(), nil
}

// Repair fetches a damaged block again from the nodes that keep one of its works; the store replaces it.
func (k *Keeper) Repair(ctx context.Context, c cid.Cid) error {
	failed := ErrNobody
	for _, e := range k.Catalog.Keepers(c) {
		peers, err := k.peers(ctx, e.ID)
		if err != nil {
			return err
		}
		for _, p := range peers {
			for _, endpoint := range p.Endpoints {
				data, err := k.block(ctx, p, endpoint, c, e.ID)
				if err == nil {
					return k.Blocks.Put(ctx, c, data)
				}
				failed = errors.Join(failed, fmt.Errorf("%s: %w", endpoint, err))
			}
		}
	}
	return failed
}

func (k *Keeper) block(ctx context.Context, p storagetypes.Provider, endpoint string, c cid.Cid, work string) ([]byte, error) {
	proof, err := k.proof(p, work)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*stall)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(endpoint, "/")+"/ipfs/"+c.String()+"?format=raw", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set(wire.HeaderReplica, proof)
	res, err := k.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, blob.MaxBlock+1))
	if err == nil && res.StatusCode != http.StatusOK {
		err = wire.ReadProblem(res.StatusCode, data)
	}
	if err == nil {
		err = blob.Check(c, data)
	}
	return data, err
}
