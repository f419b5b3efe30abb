package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/streamchain/streamchain/x/governance/types"
)

var _ govtypes.GovHooks = Hooks{}

// Hooks listens to x/gov.
type Hooks struct{ k *Keeper }

// Hooks returns what the app joins to x/gov.
func (k *Keeper) Hooks() Hooks { return Hooks{k} }

// AfterProposalSubmission refuses a proposal that does anything but enact, cancel an enactment, or upgrade. x/gov's account holds the deposits
// of all proposals: one that sent or staked them would leave x/gov unable to give them back, which halts the chain. Errors: ErrInvalidMessage.
func (h Hooks) AfterProposalSubmission(ctx context.Context, id uint64, _ sdk.AccAddress) error {
	p, err := h.k.votes.Proposals.Get(ctx, id)
	if err != nil {
		return err
	}
	msgs, err := p.GetMsgs()
	if err != nil {
		return err
	}
	for i, msg := range msgs {
		switch msg.(type) {
		case *types.MsgEnact, *types.MsgCancelEnactment, *upgradetypes.MsgSoftwareUpgrade, *upgradetypes.MsgCancelUpgrade:
		default:
			return errorsmod.Wrapf(types.ErrInvalidMessage, "message %d (%s): a proposal enacts, cancels or upgrades", i, sdk.MsgTypeURL(msg))
		}
	}
	return nil
}

// AfterProposalDeposit does nothing.
func (Hooks) AfterProposalDeposit(context.Context, uint64, sdk.AccAddress) error { return nil }

// AfterProposalVote refuses the vote of who has too little to say: counting costs the same for each. Errors: ErrNoVoice.
func (h Hooks) AfterProposalVote(ctx context.Context, _ uint64, voter sdk.AccAddress) error {
	return h.k.requireVoice(ctx, voter)
}

// AfterProposalFailedMinDeposit does nothing.
func (Hooks) AfterProposalFailedMinDeposit(context.Context, uint64) error { return nil }

// AfterProposalVotingPeriodEnded does nothing.
func (Hooks) AfterProposalVotingPeriodEnded(context.Context, uint64) error { return nil }
