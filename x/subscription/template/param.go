package template

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Param is one parameter of a template: what a creator who uses it may set, and between which bounds.
type Param struct {
	// Name is how expressions write it, after "params.": a to z, 0 to 9 and _, beginning with a letter.
	Name string
	// About says in a line what it means.
	About string
	// Type is Int, Bool, String (one of Options) or List.
	Type Type
	// Min and Max bound an Int, and each entry of a List.
	Min, Max int64
	// Options are what a String can be.
	Options []string
	// MaxLen is the most entries of a List, 1 to MaxList.
	MaxLen int
	// Default holds where the creator sets nothing. It keeps the bounds.
	Default Value
}

// reserved are words of CEL that cannot be names.
var reserved = []string{
	"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop", "namespace",
	"null", "package", "return", "true", "var", "void", "while",
}

// validateParams checks a schema.
func validateParams(params []Param) error {
	if len(params) > MaxParams {
		return fmt.Errorf("%d parameters, at most %d", len(params), MaxParams)
	}
	for i, p := range params {
		if slices.ContainsFunc(params[:i], func(q Param) bool { return q.Name == p.Name }) {
			return fmt.Errorf("parameter %s is declared twice", p.Name)
		}
		if err := p.validate(); err != nil {
			return fmt.Errorf("parameter %.40q: %w", p.Name, err)
		}
	}
	return nil
}

func (p Param) validate() error {
	if !isName(p.Name) || p.Name[0] < 'a' || p.Name[0] > 'z' || strings.Contains(p.Name, "-") || slices.Contains(reserved, p.Name) {
		return fmt.Errorf("a name is 1 to %d of a to z, 0 to 9 and _, beginning with a letter", MaxName)
	}
	if len(p.About) > MaxAbout || !utf8.ValidString(p.About) || strings.ContainsFunc(p.About, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
		return fmt.Errorf("about is at most %d bytes without control characters", MaxAbout)
	}
	bounded, chosen := p.Type == Int || p.Type == List, p.Type == String
	switch {
	case p.Type < Int || p.Type > List:
		return fmt.Errorf("no such type")
	case !bounded && (p.Min != 0 || p.Max != 0):
		return fmt.Errorf("only an int and a list have bounds")
	case p.Min > p.Max:
		return fmt.Errorf("min is above max")
	case chosen != (len(p.Options) > 0) || len(p.Options) > MaxOptions:
		return fmt.Errorf("a string has 1 to %d options, and nothing else has", MaxOptions)
	case (p.Type == List) != (p.MaxLen > 0) || p.MaxLen > MaxList:
		return fmt.Errorf("a list has max_len of 1 to %d, and nothing else has", MaxList)
	}
	for i, o := range p.Options {
		if !isName(o) || slices.Contains(p.Options[:i], o) {
			return fmt.Errorf("options are different names of 1 to %d of a to z, 0 to 9, _ and -", MaxName)
		}
	}
	if err := p.Allows(p.Default); err != nil {
		return fmt.Errorf("default: %w", err)
	}
	return nil
}

// isName reports 1 to MaxName of a to z, 0 to 9, _ and -.
func isName(s string) bool {
	return len(s) > 0 && len(s) <= MaxName && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// Allows refuses what the parameter cannot be.
func (p Param) Allows(v Value) error {
	if v.Type != p.Type {
		return fmt.Errorf("is a %s, must be a %s", v.Type, p.Type)
	}
	switch v.Type {
	case Int:
		return p.within(v.Int)
	case String:
		if !slices.Contains(p.Options, v.Text) {
			return fmt.Errorf("%.40q is none of %s", v.Text, strings.Join(p.Options, ", "))
		}
	case List:
		if len(v.List) > p.MaxLen {
			return fmt.Errorf("has %d entries, at most %d", len(v.List), p.MaxLen)
		}
		for _, i := range v.List {
			if err := p.within(i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p Param) within(i int64) error {
	if i < p.Min || i > p.Max {
		return fmt.Errorf("%d is not between %d and %d", i, p.Min, p.Max)
	}
	return nil
}

// Arg sets one parameter.
type Arg struct {
	Name  string
	Value Value
}

// bind checks arguments against a schema and returns the value of every parameter in the schema's order.
func bind(params []Param, args []Arg) ([]Value, error) {
	for i, a := range args {
		if !slices.ContainsFunc(params, func(p Param) bool { return p.Name == a.Name }) {
			return nil, fmt.Errorf("no parameter is named %.40q", a.Name)
		}
		if slices.ContainsFunc(args[:i], func(b Arg) bool { return b.Name == a.Name }) {
			return nil, fmt.Errorf("parameter %s is set twice", a.Name)
		}
	}
	out := make([]Value, len(params))
	for i, p := range params {
		out[i] = p.Default
		if at := slices.IndexFunc(args, func(a Arg) bool { return a.Name == p.Name }); at >= 0 {
			out[i] = args[at].Value
		}
		if err := p.Allows(out[i]); err != nil {
			return nil, fmt.Errorf("parameter %s: %w", p.Name, err)
		}
	}
	return out, nil
}
