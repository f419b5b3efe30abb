// Package dispute is the chain's court: claims about works, creators, payments, splits and
// storage providers are judged by jurors who are drawn by stake, and rulings carry themselves
// out through the modules below.
//
// It is no moderation: nobody decides alone, nothing is deleted, and what the law asks of a node
// is its operator's own denylist. Its invariants: bonds, stakes and what is owed are the module
// account; a juror's locked stake is what its seats can cost; a work is restricted while a
// dispute restricts it. The spec is README.md; the code starts at keeper/open.go and keeper/step.go.
package dispute
