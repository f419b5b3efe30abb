package app

import (
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	authzkeeper "github.com/cosmos/cosmos-sdk/x/authz/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	clocktypes "github.com/streamchain/streamchain/x/clock/types"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// stores are the keys of everything that a transaction can touch.
type stores struct {
	kv  map[string]*storetypes.KVStoreKey
	obj map[string]*storetypes.ObjectStoreKey
}

func newStores() stores {
	return stores{
		kv: storetypes.NewKVStoreKeys(
			authtypes.StoreKey, banktypes.StoreKey, stakingtypes.StoreKey, minttypes.StoreKey, distrtypes.StoreKey,
			slashingtypes.StoreKey, govtypes.StoreKey, consensustypes.StoreKey, upgradetypes.StoreKey, feegrant.StoreKey,
			evidencetypes.StoreKey, authzkeeper.StoreKey,
			clocktypes.StoreKey, contenttypes.StoreKey, storagetypes.StoreKey, revenuetypes.StoreKey, streamtypes.StoreKey,
			subscriptiontypes.StoreKey, disputetypes.StoreKey, governancetypes.StoreKey,
		),
		obj: storetypes.NewObjectStoreKeys(banktypes.ObjectStoreKey, revenuetypes.ObjectStoreKey),
	}
}

// all is what block-stm must know: a store that is mounted and missing here would be read
// past the other transactions of the block.
func (s stores) all() []storetypes.StoreKey {
	keys := make([]storetypes.StoreKey, 0, len(s.kv)+len(s.obj))
	for _, k := range s.kv {
		keys = append(keys, k)
	}
	for _, k := range s.obj {
		keys = append(keys, k)
	}
	return keys
}
