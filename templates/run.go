package templates

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/streamchain/streamchain/x/subscription/template"
)

// Case is one row of a template's tests. What it does not expect is not compared.
type Case struct {
	Name   string         `yaml:"name"`
	Params map[string]any `yaml:"params"`
	Facts  map[string]any `yaml:"facts"`
	// Access is true, false or error.
	Access any `yaml:"access"`
	// Price is an amount of ustream, "not for sale" or error.
	Price any `yaml:"price"`
	// Refund is basis points or error.
	Refund any `yaml:"refund"`
	// Invalid is a part of the reason why the parameters are refused.
	Invalid string `yaml:"invalid"`
}

// Result is how one test went: it passed where Problem is empty.
type Result struct {
	Name    string `json:"name"`
	Problem string `json:"problem,omitempty"`
}

// Run runs the tests of the template: none where it has no file of tests.
func (f *File) Run() ([]Result, error) {
	program, err := f.Check()
	if err != nil {
		return nil, err
	}
	cases, err := f.readTests()
	if err != nil {
		return nil, err
	}
	var results []Result
	for i, c := range cases {
		name := c.Name
		if name == "" {
			name = fmt.Sprintf("test %d", i+1)
		}
		results = append(results, Result{Name: name, Problem: c.run(program)})
	}
	return results, nil
}

// run says in words what differs.
func (c Case) run(p *template.Program) string {
	args, err := ArgsOf(c.Params)
	if err != nil {
		return err.Error()
	}
	facts, err := FactsOf(c.Facts)
	if err != nil {
		return err.Error()
	}
	bound, err := p.Bind(args)
	if c.Invalid != "" {
		if err == nil || !strings.Contains(err.Error(), c.Invalid) {
			return fmt.Sprintf("the parameters must be refused with %q: %v", c.Invalid, err)
		}
		return ""
	}
	if err != nil {
		return err.Error()
	}
	if c.Access == nil && c.Price == nil && c.Refund == nil {
		return "it expects nothing"
	}
	a := Ask(bound, facts)
	var problems []string
	for _, q := range []struct {
		name      string
		want, got any
	}{{"access", c.Access, a.Access}, {"price", c.Price, a.Price}, {"refund", c.Refund, a.Refund}} {
		if q.want != nil && fmt.Sprint(q.want) != fmt.Sprint(q.got) {
			problems = append(problems, fmt.Sprintf("%s is %v, expected %v", q.name, q.got, q.want))
		}
	}
	return strings.Join(problems, "; ")
}

// Answers are what a template says to some facts, in the words of the tests: a value, "not for sale", or "error".
type Answers struct {
	Access any `json:"access"`
	Price  any `json:"price"`
	Refund any `json:"refund_bps"`
	// Why has the reason of each error.
	Why []string `json:"why,omitempty"`
}

// Ask evaluates the three expressions.
func Ask(b template.Bound, f template.Facts) Answers {
	var a Answers
	granted, err := b.Access(f)
	a.Access = a.note("access", granted, err)
	price, err := b.Price(f)
	a.Price = a.note("price", price, err)
	refund, err := b.Refund(f)
	a.Refund = a.note("refund", refund, err)
	return a
}

func (a *Answers) note(name string, v any, err error) any {
	if err == nil {
		return v
	}
	if errors.Is(err, template.ErrNotForSale) {
		return "not for sale"
	}
	a.Why = append(a.Why, name+": "+err.Error())
	return "error"
}

// ArgsOf makes arguments of values by name.
func ArgsOf(values map[string]any) ([]template.Arg, error) {
	var args []template.Arg
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v, err := valueOf(values[name])
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", name, err)
		}
		args = append(args, template.Arg{Name: name, Value: v})
	}
	return args, nil
}

// FactsOf makes facts of values by name; all others are zero.
func FactsOf(values map[string]any) (template.Facts, error) {
	var f template.Facts
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v, err := valueOf(values[name])
		if err != nil {
			return f, fmt.Errorf("fact %s: %w", name, err)
		}
		if err := f.Set(name, v); err != nil {
			return f, err
		}
	}
	return f, nil
}
