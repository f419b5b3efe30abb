// Package receipt reads back from the chain who paid and who got what: of one transaction, or of all that
// an account's coins ever did. Nothing in it is assumed: amounts come from typed events, balances from queries.
//
// A statement walks every block, which suits local networks and audits; large histories are an indexer's work.
// Explain says in plain words what a transaction asked for and did; an indexer that must not tell who watched what uses Sentence on the rest.
//
// Start at OfTx, OfPayer and Explain.
package receipt
