// Package indexer is the indexer as a library: it follows a chain into rows and answers questions about them over HTTP.
//
// follow reads blocks in order, project turns them into rows, store keeps them, api answers. Nothing here is authority: rows can be
// thrown away and made again from the chain (`indexerd reindex`), and every answer can be checked against it. It holds no key, signs
// nothing, and keeps no history of what anybody watched.
//
// Start at Run.
package indexer
