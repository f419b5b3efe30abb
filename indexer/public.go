package indexer

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/indexer/config"
	"github.com/streamchain/streamchain/indexer/follow"
	"github.com/streamchain/streamchain/indexer/store"
)

// handler is what everybody asks, and work what it does beside answering.
func handler(_ config.Config, _ *store.Store, _ *chainclient.Client, _ *follow.Follower, _ *slog.Logger) (h http.Handler, work func(context.Context) error, err error) {
	return http.NotFoundHandler(), func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, nil
}
