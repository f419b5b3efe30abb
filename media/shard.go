package media

import (
	"context"
	"errors"

	"github.com/ipfs/boxo/ipld/unixfs/hamt"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
)

// putShard stores a directory too large for one block: about 4,500 segments, five hours.
func putShard(ctx context.Context, sink BlockSink, entries []link) (link, error) {
	out := link{}
	shard, err := hamt.NewShard(writeOnly{sink}, shardWidth)
	if err != nil {
		return out, err
	}
	shard.SetCidBuilder(cid.V1Builder{Codec: cid.DagProtobuf, MhType: 0x12, MhLength: 32})
	for _, e := range entries {
		if err := shard.SetLink(ctx, e.name, &ipld.Link{Cid: e.cid, Size: e.tsize}); err != nil {
			return out, err
		}
		out.size += e.size
	}
	n, err := shard.Node()
	if err != nil {
		return out, err
	}
	out.cid = n.Cid()
	if out.tsize, err = n.Size(); err != nil {
		return out, err
	}
	return out, sink.Put(ctx, n.Cid(), n.RawData())
}

// writeOnly lets boxo's shards store their parts.
type writeOnly struct{ sink BlockSink }

var errWriteOnly = errors.New("a directory in the making reads no blocks")

func (w writeOnly) Add(ctx context.Context, n ipld.Node) error {
	return w.sink.Put(ctx, n.Cid(), n.RawData())
}

func (w writeOnly) AddMany(ctx context.Context, ns []ipld.Node) error {
	for _, n := range ns {
		if err := w.Add(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func (writeOnly) Get(context.Context, cid.Cid) (ipld.Node, error) { return nil, errWriteOnly }

func (writeOnly) GetMany(context.Context, []cid.Cid) <-chan *ipld.NodeOption {
	out := make(chan *ipld.NodeOption, 1)
	out <- &ipld.NodeOption{Err: errWriteOnly}
	close(out)
	return out
}

func (writeOnly) Remove(context.Context, cid.Cid) error       { return nil }
func (writeOnly) RemoveMany(context.Context, []cid.Cid) error { return nil }
