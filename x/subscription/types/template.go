package types

import (
	"slices"
	"strconv"
	"strings"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/subscription/template"
)

// TemplateKey is a template's id, read: its author and the author's sequence from 1.
type TemplateKey struct {
	Author sdk.AccAddress
	Number uint64
}

// String is the id's text: stream1…/7.
func (k TemplateKey) String() string {
	return k.Author.String() + "/" + strconv.FormatUint(k.Number, 10)
}

// ParseTemplateID reads an id. It refuses every other spelling with ErrInvalidTemplateID.
func ParseTemplateID(id string) (TemplateKey, error) {
	author, digits, _ := strings.Cut(id, "/")
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || number == 0 {
		return TemplateKey{}, errorsmod.Wrapf(ErrInvalidTemplateID, "%.150q", id)
	}
	addr, err := ParseAddress(author)
	if err != nil {
		return TemplateKey{}, errorsmod.Wrapf(ErrInvalidTemplateID, "%.150q", id)
	}
	key := TemplateKey{Author: addr, Number: number}
	if key.String() != id {
		return TemplateKey{}, errorsmod.Wrapf(ErrInvalidTemplateID, "%.150q", id)
	}
	return key, nil
}

// NewTemplateOffer sells a work by a template.
func NewTemplateOffer(templateID string, args ...TemplateArg) Offer {
	return Offer{Kind: &Offer_Template{Template: &TemplateOffer{Terms: TemplateTerms{Template: templateID, Args: args}}}}
}

// TemplateType makes a type of the message one of the language; another than those is none.
func (t TemplateType) templateType() template.Type {
	switch t {
	case TEMPLATE_TYPE_INT:
		return template.Int
	case TEMPLATE_TYPE_BOOL:
		return template.Bool
	case TEMPLATE_TYPE_STRING:
		return template.String
	case TEMPLATE_TYPE_LIST:
		return template.List
	}
	return 0
}

func messageType(t template.Type) TemplateType {
	switch t {
	case template.Int:
		return TEMPLATE_TYPE_INT
	case template.Bool:
		return TEMPLATE_TYPE_BOOL
	case template.String:
		return TEMPLATE_TYPE_STRING
	case template.List:
		return TEMPLATE_TYPE_LIST
	}
	return TEMPLATE_TYPE_UNSPECIFIED
}

// NewTemplateValue is the message of a value.
func NewTemplateValue(v template.Value) TemplateValue {
	return TemplateValue{Type: messageType(v.Type), Number: v.Int, Truth: v.Bool, Text: v.Text, Numbers: v.List}
}

// Value is the value of the message. Only the field of its type may be set, or equal values would have unequal messages.
func (v TemplateValue) Value() (template.Value, error) {
	out := template.Value{Type: v.Type.templateType(), Int: v.Number, Bool: v.Truth, Text: v.Text, List: v.Numbers}
	only := template.Value{Type: out.Type}
	switch out.Type {
	case template.Int:
		only.Int = out.Int
	case template.Bool:
		only.Bool = out.Bool
	case template.String:
		only.Text = out.Text
	case template.List:
		only.List = out.List
	default:
		return out, errorsmod.Wrapf(ErrInvalidTemplateArgs, "no type %d", v.Type)
	}
	if !only.Equal(out) || len(out.Text) > template.MaxName || len(out.List) > template.MaxList {
		return out, errorsmod.Wrapf(ErrInvalidTemplateArgs, "a value has only the field of its type, at most %d bytes or %d entries", template.MaxName, template.MaxList)
	}
	return out, nil
}

// NewTemplateParams are the messages of a schema.
func NewTemplateParams(params []template.Param) []TemplateParam {
	var out []TemplateParam
	for _, p := range params {
		out = append(out, TemplateParam{
			Name: p.Name, About: p.About, Type: messageType(p.Type), Min: p.Min, Max: p.Max, Options: p.Options,
			MaxLen: uint32(p.MaxLen), Default: NewTemplateValue(p.Default),
		})
	}
	return out
}

// NewTemplateArgs are the messages of arguments, sorted by name as terms want them.
func NewTemplateArgs(args []template.Arg) []TemplateArg {
	var out []TemplateArg
	for _, a := range args {
		out = append(out, TemplateArg{Name: a.Name, Value: NewTemplateValue(a.Value)})
	}
	slices.SortFunc(out, func(a, b TemplateArg) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Bytes is the length of all expressions: what reading the template is charged by.
func (t Template) Bytes() int { return len(t.Access) + len(t.Price) + len(t.Refund) }

// Program checks the template. Errors: ErrInvalidTemplate.
func (t Template) Program() (*template.Program, error) {
	src := template.Source{Access: t.Access, Price: t.Price, Refund: t.Refund}
	for _, p := range t.Params {
		v, err := p.Default.Value()
		if err != nil {
			return nil, errorsmod.Wrapf(ErrInvalidTemplate, "parameter %.40q: %s", p.Name, err)
		}
		if p.MaxLen > template.MaxList {
			return nil, errorsmod.Wrapf(ErrInvalidTemplate, "parameter %.40q: max_len", p.Name)
		}
		src.Params = append(src.Params, template.Param{
			Name: p.Name, About: p.About, Type: p.Type.templateType(), Min: p.Min, Max: p.Max, Options: p.Options,
			MaxLen: int(p.MaxLen), Default: v,
		})
	}
	program, err := template.Check(src)
	if err != nil {
		return nil, errorsmod.Wrap(ErrInvalidTemplate, err.Error())
	}
	return program, nil
}

// Validate checks one stored template by itself.
func (t Template) Validate() error {
	key, err := ParseTemplateID(t.Id)
	if err != nil {
		return err
	}
	if key.Author.String() != t.Author {
		return errorsmod.Wrapf(ErrInvalidGenesis, "template %s: author", t.Id)
	}
	if err := ValidateTitle(t.Title); err != nil {
		return errorsmod.Wrapf(err, "template %s", t.Id)
	}
	if t.RoyaltyBps > MaxRoyaltyBps {
		return errorsmod.Wrapf(ErrInvalidRoyalty, "template %s", t.Id)
	}
	if t.CreatedAt <= 0 || t.Version == 0 || (t.Version == 1) != (t.Previous == "") {
		return errorsmod.Wrapf(ErrInvalidGenesis, "template %s: created_at, version and previous", t.Id)
	}
	if err := validateDenom(t.Deposit); err != nil || t.Deposit.Amount.IsNil() || t.Deposit.Amount.IsNegative() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "template %s: deposit", t.Id)
	}
	_, err = t.Program()
	return err
}

// Validate checks terms by themselves; whether they fit the template, the keeper knows.
// Errors: ErrInvalidTemplateID, ErrInvalidTemplateArgs.
func (t TemplateTerms) Validate() error {
	if _, err := ParseTemplateID(t.Template); err != nil {
		return err
	}
	_, err := t.arguments()
	return err
}

// arguments are the arguments; sorted, so that equal terms are equal messages.
func (t TemplateTerms) arguments() ([]template.Arg, error) {
	if len(t.Args) > template.MaxParams {
		return nil, errorsmod.Wrapf(ErrInvalidTemplateArgs, "%d parameters", len(t.Args))
	}
	var args []template.Arg
	for i, a := range t.Args {
		if len(a.Name) > template.MaxName || (i > 0 && t.Args[i-1].Name >= a.Name) {
			return nil, errorsmod.Wrapf(ErrInvalidTemplateArgs, "%.40q", a.Name)
		}
		v, err := a.Value.Value()
		if err != nil {
			return nil, errorsmod.Wrapf(err, "%.40q", a.Name)
		}
		args = append(args, template.Arg{Name: a.Name, Value: v})
	}
	return args, nil
}

// Bind sets the parameters of the terms' template. Errors: ErrInvalidTemplateArgs.
func (t TemplateTerms) Bind(p *template.Program) (template.Bound, error) {
	args, err := t.arguments()
	if err != nil {
		return template.Bound{}, err
	}
	bound, err := p.Bind(args)
	if err != nil {
		return template.Bound{}, errorsmod.Wrap(ErrInvalidTemplateArgs, err.Error())
	}
	return bound, nil
}

// Validate checks a template offer by itself.
func (o *TemplateOffer) Validate() error { return o.Terms.Validate() }

// NewTemplatePreview asks all three expressions and says why one fails.
func NewTemplatePreview(p *template.Program, b template.Bound, f template.Facts) TemplatePreview {
	cost := p.Cost()
	out := TemplatePreview{AccessCost: cost.Access, PriceCost: cost.Price, RefundCost: cost.Refund}
	reason := func(err error) string {
		if err == nil {
			return ""
		}
		return err.Error()
	}
	granted, err := b.Access(f)
	out.Access, out.AccessError = granted, reason(err)
	price, err := b.Price(f)
	out.ForSale, out.Price, out.PriceError = err == nil, token.Coin(price), reason(err)
	bps, err := b.Refund(f)
	out.RefundBps, out.RefundError = uint32(bps), reason(err)
	return out
}
