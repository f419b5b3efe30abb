package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// cli executes streamd against the local network in net.
type cli struct {
	bin string // path of streamd
	net string // home of the local network
}

// Failure is a command that ended with an exit code other than zero.
type Failure struct {
	Args   []string
	Code   int
	Stderr string
}

func (f *Failure) Error() string {
	return fmt.Sprintf("streamd %s: exit %d: %s", strings.Join(f.Args, " "), f.Code, strings.TrimSpace(f.Stderr))
}

// run executes one command and returns its standard output.
func (c cli) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, c.bin, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return stdout.Bytes(), &Failure{Args: args, Code: exit.ExitCode(), Stderr: stderr.String()}
	}
	return stdout.Bytes(), err
}

// client executes a command of a person: with the network's keys, from the given one.
func (c cli) client(ctx context.Context, from string, out any, args ...string) error {
	args = append(args, "--home", filepath.Join(c.net, "keys"), "--output", "json")
	if from != "" {
		args = append(args, "--from", from)
	}
	return c.json(ctx, out, args...)
}

func (c cli) json(ctx context.Context, out any, args ...string) error {
	raw, err := c.run(ctx, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("streamd %s: no JSON: %w: %.200s", strings.Join(args, " "), err, raw)
	}
	return nil
}
