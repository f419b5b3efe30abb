package template

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"
)

// node is one checked step. A tree of them is immutable and shared by evaluations.
type node struct {
	op   op
	typ  Type
	val  Value // opConst
	slot int   // opVar
	args []*node
	cost uint64 // the most units of this node and all below it
}

// compiler checks one expression.
type compiler struct {
	params []Param
	info   *ast.SourceInfo
	nodes  int
	used   []bool // of each fact: some expression names it
}

// compile reads an expression and checks that it is in the language and of the type.
// It notes in used which facts it names.
func compile(source string, params []Param, want Type, used []bool) (*node, error) {
	if len(source) > MaxSource {
		return nil, fmt.Errorf("%d bytes, at most %d", len(source), MaxSource)
	}
	// what looks like another character in a text that people sign for is a trap
	if i := strings.IndexFunc(source, func(r rune) bool { return (r < ' ' && r != '\n' && r != '\t') || r > '~' }); i >= 0 {
		return nil, fmt.Errorf("byte %d is not printable ASCII", i)
	}
	if hexadecimal(source) {
		return nil, fmt.Errorf("write numbers in decimal")
	}
	tree, err := parse(source)
	if err != nil {
		return nil, err
	}
	c := compiler{params: params, info: tree.SourceInfo(), used: used}
	root, err := c.expr(tree.Expr(), 1)
	if err != nil {
		return nil, err
	}
	if root.typ != want {
		return nil, fmt.Errorf("it is a %s, must be a %s", root.typ, want)
	}
	if root.cost > MaxCost {
		return nil, fmt.Errorf("it can cost %d units, at most %d", root.cost, MaxCost)
	}
	return root, nil
}

// hexadecimal reports a number like 0x1F. The two parsers of cel-go do not agree on all of them, and nobody needs one.
func hexadecimal(source string) bool {
	word := func(c byte) bool {
		return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	for i := 0; i+1 < len(source); i++ {
		if source[i] == '0' && (source[i+1] == 'x' || source[i+1] == 'X') && (i == 0 || !word(source[i-1])) {
			return true
		}
	}
	return false
}

// parse reads the text by cel-go's hand-written parser: unlike the generated one it shares no cache between calls, and its work
// grows with the length of the text only. There are no macros, hence no loops.
func parse(source string) (tree *ast.AST, err error) {
	// the limits leave it nothing to panic about; should it still, that must not depend on who called
	defer func() {
		if r := recover(); r != nil {
			tree, err = nil, fmt.Errorf("it cannot be read")
		}
	}()
	p, err := parser.NewParser(parser.EnablePrattParser(true), parser.MaxRecursionDepth(parserDepth),
		parser.ExpressionSizeCodePointLimit(MaxSource), parser.MaxExpressionNodeCount(2*MaxNodes), parser.ErrorRecoveryLimit(1))
	if err != nil {
		return nil, err
	}
	tree, errs := p.Parse(common.NewStringSource(source, ""))
	if found := errs.GetErrors(); len(found) > 0 {
		return nil, fmt.Errorf("line %d, column %d: %.200s", found[0].Location.Line(), found[0].Location.Column()+1, found[0].Message)
	}
	if tree == nil || tree.Expr() == nil {
		return nil, fmt.Errorf("it cannot be read")
	}
	return tree, nil
}

func (c *compiler) expr(e ast.Expr, depth int) (*node, error) {
	if c.nodes++; c.nodes > MaxNodes {
		return nil, fmt.Errorf("more than %d operators, names and constants", MaxNodes)
	}
	if depth > MaxDepth {
		return nil, fmt.Errorf("nested deeper than %d", MaxDepth)
	}
	switch e.Kind() {
	case ast.LiteralKind:
		return c.literal(e)
	case ast.IdentKind, ast.SelectKind:
		return c.name(e)
	case ast.CallKind:
		return c.call(e, depth)
	case ast.ListKind:
		return c.list(e, depth)
	case ast.MapKind, ast.StructKind:
		return nil, c.refuse(e, "there are no maps and no messages")
	}
	return nil, c.refuse(e, "there are no loops")
}

func (c *compiler) refuse(e ast.Expr, format string, args ...any) error {
	at := c.info.GetStartLocation(e.ID())
	return fmt.Errorf("line %d, column %d: %s", at.Line(), at.Column()+1, fmt.Sprintf(format, args...))
}

func (c *compiler) literal(e ast.Expr) (*node, error) {
	var v Value
	switch l := e.AsLiteral().(type) {
	case types.Int:
		v = IntValue(int64(l))
	case types.Bool:
		v = BoolValue(bool(l))
	case types.String:
		if len(l) > MaxString {
			return nil, c.refuse(e, "a string of %d bytes, at most %d", len(l), MaxString)
		}
		v = TextValue(string(l))
	case types.Double:
		return nil, c.refuse(e, "there are no fractions; count in ustream, seconds and basis points")
	default:
		return nil, c.refuse(e, "there are only ints, bools, strings and lists of ints")
	}
	return &node{op: opConst, typ: v.Type, val: v, cost: 1}, nil
}

// name reads a fact or a parameter: a name with dots.
func (c *compiler) name(e ast.Expr) (*node, error) {
	name, ok := dotted(e)
	if !ok {
		return nil, c.refuse(e, "only facts and parameters have dots")
	}
	if param, ok := strings.CutPrefix(name, "params."); ok {
		if i := slices.IndexFunc(c.params, func(p Param) bool { return p.Name == param }); i >= 0 {
			return &node{op: opVar, typ: c.params[i].Type, slot: len(facts) + i, cost: 1}, nil
		}
	}
	if i := slices.IndexFunc(facts, func(f fact) bool { return f.name == name }); i >= 0 {
		typ, _ := FactType(name)
		c.used[i] = true
		return &node{op: opVar, typ: typ, slot: i, cost: 1}, nil
	}
	return nil, c.refuse(e, "no fact and no parameter is named %.80s", name)
}

func dotted(e ast.Expr) (string, bool) {
	var parts []string
	for e.Kind() == ast.SelectKind {
		s := e.AsSelect()
		if s.IsTestOnly() {
			return "", false
		}
		parts = append(parts, s.FieldName())
		e = s.Operand()
	}
	if e.Kind() != ast.IdentKind {
		return "", false
	}
	parts = append(parts, e.AsIdent())
	slices.Reverse(parts)
	return strings.Join(parts, "."), true
}

func (c *compiler) list(e ast.Expr, depth int) (*node, error) {
	l := e.AsList()
	if n := len(l.Elements()); n == 0 || n > MaxList || len(l.OptionalIndices()) > 0 {
		return nil, c.refuse(e, "a list has 1 to %d ints", MaxList)
	}
	n := &node{op: opList, typ: List, cost: 1}
	for _, element := range l.Elements() {
		arg, err := c.expr(element, depth+1)
		if err != nil {
			return nil, err
		}
		if arg.typ != Int {
			return nil, c.refuse(element, "a list has only ints, this is a %s", arg.typ)
		}
		n.args = append(n.args, arg)
		n.cost += arg.cost
	}
	return n, nil
}

func (c *compiler) call(e ast.Expr, depth int) (*node, error) {
	call := e.AsCall()
	if call.IsMemberFunction() {
		return nil, c.refuse(e, "there are no methods; write size(x), not x.size()")
	}
	n := &node{cost: 1}
	for _, a := range call.Args() {
		arg, err := c.expr(a, depth+1)
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, arg)
		n.cost += arg.cost
	}
	if call.FunctionName() == operators.Conditional {
		if len(n.args) != 3 || n.args[0].typ != Bool || n.args[1].typ != n.args[2].typ {
			return nil, c.refuse(e, "a ? b : c needs a bool, and b and c of one type")
		}
		n.op, n.typ = opIf, n.args[1].typ
		// only one of the two is evaluated
		n.cost -= min(n.args[1].cost, n.args[2].cost)
		return n, nil
	}
	known := false
	for _, s := range signatures {
		if s.name != call.FunctionName() {
			continue
		}
		known = true
		if slices.EqualFunc(n.args, s.args, func(a *node, t Type) bool { return a.typ == t }) {
			n.op, n.typ = s.op, s.out
			n.cost += s.extra()
			return n, nil
		}
	}
	if !known {
		return nil, c.refuse(e, "there is no function or operator %.40s", strings.Trim(call.FunctionName(), "_@"))
	}
	return nil, c.refuse(e, "%s does not take these types", strings.Trim(call.FunctionName(), "_@"))
}

// extra is the most that a call costs besides its arguments and itself.
func (s signature) extra() uint64 {
	switch s.op {
	case opEqual, opUnequal:
		if s.args[0] == String {
			return stringCost
		}
	case opIn, opSteps:
		return MaxList * listCost
	}
	return 0
}
