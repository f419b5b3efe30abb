// Package voucher is the payment session between a viewer and a storage node: what a session
// key signs, the hash chain whose words pay ticks, and the meter that checks them.
//
// After PayWord (Rivest and Shamir, 1996): one signature starts a session, then one hash pays one tick. A word
// cannot be forged, used in another session, lane or chain, or taken back.
//
// It is pure: no input or output, no clock, nothing of ours. The chain, the node and the viewer
// share it; its bytes are fixed by docs/spec/session.md and the vectors in testdata.
//
// Start at Session, then Chain (who pays) and Meter (who is paid).
package voucher
