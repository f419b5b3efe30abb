package demo

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// floorBps is the constant floor of x/revenue: what a creator gets of every payment at least.
const floorBps = 9000

// settling is how long the demo waits for nodes to settle and refund windows to end.
const settling = 90 * time.Second

// statement is what `streamd receipt --payer` prints: all that a payer's coins did.
type statement struct {
	Payments []Payment `json:"payments"`
	// Pending are purchases inside their refund window, and periods of plans that have not ended, in ustream.
	Pending ustream `json:"pending"`
	// Fees are transaction fees and lane fees, in ustream.
	Fees ustream `json:"fees"`
	// Burned is what all payments of the chain burned so far, in ustream.
	Burned ustream `json:"burned"`
	// Balance is the account's, Escrow what it has deposited and not spent, in ustream.
	Balance ustream `json:"balance"`
	Escrow  ustream `json:"escrow"`
	Height  int64   `json:"height"`
	// Minted is what the chain minted so far by its schedule, in ustream.
	Minted ustream `json:"minted"`
	// Supply is the whole chain's, in ustream.
	Supply ustream `json:"supply"`
}

// genesis amounts of the local network, in ustream.
const (
	genesisSupply = 100_000_000_000_000
	genesisViewer = 1_000_000_000
)

// settleUp waits until every payment has reached its creator, lets the creators claim, and checks it all.
func (r *run) settleUp(ctx context.Context, j job) (*Receipt, error) {
	renter, err := r.waitSettled(ctx, j)
	if err != nil {
		return nil, err
	}
	for _, who := range []string{"alice", "bob"} {
		if err := r.claim(ctx, who); err != nil {
			return nil, err
		}
	}
	// read anew: what a period's end burns leaves the supply a block after it
	var st statement
	if err := r.cli.client(ctx, "", &st, "receipt", "--payer", "viewer"); err != nil {
		return nil, err
	}
	rec := &Receipt{
		Payments: append(st.Payments, renter.Payments...), Templates: j.Templates, Nodes: r.Nodes, Blocks: st.Height,
		SupplyOK: st.Supply == genesisSupply+st.Minted-st.Burned,
		PurseOK:  st.Balance+st.Escrow+st.Fees+st.Pending+charged(st.Payments) == genesisViewer,
		Works: []Work{
			j.SongView.work(j.Song, songTitle), j.FilmView.work(j.Film, filmTitle),
		},
	}
	if err := r.indexed(ctx, j, rec); err != nil {
		return nil, err
	}
	if err := r.playable(ctx); err != nil {
		return nil, err
	}
	if err := r.sealed(ctx, rec); err != nil {
		return nil, err
	}
	if err := r.invariants(ctx, rec); err != nil {
		return nil, err
	}
	rec.ElapsedSeconds = time.Since(r.state.Started).Round(time.Millisecond).Seconds()
	return rec, check(rec, st)
}

func charged(payments []Payment) ustream {
	var sum ustream
	for _, p := range payments {
		sum += p.Charged
	}
	return sum
}

// waitSettled waits until each rail and each template has a payment, nothing is held back, and what was paid by the second
// is what the viewer's own meter says. It returns what alice paid.
func (r *run) waitSettled(ctx context.Context, j job) (alice statement, err error) {
	start := time.Now()
	var viewer statement
	for {
		if err := together(
			func() error { return r.cli.client(ctx, "", &viewer, "receipt", "--payer", "viewer") },
			func() error { return r.cli.client(ctx, "", &alice, "receipt", "--payer", "alice") },
		); err != nil {
			return alice, err
		}
		var metered ustream
		rails := map[string]bool{}
		for _, p := range viewer.Payments {
			rails[p.Rail] = true
			if p.Rail == "metered" {
				metered += p.Gross
			}
		}
		sold := settled(j.Templates, "viewer", viewer.Payments) && settled(j.Templates, "alice", alice.Payments)
		if sold && len(rails) == 4 && viewer.Pending+alice.Pending == 0 && fmt.Sprintf("%dustream", metered) == j.SongView.Spent {
			fmt.Fprintf(r.Out, "· nodes settle, the refund window ends … %.1f s\n", time.Since(start).Seconds())
			return alice, nil
		}
		if time.Since(start) > settling {
			return alice, fmt.Errorf("after %s not all is settled: rails %v, templates %+v, pending %d and %d, metered %d of %s",
				settling, rails, j.Templates, viewer.Pending, alice.Pending, metered, j.SongView.Spent)
		}
		select {
		case <-ctx.Done():
			return alice, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// claim withdraws a creator's earnings and checks that they arrived.
func (r *run) claim(ctx context.Context, who string) error {
	var out struct {
		Claimed string `json:"claimed"`
	}
	return r.step(ctx, "claim-"+who, who+" withdraws what was earned", &out, func(ctx context.Context) error {
		if err := r.cli.client(ctx, who, &out, "earnings", "--claim"); err != nil {
			return err
		}
		if out.Claimed == "" || out.Claimed == "0ustream" {
			return errors.New("nothing was claimed")
		}
		return nil
	})
}

// playable decodes what was watched from first to last frame.
func (r *run) playable(ctx context.Context) error {
	for _, name := range []string{"song.mp4", "film.mp4", "song-again.mp4", "film-rented.mp4"} {
		out, err := exec.CommandContext(ctx, "ffmpeg", "-v", "error", "-xerror", "-i", filepath.Join(r.Home, name), "-f", "null", "-").CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s does not play: %w: %s", name, err, out)
		}
	}
	return nil
}

// invariants walks the stopped chain's whole state. Outside --check the network is started again.
func (r *run) invariants(ctx context.Context, rec *Receipt) error {
	fmt.Fprint(r.Out, "· the network stops, every invariant is checked on its state … ")
	start := time.Now()
	if _, err := r.cli.run(ctx, "localnet", "down", "--home", r.cli.net); err != nil {
		return err
	}
	if _, err := r.cli.run(ctx, "verify-invariants", "--home", filepath.Join(r.cli.net, "val0")); err != nil {
		return err
	}
	rec.InvariantsOK = true
	fmt.Fprintf(r.Out, "%.1f s\n", time.Since(start).Seconds())
	if r.Check {
		return nil
	}
	return r.up(ctx)
}

// check returns what is wrong with the receipt.
func check(rec *Receipt, st statement) error {
	var wrong []string
	for _, p := range rec.Payments {
		var sum ustream
		for _, v := range p.Parts {
			sum += v
		}
		if p.CreatorBps < floorBps {
			wrong = append(wrong, fmt.Sprintf("%s of %s: the creator got %d bps", p.Rail, p.Subject, p.CreatorBps))
		}
		if sum+p.Gross-p.Charged != p.Gross || p.Parts["creator"] != p.CreatorPaid {
			wrong = append(wrong, fmt.Sprintf("%s of %s: parts sum to %d of %d", p.Rail, p.Subject, sum, p.Gross))
		}
	}
	if !rec.SupplyOK {
		wrong = append(wrong, fmt.Sprintf("supply is %d after %d were minted and %d burned", st.Supply, st.Minted, st.Burned))
	}
	if !rec.PurseOK {
		wrong = append(wrong, fmt.Sprintf("the viewer's purse does not add up: %+v", st))
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}
