package template

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func check(access, price, refund string, params ...Param) (*Program, error) {
	return Check(Source{Access: access, Price: price, Refund: refund, Params: params})
}

// What is not in the language is refused when it is checked, with words that say what to do.
func TestRefused(t *testing.T) {
	for source, reason := range map[string]string{
		"1.5":                     "there are no fractions",
		"1 + 1.0":                 "there are no fractions",
		"double(1)":               "no function or operator double",
		"int(1)":                  "no function or operator int",
		"0x1F":                    "in decimal",
		"1+0X1":                   "in decimal",
		"1u":                      "only ints, bools, strings",
		"null":                    "only ints, bools, strings",
		"b'x'":                    "only ints, bools, strings",
		"timestamp('2026-01-01')": "no function or operator timestamp",
		"duration('1h')":          "no function or operator duration",
		"now":                     "no fact and no parameter is named now",
		"'a'.matches('a*')":       "no methods",
		"matches('a', 'a')":       "no function or operator matches",
		"size('abc')":             "size does not take these types",
		"params.prices.size()":    "no methods",
		"'a' + 'b'":               "+ does not take these types",
		"[1] + [2]":               "+ does not take these types",
		"[1] == [1]":              "== does not take these types",
		"1 == true":               "== does not take these types",
		"'a' < 'b'":               "< does not take these types",
		"{'a': 1}":                "no maps",
		"{1: 2}[1]":               "no maps",
		"Facts{a: 1}":             "no maps and no messages",
		"[1, 2].map(x, x)":        "no methods",
		"[1].all(x, x > 0)":       "no methods",
		"has(viewer.paid)":        "no function or operator has",
		"viewer":                  "no fact and no parameter is named viewer",
		"viewer.age":              "named viewer.age",
		"params.nothing":          "named params.nothing",
		".viewer.paid":            "named .viewer.paid",
		"viewer.paid.x":           "named viewer.paid.x",
		"f(1)":                    "no function or operator f",
		"min(1)":                  "min does not take these types",
		"[][0]":                   "1 to 32 ints",
		"[[1]]":                   "a list has only ints",
		"['a']":                   "a list has only ints",
		"[true]":                  "a list has only ints",
		"true ? 1 : 'a'":          "b and c of one type",
		"1 ? 1 : 2":               "needs a bool",
		"!1":                      "! does not take these types",
		"-true":                   "- does not take these types",
		"true":                    "it is a bool, must be a int",
		"params.mode":             "it is a string",
		"params.prices":           "it is a list of ints",
		"1 +":                     "line 1, column",
		"":                        "line 1, column",
		"é":                       "not printable ASCII",
		"1 \u202e":                "not printable ASCII",
		"1\x00":                   "not printable ASCII",
		"9223372036854775808":     "line 1",
		"'" + strings.Repeat("a", 65) + "' == 'a' ? 1 : 2":      "a string of 65 bytes",
		"[" + strings.Repeat("1,", 32) + "1][0]":                "1 to 32 ints",
		strings.Repeat(" ", MaxSource) + "1":                    "1025 bytes, at most 1024",
		"1" + strings.Repeat("+1", 60):                          "nested deeper than 40",
		strings.Repeat("(", 70) + "1" + strings.Repeat(")", 70): "recursion limit",
		list(30): "it can cost",
	} {
		_, err := check("true", source, "0", testParams...)
		require.ErrorContains(t, err, "price: ", source)
		require.ErrorContains(t, err, reason, source)
	}
	_, err := check(strings.Repeat("!", 3)+"("+strings.TrimSuffix(strings.Repeat("true||", 120), "||")+")", "0", "0")
	require.ErrorContains(t, err, "access: more than 200 operators")
	_, err = check("1", "0", "0")
	require.ErrorContains(t, err, "access: it is a int, must be a bool")
	_, err = check("true", "0", "false")
	require.ErrorContains(t, err, "refund: it is a bool, must be a int")
}

// list is n searches of a list added up.
func list(n int) string {
	return strings.TrimSuffix(strings.Repeat("steps(params.prices,1)+", n), "+")
}

func TestParamsRefused(t *testing.T) {
	good := Param{Name: "a", Type: Int, Min: 0, Max: 9, Default: IntValue(3)}
	for name, change := range map[string]func(*Param){
		"1 to 32 of a":       func(p *Param) { p.Name = "" },
		"a letter":           func(p *Param) { p.Name = "_a" },
		"beginning":          func(p *Param) { p.Name = "1a" },
		"of a to z":          func(p *Param) { p.Name = "A" },
		"a name is":          func(p *Param) { p.Name = "a-b" },
		"a name is 1":        func(p *Param) { p.Name = "in" },
		"a name is 1 to 32":  func(p *Param) { p.Name = strings.Repeat("a", 33) },
		"about is":           func(p *Param) { p.About = strings.Repeat("a", 141) },
		"without control":    func(p *Param) { p.About = "a\nb" },
		"no such type":       func(p *Param) { p.Type = 0 },
		"min is above":       func(p *Param) { p.Min = 10 },
		"4 is not between":   func(p *Param) { p.Max, p.Default = 3, IntValue(4) },
		"must be a int":      func(p *Param) { p.Default = BoolValue(true) },
		"default: is a noth": func(p *Param) { p.Default = Value{} },
		"nothing else has":   func(p *Param) { p.Options = []string{"a"} },
		"a list has max_len": func(p *Param) { p.MaxLen = 1 },
		"only an int and a":  func(p *Param) { p.Type, p.Default = Bool, BoolValue(true) },
		"is none of":         func(p *Param) { *p = Param{Name: "a", Type: String, Options: []string{"x"}, Default: TextValue("y")} },
		"different names": func(p *Param) {
			*p = Param{Name: "a", Type: String, Options: []string{"x", "x"}, Default: TextValue("x")}
		},
		"options are":        func(p *Param) { *p = Param{Name: "a", Type: String, Options: []string{"é"}, Default: TextValue("é")} },
		"a string has 1":     func(p *Param) { *p = Param{Name: "a", Type: String, Default: TextValue("")} },
		"max_len of 1 to 32": func(p *Param) { *p = Param{Name: "a", Type: List, MaxLen: 33, Default: ListValue()} },
		"has 2 entries":      func(p *Param) { *p = Param{Name: "a", Type: List, Max: 9, MaxLen: 1, Default: ListValue(1, 2)} },
		"10 is not between":  func(p *Param) { *p = Param{Name: "a", Type: List, Max: 9, MaxLen: 1, Default: ListValue(10)} },
	} {
		p := good
		change(&p)
		_, err := check("true", "0", "0", p)
		require.ErrorContains(t, err, name)
	}
	_, err := check("true", "0", "0", good, good)
	require.ErrorContains(t, err, "declared twice")
	_, err = check("true", "0", "0", make([]Param, 17)...)
	require.ErrorContains(t, err, "17 parameters")
}

func TestBind(t *testing.T) {
	p, err := check("params.open", "params.price + params.prices[0]", "params.mode == 'once' ? 1 : 2", testParams...)
	require.NoError(t, err)
	for name, args := range map[string][]Arg{
		"no parameter is named": {{"x", IntValue(1)}},
		"set twice":             {{"price", IntValue(1)}, {"price", IntValue(1)}},
		"must be a int":         {{"price", BoolValue(true)}},
		"is none of":            {{"mode", TextValue("weekly")}},
		"is not between":        {{"prices", ListValue(1, math.MaxInt64)}},
		"has 33 entries":        {{"prices", ListValue(make([]int64, 33)...)}},
	} {
		_, err := p.Bind(args)
		require.ErrorContains(t, err, name)
	}
	b, err := p.Bind([]Arg{{"prices", ListValue(7)}, {"open", BoolValue(false)}, {"mode", TextValue("monthly")}})
	require.NoError(t, err)
	granted, err := b.Access(Facts{})
	require.NoError(t, err)
	require.False(t, granted)
	price, err := b.Price(Facts{})
	require.NoError(t, err)
	require.EqualValues(t, 5_000_007, price)
	refund, err := b.Refund(Facts{})
	require.NoError(t, err)
	require.EqualValues(t, 2, refund)
}

// An error denies, sells nothing and refunds nothing.
func TestFailClosed(t *testing.T) {
	for source, want := range map[string]error{
		"9223372036854775807 + viewer.paid":  ErrOverflow,
		"-9223372036854775807 - 2":           ErrOverflow,
		"9223372036854775807 * 2":            ErrOverflow,
		"-(-9223372036854775808)":            ErrOverflow,
		"-9223372036854775808 / -1":          ErrOverflow,
		"-9223372036854775808 % -1":          ErrOverflow,
		"mul_div(9223372036854775807, 3, 2)": ErrOverflow,
		"1 / 0":                              ErrDivide,
		"1 % 0":                              ErrDivide,
		"mul_div(1, 1, 0)":                   ErrDivide,
		"params.prices[3]":                   ErrIndex,
		"params.prices[-1]":                  ErrIndex,
	} {
		p, err := check("("+source+") > 0", source, source, testParams...)
		require.NoError(t, err, source)
		b, err := p.Bind(nil)
		require.NoError(t, err)
		f := Facts{Viewer: ViewerFacts{Paid: 1}}
		granted, err := b.Access(f)
		require.ErrorIs(t, err, want, source)
		require.False(t, granted)
		price, err := b.Price(f)
		require.ErrorIs(t, err, want, source)
		require.Zero(t, price)
		refund, err := b.Refund(f)
		require.ErrorIs(t, err, want, source)
		require.Zero(t, refund)
	}
	for source, errs := range map[string][2]error{
		"-1":                  {ErrNotForSale, ErrRefund},
		"0":                   {},
		"10000":               {},
		"10001":               {nil, ErrRefund},
		"1000000000000000000": {nil, ErrRefund},
		"1000000000000000001": {ErrPrice, ErrRefund},
	} {
		p, err := check("true", source, source)
		require.NoError(t, err)
		b, err := p.Bind(nil)
		require.NoError(t, err)
		_, err = b.Price(Facts{})
		require.ErrorIs(t, err, errs[0], source)
		_, err = b.Refund(Facts{})
		require.ErrorIs(t, err, errs[1], source)
	}
}

func TestFunctions(t *testing.T) {
	env := oracle(t, testParams)
	for source, want := range map[string]int64{
		"mul_div(1000000000000000000, 9250, 10000)": 925_000_000_000_000_000,
		"mul_div(-7, 1, 2)":                         -3,
		"mul_div(7, -1, -2)":                        3,
		"mul_div(-9223372036854775808, 1, 1)":       math.MinInt64,
		"steps([10, 20, 30], 20)":                   2,
		"steps(params.prices, 0)":                   0,
		"min(3, -3) + max(3, -3)":                   0,
		"size(params.prices)":                       3,
		"20 in params.prices ? 1 : 0":               1,
		"false && 1/0 > 0 ? 1 : 2":                  2,
		"1/0 > 0 || true ? 1 : 2":                   1,
		"-7 / 2 * 10 + -7 % 2":                      -31,
		"params.mode == 'once' ? 5 : 6":             5,
	} {
		p, err := check("true", source, "0", testParams...)
		require.NoError(t, err, source)
		b, err := p.Bind(nil)
		require.NoError(t, err)
		v, _, err := b.run(p.price, Facts{})
		require.NoError(t, err, source)
		require.Equal(t, want, v.Int, source)
		agree(t, env, source, Int, Facts{})
	}
}

// The bound is reached by the dearest way through an expression, and never passed.
func TestCost(t *testing.T) {
	for source, want := range map[string][2]uint64{ // bound, measured
		"1":                                  {1, 1},
		"viewer.paid + 1":                    {3, 3},
		"viewer.owns ? 1 : 1 + 1 + 1":        {7, 7},
		"steps(params.prices, 1)":            {3 + MaxList, 3 + 3},
		"params.mode == 'once' ? 1 : 0":      {1 + 3 + stringCost + 1, 1 + 3 + stringCost + 1},
		"size([1, 2, 3])":                    {5, 5},
		"viewer.owns && viewer.owns ? 1 : 2": {5, 4},
	} {
		p, err := check("true", source, "0", testParams...)
		require.NoError(t, err)
		require.Equal(t, want[0], p.Cost().Price, source)
		b, err := p.Bind(nil)
		require.NoError(t, err)
		_, cost, err := b.run(p.price, Facts{})
		require.NoError(t, err)
		require.Equal(t, want[1], cost, source)
	}
	// the meter holds even if the bound were wrong
	m := machine{cost: MaxCost}
	_, err := m.eval(&node{op: opConst})
	require.ErrorIs(t, err, ErrCost)
}

func TestFacts(t *testing.T) {
	var f Facts
	for i, name := range FactNames() {
		typ, ok := FactType(name)
		require.True(t, ok)
		if typ == Bool {
			require.NoError(t, f.Set(name, BoolValue(true)))
			require.Error(t, f.Set(name, IntValue(1)))
			require.True(t, f.values()[i].Bool, name)
			continue
		}
		require.NoError(t, f.Set(name, IntValue(int64(i+1))))
		require.Error(t, f.Set(name, BoolValue(true)))
		require.EqualValues(t, i+1, f.values()[i].Int, name)
	}
	p, err := check("viewer.owns", "viewer.paid", "0")
	require.NoError(t, err)
	require.True(t, p.Uses("viewer.owns") && p.Uses("viewer.paid"))
	require.False(t, p.Uses("viewer.tier") || p.Uses("nothing"))
	require.ErrorContains(t, f.Set("viewer.age", IntValue(1)), "no fact")
	_, ok := FactType("viewer.age")
	require.False(t, ok)
	require.EqualValues(t, math.MaxInt64, Count(math.MaxUint64))
	require.EqualValues(t, 7, Count(7))
}

func BenchmarkCheck(b *testing.B) {
	src := Source{
		Access: "viewer.purchases > 0 && block_time >= viewer.first_at + params.price * 3600 || viewer.owns",
		Price:  "viewer.purchases == 0 ? mul_div(params.price, viewer.referred ? 9000 : 10000, 10000) : -1",
		Refund: "block_time < viewer.last_at + 86400 ? 10000 : 0", Params: testParams,
	}
	for b.Loop() {
		if _, err := Check(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAccess(b *testing.B) {
	p, err := check("viewer.purchases > 0 && block_time >= viewer.first_at + params.price * 3600 || viewer.owns", "0", "0", testParams...)
	require.NoError(b, err)
	bound, err := p.Bind(nil)
	require.NoError(b, err)
	for b.Loop() {
		if _, err := bound.Access(Facts{}); err != nil {
			b.Fatal(err)
		}
	}
}
