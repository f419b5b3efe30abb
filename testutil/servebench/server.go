package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server that was started.
type process struct {
	cmd     *exec.Cmd
	address string
}

// start runs a server and waits until it listens on a free address of this machine.
func start(ctx context.Context, command func(ctx context.Context, address string) *exec.Cmd) (*process, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	p := &process{cmd: command(ctx, address), address: address}
	var errs strings.Builder
	p.cmd.Stderr = &errs
	// nginx ends its workers on SIGTERM, not when it is killed
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", address); err == nil {
			return p, c.Close()
		}
	}
	p.stop()
	return nil, fmt.Errorf("%s does not listen: %s", p.cmd.Path, errs.String())
}

// stop ends the server.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait() // how it ends says nothing
}

// ticks are the clock ticks of a second in /proc, the same on every Linux.
const ticks = 100

// processor is the processor time that the server and its children have used.
func (p *process) processor() (time.Duration, error) {
	list, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	own := strconv.Itoa(p.cmd.Process.Pid)
	var sum int64
	for _, path := range list {
		raw, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it has ended meanwhile
		}
		if err != nil {
			return 0, err
		}
		// the name stands in brackets and may hold anything
		fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
		if filepath.Base(filepath.Dir(path)) != own && fields[1] != own {
			continue
		}
		for _, f := range fields[11:13] {
			n, err := strconv.ParseInt(f, 10, 64)
			if err != nil {
				return 0, err
			}
			sum += n
		}
	}
	return time.Duration(sum) * time.Second / ticks, nil
}

// nginx serves files from dir with two workers by sendfile.
func nginx(program, dir string) func(ctx context.Context, address string) *exec.Cmd {
	path := filepath.Join(dir, "nginx.conf")
	conf := func(address string) []byte {
		return fmt.Appendf(nil, `user root; daemon off; worker_processes 2; pid %[1]s/nginx.pid; error_log stderr;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nodelay on; keepalive_requests 1000000; default_type video/mp4;
  client_body_temp_path %[1]s/tmp; proxy_temp_path %[1]s/tmp; fastcgi_temp_path %[1]s/tmp; uwsgi_temp_path %[1]s/tmp; scgi_temp_path %[1]s/tmp;
  server { listen %[2]s; root %[1]s/files; }
}
`, dir, address)
	}
	return func(ctx context.Context, address string) *exec.Cmd {
		// where this fails, nginx finds no configuration and says so
		_ = os.WriteFile(path, conf(address), 0o600)
		return exec.CommandContext(ctx, program, "-p", dir, "-c", path)
	}
}
