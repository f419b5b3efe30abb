package types

import "cosmossdk.io/collections"

const (
	// MaxRoyaltyBps is the most that the author of a template gets of a payment.
	MaxRoyaltyBps = 200
	// TemplateDeposit is what publishing a template keeps of its author, in ustream: 10 STREAM.
	TemplateDeposit = 10_000_000
	// MaxRefundable is the most purchases of one viewer and work that can be refunded at a time.
	MaxRefundable = 16
	// TemplateCheckGas is charged for reading a template, besides TemplateByteGas for each byte of its expressions.
	TemplateCheckGas = 2_000
	// TemplateByteGas is charged for each byte of an expression that is read.
	TemplateByteGas = 5
	// TemplateUnitGas is charged for each unit that an evaluation can cost.
	TemplateUnitGas = 10
)

// Prefixes of the store for templates. Never renumbered.
var (
	TemplatesKey         = collections.NewPrefix(32)
	TemplateSequencesKey = collections.NewPrefix(33)
	TemplateStandingsKey = collections.NewPrefix(34)
	TemplateTotalsKey    = collections.NewPrefix(35)
)
