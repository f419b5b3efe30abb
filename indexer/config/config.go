// Package config is the configuration of an indexer: config.toml, its defaults and its mistakes. It is a package of its own so that who
// writes one, as a local network does, need not link a database.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"

	"github.com/streamchain/streamchain/token"
)

// ErrConfig says that the configuration has a mistake.
var ErrConfig = errors.New("the configuration has a mistake")

// Config is config.toml.
type Config struct {
	Chain struct {
		ID        string `toml:"id"`
		GRPC      string `toml:"grpc"`
		RPC       string `toml:"rpc"`
		Manifests string `toml:"manifests"`
	} `toml:"chain"`
	Index struct {
		Dir   string `toml:"dir"`
		Batch int    `toml:"batch"`
		Fetch int    `toml:"fetch"`
	} `toml:"index"`
	HTTP struct {
		Listen       string   `toml:"listen"`
		URL          string   `toml:"url"`
		TrustedProxy []string `toml:"trusted_proxies"`
	} `toml:"http"`
	Apps struct {
		RPC               string `toml:"rpc"`
		REST              string `toml:"rest"`
		GasPrice          string `toml:"gas_price"`
		Sponsor           string `toml:"sponsor"`
		Packager          string `toml:"packager"`
		AllowPrivateNodes bool   `toml:"allow_private_nodes"`
	} `toml:"apps"`

	Home string `toml:"-"`
}

// Default is what the template says where nobody has changed it.
func Default() Config {
	var c Config
	c.Chain.GRPC, c.Chain.RPC = "127.0.0.1:9090", "http://127.0.0.1:26657"
	c.Index.Batch, c.Index.Fetch = 100, 8
	c.HTTP.Listen, c.HTTP.URL, c.HTTP.TrustedProxy = "127.0.0.1:8080", "http://127.0.0.1:8080", []string{}
	c.Apps.RPC, c.Apps.REST, c.Apps.GasPrice = c.Chain.RPC, "http://127.0.0.1:1317", "0.001"+token.BaseDenom
	return c
}

// Dir is the folder of the index.
func (c Config) Dir() string {
	if c.Index.Dir != "" {
		return c.Index.Dir
	}
	return filepath.Join(c.Home, "index")
}

// Load reads a file; a key that it does not know is a mistake.
func Load(path string) (Config, error) {
	c := Default()
	raw, err := os.ReadFile(path) //nolint:gosec // the operator's own file
	if err != nil {
		return c, err
	}
	dec := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return c, fmt.Errorf("%w: %s: unknown keys:\n%s", ErrConfig, path, strict.String())
		}
		return c, fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
	}
	return c, c.Validate()
}

// Validate names the first mistake. ErrConfig.
func (c Config) Validate() error {
	bad := func(key, format string, args ...any) error {
		return fmt.Errorf("%w: %s: %s", ErrConfig, key, fmt.Sprintf(format, args...))
	}
	if c.Chain.GRPC == "" || c.Chain.RPC == "" {
		return bad("chain", "grpc and rpc are needed")
	}
	if c.Index.Batch < 1 || c.Index.Batch > 10_000 || c.Index.Fetch < 1 || c.Index.Fetch > 64 {
		return bad("index", "batch is 1 to 10000, fetch 1 to 64")
	}
	if _, _, err := net.SplitHostPort(c.HTTP.Listen); err != nil {
		return bad("http.listen", "%v", err)
	}
	for _, u := range []struct {
		key, value string
		needed     bool
	}{
		{"chain.rpc", c.Chain.RPC, true}, {"http.url", c.HTTP.URL, true}, {"apps.rpc", c.Apps.RPC, true}, {"apps.rest", c.Apps.REST, true},
		{"apps.sponsor", c.Apps.Sponsor, false}, {"apps.packager", c.Apps.Packager, false},
	} {
		if u.value == "" && !u.needed {
			continue
		}
		if p, err := url.Parse(u.value); err != nil || p.Host == "" || p.Scheme != "http" && p.Scheme != "https" {
			return bad(u.key, "%q is no http(s) URL", u.value)
		}
	}
	for _, p := range c.HTTP.TrustedProxy {
		if _, _, err := net.ParseCIDR(p); err != nil {
			return bad("http.trusted_proxies", "%q is no network, as in 10.0.0.0/8", p)
		}
	}
	return nil
}

const template = `# Configuration of an indexer. It holds no key and signs nothing: what it has can be made again from the chain.

[chain]
id = %q                        # empty: whatever the node says
grpc = %q                      # host:port, or https://host:port
rpc = %q                       # of a node that has every block since the genesis while the index is made
manifests = %q                 # CAR file of manifests, for a chain whose genesis has works already; empty: their titles stay unknown

[index]
dir = %q                       # empty: the folder index in the home
batch = %d                     # blocks in one transaction while it catches up
fetch = %d                     # blocks that are asked for at a time

[http]
listen = %q                    # put TLS in front for the public
url = %q                       # at which the public reaches it, for feeds and previews
trusted_proxies = [%s]         # networks whose X-Forwarded-For counts, as in "10.0.0.0/8"

[apps]                         # what /api/v1/config tells the web app: addresses that viewers' browsers reach
rpc = %q
rest = %q
gas_price = %q
sponsor = %q                   # empty: nobody pays newcomers' fees
packager = %q                  # a packager on the viewer's own machine; empty: none
allow_private_nodes = %t       # true only on a local network
`

// Text is the configuration as a commented file.
func (c Config) Text() string {
	quoted := ""
	for i, p := range c.HTTP.TrustedProxy {
		if i > 0 {
			quoted += ", "
		}
		quoted += fmt.Sprintf("%q", p)
	}
	return fmt.Sprintf(template, c.Chain.ID, c.Chain.GRPC, c.Chain.RPC, c.Chain.Manifests, c.Index.Dir, c.Index.Batch, c.Index.Fetch, c.HTTP.Listen, c.HTTP.URL, quoted,
		c.Apps.RPC, c.Apps.REST, c.Apps.GasPrice, c.Apps.Sponsor, c.Apps.Packager, c.Apps.AllowPrivateNodes)
}
