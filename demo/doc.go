// Package demo runs the main job on real media with the real binaries, as people
// would from the command line: a local network, two creators, one viewer, every way to
// pay. Every number in its receipt is read back from the chain or measured.
//
// It links neither the chain nor a node: it executes streamd. Each step can be run
// again, so that a run that was killed is finished by starting it again.
// Start at Run.
package demo
