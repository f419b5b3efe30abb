package storagenode

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
)

// Duration is written as in "10s".
type Duration struct{ time.Duration }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) (err error) {
	d.Duration, err = time.ParseDuration(string(b))
	return err
}

// Size is a number of bytes, written as in "500GiB".
type Size uint64

var units = []struct {
	name  string
	bytes uint64
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1}}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Size) UnmarshalText(b []byte) error {
	text := strings.TrimSpace(string(b))
	bad := fmt.Errorf("size %q: write it as 500GiB", text)
	for _, u := range units {
		num, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(num), 10, 64)
		if err != nil || n > (1<<63)/u.bytes {
			return bad
		}
		*s = Size(n * u.bytes)
		return nil
	}
	return bad
}

// String writes the size in the largest unit that divides it.
func (s Size) String() string {
	for _, u := range units {
		if u.bytes&(u.bytes-1) == 0 && s > 0 && uint64(s)%u.bytes == 0 {
			return strconv.FormatUint(uint64(s)/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatUint(uint64(s), 10) + "B"
}

// Config is config.toml.
type Config struct {
	Chain struct {
		ID       string `toml:"id"`
		GRPC     string `toml:"grpc"`
		RPC      string `toml:"rpc"`
		GasPrice string `toml:"gas_price"`
	} `toml:"chain"`
	Identity struct {
		Operator       string `toml:"operator"`
		Key            string `toml:"key"`
		KeyringBackend string `toml:"keyring_backend"`
		KeyringDir     string `toml:"keyring_dir"`
	} `toml:"identity"`
	Offer struct {
		Endpoint string `toml:"endpoint"`
		Region   string `toml:"region"`
		Price    string `toml:"price_per_gib_day"`
	} `toml:"offer"`
	Storage struct {
		Capacity  Size `toml:"capacity"`
		MaxUpload Size `toml:"max_upload"`
		Cache     Size `toml:"cache"`
	} `toml:"storage"`
	HTTP struct {
		Listen               string `toml:"listen"`
		ConnectionsPerClient int    `toml:"connections_per_client"`
		AllowPrivatePeers    bool   `toml:"allow_private_peers"`
	} `toml:"http"`
	Payment struct {
		SettleEvery   Duration `toml:"settle_every"`
		SettleAtLeast uint64   `toml:"settle_at_least"`
		SessionIdle   Duration `toml:"session_idle"`
		LaneLinger    Duration `toml:"lane_linger"`
	} `toml:"payment"`
	Serving struct {
		UnpaidRate    Size   `toml:"unpaid_rate"`
		ReportAtLeast uint64 `toml:"report_at_least"`
	} `toml:"serving"`
	Deals struct {
		SyncEvery  Duration `toml:"sync_every"`
		UploadWait Duration `toml:"upload_wait"`
	} `toml:"deals"`
	Repair struct {
		Enabled     bool     `toml:"enabled"`
		MaxParallel int      `toml:"max_parallel"`
		MaxPrice    uint32   `toml:"max_price_percent"`
		Spread      Duration `toml:"spread"`
	} `toml:"repair"`
	Keys struct {
		Enabled bool `toml:"enabled"`
	} `toml:"keys"`
	Denylist struct {
		Files []string `toml:"files"`
	} `toml:"denylist"`

	Home string `toml:"-"`
}

// ErrConfig says that the configuration has a mistake.
var ErrConfig = errors.New("the configuration has a mistake")

// DefaultConfig is what the template says where nobody has changed it.
func DefaultConfig() Config {
	var c Config
	c.Chain.GRPC, c.Chain.RPC, c.Chain.GasPrice = "127.0.0.1:9090", "http://127.0.0.1:26657", "0.001"+token.BaseDenom
	c.Identity.Key, c.Identity.KeyringBackend = "agent", "test"
	c.Offer.Region, c.Offer.Price = "unset", "0.001stream"
	c.Storage.Capacity, c.Storage.MaxUpload, c.Storage.Cache = 100<<30, 64<<30, 256<<20
	c.HTTP.Listen, c.HTTP.ConnectionsPerClient = "0.0.0.0:8080", 64
	c.Payment.SettleEvery, c.Payment.SessionIdle, c.Payment.LaneLinger = Duration{10 * time.Minute}, Duration{10 * time.Minute}, Duration{time.Minute}
	c.Payment.SettleAtLeast = 10_000
	c.Serving.ReportAtLeast = 300
	c.Deals.SyncEvery, c.Deals.UploadWait = Duration{time.Minute}, Duration{2 * time.Minute}
	c.Repair.Enabled, c.Repair.MaxParallel, c.Repair.MaxPrice, c.Repair.Spread = true, 2, 100, Duration{time.Minute}
	c.Keys.Enabled = true
	c.Denylist.Files = []string{}
	return c
}

// Local makes it fit for a network on one machine: private peers, and settling within seconds.
func (c *Config) Local() {
	c.HTTP.AllowPrivatePeers = true
	c.HTTP.ConnectionsPerClient = 1024
	c.Payment.SettleEvery, c.Payment.SettleAtLeast = Duration{2 * time.Second}, 1
	c.Payment.SessionIdle, c.Payment.LaneLinger = Duration{time.Minute}, Duration{5 * time.Second}
	c.Serving.ReportAtLeast = 1
	c.Deals.SyncEvery, c.Deals.UploadWait = Duration{5 * time.Second}, Duration{20 * time.Second}
	c.Repair.Spread = Duration{4 * time.Second}
}

// LoadConfig reads a file; a key that it does not know is a mistake.
func LoadConfig(path string) (Config, error) {
	c := DefaultConfig()
	raw, err := os.ReadFile(path)
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
	if _, err := sdk.AccAddressFromBech32(c.Identity.Operator); err != nil {
		return bad("identity.operator", "%q is no address: %v", c.Identity.Operator, err)
	}
	if u, err := url.Parse(c.Offer.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return bad("offer.endpoint", "%q is no http(s) URL", c.Offer.Endpoint)
	}
	if _, err := token.Parse(c.Offer.Price); err != nil {
		return bad("offer.price_per_gib_day", "%v", err)
	}
	if _, _, err := net.SplitHostPort(c.HTTP.Listen); err != nil {
		return bad("http.listen", "%v", err)
	}
	switch {
	case c.Chain.GRPC == "" || c.Chain.RPC == "":
		return bad("chain", "grpc and rpc are needed")
	case c.Identity.Key == "":
		return bad("identity.key", "the agent's key is needed")
	case c.Storage.Capacity < 1<<20:
		return bad("storage.capacity", "at least 1MiB")
	case c.Storage.MaxUpload == 0 || c.Storage.MaxUpload > c.Storage.Capacity:
		return bad("storage.max_upload", "at least 1B and at most the capacity")
	case c.HTTP.ConnectionsPerClient < 1:
		return bad("http.connections_per_client", "at least 1")
	case c.Payment.SettleEvery.Duration <= 0 || c.Deals.SyncEvery.Duration <= 0:
		return bad("payment.settle_every, deals.sync_every", "must be positive")
	case c.Repair.MaxParallel < 1 || c.Repair.MaxPrice > 100 || c.Repair.Spread.Duration < 0 || c.Repair.Spread.Duration > time.Hour:
		return bad("repair", "max_parallel is at least 1, max_price_percent at most 100, spread 0s to 1h")
	}
	for _, f := range c.Denylist.Files {
		if f == "" {
			return bad("denylist.files", "a file has a name")
		}
	}
	return nil
}

// template is config.toml; %s and %q stand for the values that `storaged init` is given.
const template = `# Configuration of a storage node. ` + "`storaged doctor`" + ` checks it. Sizes are written as 500GiB, times as 10s.

[chain]
id = %q                        # empty: whatever the node of the chain says
grpc = %q                      # host:port, or https://host:port
rpc = %q
gas_price = %q

[identity]
operator = %q                  # the provider's cold account: it registers, holds the bond and is paid
key = %q                       # the agent's key: accepts deals, opens lanes, settles; needs a little STREAM for gas
keyring_backend = %q           # test (unencrypted file), file, os
keyring_dir = %q               # empty: the node's home

[offer]                        # what the operator registers; the chain's entry counts
endpoint = %q
region = %q
price_per_gib_day = %q

[storage]
capacity = %q
max_upload = %q                # of one piece
cache = %q                     # memory for blocks that many watch

[http]
listen = %q                    # put TLS in front for the public
connections_per_client = %d    # per IPv4 address or IPv6 /64; raise it behind a proxy
allow_private_peers = %t       # true only on a local network

[payment]
settle_every = %q
settle_at_least = %d           # ustream that an open session must owe to be settled before it ends
session_idle = %q              # an unused session ends after this
lane_linger = %q               # an unused lane is closed after this, and the rest returns to the viewer

[serving]                      # works that cost viewers nothing by the tick: free, bought, subscribed to
unpaid_rate = %q              # a second and client, of what no work's serving budget pays for; 0B holds nobody back
report_at_least = %d          # ustream that a session must be worth to be reported: a report costs gas

[deals]
sync_every = %q                # beside following the blocks
upload_wait = %q               # how long a requested work waits for its creator before other nodes are asked

[repair]                       # taking copies that other nodes have lost or given up, at your price
enabled = %t
max_parallel = %d              # works that are fetched at a time
max_price_percent = %d        # of what a copy may cost at most, up to which yours is offered; 50 leaves the dearer half to others
spread = %q                  # nodes wait up to this long, each another while, so that not all fetch the same

[keys]                         # holding shares of the keys of encrypted works, and answering viewers who may watch
enabled = %t

[denylist]                     # what is not served and not kept; ` + "`storaged denylist`" + ` edits your own list
files = [%s]                     # others' lists, in the compact format of IPFS; read again when they change
`

// Text is the configuration as a commented file.
func (c Config) Text() string {
	return fmt.Sprintf(template, c.Chain.ID, c.Chain.GRPC, c.Chain.RPC, c.Chain.GasPrice,
		c.Identity.Operator, c.Identity.Key, c.Identity.KeyringBackend, c.Identity.KeyringDir,
		c.Offer.Endpoint, c.Offer.Region, c.Offer.Price,
		c.Storage.Capacity.String(), c.Storage.MaxUpload.String(), c.Storage.Cache.String(),
		c.HTTP.Listen, c.HTTP.ConnectionsPerClient, c.HTTP.AllowPrivatePeers,
		c.Payment.SettleEvery.String(), c.Payment.SettleAtLeast, c.Payment.SessionIdle.String(), c.Payment.LaneLinger.String(),
		c.Serving.UnpaidRate.String(), c.Serving.ReportAtLeast,
		c.Deals.SyncEvery.String(), c.Deals.UploadWait.String(),
		c.Repair.Enabled, c.Repair.MaxParallel, c.Repair.MaxPrice, c.Repair.Spread.String(), c.Keys.Enabled, quoted(c.Denylist.Files))
}

func quoted(files []string) string {
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = strconv.Quote(f)
	}
	return strings.Join(out, ", ")
}
