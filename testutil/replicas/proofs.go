package replicas

import (
	"bytes"
	"crypto/sha256"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/piece"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// beaconOf is an account's hash chain, as a provider.
func beaconOf(a Account) storagetypes.BeaconChain {
	return storagetypes.NewBeacon(sha256.Sum256([]byte("beacon of "+a.Name)), 1000)
}

// setBeacon commits the sender to its hash chain, or does so again.
func (x *Traffic) setBeacon(from Account) sdk.Msg {
	ctx := x.c.App.CommittedContext()
	if _, err := x.c.App.Storage.GetProvider(ctx, from.String()); err != nil {
		return nil
	}
	res, err := x.c.App.Storage.Proofs(ctx, from.String())
	require.NoError(x.t, err)
	if len(res.State.Beacon)+len(res.State.NextBeacon) > 0 && x.rng.IntN(20) > 0 {
		return nil
	}
	root := beaconOf(from).Root()
	return &storagetypes.MsgSetBeacon{Agent: from.String(), Root: root[:]}
}

// prove answers the sender's challenges, as a provider; sometimes all but one.
func (x *Traffic) prove(from Account) sdk.Msg {
	res, err := x.c.App.Storage.Proofs(x.c.App.CommittedContext(), from.String())
	require.NoError(x.t, err)
	if !res.Open {
		return nil
	}
	known := res.State.Beacon
	if len(res.State.NextBeacon) > 0 && res.Period >= res.State.BeaconFrom {
		known = res.State.NextBeacon
	}
	reveal, ok := beaconOf(from).Next(known)
	if !ok {
		return nil
	}
	msg := &storagetypes.MsgProve{Agent: from.String(), Period: res.Period, Reveal: reveal[:]}
	lost := x.rng.IntN(4 * storagetypes.Challenges)
	for i, c := range res.Challenges {
		if i == lost {
			continue
		}
		data := pieceOf(x.titles[c.Work])
		var b piece.Builder
		_, _ = b.Write(data)
		slice, err := piece.Prove(bytes.NewReader(data), uint64(len(data)), b.Outboard(), c.Offset)
		require.NoError(x.t, err)
		msg.Answers = append(msg.Answers, storagetypes.ProofAnswer{Index: c.Index, Slice: slice})
	}
	return msg
}

// learnProof counts proofs with answers apart: without a set a proof only reveals.
func (x *Traffic) learnProof(m *storagetypes.MsgProve, raw []byte) {
	x.t.Helper()
	var r storagetypes.MsgProveResponse
	require.NoError(x.t, r.Unmarshal(raw))
	for _, work := range r.Lost {
		x.wanted = append(x.wanted, owned{x.byAddress(m.Agent), work})
	}
	x.sent["proofs with answers"]++
	if len(m.Answers) > 0 {
		x.worked["proofs with answers"]++
	}
}

// reportLoss gives up a copy.
func (x *Traffic) reportLoss(from Account) sdk.Msg {
	work, ok := x.mine(from, x.deals)
	if !ok {
		return nil
	}
	return &storagetypes.MsgReportLoss{Agent: from.String(), Works: []string{work}}
}
