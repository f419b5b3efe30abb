// Command boxogateway serves the blocks of a storage node's folder with boxo's own gateway, as the peer of the node in
// measurements. It reads no network but its listener.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/ipfs/boxo/blockservice"
	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/boxo/exchange/offline"
	"github.com/ipfs/boxo/gateway"
	flatfs "github.com/ipfs/go-ds-flatfs"
)

func main() {
	blocks := flag.String("blocks", "", "folder of blocks")
	listen := flag.String("listen", "127.0.0.1:0", "address")
	flag.Parse()
	if err := run(*blocks, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "boxogateway:", err)
		os.Exit(1)
	}
}

func run(blocks, listen string) (err error) {
	fs, err := flatfs.Open(blocks, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, fs.Close()) }()
	store := blockstore.NewBlockstore(fs, blockstore.NoPrefix(), blockstore.WriteThrough(true))
	backend, err := gateway.NewBlocksBackend(blockservice.New(store, offline.Exchange(store)))
	if err != nil {
		return err
	}
	srv := &http.Server{
		Addr: listen, ReadHeaderTimeout: 5 * time.Second,
		Handler: gateway.NewHandler(gateway.Config{DeserializedResponses: true, NoDNSLink: true}, backend),
	}
	return srv.ListenAndServe()
}
