package indexscale

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// began is the genesis' time: works of the genesis are of the two years before.
const began = 1_790_000_000

// perCreator is how many works a creator has on average.
const perCreator = 20

// hash is 32 bytes that name something.
func (c *Chain) hash(what string, n int) [32]byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], c.cfg.Seed)
	binary.BigEndian.PutUint64(b[8:], uint64(n))
	return sha256.Sum256(append([]byte(what), b[:]...))
}

func (c *Chain) random(what string, n int) *rand.Rand {
	return rand.New(rand.NewChaCha8(c.hash(what, n))) //nolint:gosec // test data
}

// Account is the n-th viewer's address.
func (c *Chain) Account(what string, n int) string {
	h := c.hash(what, n)
	return sdk.AccAddress(h[:20]).String()
}

func (c *Chain) controller(n int) sdk.AccAddress {
	h := c.hash("creator", n)
	return h[:20]
}

// creator is the n-th creator.
func (c *Chain) creator(n int) contenttypes.Creator {
	r := c.random("handle", n)
	return contenttypes.Creator{
		Id: contenttypes.NewCreatorID(c.controller(n)).String(), Controller: c.controller(n).String(), Handle: strings.ReplaceAll(words(r, 1), " ", "") + fmt.Sprint(n),
		RegisteredAt: began - 3*365*86400 + int64(n%1_000_000), HandleDeposit: math.NewInt(1),
	}
}

func (c *Chain) link(what string, n int, codec uint64) cid.Cid {
	h := c.hash(what, n)
	mh, err := multihash.Encode(h[:], multihash.SHA2_256)
	if err != nil {
		panic(err) // the digest has the right length
	}
	return cid.NewCidV1(codec, mh)
}

var (
	languages = []string{"en", "en", "en", "es", "hi", "ar", "fr", "pt", "ja", "de", ""}
	licences  = []string{"CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "LicenseRef-All-Rights-Reserved", "CC-BY-NC-4.0"}
)

// Manifest is the n-th work's.
func (c *Chain) Manifest(n int) manifest.Manifest {
	r := c.random("work", n)
	creator := n % max(1, c.cfg.Works/perCreator)
	tags := []string{}
	for range r.IntN(4) {
		if t := words(r, 1); !strings.Contains(" "+strings.Join(tags, " ")+" ", " "+t+" ") {
			tags = append(tags, t)
		}
	}
	return manifest.Manifest{
		Version: manifest.Version, Creator: contenttypes.NewCreatorID(c.controller(creator)), Kind: manifest.Kinds()[r.IntN(8)],
		Title: words(r, 2+r.IntN(5)), Language: languages[r.IntN(len(languages))], Description: words(r, 5+r.IntN(40)), Tags: tags,
		DurationSeconds: uint64(r.IntN(7200)), Media: c.link("media", n, cid.DagProtobuf), Cover: c.link("cover", n, cid.Raw),
		Piece: manifest.Piece{Root: c.hash("piece", n), Size: uint64(1 + r.IntN(1<<30))}, Licence: licences[r.IntN(len(licences))],
	}
}

func id(m manifest.Manifest) string {
	c, err := m.CID()
	if err != nil {
		panic(err) // made by Manifest
	}
	return c.String()
}

// work is the n-th work as a genesis has it.
func (c *Chain) work(n int) contenttypes.Work {
	m := c.Manifest(n)
	cid := id(m)
	return contenttypes.Work{
		Cid: cid, Root: cid, Head: cid, Version: 1, Creator: contenttypes.CreatorID(m.Creator).String(), Kind: m.Kind, Media: m.Media.String(), Cover: m.Cover.String(),
		PieceRoot: m.Piece.Root[:], PieceSize: m.Piece.Size, DurationSeconds: m.DurationSeconds, Status: contenttypes.WORK_STATUS_ACTIVE,
		PublishedAt: began - 2*365*86400 + int64(n)*63, Deposit: math.NewInt(1),
	}
}

// offers is how the n-th work is sold.
func (c *Chain) offers(n int, work string) subscriptiontypes.OfferList {
	r := c.random("offer", n)
	price := sdk.NewInt64Coin("ustream", int64(100_000*(1+r.IntN(50))))
	var o subscriptiontypes.Offer
	switch r.IntN(4) {
	case 0:
		o = subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Free{Free: &subscriptiontypes.FreeOffer{}}}
	case 1:
		o = subscriptiontypes.NewMeteredOffer(math.NewInt(int64(1+r.IntN(1000))), 1, 10)
	case 2:
		o = subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Rental{Rental: &subscriptiontypes.RentalOffer{Price: price, DurationSeconds: 172800}}}
	default:
		o = subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Purchase{Purchase: &subscriptiontypes.PurchaseOffer{Price: price}}}
	}
	return subscriptiontypes.OfferList{Work: work, Version: 1, Offers: []subscriptiontypes.Offer{o}, SetAt: began}
}
