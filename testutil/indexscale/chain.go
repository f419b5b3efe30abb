package indexscale

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/ipfs/go-cid"
	"github.com/ipld/go-car/v2"
	carstorage "github.com/ipld/go-car/v2/storage"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/indexer/project"
)

// Config says how large the chain is.
type Config struct {
	Works  int // in the genesis; at least one
	Blocks int
	Sales  int // in each block, and as many settlements of watching by the second; zero: 5
	Seed   uint64
}

// ChainID is the chain's id.
const ChainID = "indexscale-1"

// Chain is made up. It implements follow.Source and project.Texts.
type Chain struct {
	cfg    Config
	enc    chainclient.Encoding
	blocks []chainclient.RawBlock
	state  state
}

// New makes a chain with all of its blocks.
func New(cfg Config) (*Chain, error) {
	if cfg.Sales == 0 {
		cfg.Sales = 5
	}
	enc, err := chainclient.NewEncoding(project.Modules...)
	if err != nil {
		return nil, err
	}
	c := &Chain{cfg: cfg, enc: enc}
	for h := 1; h <= cfg.Blocks; h++ {
		b, err := c.block(h)
		if err != nil {
			return nil, fmt.Errorf("block %d: %w", h, err)
		}
		c.blocks = append(c.blocks, b)
	}
	return c, nil
}

// Status implements follow.Source.
func (c *Chain) Status(context.Context) (chainclient.Status, error) {
	return chainclient.Status{ChainID: ChainID, Height: int64(len(c.blocks)), Time: timeOf(len(c.blocks))}, nil
}

// RawBlock implements follow.Source.
func (c *Chain) RawBlock(_ context.Context, height int64) (chainclient.RawBlock, error) {
	if height < 1 || height > int64(len(c.blocks)) {
		return chainclient.RawBlock{}, fmt.Errorf("there is no block %d", height)
	}
	return c.blocks[height-1], nil
}

// blockTime is so long that the blocks of a test see days pass.
const blockTime = 15 * time.Minute

func timeOf(height int) time.Time { return time.Unix(began, 0).Add(time.Duration(height) * blockTime) }

func (c *Chain) hashOf(height int) string {
	h := c.hash("block", height)
	return strings.ToUpper(hex.EncodeToString(h[:]))
}

// Genesis implements follow.Source.
func (c *Chain) Genesis(_ context.Context, to io.Writer) error {
	w := bufio.NewWriterSize(to, 1<<20)
	fmt.Fprintf(w, `{"chain_id":%q,"genesis_time":%q,"initial_height":"1","app_state":{"content":{"creators":[`, ChainID, time.Unix(began, 0).UTC().Format(time.RFC3339))
	if err := c.list(w, max(1, c.cfg.Works/perCreator), func(n int) proto.Message { v := c.creator(n); return &v }); err != nil {
		return err
	}
	fmt.Fprint(w, `],"works":[`)
	if err := c.list(w, c.cfg.Works, func(n int) proto.Message { v := c.work(n); return &v }); err != nil {
		return err
	}
	fmt.Fprint(w, `]},"subscription":{"offers":[`)
	if err := c.list(w, c.cfg.Works, func(n int) proto.Message { v := c.offers(n, id(c.Manifest(n))); return &v }); err != nil {
		return err
	}
	fmt.Fprint(w, `]}}}`)
	return w.Flush()
}

func (c *Chain) list(w io.Writer, n int, element func(int) proto.Message) error {
	for i := range n {
		raw, err := c.enc.Codec.MarshalJSON(element(i))
		if err != nil {
			return err
		}
		if i > 0 {
			raw = append([]byte{','}, raw...)
		}
		if _, err := w.Write(raw); err != nil {
			return err
		}
	}
	return nil
}

// WriteManifests writes the manifests of the genesis' works as a CAR file.
func (c *Chain) WriteManifests(w io.Writer) error {
	out, err := carstorage.NewWritable(w, []cid.Cid{}, car.WriteAsCarV1(true))
	if err != nil {
		return err
	}
	for n := range c.cfg.Works {
		m := c.Manifest(n)
		raw, err := m.Encode()
		if err != nil {
			return err
		}
		link, err := m.CID()
		if err != nil {
			return err
		}
		if err := out.Put(context.Background(), link.KeyString(), raw); err != nil {
			return err
		}
	}
	return out.Finalize()
}

// Title is that of the n-th work.
func (c *Chain) Title(n int) string { return c.Manifest(n).Title }

// Root is the n-th work's id.
func (c *Chain) Root(n int) string { return id(c.Manifest(n)) }
