// Package archtest holds the code to the house rules of ARCHITECTURE.md: who may
// import whom, what consensus code must not contain, and the size of files.
//
// Each rule is a pure function over what `go list` and the syntax tree say, with a
// test that it fails on a planted breach. Start at TestImports.
package archtest
