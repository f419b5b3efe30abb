package sponsor

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/streamchain/streamchain/token"
)

// Duration is written as in "10s".
type Duration struct{ time.Duration }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) (err error) {
	d.Duration, err = time.ParseDuration(string(b))
	return err
}

// Amount is ustream, written as in "0.005stream".
type Amount uint64

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Amount) UnmarshalText(b []byte) error {
	c, err := token.Parse(string(b))
	if err != nil {
		return err
	}
	if c.Denom != token.BaseDenom || !c.Amount.IsInt64() {
		return fmt.Errorf("%q: write it as 0.005stream", b)
	}
	*a = Amount(c.Amount.Uint64())
	return nil
}

// String writes it in ustream.
func (a Amount) String() string { return strconv.FormatUint(uint64(a), 10) + token.BaseDenom }

// Config is config.toml.
type Config struct {
	Chain struct {
		ID       string `toml:"id"`
		GRPC     string `toml:"grpc"`
		RPC      string `toml:"rpc"`
		GasPrice string `toml:"gas_price"`
	} `toml:"chain"`
	Key struct {
		Name           string `toml:"name"`
		KeyringBackend string `toml:"keyring_backend"`
		KeyringDir     string `toml:"keyring_dir"`
	} `toml:"key"`
	HTTP struct {
		URL                  string   `toml:"url"`
		Listen               string   `toml:"listen"`
		ConnectionsPerClient int      `toml:"connections_per_client"`
		TrustedProxies       []string `toml:"trusted_proxies"`
	} `toml:"http"`
	Grant struct {
		SpendLimit    Amount   `toml:"spend_limit"`
		Expiry        Duration `toml:"expiry"`
		StarterCredit Amount   `toml:"starter_credit"`
		MaxBalance    Amount   `toml:"max_balance"`
		MaxFee        Amount   `toml:"max_fee"`
		Batch         int      `toml:"batch"`
		BatchWait     Duration `toml:"batch_wait"`
	} `toml:"grant"`
	Budget struct {
		Hour          Amount `toml:"hour"`
		Day           Amount `toml:"day"`
		ResumePercent uint64 `toml:"resume_percent"`
		Reserve       Amount `toml:"reserve"`
	} `toml:"budget"`
	Work struct {
		Difficulty int      `toml:"difficulty"`
		Extra      int      `toml:"extra"`
		Valid      Duration `toml:"valid"`
	} `toml:"work"`
	Network struct {
		PrefixV4          int `toml:"prefix_v4"`
		PrefixV6          int `toml:"prefix_v6"`
		GrantsPerDay      int `toml:"grants_per_day"`
		RequestsPerMinute int `toml:"requests_per_minute"`
	} `toml:"network"`

	Home string `toml:"-"`
}

// ErrConfig says that the configuration has a mistake.
var ErrConfig = errors.New("the configuration has a mistake")

// DefaultConfig is what the file says where nobody has changed it. It gives no starter credit.
func DefaultConfig() Config {
	var c Config
	c.Chain.GRPC, c.Chain.RPC, c.Chain.GasPrice = "127.0.0.1:9090", "http://127.0.0.1:26657", "0.001"+token.BaseDenom
	c.Key.Name, c.Key.KeyringBackend = "sponsor", "test"
	c.HTTP.Listen, c.HTTP.ConnectionsPerClient, c.HTTP.TrustedProxies = "127.0.0.1:8190", 16, []string{}
	c.Grant.SpendLimit, c.Grant.Expiry, c.Grant.MaxBalance, c.Grant.MaxFee = 5000, Duration{7 * 24 * time.Hour}, 1000, 500
	c.Grant.Batch, c.Grant.BatchWait = 20, Duration{time.Second}
	c.Budget.Hour, c.Budget.Day, c.Budget.ResumePercent, c.Budget.Reserve = 1_000_000, 10_000_000, 80, 1_000_000
	c.Work.Difficulty, c.Work.Extra, c.Work.Valid = 20, 6, Duration{5 * time.Minute}
	c.Network.PrefixV4, c.Network.PrefixV6, c.Network.GrantsPerDay, c.Network.RequestsPerMinute = 24, 48, 5, 60
	return c
}

// Local makes it fit for a network on one machine: everybody comes from there, and who tries things out buys something.
func (c *Config) Local() {
	c.HTTP.ConnectionsPerClient = 512
	c.Grant.StarterCredit, c.Grant.BatchWait = 5_000_000, Duration{50 * time.Millisecond}
	c.Budget.Hour, c.Budget.Day = 500_000_000, 500_000_000
	c.Work.Difficulty, c.Network.GrantsPerDay, c.Network.RequestsPerMinute = 12, 1000, 6000
}

// LoadConfig reads a file; a key that it does not know is a mistake.
func LoadConfig(path string) (Config, error) {
	c := DefaultConfig()
	raw, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	if err := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields().Decode(&c); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return c, fmt.Errorf("%w: %s: unknown keys:\n%s", ErrConfig, path, strict.String())
		}
		return c, fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
	}
	return c, c.Validate()
}

// Cost is the most that one grant costs: what the newcomer may burn and gets, and the fee of granting.
func (c Config) Cost() uint64 { return c.held() + uint64(c.Grant.MaxFee) }

func (c Config) held() uint64 { return uint64(c.Grant.SpendLimit) + uint64(c.Grant.StarterCredit) }

// most bounds amounts, so that no sum of a few overflows: a billion STREAM.
const most = Amount(1_000_000_000_000_000)

// Validate names the first mistake. ErrConfig.
func (c Config) Validate() error {
	bad := func(key, format string, args ...any) error {
		return fmt.Errorf("%w: %s: %s", ErrConfig, key, fmt.Sprintf(format, args...))
	}
	if origin, err := Origin(c.HTTP.URL); err != nil || origin != c.HTTP.URL {
		return bad("http.url", "%q is no origin: write it as https://sponsor.example.org", c.HTTP.URL)
	}
	if _, _, err := net.SplitHostPort(c.HTTP.Listen); err != nil {
		return bad("http.listen", "%v", err)
	}
	if _, err := c.proxies(); err != nil {
		return bad("http.trusted_proxies", "%v", err)
	}
	g := c.Grant
	switch {
	case c.Chain.GRPC == "" || c.Chain.RPC == "" || strings.ContainsAny(c.Chain.ID, "\n"):
		return bad("chain", "grpc and rpc are needed")
	case c.Key.Name == "":
		return bad("key.name", "the sponsor's key is needed")
	case c.HTTP.ConnectionsPerClient < 1:
		return bad("http.connections_per_client", "at least 1")
	case g.SpendLimit == 0 || max(g.SpendLimit, g.StarterCredit, g.MaxBalance, g.MaxFee, c.Budget.Hour, c.Budget.Day, c.Budget.Reserve) > most:
		return bad("grant, budget", "spend_limit is positive, and no amount more than %s", most)
	case g.MaxFee == 0:
		return bad("grant.max_fee", "granting costs a fee")
	case g.Expiry.Duration < time.Minute || g.Expiry.Duration > 365*24*time.Hour:
		return bad("grant.expiry", "1m to 8760h")
	case g.Batch < 1 || g.Batch > 50 || g.BatchWait.Duration < 0 || g.BatchWait.Duration > 10*time.Second:
		return bad("grant.batch, grant.batch_wait", "1 to 50, and at most 10s")
	case uint64(c.Budget.Hour) < c.Cost() || c.Budget.Day < c.Budget.Hour:
		return bad("budget", "an hour allows at least one grant of %s, and a day an hour", Amount(c.Cost()))
	case c.Budget.ResumePercent < 1 || c.Budget.ResumePercent > 100:
		return bad("budget.resume_percent", "1 to 100")
	case c.Work.Difficulty < 1 || c.Work.Extra < 0 || c.Work.Difficulty+c.Work.Extra+maxNetworkExtra > MaxDifficulty:
		return bad("work", "difficulty is at least 1, and with extra at most %d", MaxDifficulty-maxNetworkExtra)
	case c.Work.Valid.Duration < 10*time.Second || c.Work.Valid.Duration > time.Hour:
		return bad("work.valid", "10s to 1h")
	case c.Network.PrefixV4 < 8 || c.Network.PrefixV4 > 32 || c.Network.PrefixV6 < 16 || c.Network.PrefixV6 > 64:
		return bad("network", "prefix_v4 is 8 to 32, prefix_v6 16 to 64")
	case c.Network.GrantsPerDay < 1 || c.Network.RequestsPerMinute < 2:
		return bad("network", "at least one grant a day and two requests a minute")
	}
	return nil
}

func (c Config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range c.HTTP.TrustedProxies {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Origin is the scheme, host and port of a URL: what a challenge names as the service.
func Origin(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil {
		return "", err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(u.Host, " \n") {
		return "", fmt.Errorf("%q is no http(s) URL", s)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// template is config.toml.
const template = `# Configuration of a sponsor of newcomers' fees. Amounts are written as 0.005stream, times as 10s.

[chain]
id = %q                        # empty: whatever the node of the chain says
grpc = %q                      # host:port, or https://host:port
rpc = %q
gas_price = %q

[key]                          # a key for this alone: its balance is all that can be lost
name = %q
keyring_backend = %q           # test (unencrypted file), file, os
keyring_dir = %q               # empty: the sponsor's home

[http]
url = %q                       # origin at which newcomers reach it; they sign it, so it must be true
listen = %q                    # put TLS in front for the public
connections_per_client = %d    # per IPv4 address or IPv6 /64; raise it behind a proxy
trusted_proxies = [%s]           # prefixes, as "127.0.0.1/32", whose X-Forwarded-For is believed; empty: nobody's

[grant]
spend_limit = %q               # fees that one newcomer may spend
expiry = %q
starter_credit = %q            # coins on top, which the newcomer may spend on anything; 0ustream on a real network
max_balance = %q               # who has more pays for itself
max_fee = %q                   # the most that granting to one may cost
batch = %d                     # grants in one transaction
batch_wait = %q                # how long the first of them waits for others

[budget]                       # the most that all grants together may cost, fees included
hour = %q
day = %q
resume_percent = %d            # a spent budget opens again when it has fallen to this
reserve = %q                   # never granted away

[work]                         # what a newcomer's machine computes first
difficulty = %d                # bits: each more doubles it; 20 are about a second in a browser
extra = %d                     # more bits as the budget is used up
valid = %q                     # how long a challenge can be answered

[network]                      # limits for those who come from one network
prefix_v4 = %d
prefix_v6 = %d
grants_per_day = %d
requests_per_minute = %d
`

// Text is the configuration as a commented file.
func (c Config) Text() string {
	proxies := make([]string, len(c.HTTP.TrustedProxies))
	for i, p := range c.HTTP.TrustedProxies {
		proxies[i] = strconv.Quote(p)
	}
	return fmt.Sprintf(template, c.Chain.ID, c.Chain.GRPC, c.Chain.RPC, c.Chain.GasPrice, c.Key.Name, c.Key.KeyringBackend, c.Key.KeyringDir,
		c.HTTP.URL, c.HTTP.Listen, c.HTTP.ConnectionsPerClient, strings.Join(proxies, ", "),
		c.Grant.SpendLimit.String(), c.Grant.Expiry.String(), c.Grant.StarterCredit.String(), c.Grant.MaxBalance.String(), c.Grant.MaxFee.String(),
		c.Grant.Batch, c.Grant.BatchWait.String(),
		c.Budget.Hour.String(), c.Budget.Day.String(), c.Budget.ResumePercent, c.Budget.Reserve.String(),
		c.Work.Difficulty, c.Work.Extra, c.Work.Valid.String(),
		c.Network.PrefixV4, c.Network.PrefixV6, c.Network.GrantsPerDay, c.Network.RequestsPerMinute)
}
