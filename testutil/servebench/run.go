package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// scenario is what all servers are asked.
type scenario struct {
	name string
	span int64 // bytes of a range; 0 for whole segments
	cold bool  // the system has forgotten the bytes and the server is new
}

var scenarios = []scenario{
	{"whole segments, warm", 0, false},
	{"whole segments, cold", 0, true},
	{"ranges of 64 KiB, warm", 64 << 10, false},
	{"ranges of 1 MiB, warm", 1 << 20, false},
}

// contender is a server to be measured.
type contender struct {
	name   string
	prefix string
	start  func(ctx context.Context, address string) *exec.Cmd
	plan   string // file of payments that it writes; empty where nothing is paid
}

// figure is the best round of a contender in a scenario.
type figure struct {
	result
	processor time.Duration // of the server
}

// perGiB is the server's processor time for a GiB.
func (f figure) perGiB() time.Duration {
	return time.Duration(float64(f.processor) / (float64(f.bytes) / (1 << 30)))
}

func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "servebench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	root, err := prepare(ctx, dir, o)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	node := func(extra ...string) func(context.Context, string) *exec.Cmd {
		return func(ctx context.Context, address string) *exec.Cmd {
			return exec.CommandContext(ctx, self, append([]string{"node", "-dir", dir, "-root", root.String(), "-listen", address}, extra...)...)
		}
	}
	prefix, plan := "/ipfs/"+root.String()+"/v0/", filepath.Join(dir, "plan.json")
	contenders := []contender{
		{name: peerNginx, prefix: "/v0/", start: nginx(o.nginx, dir)},
		{name: peerBoxo, prefix: prefix, start: func(ctx context.Context, address string) *exec.Cmd {
			return exec.CommandContext(ctx, o.boxo, "-blocks", filepath.Join(dir, "blocks"), "-listen", address)
		}},
		{name: nodeFree, prefix: prefix, start: node()},
		{name: nodePaid, prefix: prefix, plan: plan, start: node("-plan", plan, "-conns", strconv.Itoa(o.conns+1), "-passes", strconv.Itoa(o.passes), "-segments", strconv.Itoa(o.segments))},
		{name: nodeUncached, prefix: prefix, start: node("-cache", "0")},
	}
	before := loadAverage()
	best := map[string]map[string]figure{}
	for round := range o.rounds {
		for _, s := range scenarios {
			if best[s.name] == nil {
				best[s.name] = map[string]figure{}
			}
			for _, c := range contenders {
				// a pass is paid for once: ranges of what is paid cost nothing more
				if c.plan != "" && s.span > 0 {
					continue
				}
				fmt.Fprintf(os.Stderr, "round %d of %d: %s: %s\n", round+1, o.rounds, s.name, c.name)
				f, err := measure(ctx, dir, o, s, c)
				if err != nil {
					return fmt.Errorf("%s: %s: %w", c.name, s.name, err)
				}
				if old, ok := best[s.name][c.name]; !ok || f.rate() > old.rate() {
					best[s.name][c.name] = f
				}
			}
		}
	}
	return report(o, before, best)
}

func measure(ctx context.Context, dir string, o options, s scenario, c contender) (f figure, err error) {
	p, err := start(ctx, c.start)
	if err != nil {
		return f, err
	}
	defer p.stop()
	l := load{address: p.address, prefix: c.prefix, conns: o.conns, passes: o.passes, files: o.segments, span: s.span, size: o.size}
	if c.plan != "" {
		raw, err := os.ReadFile(c.plan)
		if err != nil {
			return f, err
		}
		if err := json.Unmarshal(raw, &l.pays); err != nil {
			return f, err
		}
	}
	switch {
	case s.cold:
		l.passes = 1
		if err := evict(dir); err != nil {
			return f, err
		}
	case c.plan == "":
		// also fills what caches there are
		if err := l.verify(ctx, filepath.Join(dir, "files", "v0")); err != nil {
			return f, err
		}
	default:
		if err := l.warmPaid(ctx); err != nil {
			return f, err
		}
	}
	if s.span > 0 {
		l.passes *= 8
	}
	before, err := p.processor()
	if err != nil {
		return f, err
	}
	if f.result, err = l.run(ctx); err != nil {
		return f, err
	}
	after, err := p.processor()
	f.processor = after - before
	return f, err
}

// warmPaid has one more viewer, who pays as well, fill the node's caches.
func (l load) warmPaid(ctx context.Context) error {
	l.pays = l.pays[l.conns:]
	l.conns, l.passes = 1, 1
	_, err := l.run(ctx)
	return err
}
