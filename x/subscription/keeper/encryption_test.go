package keeper_test

import (
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/token"
	contentkeeper "github.com/streamchain/streamchain/x/content/keeper"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// TestEncryptedOffers: an encrypted work has a price only once somebody holds its keys.
func TestEncryptedOffers(t *testing.T) {
	f := newFixture(t)
	alice := f.Funded("alice", 100_000_000)
	publisher := contentkeeper.NewMsgServer(f.content.Keeper)
	_, err := publisher.RegisterCreator(f.Ctx, &contenttypes.MsgRegisterCreator{Controller: alice.String()})
	require.NoError(t, err)
	media, err := mh.Sum([]byte("film"), mh.SHA2_256, -1)
	require.NoError(t, err)
	c0, root := keyshare.NewSecret(rand.Reader).C0(), sha256.Sum256([]byte("film"))
	work, err := publisher.Publish(f.Ctx, &contenttypes.MsgPublish{
		Controller: alice.String(), Creator: contenttypes.NewCreatorID(alice).String(), Kind: "video", Title: "film", DurationSeconds: 30,
		Media: cid.NewCidV1(cid.DagProtobuf, media).String(), PieceRoot: root[:], PieceSize: 5, Licence: "CC-BY-4.0",
		Keys: &contenttypes.Keys{Suite: keyshare.Suite, C0: c0[:], WindowSeconds: 20},
	})
	require.NoError(t, err)
	set := func(offers ...types.Offer) error {
		_, err := f.msg.SetOffers(f.Ctx, &types.MsgSetOffers{Controller: alice.String(), Work: work.Cid, Offers: offers})
		return err
	}
	require.ErrorIs(t, set(types.NewPurchaseOffer(token.Coin(5))), types.ErrNoKeySet)
	require.ErrorIs(t, set(types.NewFreeOffer(), types.NewPurchaseOffer(token.Coin(5))), types.ErrNoKeySet)
	require.NoError(t, set(types.NewFreeOffer()))
	f.storage.keyed[work.Cid] = true
	require.NoError(t, set(types.NewPurchaseOffer(token.Coin(5))))
}
