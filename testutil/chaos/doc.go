// Command chaos runs the demo while it kills -9 the chain, a storage node, the publisher
// and the watcher at random points drawn from a seed. After each kill the demo is started
// again; in the end it must finish, and its receipt must add up to the ustream.
//
//	go run ./testutil/chaos -rounds 2 -seed 1 -bin build
package main
