// Package publicnet says which network addresses a program may call for a stranger, who could otherwise point it at
// services inside its own network.
//
// It is pure and resolves no names. The chain asks it when an endpoint is registered, clients ask it again for every
// address that they dial: a name may lead elsewhere by then. The chain's answer is part of the state machine, so the
// list of networks changes only with an upgrade.
//
// Start at Public, Endpoint and Dialable.
package publicnet
