package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/indexer/feeds/wire"
	"github.com/streamchain/streamchain/recommend"
)

const about = "Learns from which works were bought together (counts of pairs) and from what works say of themselves, both from the open discovery API. Keeps nothing of what it is asked."

type serving struct {
	data, key, listen string
	feeds             []string
	every             time.Duration
	src               recommend.Source
}

func serveCmd() *cobra.Command {
	var s serving
	cmd := &cobra.Command{
		Use: "serve", Short: "Answer indexers",
		Long:    "Answers indexers by what `recommendd train` wrote. Put a server with TLS before it: a registered endpoint is https. With --every it reads the discovery API again and again.",
		Example: "recommendd serve --data works.gz --key feed.key --feed stream1…/recommended --listen 127.0.0.1:8200", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd) },
	}
	cmd.Flags().StringVar(&s.data, "data", "works.gz", "file of `recommendd train`")
	cmd.Flags().StringVar(&s.key, "key", "feed.key", "file of `recommendd key`")
	cmd.Flags().StringSliceVar(&s.feeds, "feed", nil, "ids of the feeds that it answers for")
	cmd.Flags().StringVar(&s.listen, "listen", "127.0.0.1:8200", "address to listen at")
	cmd.Flags().StringVar(&s.src.Base, "api", "http://127.0.0.1:8080/api/v1", "discovery API, for --every")
	cmd.Flags().DurationVar(&s.every, "every", 0, "time between two readings of the discovery API; 0 reads it never")
	return cmd
}

func (s serving) run(cmd *cobra.Command) error {
	if len(s.feeds) == 0 {
		return exit.With(exit.Usage, errors.New("--feed is missing: the feed's id, which `streamd tx content register-feed` gives"))
	}
	key, err := readKey(s.key)
	if err != nil {
		return err
	}
	data, err := readData(s.data)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	g := recommend.NewGenerator(recommend.Train(data, recommend.DefaultOptions()))
	server := &http.Server{
		Handler:           wire.Handler(key, wire.Info{ChainID: data.ChainID, Feeds: s.feeds, About: about}, g),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	l, err := new(net.ListenConfig).Listen(cmd.Context(), "tcp", s.listen)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	log.Info("serving", "listen", l.Addr().String(), "chain", data.ChainID, "works", len(data.Works), "feeds", s.feeds)
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	if s.every > 0 {
		go s.learn(ctx, g, data.ChainID, log)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return server.Shutdown(bounded)
}

// learn reads the API again and again. A failure leaves the model as it is.
func (s serving) learn(ctx context.Context, g *recommend.Generator, chainID string, log *slog.Logger) {
	for {
		select {
		case <-time.After(s.every):
		case <-ctx.Done():
			return
		}
		data, err := s.src.Fetch(ctx)
		if err == nil && data.ChainID != chainID {
			err = fmt.Errorf("the discovery API is of chain %q now", data.ChainID)
		}
		if err == nil {
			err = writeData(s.data, data)
		}
		if err != nil {
			log.Warn("could not learn anew", "error", err)
			continue
		}
		g.Replace(recommend.Train(data, recommend.DefaultOptions()))
		log.Info("learned anew", "works", len(data.Works), "pairs", len(data.Pairs))
	}
}
