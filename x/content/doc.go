// Package content registers creators and their works: who published what, when, and which
// version is the newest. Money, storage and access key on what it registers; it knows
// nothing of them.
//
// It is not a store of media or text: a work's row holds hashes, and the title stays in
// the manifest and the event. It never deletes a work. The spec is README.md; the code
// starts at keeper/work.go.
package content
