package keeper

import "github.com/streamchain/streamchain/x/stream/types"

// WithBank is the keeper on another bank, for tests of what fails.
func (k *Keeper) WithBank(bank types.BankKeeper) *Keeper {
	other := *k
	other.bank = bank
	return &other
}
