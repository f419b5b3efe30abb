package template

import (
	"errors"
	"math"
	"math/bits"
	"slices"
)

// Errors of an evaluation. Each makes access denied, the work not for sale, and nothing refunded.
var (
	ErrOverflow = errors.New("a number is beyond 64 bits")
	ErrDivide   = errors.New("division by zero")
	ErrIndex    = errors.New("no such entry in the list")
	ErrCost     = errors.New("the evaluation costs too much")
)

// machine is one evaluation.
type machine struct {
	vars []Value
	cost uint64
}

// spend counts units. What was checked cannot reach the limit; a machine that did not count would be one bug away from halting.
func (m *machine) spend(units uint64) error {
	if m.cost += units; m.cost > MaxCost {
		return ErrCost
	}
	return nil
}

func (m *machine) eval(n *node) (Value, error) {
	if err := m.spend(1); err != nil {
		return Value{}, err
	}
	switch n.op {
	case opConst:
		return n.val, nil
	case opVar:
		return m.vars[n.slot], nil
	case opAnd:
		return m.logic(n, false)
	case opOr:
		return m.logic(n, true)
	case opIf:
		cond, err := m.eval(n.args[0])
		if err != nil {
			return Value{}, err
		}
		if cond.Bool {
			return m.eval(n.args[1])
		}
		return m.eval(n.args[2])
	}
	args := make([]Value, len(n.args))
	for i, a := range n.args {
		v, err := m.eval(a)
		if err != nil {
			return Value{}, err
		}
		args[i] = v
	}
	return m.apply(n.op, args)
}

// logic is && (decided by false) and || (decided by true). As CEL has it, the side that decides wins over an error of the other.
func (m *machine) logic(n *node, decides bool) (Value, error) {
	left, errLeft := m.eval(n.args[0])
	if errLeft == nil && left.Bool == decides {
		return left, nil
	}
	right, errRight := m.eval(n.args[1])
	if errRight == nil && right.Bool == decides {
		return right, nil
	}
	return BoolValue(!decides), errors.Join(errLeft, errRight)
}

func (m *machine) apply(o op, args []Value) (Value, error) {
	switch o {
	case opList:
		list := make([]int64, len(args))
		for i, a := range args {
			list[i] = a.Int
		}
		return ListValue(list...), nil
	case opNot:
		return BoolValue(!args[0].Bool), nil
	case opEqual, opUnequal:
		if args[0].Type == String {
			if err := m.spend(stringCost); err != nil {
				return Value{}, err
			}
		}
		return BoolValue(args[0].Equal(args[1]) == (o == opEqual)), nil
	case opLess:
		return BoolValue(args[0].Int < args[1].Int), nil
	case opLessEqual:
		return BoolValue(args[0].Int <= args[1].Int), nil
	case opGreater:
		return BoolValue(args[0].Int > args[1].Int), nil
	case opGreaterEqual:
		return BoolValue(args[0].Int >= args[1].Int), nil
	case opIn, opIndex, opSize, opSteps:
		return m.applyList(o, args)
	}
	i, err := applyInt(o, args)
	return IntValue(i), err
}

func (m *machine) applyList(o op, args []Value) (Value, error) {
	switch o {
	case opIn:
		if err := m.spend(listCost * uint64(len(args[1].List))); err != nil {
			return Value{}, err
		}
		return BoolValue(slices.Contains(args[1].List, args[0].Int)), nil
	case opIndex:
		list, i := args[0].List, args[1].Int
		if i < 0 || i >= int64(len(list)) {
			return Value{}, ErrIndex
		}
		return IntValue(list[i]), nil
	case opSteps:
		if err := m.spend(listCost * uint64(len(args[0].List))); err != nil {
			return Value{}, err
		}
		reached := int64(0)
		for _, at := range args[0].List {
			if at <= args[1].Int {
				reached++
			}
		}
		return IntValue(reached), nil
	}
	return IntValue(int64(len(args[0].List))), nil // opSize
}

func applyInt(o op, args []Value) (int64, error) {
	a := args[0].Int
	if o == opNegate {
		if a == math.MinInt64 {
			return 0, ErrOverflow
		}
		return -a, nil
	}
	b := args[1].Int
	switch o {
	case opAdd:
		if sum := a + b; (sum > a) == (b > 0) || b == 0 {
			return sum, nil
		}
	case opSubtract:
		if diff := a - b; (diff < a) == (b > 0) || b == 0 {
			return diff, nil
		}
	case opMultiply:
		return mulDiv(a, b, 1)
	case opDivide:
		return mulDiv(a, 1, b)
	case opModulo:
		if b == 0 {
			return 0, ErrDivide
		}
		if a == math.MinInt64 && b == -1 {
			return 0, ErrOverflow
		}
		return a % b, nil
	case opMin:
		return min(a, b), nil
	case opMax:
		return max(a, b), nil
	case opMulDiv:
		return mulDiv(a, b, args[2].Int)
	}
	return 0, ErrOverflow
}

// mulDiv is a × b ÷ c without overflow between, rounded towards zero.
func mulDiv(a, b, c int64) (int64, error) {
	if c == 0 {
		return 0, ErrDivide
	}
	negative := (a < 0) != (b < 0) != (c < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi >= magnitude(c) {
		return 0, ErrOverflow
	}
	quotient, _ := bits.Div64(hi, lo, magnitude(c))
	switch {
	case !negative && quotient <= math.MaxInt64:
		return int64(quotient), nil
	case negative && quotient <= 1<<63:
		return -int64(quotient), nil
	}
	return 0, ErrOverflow
}

func magnitude(i int64) uint64 {
	if i < 0 {
		return -uint64(i)
	}
	return uint64(i)
}
