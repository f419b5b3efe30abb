// Package subscription keeps what works cost and who has access to them: offers, plans,
// purchases, subscriptions, and the one decision that nodes and apps ask for.
//
// It holds no coins: x/revenue takes and shares out every payment. It does not meter: paying
// by the tick is x/stream's, and only the terms are offered here. There are no renewals: a
// subscription runs out unless somebody pays again. The spec is README.md; the code starts
// at keeper/access.go.
package subscription
