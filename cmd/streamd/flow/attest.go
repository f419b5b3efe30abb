package flow

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// attestedDomain is what attest prints.
type attestedDomain struct {
	proof
	EvidenceHash string `json:"evidence_hash"`
	Level        uint32 `json:"level,omitempty"` // of the creator, from now on
	TX           string `json:"tx,omitempty"`
	Height       int64  `json:"height,omitempty"`
}

func attestCmd() *cobra.Command {
	var private, check bool
	var days int64
	var keep, resolve string
	cmd := &cobra.Command{
		Use: "attest CREATOR DOMAIN", Short: "Check that a creator controls a domain, and vouch for it at level 1", Args: cobra.ExactArgs(2),
		Long: `Check that a creator controls a domain, and vouch for it at level 1.

The domain names the creator's id in https://DOMAIN/.well-known/streamchain.json, as
{"creator": "streamcreator1…"}, or in a TXT record streamchain=streamcreator1…. What was found is
printed and kept in a file; only its hash goes on the chain.`,
		Example: "streamd attest streamcreator1… example.org --from attester",
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := contenttypes.ParseCreatorID(args[0]); err != nil {
				return exit.With(exit.Usage, err)
			}
			if days < 1 || days*24*3600 > contenttypes.MaxAttestationSeconds {
				return exit.With(exit.Usage, errors.New("--days is 1 to 730"))
			}
			p, err := newDomainChecker(private, resolve).check(cmd.Context(), args[1], args[0])
			if err != nil {
				return exit.With(exit.Refused, err)
			}
			hash, raw, err := p.hash()
			if err != nil {
				return err
			}
			out := attestedDomain{proof: p, EvidenceHash: hex.EncodeToString(hash)}
			if keep == "" {
				keep = "attestation-" + p.Domain + "-" + fmt.Sprint(p.CheckedAt) + ".json"
			}
			if err := os.WriteFile(keep, raw, 0o600); err != nil {
				return err
			}
			if !check {
				if err := sendAttestation(cmd, &out, hash, time.Duration(days)*24*time.Hour); err != nil {
					return err
				}
			}
			return show(cmd, out, func(line func(string, ...any)) {
				line("found      %s at %s", out.Method, out.Source)
				line("evidence   %s, SHA-256 %s", keep, out.EvidenceHash)
				if out.TX != "" {
					line("attested   level 1; the creator is at level %d (tx %s)", out.Level, out.TX)
				}
			})
		},
	}
	cmd.Flags().Int64Var(&days, "days", 365, "how long the attestation lasts, at most 730")
	cmd.Flags().StringVar(&keep, "evidence", "", "file to keep what was found (default attestation-DOMAIN-TIME.json)")
	cmd.Flags().BoolVar(&check, "check", false, "only check and print; send nothing")
	cmd.Flags().BoolVar(&private, "private", false, "also ask private addresses: for tests only")
	cmd.Flags().StringVar(&resolve, "resolve", "", "ask this address (host:port) in the domain's place: for tests only")
	return cmd
}

func sendAttestation(cmd *cobra.Command, out *attestedDomain, hash []byte, lasts time.Duration) error {
	s, err := connect(cmd, true)
	if err != nil {
		return err
	}
	defer s.Close()
	res, _, err := s.send(cmd, &contenttypes.MsgAttest{
		Attester: s.signer.Address().String(), Creator: out.Creator, Level: 1, EvidenceHash: hash,
		// live time may lag behind this machine's, so a little less than the most
		Expires: out.CheckedAt + int64(min(lasts, contenttypes.MaxAttestationSeconds*time.Second-time.Hour)/time.Second),
	})
	if err != nil {
		return err
	}
	out.TX, out.Height = res.TX, res.Height
	level, err := contenttypes.NewQueryClient(s.Conn()).Level(cmd.Context(), &contenttypes.QueryLevelRequest{Creator: out.Creator})
	if err != nil {
		return err
	}
	out.Level = level.Level
	return nil
}
