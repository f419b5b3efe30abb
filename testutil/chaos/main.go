package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Round is one demo that was killed until it finished.
type Round struct {
	Seed    uint64          `json:"seed"`
	Kills   []Kill          `json:"kills"`
	Seconds float64         `json:"seconds"`
	Receipt json.RawMessage `json:"receipt"`
}

// Kill is one SIGKILL that hit its victim.
type Kill struct {
	Victim string  `json:"victim"`
	PID    int     `json:"pid"`
	After  float64 `json:"after_seconds"` // since the demo was started (again)
}

// Evidence is what -evidence writes.
type Evidence struct {
	Command string  `json:"command"`
	Commit  string  `json:"commit"`
	Rounds  []Round `json:"rounds"`
	OK      bool    `json:"ok"`
}

func main() {
	rounds := flag.Int("rounds", 2, "demos to run")
	seed := flag.Uint64("seed", 1, "seed of the first round; each next round adds one")
	bin := flag.String("bin", "build", "folder of the binaries")
	home := flag.String("home", ".chaos", "folder for the demos")
	evidence := flag.String("evidence", "", "file to write the result to")
	basePort := flag.Int("base-port", 2000, "added to every port of the local network")
	flag.Parse()
	if err := run(*rounds, *seed, *bin, *home, *evidence, *basePort); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func run(rounds int, seed uint64, bin, home, evidence string, basePort int) error {
	ev := Evidence{Command: fmt.Sprintf("make chaos ROUNDS=%d SEED=%d", rounds, seed)}
	commit, err := exec.CommandContext(context.Background(), "git", "rev-parse", "HEAD").Output()
	if err == nil {
		ev.Commit = strings.TrimSpace(string(commit))
	}
	for i := range rounds {
		r := round{
			streamd: filepath.Join(bin, "streamd"), home: filepath.Join(home, fmt.Sprintf("round-%d", i)),
			rng: rand.New(rand.NewPCG(seed+uint64(i), 0)), basePort: basePort,
		}
		r.Seed = seed + uint64(i)
		if err := r.play(); err != nil {
			return fmt.Errorf("round with seed %d: %w (its folder %s is kept)", r.Seed, err, r.home)
		}
		fmt.Printf("round %d of %d, seed %d: %d kills, finished in %.0f s\n", i+1, rounds, r.Seed, len(r.Kills), r.Seconds)
		ev.Rounds = append(ev.Rounds, r.Round)
	}
	ev.OK = true
	fmt.Printf("%d passed, 0 failed\n", rounds)
	if evidence == "" {
		return nil
	}
	raw, err := json.MarshalIndent(ev, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(evidence, append(raw, '\n'), 0o644)
}

// victims are the processes that a round kills, by what stands on their command line.
var victims = map[string][]string{
	"publisher": {"streamd", "publish"},
	"watcher":   {"streamd", "watch"},
	"chain":     {"streamd", "start"},
	"node":      {"storaged", "start"},
	"indexer":   {"indexerd", "start"},
}

type round struct {
	Round
	streamd  string
	home     string
	rng      *rand.Rand
	basePort int
}

// play kills each kind of victim once, at random moments, then lets the demo finish.
func (r *round) play() error {
	start := time.Now()
	if err := os.RemoveAll(r.home); err != nil {
		return err
	}
	// in the order in which their work comes: a victim that has done its work cannot be killed
	order := []string{"publisher", "chain", "node", "indexer", "watcher"}
	if r.rng.IntN(2) == 1 {
		order[1], order[2] = order[2], order[1]
	}
	for _, victim := range order {
		out, done, err := r.demoWithKill(victim)
		if err != nil {
			return err
		}
		if done {
			r.Receipt = out
			break
		}
	}
	if r.Receipt == nil {
		out, err := r.demo(context.Background())
		if err != nil {
			return err
		}
		r.Receipt = out
	}
	if len(r.Kills) == 0 {
		return errors.New("no kill hit: the round proves nothing")
	}
	r.Seconds = time.Since(start).Seconds()
	if out, err := exec.CommandContext(context.Background(), r.streamd, "localnet", "down", "--home", filepath.Join(r.home, "net")).CombinedOutput(); err != nil {
		return fmt.Errorf("localnet down: %w: %s", err, out)
	}
	return os.RemoveAll(r.home)
}

// demoWithKill starts the demo, kills the victim at a random moment of its life, gives the demo a moment to
// suffer and kills it too. It returns a receipt when the demo finished before it was hit.
func (r *round) demoWithKill(victim string) (json.RawMessage, bool, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	type result struct {
		out json.RawMessage
		err error
	}
	finished := make(chan result, 1)
	start := time.Now()
	go func() {
		out, err := r.demo(ctx)
		finished <- result{out, err}
	}()
	delay := time.Duration(r.rng.Float64() * float64(700*time.Millisecond))
	if victim == "chain" || victim == "node" || victim == "indexer" {
		delay = time.Duration(r.rng.Float64() * float64(4*time.Second))
	}
	suffer := time.Duration(r.rng.Float64() * float64(3*time.Second))
	for {
		select {
		case res := <-finished:
			return res.out, res.err == nil, res.err
		case <-time.After(10 * time.Millisecond):
		}
		pids := find(r.home, victims[victim])
		if len(pids) == 0 {
			continue
		}
		time.Sleep(delay)
		pids = find(r.home, victims[victim])
		if len(pids) == 0 {
			continue // it ended by itself meanwhile: wait for the next of its kind
		}
		pid := pids[r.rng.IntN(len(pids))]
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			continue
		}
		r.Kills = append(r.Kills, Kill{Victim: victim, PID: pid, After: time.Since(start).Seconds()})
		time.Sleep(suffer)
		cancel()
		res := <-finished
		r.sweep()
		return res.out, res.err == nil, nil
	}
}

// sweep kills what the demo had started: who was killed with it does not go on behind the back of the next run.
func (r *round) sweep() {
	for _, kind := range []string{"publisher", "watcher"} {
		for _, pid := range find(r.home, victims[kind]) {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
		}
	}
}

// demo runs the demo to its end and returns its receipt.
func (r *round) demo(ctx context.Context) (json.RawMessage, error) {
	cmd := exec.CommandContext(ctx, r.streamd, "demo", "--home", r.home, "--check", "--base-port", fmt.Sprint(r.basePort))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	if err != nil {
		return nil, fmt.Errorf("demo: %w:\n%s", err, out.Bytes())
	}
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	receipt, ok := bytes.CutPrefix(lines[len(lines)-1], []byte("RECEIPT "))
	if !ok {
		return nil, fmt.Errorf("demo: no receipt:\n%s", out.Bytes())
	}
	return json.RawMessage(receipt), nil
}

// find returns the processes whose command line names home, the program and the command.
func find(home string, words []string) []int {
	abs, err := filepath.Abs(home)
	if err != nil {
		return nil
	}
	procs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil
	}
	var pids []int
	for _, p := range procs {
		raw, err := os.ReadFile(p)
		if err != nil {
			continue
		}
		args := strings.Split(strings.TrimRight(string(raw), "\x00"), "\x00")
		if len(args) < 2 || filepath.Base(args[0]) != words[0] || args[1] != words[1] {
			continue
		}
		if line := strings.Join(args, " "); !strings.Contains(line, home) && !strings.Contains(line, abs) {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(p, "/proc/%d/cmdline", &pid); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
