package localnet

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopPatience is how long a process may take to stop by itself.
const stopPatience = 15 * time.Second

// execPatience is how long the system may take to load a program.
const execPatience = 10 * time.Second

// start starts a part of the network so that it outlives this program.
func (n *Net) start(part, bin string, args ...string) error {
	if err := os.MkdirAll(n.path("logs"), 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(n.logFile(part), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	// not CommandContext: the end of this command must not end the network
	cmd := exec.Command(bin, args...) //nolint:noctx // see above
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", part, err)
	}
	if err := writeFile(n.pidFile(part), []byte(strconv.Itoa(cmd.Process.Pid))); err != nil {
		return errors.Join(err, cmd.Process.Kill())
	}
	ended := make(chan struct{})
	go func() { // reaped where this program lives on, as in a test
		defer close(ended)
		_ = cmd.Wait()
	}()
	// a process that was just made has no command line for a moment, and would pass for one that has stopped
	for patience := time.After(execPatience); n.pid(part) == 0; {
		select {
		case <-ended:
			return nil
		case <-patience:
			return nil
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

func (n *Net) pidFile(part string) string { return n.path(part + ".pid") }
func (n *Net) logFile(part string) string { return n.path("logs", part+".log") }

// pid returns the process of a part, or 0 where it is not running. A number in a pid file may
// belong to another program by now, so the command line must name this network.
func (n *Net) pid(part string) int {
	raw, err := os.ReadFile(n.pidFile(part))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil || pid <= 0 || syscall.Kill(pid, 0) != nil {
		return 0
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if errors.Is(err, os.ErrNotExist) {
		if _, err := os.Stat("/proc/self"); err != nil {
			return pid // no /proc on this system
		}
		return 0
	}
	if err != nil || !strings.Contains(string(line), n.path(part)) {
		return 0
	}
	return pid
}

// stop ends a part: gently first.
func (n *Net) stop(part string) error {
	pid := n.pid(part)
	if pid == 0 {
		return removeIfThere(n.pidFile(part))
	}
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGTERM, stopPatience}, {syscall.SIGKILL, stopPatience}} {
		if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop %s (process %d): %w", part, pid, err)
		}
		for end := time.Now().Add(step.wait); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if n.pid(part) == 0 {
				return removeIfThere(n.pidFile(part))
			}
		}
	}
	return fmt.Errorf("%s (process %d) does not stop", part, pid)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// lock excludes other commands on this network. Locks end with the process that holds them.
func (n *Net) lock() (release func(), err error) {
	if err := os.MkdirAll(n.cfg.Home, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(n.path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another localnet command is at work in %s", n.cfg.Home)
	}
	return func() { f.Close() }, nil
}

// tail returns the end of a part's log.
func (n *Net) tail(part string) string {
	f, err := os.Open(n.logFile(part))
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > 2000 {
		if _, err := f.Seek(-2000, io.SeekEnd); err != nil {
			return ""
		}
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// rel is a path as a person would type it.
func rel(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	r, err := filepath.Rel(wd, path)
	if err != nil || strings.HasPrefix(r, "..") {
		return path
	}
	return r
}
