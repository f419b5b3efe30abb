package flow

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

func collectionCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "collection", Short: "Albums, series, courses and podcasts of your works, to be sold as one"}
	cmd.AddCommand(collectionCreateCmd(), collectionUpdateCmd())
	return cmd
}

// collectionKinds are what a collection can be called.
var collectionKinds = []string{"album", "series", "course", "podcast"}

func collectionCreateCmd() *cobra.Command {
	var title, kind string
	var works []string
	cmd := &cobra.Command{
		Use: "create", Short: "Make a collection; streamd reprice sells it", Args: cobra.NoArgs,
		Example: `streamd collection create --title "Season 1" --kind series --work bafyrei…,bafyrei… --from alice`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(collectionKinds, kind) {
				return exit.With(exit.Usage, fmt.Errorf("--kind is one of %s", strings.Join(collectionKinds, ", ")))
			}
			s, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer s.Close()
			creator, err := s.me(cmd)
			if err != nil {
				return err
			}
			return s.act(cmd, &contenttypes.MsgCreateCollection{
				Controller: s.signer.Address().String(), Creator: creator.Id, Title: title, Works: works,
				Kind: contenttypes.CollectionKind(1 + slices.Index(collectionKinds, kind)),
			})
		},
	}
	cmd.Flags().StringVar(&title, "title", "", "title (required)")
	cmd.Flags().StringVar(&kind, "kind", "series", strings.Join(collectionKinds, ", "))
	cmd.Flags().StringSliceVar(&works, "work", nil, "works in it, in order")
	cmd.MarkFlagsOneRequired("title")
	return cmd
}

func collectionUpdateCmd() *cobra.Command {
	msg := &contenttypes.MsgUpdateCollection{}
	cmd := &cobra.Command{
		Use: "update COLLECTION", Short: "Take works in or out, order them, or change the title; who bought it keeps what was in it", Args: cobra.ExactArgs(1),
		Example: "streamd collection update streamcreator1…/c1 --add bafyrei… --from alice",
		RunE: func(cmd *cobra.Command, args []string) error {
			if msg.Title == "" && len(msg.Add)+len(msg.Remove)+len(msg.Order) == 0 {
				return exit.With(exit.Usage, errors.New("say what to change: --add, --remove, --order or --title"))
			}
			return act(cmd, func(s *session) []sdk.Msg {
				msg.Controller, msg.Collection = s.signer.Address().String(), args[0]
				return []sdk.Msg{msg}
			})
		},
	}
	cmd.Flags().StringVar(&msg.Title, "title", "", "new title")
	cmd.Flags().StringSliceVar(&msg.Add, "add", nil, "works that come to its end")
	cmd.Flags().StringSliceVar(&msg.Remove, "remove", nil, "works that go")
	cmd.Flags().StringSliceVar(&msg.Order, "order", nil, "all works that are then in it, in their order")
	return cmd
}
