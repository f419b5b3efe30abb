package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/sponsor"
	"github.com/streamchain/streamchain/token"
)

const flagSponsor = "sponsor"

// sponsored are the commands whose messages a sponsor pays for.
func sponsored(cmds ...*cobra.Command) {
	for _, cmd := range cmds {
		cmd.Flags().String(flagSponsor, "", "URL of a sponsor, asked to pay the fees where the wallet cannot (default from client.toml)")
	}
}

// payFees decides who pays the fees of what the command signs, when it signs something: --fee-granter, a sponsor, or
// the wallet itself.
func (s *session) payFees(cmd *cobra.Command) error {
	if s.signer == nil {
		return nil
	}
	if text, err := cmd.Flags().GetString(flags.FlagFeeGranter); err != nil {
		return err
	} else if text != "" {
		granter, err := sdk.AccAddressFromBech32(text)
		if err != nil {
			return exit.With(exit.Usage, fmt.Errorf("--%s: %w", flags.FlagFeeGranter, err))
		}
		s.FeesFrom(s.signer.Address(), func(context.Context) (sdk.AccAddress, error) { return granter, nil })
		return nil
	}
	if cmd.Flags().Lookup(flagSponsor) == nil {
		return nil
	}
	url, err := cmd.Flags().GetString(flagSponsor)
	if err != nil {
		return err
	}
	if url == "" && s.ctx.Viper != nil {
		url = s.ctx.Viper.GetString(flagSponsor)
	}
	if url == "" {
		return nil
	}
	remote, err := sponsor.NewRemote(url)
	if err != nil {
		return exit.With(exit.Usage, fmt.Errorf("--%s: %w", flagSponsor, err))
	}
	says := func(format string, args ...any) { fmt.Fprintf(cmd.ErrOrStderr(), format+"\n", args...) }
	s.FeesFrom(s.signer.Address(), func(ctx context.Context) (sdk.AccAddress, error) { return s.findSponsor(ctx, remote, says) })
	return nil
}

// findSponsor asks a sponsor where the wallet is empty, and uses what it granted as long as that lasts. A wallet with
// coins pays for itself, whatever the sponsor does.
func (s *session) findSponsor(ctx context.Context, remote *sponsor.Remote, says func(string, ...any)) (sdk.AccAddress, error) {
	address := s.signer.Address().String()
	res, err := banktypes.NewQueryClient(s.Conn()).SpendableBalanceByDenom(ctx, &banktypes.QuerySpendableBalanceByDenomRequest{Address: address, Denom: token.BaseDenom})
	if err != nil {
		return nil, err
	}
	balance := res.Balance.Amount
	info, err := remote.Info(ctx)
	if err != nil {
		if balance.IsPositive() {
			says("the sponsor does not answer, so your wallet pays the fees: %v", err)
			return nil, nil
		}
		return nil, exit.With(exit.Network, fmt.Errorf("your wallet is empty and the sponsor does not answer: %w", err))
	}
	granter, err := sdk.AccAddressFromBech32(info.Granter)
	if err != nil {
		return nil, fmt.Errorf("the sponsor's address: %w", err)
	}
	if info.ChainID != s.ChainID() {
		return nil, exit.With(exit.Usage, fmt.Errorf("the sponsor is one of %s, not of %s", info.ChainID, s.ChainID()))
	}
	enough := math.NewIntFromUint64(info.MaxBalance)
	left, err := sponsor.AllowanceOf(ctx, s.Client, info.Granter, address)
	switch {
	case err != nil:
		return nil, err
	case left != nil && left.GTE(enough):
		says("fees are paid by the sponsor %s, who still pays up to %s for you", info.Granter, token.Format(sdk.NewCoin(token.BaseDenom, *left)))
		return granter, nil
	case balance.GT(enough):
		return nil, nil
	}
	return s.askSponsor(ctx, remote, info, granter, says)
}

func (s *session) askSponsor(ctx context.Context, remote *sponsor.Remote, info sponsor.Info, granter sdk.AccAddress, says func(string, ...any)) (sdk.AccAddress, error) {
	says("your wallet is empty: asking %s to pay the fees of your first transactions", info.Service)
	g, err := remote.Ask(ctx, s.ChainID(), s.signer, func(difficulty int) {
		says("it asks this machine to compute for a moment (%d bits) and to sign that the address is yours; the signature moves no coins", difficulty)
	})
	if err != nil {
		return nil, sponsorCode(err)
	}
	coin := func(n uint64) string { return token.Format(token.Coin(int64(n))) }
	says("it pays up to %s of fees for watching, buying, subscribing and tipping, for %d hours (tx %s)", coin(g.SpendLimit), info.ExpirySeconds/3600, g.TX)
	if g.StarterCredit > 0 {
		says("and it gave you %s to start with", coin(g.StarterCredit))
	}
	return granter, nil
}

// sponsorCode gives a refusal its exit code: what passes by itself is no empty wallet.
func sponsorCode(err error) error {
	var refused *sponsor.Problem
	switch {
	case errors.Is(err, sponsor.ErrPending):
		return exit.With(exit.Unfinished, err)
	case !errors.As(err, &refused), errors.Is(err, sponsor.ErrChain), errors.Is(err, sponsor.ErrBusy):
		return exit.With(exit.Network, err)
	}
	return exit.With(exit.Payment, err)
}
