package template

import (
	"errors"
	"fmt"
)

// Source is a template as its author writes it.
type Source struct {
	// Access is a bool: may the viewer have the bytes now?
	Access string
	// Price is an int: what the next purchase costs in ustream. Below zero, nothing is sold.
	Price string
	// Refund is an int: how many basis points of the last purchase its buyer can have back now.
	Refund string
	// Params are what a creator who uses the template can set.
	Params []Param
}

// Program is a template that was checked. It never changes.
type Program struct {
	params                []Param
	used                  []bool // of each fact
	access, price, refund *node
}

// Check reads a template and refuses what is not in the language, could cost too much, or is of the wrong type. It tries the
// bounds of parameters, not their meaning. The error names the expression, line and column.
func Check(src Source) (*Program, error) {
	if err := validateParams(src.Params); err != nil {
		return nil, err
	}
	p := &Program{params: src.Params, used: make([]bool, len(facts))}
	for _, e := range []struct {
		name, source string
		want         Type
		at           **node
	}{
		{"access", src.Access, Bool, &p.access}, {"price", src.Price, Int, &p.price}, {"refund", src.Refund, Int, &p.refund},
	} {
		root, err := compile(e.source, src.Params, e.want, p.used)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		*e.at = root
	}
	return p, nil
}

// Cost is the most units that an evaluation of each expression can cost.
type Cost struct{ Access, Price, Refund uint64 }

// Cost returns the bounds of the program, each at most MaxCost.
func (p *Program) Cost() Cost {
	return Cost{Access: p.access.cost, Price: p.price.cost, Refund: p.refund.cost}
}

// Params is the schema.
func (p *Program) Params() []Param { return p.params }

// Uses says whether an expression names the fact: others need not be looked up.
func (p *Program) Uses(fact string) bool {
	for i, f := range facts {
		if f.name == fact {
			return p.used[i]
		}
	}
	return false
}

// Bound is a program with its parameters set.
type Bound struct {
	program *Program
	values  []Value
}

// Bind sets parameters; those that are not named have their default. It refuses what the schema does not allow.
func (p *Program) Bind(args []Arg) (Bound, error) {
	values, err := bind(p.params, args)
	return Bound{program: p, values: values}, err
}

// Result errors of a price.
var (
	// ErrNotForSale: the price is below zero, by which a template says so.
	ErrNotForSale = errors.New("the template sells nothing to this viewer now")
	// ErrPrice: the price is above MaxPrice.
	ErrPrice = errors.New("the price is above 10^18 ustream")
	// ErrRefund: the refund is not 0 to 10,000 basis points.
	ErrRefund = errors.New("the refund is not 0 to 10,000 basis points")
)

// Access says whether the viewer may have the bytes. With an error the answer is no.
func (b Bound) Access(f Facts) (bool, error) {
	v, _, err := b.run(b.program.access, f)
	return err == nil && v.Bool, err
}

// Price is what the next purchase costs: 0 to MaxPrice ustream. With an error nothing is for sale.
// Errors: ErrNotForSale, ErrPrice and those of an evaluation.
func (b Bound) Price(f Facts) (int64, error) {
	v, _, err := b.run(b.program.price, f)
	switch {
	case err != nil:
		return 0, err
	case v.Int < 0:
		return 0, ErrNotForSale
	case v.Int > MaxPrice:
		return 0, ErrPrice
	}
	return v.Int, nil
}

// Refund is how much of the last purchase comes back: 0 to FullBps basis points. With an error nothing does.
// Errors: ErrRefund and those of an evaluation.
func (b Bound) Refund(f Facts) (int64, error) {
	v, _, err := b.run(b.program.refund, f)
	switch {
	case err != nil:
		return 0, err
	case v.Int < 0 || v.Int > FullBps:
		return 0, ErrRefund
	}
	return v.Int, nil
}

// run evaluates one expression and also returns what it cost.
func (b Bound) run(n *node, f Facts) (Value, uint64, error) {
	m := machine{vars: append(f.values(), b.values...)}
	v, err := m.eval(n)
	return v, m.cost, err
}
