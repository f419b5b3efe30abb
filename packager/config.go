package packager

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// ErrConfig says that the configuration has a mistake.
var ErrConfig = errors.New("the configuration has a mistake")

// Config is config.toml.
type Config struct {
	Chain struct {
		ID   string `toml:"id"`
		GRPC string `toml:"grpc"`
		RPC  string `toml:"rpc"`
	} `toml:"chain"`
	HTTP struct {
		Listen  string   `toml:"listen"`
		Origins []string `toml:"origins"`
	} `toml:"http"`
	Limits struct {
		MaxBytes int64 `toml:"max_bytes"`
		MaxJobs  int   `toml:"max_jobs"`
	} `toml:"limits"`

	Home string `toml:"-"`
}

// DefaultConfig is what the file says where nobody has changed it.
func DefaultConfig() Config {
	var c Config
	c.Chain.GRPC, c.Chain.RPC = "localhost:9090", "http://localhost:26657"
	c.HTTP.Listen = "127.0.0.1:8195"
	c.HTTP.Origins = []string{"http://127.0.0.1:8080", "http://localhost:8080"}
	c.Limits.MaxBytes, c.Limits.MaxJobs = 64<<30, 20
	return c
}

// LoadConfig reads a configuration. ErrConfig; the system's where it cannot be read.
func LoadConfig(path string) (Config, error) {
	c := DefaultConfig()
	raw, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	if err := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields().Decode(&c); err != nil {
		return c, fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
	}
	return c, c.Validate()
}

// Validate names the first mistake. ErrConfig.
func (c Config) Validate() error {
	bad := func(key, format string, args ...any) error {
		return fmt.Errorf("%w: %s: %s", ErrConfig, key, fmt.Sprintf(format, args...))
	}
	host, port, err := net.SplitHostPort(c.HTTP.Listen)
	if err != nil {
		return bad("http.listen", "%v", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return bad("http.listen", "%q is not this machine alone: use 127.0.0.1:%s", c.HTTP.Listen, port)
	}
	for _, o := range c.HTTP.Origins {
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Scheme+"://"+u.Host != o {
			return bad("http.origins", "%q is no origin: write it as https://app.example.org", o)
		}
	}
	switch {
	case len(c.HTTP.Origins) == 0:
		return bad("http.origins", "name the page that may use it")
	case c.Chain.GRPC == "" || c.Chain.RPC == "":
		return bad("chain", "grpc and rpc say where the chain is")
	case c.Limits.MaxBytes < 1<<20:
		return bad("limits.max_bytes", "at least 1048576")
	case c.Limits.MaxJobs < 1 || c.Limits.MaxJobs > 1000:
		return bad("limits.max_jobs", "1 to 1000")
	}
	return nil
}

const template = `# The creator's local helper. docs/spec/packager.md says what it does.

[chain]
id = %q # empty: whatever the node says
grpc = %q
rpc = %q

[http]
listen = %q # this machine alone
origins = [%s] # the pages that may use it, once they are paired

[limits]
max_bytes = %d # of one file; three times its size must be free
max_jobs = %d
`

// Text is the configuration as a file.
func (c Config) Text() string {
	origins := make([]string, len(c.HTTP.Origins))
	for i, o := range c.HTTP.Origins {
		origins[i] = strconv.Quote(o)
	}
	return fmt.Sprintf(template, c.Chain.ID, c.Chain.GRPC, c.Chain.RPC, c.HTTP.Listen, strings.Join(origins, ", "), c.Limits.MaxBytes, c.Limits.MaxJobs)
}
