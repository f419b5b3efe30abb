// Package court plays disputes against an attacker who has a part of all jurors' stake: the
// chain's own draw and the chain's own settlement, without a chain.
//
// It is no proof: jurors here are honest or the attacker's, and nobody is bribed. A run follows
// from its seed. Start at Game.Play.
package court
