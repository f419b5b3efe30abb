package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

const (
	peerNginx    = "nginx, sendfile"
	peerBoxo     = "boxo's gateway"
	nodeFree     = "node, free"
	nodePaid     = "node, paid by the tick"
	nodeUncached = "node, free, no cache"
)

// order is that of the table's lines.
var order = []string{peerNginx, peerBoxo, nodeFree, nodePaid, nodeUncached}

func loadAverage() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "?"
	}
	one, _, _ := strings.Cut(string(raw), " ")
	return one
}

func processorName() string {
	raw, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	_, rest, _ := strings.Cut(string(raw), "model name")
	name, _, _ := strings.Cut(rest, "\n")
	return strings.TrimLeft(name, "\t: ")
}

// report writes what was seen.
func report(o options, before string, best map[string]map[string]figure) error {
	var b strings.Builder
	fmt.Fprintf(&b, `# Serving

Written by `+"`make bench-serve`"+` on %s UTC at commit %s.

- Machine: %d cores, %s, %s. Load average before: %s, after: %s. Server and viewers share the cores, so a figure is that of both.
- %d segments of %d KiB, the same bytes as files for nginx and as blocks for the others. %d viewers, a connection each, all at once;
  every file was compared with the disk before it was counted. Best of %d rounds, servers in turn.
- *Processor* is what the server and its children used for a GiB: it depends least on what else ran.
- nginx (tcp_nopush off: with it, small ranges wait 40 ms for an acknowledgement) and boxo verify nothing; a node hashes each
  block when it reads it from the disk, and its cache (256 MiB) holds what was hashed. *Paid* is the real gate and ledger: every request brings a new word for four ticks, which is in the journal before a
  byte leaves. *No cache* reads and hashes all twice: before anybody pays for it, and when it is sent.
- *Cold*: the system has forgotten all bytes of the disk (POSIX_FADV_DONTNEED) and the server has just started.

| what | server | MiB/s | requests/s | median ms | p99 ms | processor ms/GiB | to nginx | to boxo |
|---|---|---|---|---|---|---|---|---|
`, time.Now().UTC().Format("2006-01-02 15:04"), o.commit, runtime.NumCPU(), processorName(), runtime.Version(), before, loadAverage(),
		o.segments, o.size>>10, o.conns, o.rounds)
	for _, s := range scenarios {
		for _, name := range order {
			f, ok := best[s.name][name]
			if !ok {
				continue
			}
			fmt.Fprintf(&b, "| %s | %s | %.0f | %.0f | %.1f | %.1f | %d | %.2f × | %.2f × |\n", s.name, name, f.rate(), float64(f.requests)/f.took.Seconds(),
				millis(f.percentile(50)), millis(f.percentile(99)), f.perGiB().Milliseconds(), f.rate()/best[s.name][peerNginx].rate(), f.rate()/best[s.name][peerBoxo].rate())
		}
	}
	paid, warm := best[scenarios[0].name][nodePaid], best[scenarios[0].name]
	fmt.Fprintf(&b, "\nP2, paid whole segments, warm: %s nginx (wanted ≥ 0.9 ×), %s boxo (wanted ≥ 1 ×).\n",
		target(paid.rate()/warm[peerNginx].rate(), 0.9), target(paid.rate()/warm[peerBoxo].rate(), 1))
	if o.out == "" {
		_, err := os.Stdout.WriteString(b.String())
		return err
	}
	return os.WriteFile(o.out, []byte(b.String()), 0o644)
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func target(ratio, want float64) string {
	met := "met"
	if ratio < want {
		met = "**not met**"
	}
	return fmt.Sprintf("%.2f × (%s)", ratio, met)
}
