// Package store is the index in SQLite: its schema, its one writer, and the queries of whoever reads.
//
// What the chain says lies in the projected tables (schema.sql), which are a function of the chain's blocks alone: a rebuild gives the
// same rows, and Digest says so in one hash. What an operator or a caller of the API says (webhooks) lies in local.sql and outlives a rebuild.
// The cursor, the height of the newest block that is in, moves in the same transaction as the rows of its blocks.
//
// It is not: a client of the chain (package follow reads blocks, package project turns them into rows), nor an authority. It keeps no
// viewer's history of what was paid for by the second: see spends in schema.sql and project.Private.
//
// Start in store.go (open, write) and tx.go (what projectors use); files named read_*.go have the queries of the API.
package store
