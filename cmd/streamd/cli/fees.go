package cli

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/token"
)

// gasPrice is what a transaction pays where nothing else is said: consensus asks for no less.
const gasPrice = "0.001" + token.BaseDenom

// finish gives every transaction command defaults that work: gas by simulation, and its price.
func finish(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		if cmd.Name() != "genesis" { // there is no chain yet to simulate on or to pay
			finish(cmd)
		}
	}
	if cmdHas(root, flags.FlagGasPrices) && cmdHas(root, flags.FlagGas) {
		setDefault(root.Flags(), flags.FlagGasPrices, gasPrice)
		setDefault(root.Flags(), flags.FlagGas, flags.GasFlagAuto)
		setDefault(root.Flags(), flags.FlagGasAdjustment, "1.5")
	}
	if root.Args != nil {
		check := root.Args
		root.Args = func(cmd *cobra.Command, args []string) error { return exit.With(exit.Usage, check(cmd, args)) }
	}
}

func cmdHas(cmd *cobra.Command, name string) bool { return cmd.Flags().Lookup(name) != nil }

func setDefault(set *pflag.FlagSet, name, value string) {
	flag := set.Lookup(name)
	if flag == nil || flag.Value.Set(value) != nil {
		return
	}
	flag.DefValue = value
}

// defaultFees lets --fees replace the default price, and a fixed amount of gas replace the
// simulation where there is no chain to ask.
func defaultFees(cmd *cobra.Command) error {
	set := cmd.Flags()
	if set.Changed(flags.FlagFees) && !set.Changed(flags.FlagGasPrices) && cmdHas(cmd, flags.FlagGasPrices) {
		if err := set.Lookup(flags.FlagGasPrices).Value.Set(""); err != nil {
			return err
		}
	}
	if offline, err := set.GetBool(flags.FlagOffline); err == nil && offline && !set.Changed(flags.FlagGas) && cmdHas(cmd, flags.FlagGas) {
		return set.Lookup(flags.FlagGas).Value.Set("200000")
	}
	return nil
}

// inStream is an amount as people write it, alone or as the value of a flag.
var inStream = regexp.MustCompile(`^(--[a-z-]+=)?([0-9]*\.?[0-9]+stream)$`)

// amounts lets every transaction and query take 1.5stream for 1500000ustream.
func amounts(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		out[i] = arg
		m := inStream.FindStringSubmatch(strings.ToLower(arg))
		if m == nil || len(args) == 0 || (args[0] != "tx" && args[0] != "genesis") {
			continue
		}
		if coin, err := token.Parse(m[2]); err == nil {
			out[i] = m[1] + coin.String()
		}
	}
	return out
}
