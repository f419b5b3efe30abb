package keeper_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/governance/types"
)

// The README's proposal is one that x/gov takes and that the timelock would run.
func TestReadmeProposal(t *testing.T) {
	f := newFixture(t)
	contenttypes.RegisterInterfaces(f.Registry)
	contenttypes.RegisterMsgServer(f.router, &contenttypes.UnimplementedMsgServer{})
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(readme), "cat > proposal.json <<END\n")
	require.True(t, found)
	text, _, found = strings.Cut(text, "\nEND\n")
	require.True(t, found)
	require.Contains(t, string(readme), "\nGOV="+f.gov+"\n")
	require.Contains(t, string(readme), "\nGOVERNANCE="+f.k.Authority()+"\n")
	text = strings.NewReplacer("$GOVERNANCE", f.k.Authority(), "$GOV", f.gov, "stream1…", f.Addr("auditor").String()).Replace(text)

	var proposal struct{ Messages []json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(text), &proposal))
	require.Len(t, proposal.Messages, 1)
	var msg sdk.Msg
	require.NoError(t, f.Cdc.UnmarshalInterfaceJSON(proposal.Messages[0], &msg))
	require.NoError(t, msg.(sdk.HasValidateBasic).ValidateBasic())
	signers, _, err := f.Cdc.GetMsgV1Signers(msg)
	require.NoError(t, err)
	require.Equal(t, [][]byte{sdk.MustAccAddressFromBech32(f.gov)}, signers, "x/gov signs it")
	require.NoError(t, f.send(msg))
	require.Equal(t, types.ENACTMENT_STATUS_QUEUED, f.status(1))
}
