package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/storagenode/denylist"
)

func denylistCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "denylist", Short: "Say what this node does not serve and does not keep",
		Long: "Say what this node does not serve and does not keep, in the compact denylist format of IPFS (IPIP-383). A running node reads\n" +
			"a change within ten seconds. Name a work by its id, and the node refuses it on the chain and removes its bytes.",
	}
	cmd.AddCommand(denylistAddCmd(), denylistRemoveCmd(), denylistListCmd(), denylistCheckCmd())
	return cmd
}

// edited is what a change of the own list did.
type edited struct {
	File    string `json:"file"`
	Rule    string `json:"rule"`
	Changed bool   `json:"changed"`
}

// ruleOf reads the target and flags of a rule.
func ruleOf(cmd *cobra.Command, target string) (storagenode.Config, string, error) {
	cfg, err := load(cmd)
	if err != nil {
		return cfg, "", err
	}
	root, path, err := denylist.Target(target)
	if err != nil {
		return cfg, "", exit.With(exit.Usage, err)
	}
	rule, err := denylist.Rule(root, path, flag(cmd, "hide") == "true", flag(cmd, "allow") == "true")
	return cfg, rule, err
}

func ruleFlags(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().Bool("hide", false, "name it by a double hash, so that the list tells nobody what it is about")
	cmd.Flags().Bool("allow", false, "allow it: an exception from the rules before, also of others' lists")
	return cmd
}

func denylistAddCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "add WORK|CID|/ipfs/CID/path|URL", Short: "Deny something from now on", Args: usage(cobra.ExactArgs(1)),
		Example: "storaged denylist add bafyreib… --reason \"court order 12/26\"\nstoraged denylist add /ipfs/bafybeic…/v0/seg00001.m4s",
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, rule, err := ruleOf(cmd, args[0])
			if err != nil {
				return err
			}
			e := edited{File: cfg.OwnDenylist(), Rule: rule}
			if e.Changed, err = denylist.Add(e.File, rule, flag(cmd, "reason")); err != nil {
				return listError(err)
			}
			return result(cmd, e, func(w io.Writer) {
				if !e.Changed {
					fmt.Fprintf(w, "%s says so already\n", e.File)
					return
				}
				fmt.Fprintf(w, "added %s to %s; a running node heeds it within ten seconds\n", e.Rule, e.File)
			})
		},
	}
	cmd.Flags().String("reason", "", "a comment above the rule")
	return ruleFlags(cmd)
}

func denylistRemoveCmd() *cobra.Command {
	return ruleFlags(&cobra.Command{
		Use: "remove WORK|CID|/ipfs/CID/path|URL", Short: "Take a rule out of the node's own list", Args: usage(cobra.ExactArgs(1)),
		Example: "storaged denylist remove bafyreib…",
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, rule, err := ruleOf(cmd, args[0])
			if err != nil {
				return err
			}
			e := edited{File: cfg.OwnDenylist(), Rule: rule, Changed: true}
			err = denylist.Remove(e.File, rule)
			if errors.Is(err, denylist.ErrNotThere) {
				return exit.With(exit.NotFound, fmt.Errorf("%w; --hide or --allow where it was added so, `add --allow` against another's list", err))
			}
			if err != nil {
				return listError(err)
			}
			return result(cmd, e, func(w io.Writer) { fmt.Fprintf(w, "removed %s from %s\n", e.Rule, e.File) })
		},
	})
}

// listError says that a file is no list.
func listError(err error) error {
	if errors.Is(err, denylist.ErrSyntax) {
		return exit.With(exit.Content, err)
	}
	return err
}

// openLists reads the lists as the node would.
func openLists(cmd *cobra.Command) (storagenode.Config, *denylist.Lists, error) {
	cfg, err := load(cmd)
	if err != nil {
		return cfg, nil, err
	}
	l, err := denylist.Open(cfg.DenylistCopies(), cfg.OwnDenylist(), cfg.Denylists(), slog.New(slog.DiscardHandler))
	return cfg, l, listError(err)
}

// listed is what list prints.
type listed struct {
	Lists []denylist.State `json:"lists"`
	Own   []string         `json:"own"`
}

func denylistListCmd() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "Show the lists and the rules of the node's own; exit code 6 where one is broken", Args: usage(cobra.NoArgs), Example: "storaged denylist list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, l, err := openLists(cmd)
			if err != nil {
				return err
			}
			out := listed{Lists: l.States(), Own: []string{}}
			if rules, err := denylist.Rules(cfg.OwnDenylist()); err == nil {
				out.Own = append(out.Own, rules...)
			}
			if err := result(cmd, out, out.say); err != nil {
				return err
			}
			if n := l.Broken(); n > 0 {
				return exit.With(exit.Content, fmt.Errorf("%d broken: what they said before counts", n))
			}
			return nil
		},
	}
}

func (l listed) say(w io.Writer) {
	for _, s := range l.Lists {
		name := s.Name
		if name == "" {
			name = "-"
		}
		fmt.Fprintf(w, "%6d rules  %s  (%s)\n", s.Rules, s.File, name)
		if s.Broken != "" {
			fmt.Fprintf(w, "  BROKEN: %s\n", s.Broken)
		}
	}
	for _, r := range l.Own {
		fmt.Fprintf(w, "  %s\n", r)
	}
}

// checked is what check found.
type checked struct {
	Target string `json:"target"`
	Denied bool   `json:"denied"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	List   string `json:"list,omitempty"`
}

func denylistCheckCmd() *cobra.Command {
	return &cobra.Command{
		Use: "check WORK|CID|/ipfs/CID/path|URL", Short: "Say which rule denies something; exit code 3 where none does", Args: usage(cobra.ExactArgs(1)),
		Example: "storaged denylist check https://node.example.org/ipfs/bafybeic…/master.m3u8",
		RunE: func(cmd *cobra.Command, args []string) error {
			root, path, err := denylist.Target(args[0])
			if err != nil {
				return exit.With(exit.Usage, err)
			}
			_, l, err := openLists(cmd)
			if err != nil {
				return err
			}
			v := l.Path(root, path)
			c := checked{Target: strings.Join(append([]string{root.String()}, path...), "/"), Denied: v.Denied, File: v.File, Line: v.Line, List: v.List}
			if err := result(cmd, c, func(w io.Writer) {
				if c.Denied {
					fmt.Fprintf(w, "%s is denied by %s, line %d (%s)\n", c.Target, c.File, c.Line, c.List)
				}
			}); err != nil {
				return err
			}
			if !c.Denied {
				return exit.With(exit.NotFound, fmt.Errorf("no list names %s; a work may also be named by its files, or they by it", c.Target))
			}
			return nil
		},
	}
}
