package keeper_test

import (
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/token"
	contentkeeper "github.com/streamchain/streamchain/x/content/keeper"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// encrypted publishes an encrypted work called name and returns its cid.
func (f *fixture) encrypted(controller sdk.AccAddress, name string) string {
	f.T.Helper()
	media, err := mh.Sum([]byte(name), mh.SHA2_256, -1)
	require.NoError(f.T, err)
	c0, root := keyshare.NewSecret(rand.Reader).C0(), sha256.Sum256([]byte(name))
	work, err := contentkeeper.NewMsgServer(f.content.Keeper).Publish(f.Ctx, &contenttypes.MsgPublish{
		Controller: controller.String(), Creator: contenttypes.NewCreatorID(controller).String(), Kind: "video", Title: name, DurationSeconds: 30,
		Media: cid.NewCidV1(cid.DagProtobuf, media).String(), PieceRoot: root[:], PieceSize: 5, Licence: "CC-BY-4.0",
		Keys: &contenttypes.Keys{Suite: keyshare.Suite, C0: c0[:], WindowSeconds: 20},
	})
	require.NoError(f.T, err)
	return work.Cid
}

// TestEncryptedOffers: an encrypted work has a price only once somebody holds its keys.
func TestEncryptedOffers(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	work := f.encrypted(alice, "film")
	set := func(offers ...types.Offer) error {
		_, err := f.msg.SetOffers(f.Ctx, &types.MsgSetOffers{Controller: alice.String(), Work: work, Offers: offers})
		return err
	}
	require.ErrorIs(t, set(types.NewPurchaseOffer(token.Coin(5))), types.ErrNoKeySet)
	require.ErrorIs(t, set(types.NewFreeOffer(), types.NewPurchaseOffer(token.Coin(5))), types.ErrNoKeySet)
	for name, offer := range map[string]types.Offer{
		"rental": types.NewRentalOffer(token.Coin(1), 60), "tier": types.NewTierOffer(1), "token": types.NewTokenOffer(token.Coin(1)),
		"pay what you want": types.NewPayWhatYouWantOffer(token.Coin(1)), "metered": types.NewMeteredOffer(math.OneInt(), 1, 0),
	} {
		require.ErrorIs(t, set(offer), types.ErrNoKeySet, name)
	}
	require.NoError(t, set(types.NewFreeOffer()))
	f.storage.keyed[work] = true
	require.NoError(t, set(types.NewPurchaseOffer(token.Coin(5))))
}
