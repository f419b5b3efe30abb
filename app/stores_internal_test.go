package app

import (
	"encoding/json"

	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
)

// StoreNames are the stores that are mounted.
func StoreNames(app *App) []string {
	var names []string
	for name := range app.CommitMultiStore().(*rootmulti.Store).StoreKeysByName() {
		names = append(names, name)
	}
	return names
}

// ParallelStoreNames are the stores that block-stm is told of.
func ParallelStoreNames(app *App) []string {
	var names []string
	for _, key := range app.stores.all() {
		names = append(names, key.Name())
	}
	return names
}

// ExportGenesis exports a state that InitChain has loaded and no block has committed yet.
func (app *App) ExportGenesis() ([]byte, error) {
	gs, err := app.modules.ExportGenesis(app.GetContextForFinalizeBlock(nil), app.enc.cdc)
	if err != nil {
		return nil, err
	}
	return json.Marshal(gs)
}
