package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/demo"
)

// demoSong is where Debian's package singularity-music has it.
const demoSong = "/usr/share/games/singularity/music/win/Apex Aleph.ogg"

func demoCmd() *cobra.Command {
	var cfg demo.Config
	cmd := &cobra.Command{
		Use: "demo", Short: "The main job on real media: publish, buy, subscribe, watch and be paid, on a local network", Args: cobra.NoArgs,
		Example: "make demo",
		RunE: func(cmd *cobra.Command, _ []string) error {
			self, err := os.Executable()
			if err != nil {
				return err
			}
			home, err := cmd.Flags().GetString(flags.FlagHome)
			if err != nil {
				return err
			}
			cfg.Streamd, cfg.Home, cfg.Out = self, home, cmd.OutOrStdout()
			rec, err := demo.Run(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			raw, err := json.Marshal(rec)
			if err != nil {
				return err
			}
			if !cfg.Check {
				fmt.Fprintf(cmd.OutOrStdout(), "open %s\n", rec.Web)
				fmt.Fprintf(cmd.OutOrStdout(), "The network runs on. Try: streamd receipt --payer viewer --home %s\n", filepath.Join(home, "net", "keys"))
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "RECEIPT %s\n", raw)
			return err
		},
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	f := cmd.Flags()
	f.String(flags.FlagHome, ".demo", "folder of the demo")
	f.BoolVar(&cfg.Check, "check", false, "stop the network at the end and check its state")
	f.IntVar(&cfg.Nodes, "nodes", 3, "storage nodes")
	f.IntVar(&cfg.BasePort, "base-port", -1, "number that is added to every port (as last time; zero at first)")
	f.StringVar(&cfg.Song, "song", demoSong, "audio file to publish")
	f.StringVar(&cfg.Clip, "clip", filepath.Join(cache, "streamchain", "media", "big-buck-bunny.mp4"), "film to publish")
	return cmd
}

func doctorCmd() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Say what this machine lacks, and how to get it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			missing := 0
			for _, tool := range []struct{ name, why string }{
				{"ffmpeg", "packages songs and films: apt-get install ffmpeg"},
				{"ffprobe", "reads what a file is: apt-get install ffmpeg"},
			} {
				path, err := exec.LookPath(tool.name)
				if err != nil {
					missing++
					fmt.Fprintf(cmd.OutOrStdout(), "missing  %-8s %s\n", tool.name, tool.why)
					continue
				}
				fmt.Fprintf(cmd.OutOrStdout(), "ok       %-8s %s\n", tool.name, path)
			}
			self, err := os.Executable()
			if err != nil {
				return err
			}
			for _, program := range []struct{ name, why string }{{"storaged", "storage nodes"}, {"indexerd", "the web app"}} {
				if _, err := os.Stat(filepath.Join(filepath.Dir(self), program.name)); err != nil {
					missing++
					fmt.Fprintf(cmd.OutOrStdout(), "missing  %-8s %s of a local network: make build\n", program.name, program.why)
				}
			}
			if missing > 0 {
				return exit.With(exit.Other, errors.New("something is missing: see above"))
			}
			return nil
		},
	}
}
