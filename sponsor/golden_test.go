package sponsor

// The hashes of the vector in docs/spec/sponsor.md, and its least solution.
const (
	goldenText      = "c9e4fa01fd429a8f9fa9a6813a6330aa656887d17dc36404150f80b6dab47581"
	goldenSignBytes = "98560f5c5aec78671faa7b9cc60e61896f27e12fcf29b679949e0a0d3721b2cb"
	goldenWork      = 3183
)
