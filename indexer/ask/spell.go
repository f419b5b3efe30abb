package ask

import "strings"

// Trigrams is the question to the index of words for those that share three letters with one. Empty where it is too short.
func Trigrams(word string) string {
	letters := []rune(word)
	var grams []string
	for i := 0; i+3 <= len(letters); i++ {
		grams = append(grams, Quote(string(letters[i:i+3])))
	}
	return strings.Join(grams, " OR ")
}

// MaxEdits is how many letters of a word may be wrong: none of short ones, one of up to five, two of longer ones.
func MaxEdits(word string) int {
	switch n := len([]rune(word)); {
	case n < 3 || n > 32:
		return 0
	case n <= 5:
		return 1
	}
	return 2
}

// Edits is the optimal string alignment distance of two words, letters that changed places counting one; most+1 where it is more.
func Edits(a, b []rune, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	before, last, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(last[j]+1, next[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, last, next = last, next, before
	}
	return min(last[len(b)], most+1)
}
