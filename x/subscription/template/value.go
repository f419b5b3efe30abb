package template

import "slices"

// Type is the type of an expression or a value.
type Type uint8

// The types that there are. An enum is a string.
const (
	Int Type = iota + 1
	Bool
	String
	List
)

// String is the type as messages name it.
func (t Type) String() string {
	switch t {
	case Int:
		return "int"
	case Bool:
		return "bool"
	case String:
		return "string"
	case List:
		return "list of ints"
	}
	return "nothing"
}

// Value is one value. Only the field of its type is set. Lists are never written to.
type Value struct {
	Type Type
	Int  int64
	Bool bool
	Text string
	List []int64
}

// IntValue is an integer.
func IntValue(i int64) Value { return Value{Type: Int, Int: i} }

// BoolValue is a truth.
func BoolValue(b bool) Value { return Value{Type: Bool, Bool: b} }

// TextValue is a string.
func TextValue(s string) Value { return Value{Type: String, Text: s} }

// ListValue is a list of integers.
func ListValue(l ...int64) Value { return Value{Type: List, List: l} }

// Equal says whether both are of one type and the same.
func (v Value) Equal(w Value) bool {
	return v.Type == w.Type && v.Int == w.Int && v.Bool == w.Bool && v.Text == w.Text && slices.Equal(v.List, w.List)
}
