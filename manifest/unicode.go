package manifest

// newRanges are the characters whose normal form differs between Unicode 15 and 17: the tables that
// are linked depend on the Go release that builds the program, and two validators of different
// builds must not disagree about a text. They lie in scripts that were added after Unicode 15.
var newRanges = [...][2]rune{
	{0x0897, 0x0897},   // Arabic pepet
	{0x1acf, 0x1aeb},   // combining diacritics
	{0x105c0, 0x105ff}, // Todhri
	{0x10d40, 0x10d8f}, // Garay
	{0x10efa, 0x10efb}, // Arabic combining marks
	{0x11380, 0x113ff}, // Tulu-Tigalari
	{0x16100, 0x1613f}, // Gurung Khema
	{0x16d40, 0x16d7f}, // Kirat Rai
	{0x1e5d0, 0x1e5ff}, // Ol Onal
	{0x1e6c0, 0x1e6ff}, // Tai Yo
}

// tooNew says whether the normal form of r depends on how the program was built.
func tooNew(r rune) bool {
	for _, n := range newRanges {
		if r >= n[0] && r <= n[1] {
			return true
		}
	}
	return false
}
