// Package ledger keeps what viewers have paid this node: lanes, the sessions inside them, the newest word
// of each, and which ticks were used. It is a journal on disk with its whole state in memory.
//
// Invariants: the prices of what a lane's sessions have paid never add up to more than its cap, through crashes
// too; a word or a used tick is acknowledged only when it is on stable storage; ticks used never exceed ticks
// paid; a tick of a rendition is used once; only who shows a word that is not public gets anything for what is paid. Many sessions share one fsync.
//
// It is not money: the chain pays, against the words kept here (package settle). It checks
// hashes, never signatures, prices or access: what enters was judged by package admit.
//
// Start at Open, then Ledger.Use.
package ledger
