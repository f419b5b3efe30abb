package nodeclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"

	"github.com/streamchain/streamchain/storagenode/wire"
)

// maxBlock bounds a block, in bytes: chunks have a mebibyte, and no node stores more than two.
const maxBlock = 2 << 20

// Reply says how a request for bytes was answered.
type Reply struct {
	Paid  string        // the node's Stream-Paid header; empty for what is not paid by the tick
	First time.Duration // from the request to the first byte of the answer's body
}

// Block fetches one block and verifies it. moved, which may be nil, is told of bytes as they come. It fails like File.
func (c *Client) Block(ctx context.Context, id cid.Cid, cred Credentials, moved func(int)) (data []byte, reply Reply, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(Stall, func() { cancel(ErrStalled) })
	defer watch.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.endpoint+"/ipfs/"+id.String()+"?format=raw", nil)
	if err != nil {
		return nil, reply, err
	}
	req.Header.Set("Accept", "application/vnd.ipld.raw")
	if cred.Proof != "" {
		req.Header.Set(wire.HeaderAuth, cred.Proof)
	}
	if cred.Pay != "" {
		req.Header.Set(wire.HeaderPay, cred.Pay)
	}
	start := time.Now()
	res, err := c.http.Do(req)
	if err != nil {
		return nil, reply, c.failed(ctx, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(res.Body, maxJSON))
		if err != nil {
			return nil, reply, c.failed(ctx, err)
		}
		return nil, reply, wire.ReadProblem(res.StatusCode, body)
	}
	reply.Paid = res.Header.Get(wire.HeaderPaid)
	alive := &Alive{R: res.Body, Within: Stall, Reset: func() { watch.Reset(Stall) }}
	in := io.LimitReader(&counted{r: alive, progress: func(n int64) {
		if reply.First == 0 && n > 0 {
			reply.First = max(time.Since(start), 1)
		}
		if moved != nil {
			moved(int(n))
		}
	}}, maxBlock+1)
	var buf bytes.Buffer
	buf.Grow(int(min(max(res.ContentLength, 0), maxBlock)) + bytes.MinRead)
	if _, err = buf.ReadFrom(in); err == nil {
		err = VerifyBlock(id, buf.Bytes())
	}
	switch {
	case errors.Is(err, ErrUnsupportedDAG):
		return nil, reply, err
	case err != nil:
		return nil, reply, c.failed(ctx, err)
	}
	return buf.Bytes(), reply, nil
}

// VerifyBlock holds data to its id. ErrCorrupt; ErrUnsupportedDAG for an id by another hash than sha2-256.
func VerifyBlock(id cid.Cid, data []byte) error {
	if err := checkID(id); err != nil {
		return err
	}
	if len(data) > maxBlock {
		return fmt.Errorf("%w: more bytes than a block has", ErrCorrupt)
	}
	got, err := id.Prefix().Sum(data)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupportedDAG, err)
	}
	if !got.Equals(id) {
		return fmt.Errorf("%w: wanted %s, got %s", ErrCorrupt, id, got)
	}
	return nil
}

func checkID(id cid.Cid) error {
	if p := id.Prefix(); p.MhType != mh.SHA2_256 || p.MhLength != 32 {
		return fmt.Errorf("%w: %s is by another hash than sha2-256", ErrUnsupportedDAG, id)
	}
	return nil
}
