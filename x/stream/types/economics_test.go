package types_test

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/x/stream/types"
)

var update = flag.Bool("update", false, "write the page instead of comparing it")

// The page of documentation says what the code does.
func TestEconomicsPage(t *testing.T) {
	const path = "../../../docs/economics.md"
	page := types.DefaultEconomics().Page()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(page), 0o600))
	}
	have, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, page, string(have), "the page is stale: run the test with -update")
}
