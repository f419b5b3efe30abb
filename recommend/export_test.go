package recommend

// PairsOf are the pairs of all that a world's users bought.
func PairsOf(w World) []Pair {
	var baskets [][]int
	for _, u := range w.Users {
		var b []int
		for _, p := range u {
			b = append(b, p.Work)
		}
		baskets = append(baskets, b)
	}
	return countPairs(baskets, newest)
}

// Divide is what is learned from and what is asked: a past and what came next.
func Divide(w World, split Split) (baskets [][]int, asked [][2][]int) {
	baskets, questions := w.divide(split)
	for _, q := range questions {
		asked = append(asked, [2][]int{q.past, q.next})
	}
	return baskets, asked
}
