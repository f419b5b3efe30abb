package localnet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
)

// editGenesis gives the accounts their coins and shortens every wait.
func editGenesis(path string, accounts []Account, params []Param) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var doc map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // a float would lose digits
	if err := dec.Decode(&doc); err != nil {
		return err
	}
	state, ok := doc["app_state"].(map[string]any)
	if !ok {
		return errors.New("the genesis has no app_state")
	}
	if err := fund(state, accounts); err != nil {
		return err
	}
	for _, p := range append(slices.Clone(short), params...) {
		if err := set(state, p.Value, p.Path...); err != nil {
			return err
		}
	}
	out, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, out)
}

// Param is a parameter of the genesis: its path in app_state, and its value as JSON has it.
type Param struct {
	Path  []string
	Value any
}

// short are the parameters that differ from a real network: a person who tries things out
// waits seconds, not days.
var short = []Param{
	{[]string{"gov", "params", "voting_period"}, "10s"},
	{[]string{"gov", "params", "expedited_voting_period"}, "5s"},
	{[]string{"gov", "params", "max_deposit_period"}, "60s"},
	{[]string{"gov", "params", "min_deposit"}, []any{coin(10 * stream)}},
	{[]string{"gov", "params", "expedited_min_deposit"}, []any{coin(50 * stream)}},
	{[]string{"governance", "params", "timelock_ppm"}, "12"}, // of 2 days, 2 s; of the 90 of a seat's first work, 93 s
	{[]string{"content", "params", "rotation_delay_seconds"}, "10"},
	{[]string{"content", "params", "relaxed_network_rules"}, true},
	{[]string{"revenue", "params", "refund_window_seconds"}, "10"},
	{[]string{"stream", "params", "min_lane_seconds"}, "30"},
	{[]string{"stream", "params", "max_lane_seconds"}, "300"},
	{[]string{"stream", "params", "settle_grace_seconds"}, "30"},
	{[]string{"stream", "params", "serve_margin_seconds"}, "10"},
	{[]string{"stream", "params", "close_grace_seconds"}, "5"},
	{[]string{"storage", "params", "relaxed_network_rules"}, true},
	{[]string{"storage", "params", "unbonding_seconds"}, "3600"},
	{[]string{"storage", "params", "request_ttl_seconds"}, "120"},
	{[]string{"storage", "params", "min_deal_seconds"}, "60"},
	{[]string{"storage", "params", "period_seconds"}, "30"},
	{[]string{"storage", "params", "window_seconds"}, "12"},
	{[]string{"subscription", "params", "min_period_seconds"}, "30"},
	{[]string{"subscription", "params", "pass_close_seconds"}, "10"},
	{[]string{"dispute", "params", "terms", "evidence_seconds"}, "30"},
	{[]string{"dispute", "params", "terms", "commit_seconds"}, "60"},
	{[]string{"dispute", "params", "terms", "reveal_seconds"}, "60"},
	{[]string{"dispute", "params", "terms", "appeal_seconds"}, "60"},
	{[]string{"dispute", "params", "unstake_seconds"}, "60"},
	{[]string{"dispute", "params", "interim_seconds"}, "120"},
	{[]string{"dispute", "params", "draw_seconds"}, "600"},
}

// set replaces a value, in a list of every entry. Where the module is not there it does nothing,
// and where the module has no such parameter it fails: a name that changed must not leave a wait
// of days.
func set(state map[string]any, value any, path ...string) error {
	if _, ok := state[path[0]].(map[string]any); !ok {
		return nil
	}
	if !replace(state, value, path) {
		return fmt.Errorf("the genesis has no %v", path)
	}
	return nil
}

func replace(at, value any, path []string) bool {
	switch at := at.(type) {
	case map[string]any:
		if _, ok := at[path[0]]; !ok {
			return false
		}
		if len(path) > 1 {
			return replace(at[path[0]], value, path[1:])
		}
		at[path[0]] = value
		return true
	case []any:
		for _, entry := range at {
			if !replace(entry, value, path) {
				return false
			}
		}
		return len(at) > 0
	}
	return false
}

func coin(amount int64) map[string]any {
	return map[string]any{"denom": token.BaseDenom, "amount": fmt.Sprint(amount)}
}

// fund writes accounts and balances, and the treasury's balance: the chain makes its account.
func fund(state map[string]any, accounts []Account) error {
	var auth, balances []any
	for _, a := range accounts {
		auth = append(auth, map[string]any{
			"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": a.Address, "pub_key": nil, "account_number": "0", "sequence": "0",
		})
		balances = append(balances, map[string]any{"address": a.Address, "coins": []any{coin(a.Amount)}})
	}
	token.Configure()
	balances = append(balances, map[string]any{
		"address": authtypes.NewModuleAddress("governance").String(), "coins": []any{coin(treasury)},
	})
	if err := set(state, auth, "auth", "accounts"); err != nil {
		return err
	}
	return set(state, balances, "bank", "balances")
}
