package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	probeTimeout = 30 * time.Second
	stillTimeout = 2 * time.Minute // one picture
	stallTimeout = 5 * time.Minute // between two signs of progress
	stderrTail   = 8 << 10
)

// containers are the demuxers that may read an input: none of them opens other files or addresses. Lists (hls,
// concat, dash), devices and pictures are not among them.
const containers = "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,dv,eac3,flac,flv,h264,hevc,ivf,live_flv,m4v,matroska,webm," +
	"mov,mp4,m4a,3gp,3g2,mj2,mp3,mpeg,mpegts,mpegvideo,mxf,nut,ogg,rm,tta,w64,wav,wtv,wv"

// input are the options that open an untrusted file: the prefix keeps a name that looks like an option or an
// address from being one.
func input(path string) ([]string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return append(bounds(), "-protocol_whitelist", "file", "-format_whitelist", containers, "-i", "file:"+abs), nil
}

// bounds are what reading an untrusted stream may take.
func bounds() []string {
	return []string{"-max_alloc", strconv.Itoa(maxAlloc), "-max_pixels", strconv.Itoa(maxPixels)}
}

// quiet are ffmpeg's options for one who reads only errors and asks nothing.
func quiet() []string { return []string{"-nostdin", "-hide_banner", "-v", "error", "-nostats", "-y"} }

// toolError is what a tool said before it failed.
type toolError struct {
	tool string
	code int
	said string
}

func (e *toolError) Error() string {
	return fmt.Sprintf("%s ended with %d: %s", e.tool, e.code, e.last())
}

// last is the last line that the tool said.
func (e *toolError) last() string {
	lines := strings.Split(strings.TrimSpace(e.said), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

func (e *toolError) says(texts ...string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(e.said, t) })
}

// run runs a tool in dir. alive is called with each line of its output and says whether the tool made
// progress; without progress for the time of stall it is ended with ErrStalled.
func run(ctx context.Context, dir, tool string, stall time.Duration, alive func(line string) bool, args ...string) error {
	_, err := runOn(ctx, nil, dir, tool, stall, alive, args...)
	return err
}

// runOn is run with what the tool reads from its standard input, and what it says on standard error.
func runOn(ctx context.Context, stdin io.Reader, dir, tool string, stall time.Duration, alive func(line string) bool, args ...string) (string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stall, func() { cancel(ErrStalled) })
	defer watch.Stop()

	cmd := exec.CommandContext(ctx, tool, args...)
	said := &tail{}
	cmd.Dir, cmd.Stdin, cmd.Stderr, cmd.WaitDelay = dir, stdin, said, 5*time.Second
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "FFREPORT=") })
	cmd.Env = append(cmd.Env, "LC_ALL=C", "AV_LOG_FORCE_NOCOLOR=1")
	r, w := io.Pipe()
	cmd.Stdout = w
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewReader(r)
		for {
			line, err := lines.ReadString('\n')
			if line != "" && alive(strings.TrimRight(line, "\r\n")) {
				watch.Reset(stall)
			}
			if err != nil {
				return
			}
		}
	}()
	tie(cmd)
	// a tool that is tied dies with the thread that started it
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	if err == nil {
		limitMemory(cmd.Process.Pid)
		err = cmd.Wait()
	}
	_ = w.Close()
	<-read
	return string(said.said), toolResult(ctx, tool, err, string(said.said))
}

func toolResult(ctx context.Context, tool string, err error, said string) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", tool, context.Cause(ctx))
	case errors.As(err, &exit):
		return &toolError{tool: tool, code: exit.ExitCode(), said: said}
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%w: %s is not installed: run `make deps`, or install your system's package ffmpeg", ErrTool, tool)
	}
	return fmt.Errorf("%w: %w", ErrTool, err)
}

// tail keeps the end of what a tool says: a damaged file makes ffmpeg say much.
type tail struct{ said []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.said = append(t.said, p[max(0, len(p)-stderrTail):]...)
	if extra := len(t.said) - stderrTail; extra > 0 {
		t.said = append(t.said[:0], t.said[extra:]...)
	}
	return len(p), nil
}
