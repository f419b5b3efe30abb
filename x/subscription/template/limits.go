package template

// Limits of a template. They bound the work of a check (MaxSource, MaxNodes, MaxDepth) and of an evaluation (MaxCost), and are
// constants of consensus.
const (
	// MaxSource is the most bytes of one expression.
	MaxSource = 1024
	// MaxNodes is the most operators, calls, names and constants of one expression.
	MaxNodes = 200
	// MaxDepth is the deepest nesting of one expression.
	MaxDepth = 40
	// MaxCost is the most units that one evaluation can cost. An expression that could cost more is refused when it is checked.
	MaxCost = 1000
	// MaxString is the most bytes of a string constant.
	MaxString = 64
	// MaxList is the most entries of a list.
	MaxList = 32
	// MaxParams is the most parameters of a template.
	MaxParams = 16
	// MaxOptions is the most options of an enum.
	MaxOptions = 16
	// MaxName is the most bytes of the name of a parameter, or of an option.
	MaxName = 32
	// MaxAbout is the most bytes of a parameter's explanation.
	MaxAbout = 140
	// MaxPrice is the highest price in ustream.
	MaxPrice = 1_000_000_000_000_000_000
	// FullBps is the whole in basis points.
	FullBps = 10_000

	// parserDepth is where the parser stops to nest. It counts parentheses and steps between operators that no node stands for.
	parserDepth = 64
)
