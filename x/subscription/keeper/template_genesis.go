package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/subscription/types"
)

func (k *Keeper) importTemplates(ctx context.Context, gs types.GenesisState) error {
	for _, s := range gs.TemplateSequences {
		author, err := types.ParseAddress(s.Author)
		if err != nil {
			return err
		}
		if err := k.templateSequences.Set(ctx, author, s.Last); err != nil {
			return err
		}
	}
	for _, t := range gs.Templates {
		key, err := types.ParseTemplateID(t.Id)
		if err != nil {
			return err
		}
		if err := k.templates.Set(ctx, templateRow(key), t); err != nil {
			return err
		}
	}
	for _, s := range gs.TemplateStandings {
		key, err := itemKey(s.Viewer, s.Work)
		if err != nil {
			return err
		}
		if err := k.standings.Set(ctx, key, s); err != nil {
			return err
		}
	}
	for _, t := range gs.TemplateTotals {
		key, err := types.ItemKey(t.Work)
		if err != nil {
			return err
		}
		if err := k.totals.Set(ctx, key, t); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportTemplates(ctx context.Context, gs *types.GenesisState) error {
	var err error
	if gs.Templates, err = values(ctx, k.templates); err != nil {
		return err
	}
	if gs.TemplateStandings, err = values(ctx, k.standings); err != nil {
		return err
	}
	if gs.TemplateTotals, err = values(ctx, k.totals); err != nil {
		return err
	}
	return k.templateSequences.Walk(ctx, nil, func(author []byte, last uint64) (bool, error) {
		gs.TemplateSequences = append(gs.TemplateSequences, types.TemplateSequence{Author: sdk.AccAddress(author).String(), Last: last})
		return false, nil
	})
}

// checkTemplateItems refuses standings and totals of what x/content does not have.
func (k *Keeper) checkTemplateItems(ctx context.Context, gs types.GenesisState) error {
	for _, s := range gs.TemplateStandings {
		if _, err := k.requireItem(ctx, s.Work); err != nil {
			return err
		}
	}
	for _, t := range gs.TemplateTotals {
		if _, err := k.requireItem(ctx, t.Work); err != nil {
			return err
		}
	}
	return nil
}

// checkTemplateKeys checks that each row is where it is looked for.
func (k *Keeper) checkTemplateKeys(ctx context.Context, gs types.GenesisState) error {
	for _, t := range gs.Templates {
		if stored, err := k.GetTemplate(ctx, t.Id); err != nil || stored.Id != t.Id {
			return errorsmod.Wrapf(types.ErrInvariant, "template %s is stored under another id", t.Id)
		}
	}
	for _, s := range gs.TemplateStandings {
		key, err := itemKey(s.Viewer, s.Work)
		if err != nil {
			return err
		}
		if stored, err := k.standings.Get(ctx, key); err != nil || stored.Viewer != s.Viewer || stored.Work != s.Work {
			return errorsmod.Wrapf(types.ErrInvariant, "standing of %s in %s is stored under another key", s.Viewer, s.Work)
		}
	}
	for _, t := range gs.TemplateTotals {
		key, err := types.ItemKey(t.Work)
		if err != nil {
			return err
		}
		if stored, err := k.totals.Get(ctx, key); err != nil || stored.Work != t.Work {
			return errorsmod.Wrapf(types.ErrInvariant, "totals of %s are stored under another key", t.Work)
		}
	}
	return nil
}
