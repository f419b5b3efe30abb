// Package ask is what callers ask, as the index understands it: the words of a search, how they may be misspelt, and cursors of lists.
//
// It is pure. Whatever a caller sends becomes words of letters and digits in quotes: nothing in it is an operator of a query. Works are
// indexed by the same words (Text), so that what is searched and what is found are cut alike: lower case, without diacritics, and in
// scripts that write no spaces every two characters that stand together.
//
// Start at Words and Match; Text is the other side.
package ask
