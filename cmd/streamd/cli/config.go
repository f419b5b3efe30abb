package cli

import (
	"github.com/cosmos/cosmos-sdk/server/config"
)

// queryGasLimit bounds one query: it runs on a node for nothing.
const queryGasLimit = 50_000_000

// appConfig is the application's configuration of a new node: the SDK's, made safe.
func appConfig() *config.Config {
	cfg := config.DefaultConfig()
	cfg.MinGasPrices = "0.001ustream"
	cfg.QueryGasLimit = queryGasLimit
	// one cache for two readers (CheckTx and the block) is worth little and was wrong before
	cfg.InterBlockCache = false
	cfg.BlockExecutor = config.BlockExecutorSequential
	cfg.StateSync.SnapshotInterval = 1000
	cfg.API.Enable = true
	return cfg
}

// appTemplate is the text of app.toml.
func appTemplate() string { return config.DefaultConfigTemplate }
