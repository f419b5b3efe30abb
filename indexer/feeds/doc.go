// Package feeds gives the pages of feeds: the index's own, and those of feed generators, which are services of strangers
// (docs/spec/feeds.md).
//
// Whatever a generator does, a page comes: an answer that is late, unsigned, malformed, too large or about works that nobody
// knows is replaced by the trending works, with a slug that says why. What goes out says nothing of the viewer but the
// language and the works that the viewer chose to tell.
//
// It is not a recommender (package recommend is one), and keeps nothing on disk.
//
// Start at New and Service.Items.
package feeds
