package localnet

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/streamchain/streamchain/token"
)

// setting is one line of a TOML file; section is empty for the lines before the first one.
type setting struct{ section, key, value string }

// configure points the validator and the client at the network's ports.
func (n *Net) configure() error {
	quote := func(s string) string { return fmt.Sprintf("%q", s) }
	err := editTOML(n.path("val0", "config", "config.toml"), []setting{
		{"rpc", "laddr", quote("tcp://" + n.host(portRPC))},
		{"rpc", "cors_allowed_origins", `["*"]`},
		{"rpc", "pprof_laddr", `""`},
		{"p2p", "laddr", quote("tcp://" + n.host(portP2P))},
		{"p2p", "addr_book_strict", "false"},
		{"p2p", "allow_duplicate_ip", "true"},
		{"consensus", "timeout_commit", `"500ms"`},
		{"consensus", "timeout_propose", `"1s"`},
		// one validator that is killed and started again waits for nobody
		{"consensus", "double_sign_check_height", "0"},
	})
	if err != nil {
		return err
	}
	err = editTOML(n.path("val0", "config", "app.toml"), []setting{
		{"api", "enable", "true"},
		{"api", "address", quote("tcp://" + n.host(portREST))},
		{"api", "enabled-unsafe-cors", "true"},
		{"grpc", "address", quote(n.host(portGRPC))},
		{"state-sync", "snapshot-interval", "200"},
	})
	if err != nil {
		return err
	}
	e := n.Endpoints()
	client := fmt.Sprintf("# written by streamd localnet\nchain-id = %q\nkeyring-backend = \"test\"\nkeyring-default-keyname = \"\"\n"+
		"output = \"text\"\nnode = %q\nbroadcast-mode = \"sync\"\ngrpc = %q\n", ChainID, e.RPC, e.GRPC)
	if err := os.MkdirAll(n.path("keys", "config"), 0o755); err != nil {
		return err
	}
	return writeFile(n.path("keys", "config", "client.toml"), []byte(client))
}

// editTOML replaces values of keys that are there. A key that is not there is an error: the
// setting would otherwise be lost unseen.
func editTOML(path string, settings []setting) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := strings.Split(string(raw), "\n")
	for _, s := range settings {
		if !replaceLine(lines, s) {
			return fmt.Errorf("%s has no %s.%s", path, s.section, s.key)
		}
	}
	return writeFile(path, []byte(strings.Join(lines, "\n")))
}

var sectionLine = regexp.MustCompile(`^\s*\[([^\[\]]+)\]\s*$`)

func replaceLine(lines []string, s setting) bool {
	section := ""
	for i, line := range lines {
		if m := sectionLine.FindStringSubmatch(line); m != nil {
			section = m[1]
			continue
		}
		key, _, ok := strings.Cut(line, "=")
		if ok && section == s.section && strings.TrimSpace(key) == s.key {
			lines[i] = s.key + " = " + s.value
			return true
		}
	}
	return false
}

// writeChainJSON writes what wallets ask for when somebody adds a chain.
func (n *Net) writeChainJSON() error {
	e := n.Endpoints()
	currency := map[string]any{"coinDenom": "STREAM", "coinMinimalDenom": token.BaseDenom, "coinDecimals": token.Exponent}
	fee := map[string]any{"gasPriceStep": map[string]float64{"low": 0.001, "average": 0.001, "high": 0.002}}
	for k, v := range currency {
		fee[k] = v
	}
	p := token.Prefix
	raw, err := json.MarshalIndent(map[string]any{
		"chainId": ChainID, "chainName": "StreamChain local", "rpc": e.RPC, "rest": e.REST,
		"bip44": map[string]int{"coinType": token.CoinType},
		"bech32Config": map[string]string{
			"bech32PrefixAccAddr": p, "bech32PrefixAccPub": p + "pub", "bech32PrefixValAddr": p + "valoper",
			"bech32PrefixValPub": p + "valoperpub", "bech32PrefixConsAddr": p + "valcons", "bech32PrefixConsPub": p + "valconspub",
		},
		"currencies": []any{currency}, "feeCurrencies": []any{fee}, "stakeCurrency": currency,
	}, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(n.path("chain.json"), append(raw, '\n'))
}
