package localnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// startPatience is how long a part may take until it answers.
const startPatience = 90 * time.Second

// Up starts what is not running, and makes the network first where there is none. It returns
// when every part answers. Errors: ErrPortInUse.
func (n *Net) Up(ctx context.Context) error {
	release, err := n.lock()
	if err != nil {
		return err
	}
	defer release()
	if n.saved.Nodes > 0 {
		if _, err := os.Stat(n.cfg.Storaged); err != nil {
			return fmt.Errorf("storage nodes need storaged beside streamd (`make build` makes both); --nodes 0 runs the chain alone: %w", err)
		}
	}
	if n.pid("val0") == 0 {
		if err := n.requireFree(ctx, "val0", portP2P, portRPC, portGRPC, portREST); err != nil {
			return err
		}
	}
	if !n.setUp() {
		if err := n.setup(ctx); err != nil {
			return err
		}
	} else if err := n.save(); err != nil { // the number of nodes may have changed
		return err
	}
	if err := n.upChain(ctx); err != nil {
		return err
	}
	if err := n.upNodes(ctx); err != nil {
		return err
	}
	if err := n.upSponsor(ctx); err != nil {
		return err
	}
	if err := n.upIndexer(ctx); err != nil {
		return err
	}
	return n.upPackager(ctx)
}

func (n *Net) upChain(ctx context.Context) error {
	if n.pid("val0") == 0 {
		n.cfg.Says("starting the chain")
		if err := n.start("val0", n.cfg.Streamd, "start", "--home", n.path("val0"), "--log_no_color"); err != nil {
			return err
		}
	}
	return n.await(ctx, "val0", func(ctx context.Context) error {
		height, err := n.height(ctx)
		if err == nil && height < 1 {
			return errors.New("no block yet")
		}
		return err
	})
}

// await asks until a part answers, and gives up early where it died.
func (n *Net) await(ctx context.Context, part string, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		if n.pid(part) == 0 {
			return fmt.Errorf("%s stopped while starting; the end of %s:\n%s", part, rel(n.logFile(part)), n.tail(part))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer (%w); the end of %s:\n%s", part, err, rel(n.logFile(part)), n.tail(part))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Down stops every part that runs: nodes first, so that they can settle what they hold.
func (n *Net) Down() error {
	release, err := n.lock()
	if err != nil {
		return err
	}
	defer release()
	return n.down()
}

func (n *Net) down() error {
	errs := []error{n.stop(packagerPart), n.stop(indexerPart), n.stop(sponsorPart)}
	for i := MaxNodes - 1; i >= 0; i-- {
		errs = append(errs, n.stop(nodeName(i)))
	}
	return errors.Join(append(errs, n.stop("val0"))...)
}

// Reset stops the network and forgets all of it.
func (n *Net) Reset() error {
	release, err := n.lock()
	if err != nil {
		return err
	}
	defer release()
	if err := n.down(); err != nil {
		return err
	}
	return n.wipe()
}
