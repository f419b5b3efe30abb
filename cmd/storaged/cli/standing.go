package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/token"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// standing is how the provider stands with the chain: what it owes, has proven, was slashed and may claim.
type standing struct {
	Registered bool   `json:"registered"`
	Period     uint64 `json:"period"`
	// Owed is how many challenges of the period wait for an answer, Left the seconds until its window may close.
	Owed int   `json:"owed"`
	Left int64 `json:"seconds_left"`
	// Next is in how many seconds the next period opens.
	Next   int64  `json:"next_seconds"`
	Proven uint64 `json:"proven"`
	Missed uint64 `json:"missed"`
	// Misses are those of the newest 14 periods.
	Misses    uint32 `json:"misses_of_14"`
	Deals     uint64 `json:"deals"`
	SetSize   uint64 `json:"proof_set"`
	Beacon    bool   `json:"beacon"`
	Bond      string `json:"bond"`      // ustream
	Slashed   string `json:"slashed"`   // ustream
	Claimable string `json:"claimable"` // ustream
}

// patience is how long status and doctor wait for the chain.
const patience = 10 * time.Second

// askStanding asks the chain, without a key; nil where it does not answer.
func askStanding(ctx context.Context, cfg storagenode.Config) *standing {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, err := dial(ctx, cfg, time.Second)
	if err != nil {
		return nil
	}
	defer client.Close()
	chain, err := storagenode.NewChain(ctx, client, nil, cfg.Identity.Operator)
	if err != nil {
		return nil
	}
	s, err := readStanding(ctx, chain, cfg.Identity.Operator)
	if err != nil {
		return nil
	}
	return s
}

func readStanding(ctx context.Context, chain *storagenode.Chain, operator string) (*standing, error) {
	p, err := chain.Provider(ctx, operator)
	if errors.Is(err, storagetypes.ErrProviderNotFound) {
		return &standing{Bond: "0", Slashed: "0", Claimable: "0"}, nil
	}
	if err != nil {
		return nil, err
	}
	proofs, err := chain.Proofs(ctx)
	if err != nil {
		return nil, err
	}
	period, err := chain.Period(ctx)
	if err != nil {
		return nil, err
	}
	claimable, err := chain.Claimable(ctx)
	if err != nil {
		return nil, err
	}
	st, now := proofs.State, chain.Now()
	s := &standing{
		Registered: true, Period: proofs.Period, Next: max(period.NextAt-now, 0), Proven: st.Proven, Missed: st.Missed, Misses: proofs.Misses,
		Deals: p.ActiveDeals, SetSize: st.SetSize, Beacon: len(st.Beacon)+len(st.NextBeacon) > 0,
		Bond: p.Bond.String(), Slashed: st.Slashed.String(), Claimable: claimable.String(),
	}
	if proofs.Open {
		s.Owed, s.Left = len(proofs.Challenges), max(period.ClosesAt-now, 0)
	}
	return s, nil
}

func (s standing) say(w io.Writer) {
	if !s.Registered {
		fmt.Fprintf(w, "proofs    the operator is not registered as a provider\n")
		return
	}
	owed := "nothing"
	if s.Owed > 0 {
		owed = fmt.Sprintf("%d answers of period %d, %d s left", s.Owed, s.Period, s.Left)
	}
	fmt.Fprintf(w, "owed      %s; the next period opens in %d s\n", owed, s.Next)
	fmt.Fprintf(w, "proven    %d periods, %d missed, %d of the newest %d (more than %d cost bond, %d end all deals)\n",
		s.Proven, s.Missed, s.Misses, storagetypes.MissMemory, storagetypes.FreeMisses, storagetypes.MaxMisses)
	if !s.Beacon {
		fmt.Fprintf(w, "beacon    not set; a running node sets it\n")
	}
	fmt.Fprintf(w, "slashed   %s of a bond of %s\n", stream(s.Slashed), stream(s.Bond))
	fmt.Fprintf(w, "claimable %s, %d deals\n", stream(s.Claimable), s.Deals)
}

// stream is an amount of ustream as people read it.
func stream(ustream string) string {
	n, ok := math.NewIntFromString(ustream)
	if !ok {
		return ustream
	}
	return token.Format(sdk.NewCoin(token.BaseDenom, n))
}
