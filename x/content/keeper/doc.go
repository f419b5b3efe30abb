// Package keeper keeps creators, handles, works and commits.
//
// It is not where fields are checked (types) nor where messages are decoded beyond
// msg_server.go. Its invariants are CheckInvariants: the module account covers every
// deposit, versions form one chain per root, and each index has exactly the rows that
// its records imply. Start at Publish in work.go.
package keeper
