// Package recommend is the reference recommender: a feed generator (docs/spec/feeds.md) that learns from what the discovery
// API serves to everybody, and from nothing else.
//
// What it learns from: which works were bought by the same accounts, as counts of pairs, and what works say of themselves
// (tags, language, kind, words of the title, creator). Of a viewer it hears the works that the viewer chose to tell, uses
// them for one answer, and keeps nothing.
//
// It is not the built-in feed of an index, and no claim to be the best: docs/bench/recommend.md says how it does on data
// that we made up, and what that is worth.
//
// Start at Train and Model.Recommend.
package recommend
