package replicas

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/keyshare"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagekeeper "github.com/streamchain/streamchain/x/storage/keeper"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// seat is a holder's place in a version of a work's key set.
type seat struct {
	root     string
	version  uint64
	operator string
}

// chance is a source of keys that repeats by its name.
func chance(name string) io.Reader { return rand.NewChaCha8(sha256.Sum256([]byte("keys/" + name))) }

// secretOf is the secret of the encrypted work called name.
func secretOf(name string) keyshare.Secret { return keyshare.NewSecret(chance("secret of " + name)) }

func sealKeyOf(a Account) (private, public [keyshare.SealKeyLen]byte) {
	private, public, err := keyshare.NewSealKey(chance("seal key of " + a.Name))
	if err != nil {
		panic(err)
	}
	return private, public
}

// publishSecret publishes an encrypted work.
func (x *Traffic) publishSecret(from Account) sdk.Msg {
	msg := Publish(from, x.name("secret"))
	c0 := secretOf(msg.Title).C0()
	msg.Keys = &contenttypes.Keys{Suite: keyshare.Suite, C0: c0[:], WindowSeconds: 20}
	return msg
}

// keys does what is to be done of the sender's part in key sets: as a holder, as a creator, as a provider who may become a holder.
func (x *Traffic) keys(from Account) sdk.Msg {
	ctx := x.c.App.CommittedContext()
	q := storagekeeper.NewQueryServer(x.c.App.Storage)
	res, err := q.KeySetsByHolder(ctx, &storagetypes.QueryKeySetsByHolderRequest{Operator: from.String()})
	require.NoError(x.t, err)
	active := map[string]*storagetypes.KeySet{}
	for i, s := range res.KeySets { // of a work the active one comes first
		if s.Status == storagetypes.KEY_SET_STATUS_ACTIVE {
			active[s.Root] = &res.KeySets[i]
		} else if msg := x.hold(from, active[s.Root], &res.KeySets[i]); msg != nil {
			return msg
		}
	}
	for _, w := range x.works {
		row, err := x.c.App.Content.GetWork(ctx, w.id)
		require.NoError(x.t, err)
		if w.by.Name != from.Name || row.Keys == nil {
			continue
		}
		sets, err := q.KeySet(ctx, &storagetypes.QueryKeySetRequest{Work: w.id})
		require.NoError(x.t, err)
		switch p := sets.Pending; {
		case p == nil && (sets.Active == nil || x.rng.IntN(4) == 0):
			return &storagetypes.MsgDrawKeySet{Signer: from.String(), Work: w.id}
		case p != nil && p.Version == 1 && p.Status == storagetypes.KEY_SET_STATUS_DRAWN:
			return x.deal(from, p)
		}
	}
	p, err := x.c.App.Storage.GetProvider(ctx, from.String())
	if err != nil || len(p.SealKey) > 0 && x.rng.IntN(40) > 0 {
		return nil
	}
	_, public := sealKeyOf(from)
	return &storagetypes.MsgOfferKeys{Agent: from.String(), SealKey: public[:]}
}

func (x *Traffic) deal(from Account, s *storagetypes.KeySet) sdk.Msg {
	commitments, shares, err := secretOf(x.titles[s.Root]).Deal(chance("dealing of "+s.Root), int(s.Threshold), len(s.Holders))
	require.NoError(x.t, err)
	return &storagetypes.MsgDealKeys{Controller: from.String(), Root: s.Root, Commitments: commitments.Bytes(), Sealed: x.seal(s, shares, 0)}
}

// seal seals shares for the holders of a set.
func (x *Traffic) seal(s *storagetypes.KeySet, shares []keyshare.Share, dealer uint32) [][]byte {
	sealed := make([][]byte, len(shares))
	for i, share := range shares {
		secret := share.Bytes()
		one, err := keyshare.Seal(s.Holders[i].SealKey, keyshare.ForHolder, keyshare.ShareContext(s.Root, s.Version, uint32(i+1), dealer), secret[:])
		require.NoError(x.t, err)
		sealed[i] = one
	}
	return sealed
}

// hold does a holder's part in a set that is prepared.
func (x *Traffic) hold(from Account, active, s *storagetypes.KeySet) sdk.Msg {
	mine, old := s.Holder(from.String()), active.Holder(from.String())
	switch {
	case s.Status == storagetypes.KEY_SET_STATUS_DEALT && mine != nil && !mine.Accepted:
		x.take(from, active, s, mine)
		return &storagetypes.MsgAcceptShare{Agent: from.String(), Root: s.Root, Version: s.Version}
	case s.Status == storagetypes.KEY_SET_STATUS_DRAWN && old != nil:
		for _, d := range s.Dealings {
			if d.Dealer == old.Index {
				return nil
			}
		}
		share := x.shares[seat{active.Root, active.Version, from.String()}]
		d, parts, err := share.Reshare(chance(fmt.Sprint("part of ", from.Name, s.Root, s.Version)), int(s.Threshold), len(s.Holders))
		require.NoError(x.t, err)
		return &storagetypes.MsgReshare{
			Agent: from.String(), Root: s.Root, Version: s.Version, Commitments: d.Commitments.Bytes(), Sealed: x.seal(s, parts, old.Index),
		}
	}
	return nil
}

// take opens the sender's share of a dealt set and holds it to what the chain has computed.
func (x *Traffic) take(from Account, active, s *storagetypes.KeySet, mine *storagetypes.KeyHolder) {
	private, _ := sealKeyOf(from)
	open := func(sealed []byte, dealer uint32) keyshare.Share {
		raw, err := keyshare.Open(private[:], keyshare.ForHolder, keyshare.ShareContext(s.Root, s.Version, mine.Index, dealer), sealed)
		require.NoError(x.t, err)
		share, err := keyshare.ParseShare(uint16(mine.Index), raw)
		require.NoError(x.t, err)
		return share
	}
	parse := func(raw [][]byte) keyshare.Commitments {
		c, err := keyshare.ParseCommitments(raw)
		require.NoError(x.t, err)
		return c
	}
	at := seat{s.Root, s.Version, from.String()}
	if len(s.Dealings) == 0 {
		x.shares[at] = open(mine.Sealed, 0)
	} else {
		var dealings []keyshare.Dealing
		var parts []keyshare.Share
		for _, d := range s.Dealings {
			dealings = append(dealings, keyshare.Dealing{Dealer: uint16(d.Dealer), Commitments: parse(d.Commitments)})
			parts = append(parts, open(d.Sealed[mine.Index-1], d.Dealer))
		}
		share, err := keyshare.Receive(parse(active.Commitments), dealings, parts)
		require.NoError(x.t, err)
		x.shares[at] = share
	}
	require.NoError(x.t, x.shares[at].Verify(parse(s.Commitments)))
}
