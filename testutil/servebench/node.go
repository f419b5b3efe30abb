package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// server is the part of a storage node that answers viewers, with its real gate, ledger, catalog and cache. Only the
// chain is in memory.
type server struct {
	gate   *admit.Gate
	chain  *nodetest.Chain
	work   string
	number uint64 // of the last session
}

// nodeCommand serves blocks until it is killed.
func nodeCommand(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("node", flag.ContinueOnError)
	dir := f.String("dir", "", "folder that holds blocks")
	root := f.String("root", "", "CID")
	listen := f.String("listen", "", "address")
	cache := f.Int("cache", 256<<20, "bytes")
	plan := f.String("plan", "", "file to write payments to; without, everything is free")
	conns, passes, segments := f.Int("conns", 0, "viewers"), f.Int("passes", 0, "sessions of each"), f.Int("segments", 0, "segments of a session")
	if err := f.Parse(args); err != nil {
		return err
	}
	media, err := cid.Decode(*root)
	if err != nil {
		return err
	}
	home, err := os.MkdirTemp(*dir, "home-")
	if err != nil {
		return err
	}
	s, content, err := assemble(ctx, filepath.Join(*dir, "blocks"), home, media, *cache)
	if err != nil {
		return err
	}
	if *plan == "" {
		s.chain.Decide("", s.work, subtypes.AccessDecision{Granted: true})
	} else {
		s.chain.Decide("", s.work, nodetest.Metered(1, 0))
		pays, err := s.sessions(*conns, *passes, *segments)
		if err != nil {
			return err
		}
		raw, err := json.Marshal(pays)
		if err != nil {
			return err
		}
		if err := os.WriteFile(*plan, raw, 0o600); err != nil {
			return err
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/ipfs/", content)
	srv := serve.NewHTTPServer(mux)
	srv.Addr = *listen
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func assemble(ctx context.Context, blocks, home string, media cid.Cid, cache int) (*server, *serve.Server, error) {
	disk, err := blob.OpenDisk(blocks, 1<<40)
	if err != nil {
		return nil, nil, err
	}
	cat, err := catalog.Open(home)
	if err != nil {
		return nil, nil, err
	}
	l, err := ledger.Open(filepath.Join(home, "ledger"), 600)
	if err != nil {
		return nil, nil, err
	}
	index, err := catalog.BuildIndex(ctx, disk, media, cid.Undef)
	if err != nil {
		return nil, nil, err
	}
	s := &server{work: nodetest.WorkID("work")}
	entry := catalog.Entry{ID: s.work, Live: true, Work: s.work, Root: s.work, Media: media.String(), Duration: segmentSeconds}
	if err := cat.Add(entry, index); err != nil {
		return nil, nil, err
	}
	_, operator := nodetest.Account("op")
	s.chain = nodetest.NewChain(operator.String(), nodetest.Address("agent"))
	s.gate = &admit.Gate{
		Node:   admit.Node{ChainID: nodetest.ChainID, Operator: operator.String(), Bytes: operator},
		Reader: admit.NewReader(s.chain), Ledger: l,
	}
	return s, &serve.Server{Blocks: blob.NewCache(disk, cache), Catalog: cat, Gate: s.gate}, nil
}

// sessions opens passes sessions for each of conns viewers and returns, for each viewer, the payments of its requests:
// every segment of a session needs new words.
func (s *server) sessions(conns, passes, segments int) ([][]string, error) {
	pays := make([][]string, conns)
	ticks := uint32(segments * segmentSeconds)
	expires := s.chain.Now() + 3600
	for i := range conns {
		name := fmt.Sprintf("viewer%d", i)
		owner, key := nodetest.Address(name), nodetest.SessionKey(name)
		for pass := range passes {
			generation := uint64(pass + 1)
			lane := ledger.Lane{
				LaneID: ledger.LaneID{Owner: owner, Denom: "ustream", Generation: generation},
				Cap:    uint64(ticks), Expires: expires, ClosesAt: expires + 60,
			}
			if err := s.gate.Ledger.AddLane(lane); err != nil {
				return nil, err
			}
			s.number++
			terms, words := nodetest.Session(owner, s.gate.Node.Operator, s.work, generation, s.number, 1, ticks, expires, key)
			st, _, err := s.gate.Ledger.OpenSession(terms, s.chain.Now())
			if err != nil {
				return nil, err
			}
			for n := uint32(segmentSeconds); n <= ticks; n += segmentSeconds {
				pays[i] = append(pays[i], wire.Payment{Session: st.ID, N: n, Word: words.Word(n)}.String())
			}
		}
	}
	return pays, nil
}
