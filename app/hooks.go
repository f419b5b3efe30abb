package app

import (
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// setHooks joins every module that tells news with those that listen.
func (app *App) setHooks() {
	// staking → distribution settles rewards before shares change; slashing follows who signs
	app.Staking.SetHooks(stakingtypes.NewMultiStakingHooks(app.Distr.Hooks(), app.Slashing.Hooks()))
	// gov → governance refuses proposals that would spend the deposits of others
	app.Gov.SetHooks(app.Governance.Hooks())
	// content → storage cancels the requests of a work that is retired; revenue records the consent
	// that parents' terms give to a derived work
	app.Content.SetHooks(contenttypes.MultiContentHooks{app.Storage.Hooks(), app.Revenue.Hooks()})
	// content → subscription refuses works without keys in a collection that has a price
	app.Content.SetCollectionHooks(app.Subscription.Hooks())
	// revenue → subscription ends the access that a refunded payment bought
	app.Revenue.SetHooks(app.Subscription.Hooks())
	// stream → subscription pays who served what costs viewers nothing by the tick
	app.Stream.SetHooks(app.Subscription.Hooks())
}
