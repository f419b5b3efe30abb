package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// maxNamedBytes bounds what an event quotes of a malformed item.
const maxNamedBytes = 128

// alone runs one item of a batch on a cache of the state, kept only where it succeeds. The gas
// is the message's. It does not recover: out of gas must fail the whole message.
func (k *Keeper) alone(ctx context.Context, item func(sdk.Context) error) error {
	cache, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	if err := item(cache); err != nil {
		return err
	}
	write()
	return nil
}

// named is what an event calls a party of a refused item: nothing, where no address could be
// that long or of these bytes.
func named(party string) string {
	if len(party) > maxNamedBytes {
		return ""
	}
	for i := range len(party) {
		if c := party[i]; c <= ' ' || c > '~' {
			return ""
		}
	}
	return party
}
