package template

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// testParams has one parameter of each type.
var testParams = []Param{
	{Name: "price", Type: Int, Min: -1 << 62, Max: 1 << 62, Default: IntValue(5_000_000)},
	{Name: "open", Type: Bool, Default: BoolValue(true)},
	{Name: "mode", Type: String, Options: []string{"once", "monthly"}, Default: TextValue("once")},
	{Name: "prices", Type: List, Min: -1 << 62, Max: 1 << 62, MaxLen: MaxList, Default: ListValue(1, 20, 300)},
}

// oracle is cel-go whole: its other parser, its checker and its interpreter, with our four functions written another way.
func oracle(t testing.TB, params []Param) *cel.Env {
	t.Helper()
	celType := map[Type]*cel.Type{Int: cel.IntType, Bool: cel.BoolType, String: cel.StringType, List: cel.ListType(cel.IntType)}
	opts := []cel.EnvOption{cel.ClearMacros()}
	for _, name := range FactNames() {
		typ, _ := FactType(name)
		opts = append(opts, cel.Variable(name, celType[typ]))
	}
	for _, p := range params {
		opts = append(opts, cel.Variable("params."+p.Name, celType[p.Type]))
	}
	number := func(v ref.Val) *big.Int { return big.NewInt(int64(v.(types.Int))) }
	result := func(i *big.Int) ref.Val {
		if !i.IsInt64() {
			return types.NewErr("overflow")
		}
		return types.Int(i.Int64())
	}
	ints := []*cel.Type{cel.IntType, cel.IntType, cel.IntType}
	opts = append(opts,
		cel.Function("min", cel.Overload("min_ints", ints[:2], cel.IntType, cel.BinaryBinding(func(a, b ref.Val) ref.Val {
			if number(a).Cmp(number(b)) < 0 {
				return a
			}
			return b
		}))),
		cel.Function("max", cel.Overload("max_ints", ints[:2], cel.IntType, cel.BinaryBinding(func(a, b ref.Val) ref.Val {
			if number(a).Cmp(number(b)) > 0 {
				return a
			}
			return b
		}))),
		cel.Function("mul_div", cel.Overload("mul_div_ints", ints, cel.IntType, cel.FunctionBinding(func(v ...ref.Val) ref.Val {
			if number(v[2]).Sign() == 0 {
				return types.NewErr("division by zero")
			}
			product := new(big.Int).Mul(number(v[0]), number(v[1]))
			return result(product.Quo(product, number(v[2])))
		}))),
		cel.Function("steps", cel.Overload("steps_list_int", []*cel.Type{cel.ListType(cel.IntType), cel.IntType}, cel.IntType,
			cel.BinaryBinding(func(list, x ref.Val) ref.Val {
				n := int64(0)
				for it := list.(traits.Lister).Iterator(); it.HasNext() == types.True; {
					if number(it.Next()).Cmp(number(x)) <= 0 {
						n++
					}
				}
				return types.Int(n)
			}))),
	)
	env, err := cel.NewEnv(opts...)
	require.NoError(t, err)
	return env
}

// ask evaluates by the oracle. known is false where it does not accept the source, ok where the evaluation fails.
func ask(env *cel.Env, source string, params []Param, values []Value, f Facts) (out Value, ok, known bool) {
	tree, issues := env.Compile(source)
	if issues.Err() != nil {
		return Value{}, false, false
	}
	program, err := env.Program(tree)
	if err != nil {
		return Value{}, false, false
	}
	vars := map[string]any{}
	for i, v := range f.values() {
		vars[facts[i].name] = native(v)
	}
	for i, p := range params {
		vars["params."+p.Name] = native(values[i])
	}
	got, _, err := program.Eval(vars)
	if err != nil {
		return Value{}, false, true
	}
	switch got := got.(type) {
	case types.Int:
		return IntValue(int64(got)), true, true
	case types.Bool:
		return BoolValue(bool(got)), true, true
	case types.String:
		return TextValue(string(got)), true, true
	case traits.Lister:
		list := []int64{}
		for it := got.Iterator(); it.HasNext() == types.True; {
			list = append(list, int64(it.Next().(types.Int)))
		}
		return ListValue(list...), true, true
	}
	return Value{}, false, true
}

func native(v Value) any {
	switch v.Type {
	case Int:
		return v.Int
	case Bool:
		return v.Bool
	case String:
		return v.Text
	}
	return v.List
}

// agree fails where our evaluation and cel-go's differ, where two of ours differ, or where one costs more than was said.
func agree(t testing.TB, env *cel.Env, source string, want Type, f Facts) {
	t.Helper()
	root, err := compile(source, testParams, want, make([]bool, len(facts)))
	if err != nil {
		return
	}
	program := &Program{params: testParams}
	bound, err := program.Bind(nil)
	require.NoError(t, err)
	got, cost, err := bound.run(root, f)
	require.LessOrEqual(t, cost, root.cost, source)
	require.LessOrEqual(t, root.cost, uint64(MaxCost), source)
	expected, ok, known := ask(env, source, testParams, bound.values, f)
	require.True(t, known, "cel-go does not accept %s", source)
	require.Equal(t, ok, err == nil, "%s: %v", source, err)
	if err == nil {
		require.True(t, expected.Equal(got), "%s is %v, not %v", source, expected, got)
	}
	// from the text again, and at the same time: nothing is shared that could differ
	answers := make(chan string)
	for range 2 {
		go func() {
			again, errAgain := compile(source, testParams, want, make([]bool, len(facts)))
			if errAgain != nil {
				answers <- errAgain.Error()
				return
			}
			v, c, err := bound.run(again, f)
			answers <- fmt.Sprint(v, c, err)
		}()
	}
	first := fmt.Sprint(got, cost, err)
	require.Equal(t, first, <-answers, source)
	require.Equal(t, first, <-answers, source)
}

// writer writes expressions from bytes: each byte is a choice, and none means the simplest.
type writer struct {
	choices []byte
	nodes   int
}

func (w *writer) pick(n int) int {
	if len(w.choices) == 0 {
		return 0
	}
	c := int(w.choices[0]) % n
	w.choices = w.choices[1:]
	return c
}

var edges = []string{
	"0", "1", "-1", "2", "7", "10000", "1000000", "9223372036854775807", "-9223372036854775808", "4611686018427387904", "3037000500", "params.price",
	"block_time", "offered", "viewer.paid", "viewer.purchases", "work.buyers", "viewer.tier", "viewer.last_paid",
}

func (w *writer) expr(t Type, depth int) string {
	w.nodes++
	if depth > 6 || w.nodes > 60 || len(w.choices) == 0 {
		return w.leaf(t)
	}
	next := func(t Type) string { return w.expr(t, depth+1) }
	switch t {
	case Int:
		switch w.pick(12) {
		case 0, 1, 2, 3, 4:
			return "(" + next(Int) + []string{" + ", " - ", " * ", " / ", " % "}[w.pick(5)] + next(Int) + ")"
		case 5:
			return "-(" + next(Int) + ")"
		case 6:
			return "(" + next(Bool) + " ? " + next(Int) + " : " + next(Int) + ")"
		case 7:
			return next(List) + "[" + next(Int) + "]"
		case 8:
			return "size(" + next(List) + ")"
		case 9:
			return []string{"min", "max"}[w.pick(2)] + "(" + next(Int) + ", " + next(Int) + ")"
		case 10:
			return "mul_div(" + next(Int) + ", " + next(Int) + ", " + next(Int) + ")"
		}
		return "steps(" + next(List) + ", " + next(Int) + ")"
	case Bool:
		switch w.pick(8) {
		case 0, 1:
			return "(" + next(Bool) + []string{" && ", " || "}[w.pick(2)] + next(Bool) + ")"
		case 2:
			return "!(" + next(Bool) + ")"
		case 3:
			return "(" + next(Int) + []string{" < ", " <= ", " > ", " >= ", " == ", " != "}[w.pick(6)] + next(Int) + ")"
		case 4:
			return "(" + next(Bool) + []string{" == ", " != "}[w.pick(2)] + next(Bool) + ")"
		case 5:
			return "(" + next(String) + []string{" == ", " != "}[w.pick(2)] + next(String) + ")"
		case 6:
			return "(" + next(Int) + " in " + next(List) + ")"
		}
		return "(" + next(Bool) + " ? " + next(Bool) + " : " + next(Bool) + ")"
	case List:
		if w.pick(2) == 0 {
			var parts []string
			for range 1 + w.pick(5) {
				parts = append(parts, next(Int))
			}
			return "[" + strings.Join(parts, ", ") + "]"
		}
		return "(" + next(Bool) + " ? " + next(List) + " : " + next(List) + ")"
	}
	return w.leaf(t)
}

func (w *writer) leaf(t Type) string {
	switch t {
	case Int:
		return edges[w.pick(len(edges))]
	case Bool:
		return []string{"true", "false", "params.open", "viewer.referred", "viewer.owns"}[w.pick(5)]
	case String:
		return []string{`"once"`, `'monthly'`, "params.mode", `""`}[w.pick(4)]
	}
	return []string{"params.prices", "[0]", "[1, 2, 3]"}[w.pick(3)]
}

// someFacts makes facts from numbers.
func someFacts(a, b int64, c bool) Facts {
	f := Facts{BlockTime: a, Offered: b}
	f.Viewer = ViewerFacts{Purchases: b, FirstAt: a, LastAt: a, Paid: a ^ b, LastPaid: b, RunAt: a, Referred: c, Owns: !c, Tier: a & 7}
	f.Work = WorkFacts{PublishedAt: b, Duration: a, Buyers: a, Sales: b, Gross: a, Index: b & 31}
	return f
}

// FuzzExpression compares well-typed expressions with cel-go.
func FuzzExpression(f *testing.F) {
	for i := range 40 {
		f.Add(slices.Repeat([]byte{byte(i * 7), byte(i), byte(255 - i), 3, 9, 12}, 8), int64(i)*1_000_000_007, int64(-i), i%2 == 0)
	}
	env := oracle(f, testParams)
	f.Fuzz(func(t *testing.T, choices []byte, a, b int64, c bool) {
		if len(choices) > 300 {
			return
		}
		for _, typ := range []Type{Int, Bool} {
			w := writer{choices: choices}
			source := w.expr(typ, 0)
			agree(t, env, source, typ, someFacts(a, b, c))
		}
	})
}

// FuzzSource reads any text: no panic, limits kept, results in range, and what is accepted means what it means to cel-go.
func FuzzSource(f *testing.F) {
	for _, s := range []string{
		"true", "params.price", "viewer.purchases > 0 && block_time >= viewer.first_at + 3600", "steps([1,2], 3) + size(params.prices)",
		`params.mode == "once" ? 1 : mul_div(3, 4, 5)`, "1.5", "[1][0]", "{1:2}", "a.b.c", "-9223372036854775808", "x.map(y, y)", "'\\u00e9' == ''",
		"!!true", "--1", "1u", "null", "b'x'", "1 in [1]", "(((((1)))))", "has(a.b)", "'a' + 'b'", "// c\n1", "size([1,2])", ".viewer.paid", "0X0", "0x1F",
	} {
		f.Add(s, int64(1_700_000_000), int64(3), true)
	}
	env := oracle(f, testParams)
	f.Fuzz(func(t *testing.T, source string, a, b int64, c bool) {
		facts := someFacts(a, b, c)
		agree(t, env, source, Int, facts)
		agree(t, env, source, Bool, facts)
		for _, src := range []Source{
			{Access: source, Price: "0", Refund: "0", Params: testParams},
			{Access: "true", Price: source, Refund: source, Params: testParams},
		} {
			p, err := Check(src)
			if err != nil {
				continue
			}
			bound, err := p.Bind(nil)
			require.NoError(t, err)
			if granted, err := bound.Access(facts); err != nil {
				require.False(t, granted, "an error denies")
			}
			price, err := bound.Price(facts)
			require.True(t, price >= 0 && price <= MaxPrice && (err == nil || price == 0))
			refund, err := bound.Refund(facts)
			require.True(t, refund >= 0 && refund <= FullBps && (err == nil || refund == 0))
		}
	})
}

// TestAgainstCEL runs the generator without the fuzzer, so that every run of the tests compares.
func TestAgainstCEL(t *testing.T) {
	env := oracle(t, testParams)
	state, accepted := uint64(1), 0
	next := func() uint64 { // a fixed sequence: the test is the same each time
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		return state
	}
	for range 3000 {
		choices := make([]byte, 40)
		for i := range choices {
			choices[i] = byte(next())
		}
		typ := []Type{Int, Bool}[next()%2]
		w := writer{choices: choices}
		source := w.expr(typ, 0)
		facts := someFacts(int64(next()), int64(next()%1000), next()%2 == 0)
		if _, err := compile(source, testParams, typ, make([]bool, len(FactNames()))); err == nil {
			accepted++
		}
		agree(t, env, source, typ, facts)
	}
	require.Greater(t, accepted, 2000, "most of what is written is in the language")
}
