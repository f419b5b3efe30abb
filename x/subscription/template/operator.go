package template

import "cel.dev/cel-go/common/operators"

// op is what one node does.
type op uint8

const (
	opConst op = iota
	opVar
	opList
	opAnd
	opOr
	opNot
	opIf
	opEqual
	opUnequal
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opAdd
	opSubtract
	opMultiply
	opDivide
	opModulo
	opNegate
	opIn
	opIndex
	opSize
	opMin
	opMax
	opMulDiv
	opSteps
)

// Units that a node costs besides the 1 that every node does.
const (
	// stringCost is for comparing two strings of at most MaxString bytes.
	stringCost = MaxString / 16
	// listCost is for each entry of a list that is walked.
	listCost = 1
)

// signature is one way to call an operator or a function.
type signature struct {
	name string // as cel-go's parser names it
	op   op
	args []Type
	out  Type
}

// signatures is the whole language but constants, names, lists and the conditional.
var signatures = []signature{
	{operators.LogicalAnd, opAnd, []Type{Bool, Bool}, Bool},
	{operators.LogicalOr, opOr, []Type{Bool, Bool}, Bool},
	{operators.LogicalNot, opNot, []Type{Bool}, Bool},
	{operators.Equals, opEqual, []Type{Int, Int}, Bool},
	{operators.Equals, opEqual, []Type{Bool, Bool}, Bool},
	{operators.Equals, opEqual, []Type{String, String}, Bool},
	{operators.NotEquals, opUnequal, []Type{Int, Int}, Bool},
	{operators.NotEquals, opUnequal, []Type{Bool, Bool}, Bool},
	{operators.NotEquals, opUnequal, []Type{String, String}, Bool},
	{operators.Less, opLess, []Type{Int, Int}, Bool},
	{operators.LessEquals, opLessEqual, []Type{Int, Int}, Bool},
	{operators.Greater, opGreater, []Type{Int, Int}, Bool},
	{operators.GreaterEquals, opGreaterEqual, []Type{Int, Int}, Bool},
	{operators.Add, opAdd, []Type{Int, Int}, Int},
	{operators.Subtract, opSubtract, []Type{Int, Int}, Int},
	{operators.Multiply, opMultiply, []Type{Int, Int}, Int},
	{operators.Divide, opDivide, []Type{Int, Int}, Int},
	{operators.Modulo, opModulo, []Type{Int, Int}, Int},
	{operators.Negate, opNegate, []Type{Int}, Int},
	{operators.In, opIn, []Type{Int, List}, Bool},
	{operators.Index, opIndex, []Type{List, Int}, Int},
	{"size", opSize, []Type{List}, Int},
	{"min", opMin, []Type{Int, Int}, Int},
	{"max", opMax, []Type{Int, Int}, Int},
	{"mul_div", opMulDiv, []Type{Int, Int, Int}, Int},
	{"steps", opSteps, []Type{List, Int}, Int},
}
