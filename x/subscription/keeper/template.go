package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/subscription/template"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// templateKey is author, number.
type templateKey = collections.Pair[[]byte, uint64]

// templateState is the part of the store that templates have.
type templateState struct {
	templates         collections.Map[templateKey, types.Template]
	templateSequences collections.Map[[]byte, uint64] // author -> number of its newest template
	standings         collections.Map[viewerItem, types.TemplateStanding]
	totals            collections.Map[[]byte, types.TemplateTotals] // by item key
}

func newTemplateState(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) templateState {
	return templateState{
		templates: collections.NewMap(sb, types.TemplatesKey, "templates",
			collections.PairKeyCodec(collections.BytesKey, collections.Uint64Key), codec.CollValue[types.Template](cdc)),
		templateSequences: collections.NewMap(sb, types.TemplateSequencesKey, "template_sequences", collections.BytesKey, collections.Uint64Value),
		standings: collections.NewMap(sb, types.TemplateStandingsKey, "template_standings",
			collections.PairKeyCodec(collections.BytesKey, collections.BytesKey), codec.CollValue[types.TemplateStanding](cdc)),
		totals: collections.NewMap(sb, types.TemplateTotalsKey, "template_totals", collections.BytesKey, codec.CollValue[types.TemplateTotals](cdc)),
	}
}

// PublishTemplate checks and stores a template for author, who leaves a deposit. Emits EventTemplatePublished.
// Errors: ErrInvalidTemplate, ErrTemplateNotFound and ErrNotAuthor for the previous version, the bank's for the deposit.
func (k *Keeper) PublishTemplate(ctx context.Context, author sdk.AccAddress, t types.Template) (types.Template, error) {
	chargeCheck(ctx, t)
	if _, err := t.Program(); err != nil {
		return types.Template{}, err
	}
	t.Version = 1
	if t.Previous != "" {
		previous, err := k.GetTemplate(ctx, t.Previous)
		if err != nil {
			return types.Template{}, err
		}
		if previous.Author != author.String() {
			return types.Template{}, errorsmod.Wrap(types.ErrNotAuthor, t.Previous)
		}
		t.Version = previous.Version + 1
	}
	last, err := k.templateSequences.Get(ctx, author)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return types.Template{}, err
	}
	key := types.TemplateKey{Author: author, Number: last + 1}
	t.Id, t.Author, t.Deposit = key.String(), author.String(), token.Coin(types.TemplateDeposit)
	if t.CreatedAt, err = k.clock.Now(ctx); err != nil {
		return types.Template{}, err
	}
	if err := k.revenue.Collect(ctx, author, t.Deposit); err != nil {
		return types.Template{}, err
	}
	if err := k.templateSequences.Set(ctx, author, key.Number); err != nil {
		return types.Template{}, err
	}
	if err := k.templates.Set(ctx, templateRow(key), t); err != nil {
		return types.Template{}, err
	}
	return t, emit(ctx, &types.EventTemplatePublished{Template: t})
}

// RemoveTemplate takes back a template that nobody ever offered, and its deposit. Emits EventTemplateRemoved.
// Errors: ErrTemplateNotFound, ErrNotAuthor, ErrTemplateUsed, revenue's ErrBlockedAddress.
func (k *Keeper) RemoveTemplate(ctx context.Context, author sdk.AccAddress, id string) error {
	t, err := k.GetTemplate(ctx, id)
	if err != nil {
		return err
	}
	if t.Author != author.String() {
		return errorsmod.Wrap(types.ErrNotAuthor, id)
	}
	if t.Used {
		return errorsmod.Wrap(types.ErrTemplateUsed, id)
	}
	key, err := types.ParseTemplateID(id)
	if err != nil {
		return err
	}
	if err := k.templates.Remove(ctx, templateRow(key)); err != nil {
		return err
	}
	if err := k.revenue.Release(ctx, author, t.Deposit); err != nil {
		return err
	}
	return emit(ctx, &types.EventTemplateRemoved{Template: id, Author: t.Author, Deposit: t.Deposit})
}

// GetTemplate returns a template by id. Errors: ErrInvalidTemplateID, ErrTemplateNotFound.
func (k *Keeper) GetTemplate(ctx context.Context, id string) (types.Template, error) {
	key, err := types.ParseTemplateID(id)
	if err != nil {
		return types.Template{}, err
	}
	t, err := k.templates.Get(ctx, templateRow(key))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Template{}, errorsmod.Wrap(types.ErrTemplateNotFound, id)
	}
	return t, err
}

func templateRow(key types.TemplateKey) templateKey {
	return collections.Join([]byte(key.Author), key.Number)
}

// chargeCheck charges for reading a template's expressions. It must come before the work.
func chargeCheck(ctx context.Context, t types.Template) {
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(types.TemplateCheckGas+types.TemplateByteGas*uint64(t.Bytes()), "check a template")
}

// chargeUnits charges for an evaluation by the most that it can cost, before it runs: gas does not depend on what it meets.
func chargeUnits(ctx context.Context, units uint64) {
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(types.TemplateUnitGas*units, "evaluate a template")
}

// model is a template that is ready to be asked.
type model struct {
	types.Template
	terms   types.TemplateTerms
	program *template.Program
	template.Bound
}

// model reads and binds terms. Errors: those of GetTemplate, ErrInvalidTemplate, ErrInvalidTemplateArgs.
func (k *Keeper) model(ctx context.Context, terms types.TemplateTerms) (model, error) {
	t, err := k.GetTemplate(ctx, terms.Template)
	if err != nil {
		return model{}, err
	}
	chargeCheck(ctx, t)
	program, err := t.Program()
	if err != nil {
		return model{}, err
	}
	bound, err := terms.Bind(program)
	return model{Template: t, terms: terms, program: program, Bound: bound}, err
}

// useTemplates checks template offers and keeps their templates for ever: whoever buys under them relies on it.
// Errors: those of model.
func (k *Keeper) useTemplates(ctx context.Context, offers []types.Offer) error {
	for _, o := range offers {
		offer := o.GetTemplate()
		if offer == nil {
			continue
		}
		m, err := k.model(ctx, offer.Terms)
		if err != nil {
			return err
		}
		if m.Used {
			continue
		}
		key, err := types.ParseTemplateID(m.Id)
		if err != nil {
			return err
		}
		m.Used = true
		if err := k.templates.Set(ctx, templateRow(key), m.Template); err != nil {
			return err
		}
	}
	return nil
}

// TemplateDeposits is what custody owes the authors of all templates.
func (k *Keeper) TemplateDeposits(ctx context.Context) (sdk.Coins, error) {
	var owed sdk.Coins
	err := k.templates.Walk(ctx, nil, func(_ templateKey, t types.Template) (bool, error) {
		owed = owed.Add(t.Deposit)
		return false, nil
	})
	return owed, err
}
