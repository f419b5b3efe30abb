package sponsor

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestConfigIsReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	c := DefaultConfig()
	c.HTTP.URL, c.HTTP.TrustedProxies = "https://sponsor.example.org", []string{"127.0.0.1/32", "::1/128"}
	require.NoError(t, os.WriteFile(path, []byte(c.Text()), 0o600))
	got, err := LoadConfig(path)
	require.NoError(t, err)
	require.Equal(t, c, got)
	c.Local()
	require.NoError(t, c.Validate())
	require.Zero(t, DefaultConfig().Grant.StarterCredit, "a real network gives no coins away unless somebody decides so")
	require.NoError(t, os.WriteFile(path, []byte(c.Text()+"\n[grants]\nspend_limit = \"1stream\"\n"), 0o600))
	_, err = LoadConfig(path)
	require.ErrorIs(t, err, ErrConfig)
}

func TestConfigMistakes(t *testing.T) {
	good := DefaultConfig()
	good.HTTP.URL = "https://sponsor.example.org"
	require.NoError(t, good.Validate())
	for name, f := range map[string]func(*Config){
		"no url":             func(c *Config) { c.HTTP.URL = "" },
		"a path":             func(c *Config) { c.HTTP.URL += "/v1" },
		"upper case":         func(c *Config) { c.HTTP.URL = "https://Sponsor.example.org" },
		"userinfo":           func(c *Config) { c.HTTP.URL = "https://a@sponsor.example.org" },
		"listen":             func(c *Config) { c.HTTP.Listen = "8190" },
		"proxy":              func(c *Config) { c.HTTP.TrustedProxies = []string{"127.0.0.1"} },
		"chain":              func(c *Config) { c.Chain.GRPC = "" },
		"chain id":           func(c *Config) { c.Chain.ID = "a\nservice: b" },
		"key":                func(c *Config) { c.Key.Name = "" },
		"connections":        func(c *Config) { c.HTTP.ConnectionsPerClient = 0 },
		"no limit":           func(c *Config) { c.Grant.SpendLimit = 0 },
		"no fee":             func(c *Config) { c.Grant.MaxFee = 0 },
		"huge":               func(c *Config) { c.Budget.Day = most + 1 },
		"short":              func(c *Config) { c.Grant.Expiry = Duration{time.Second} },
		"batch":              func(c *Config) { c.Grant.Batch = 51 },
		"wait":               func(c *Config) { c.Grant.BatchWait = Duration{time.Minute} },
		"hour below a grant": func(c *Config) { c.Budget.Hour = Amount(c.Cost() - 1) },
		"day below the hour": func(c *Config) { c.Budget.Day = c.Budget.Hour - 1 },
		"resume":             func(c *Config) { c.Budget.ResumePercent = 101 },
		"no work":            func(c *Config) { c.Work.Difficulty = 0 },
		"too much work":      func(c *Config) { c.Work.Difficulty = 31 },
		"valid":              func(c *Config) { c.Work.Valid = Duration{} },
		"all of v4":          func(c *Config) { c.Network.PrefixV4 = 0 },
		"more than a /64":    func(c *Config) { c.Network.PrefixV6 = 65 },
		"no grants":          func(c *Config) { c.Network.GrantsPerDay = 0 },
		"no requests":        func(c *Config) { c.Network.RequestsPerMinute = 1 },
	} {
		c := good
		f(&c)
		require.ErrorIs(t, c.Validate(), ErrConfig, name)
	}
	for _, text := range []string{"5", "5foo", "-1stream", "0.0000001stream", "99999999999999999999stream"} {
		var a Amount
		require.Error(t, a.UnmarshalText([]byte(text)), text)
	}
}
