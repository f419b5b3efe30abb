package replicas

import (
	"crypto/sha256"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contentkeeper "github.com/streamchain/streamchain/x/content/keeper"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
)

// heirName is an account that becomes nobody's creator: others rotate to it and back.
const heirName = "heir"

// attesters are all accounts, of all levels.
func (g Genesis) attesters() (out []contenttypes.Attester) {
	for _, a := range g.Accounts {
		out = append(out, contenttypes.Attester{Attester: a.String(), Levels: []uint32{1, 2, 3}, Active: true, SetAt: start.Unix()})
	}
	return out
}

func (x *Traffic) attest(from Account) sdk.Msg {
	hash := sha256.Sum256([]byte(x.name("evidence")))
	return &contenttypes.MsgAttest{
		Attester: from.String(), Creator: contenttypes.NewCreatorID(x.account().Addr()).String(), Level: 2 + uint32(x.rng.IntN(2)),
		EvidenceHash: hash[:], Expires: x.after(time.Duration(10+x.rng.IntN(300)) * time.Second),
	}
}

func (x *Traffic) revokeAttestation(from Account) sdk.Msg {
	return &contenttypes.MsgRevokeAttestation{Signer: from.String(), Attester: from.String(), Creator: contenttypes.NewCreatorID(x.account().Addr()).String()}
}

// rotate asks for the heir to take a creator over, whose controller's other messages fail from then on; the heir gives it back.
func (x *Traffic) rotate(from Account) sdk.Msg {
	return &contenttypes.MsgRotateController{Controller: from.String(), Creator: contenttypes.NewCreatorID(from.Addr()).String(), NewController: x.c.Genesis.Heir.String()}
}

// veto refuses what the sender has asked for in a block before.
func (x *Traffic) veto(from Account) sdk.Msg {
	r, err := x.c.App.Content.GetRotation(x.c.App.CommittedContext(), contenttypes.NewCreatorID(from.Addr()).String())
	if err != nil || r.Controller != from.String() {
		return nil
	}
	return &contenttypes.MsgVetoRotation{Controller: from.String(), Creator: contenttypes.NewCreatorID(from.Addr()).String()}
}

// accept takes back what the heir has, or fails.
func (x *Traffic) accept(from Account) sdk.Msg {
	return &contenttypes.MsgAcceptRotation{NewController: from.String(), Creator: contenttypes.NewCreatorID(from.Addr()).String()}
}

// inherit is what the heir does: it takes a creator over that it may, and asks to give back the one that it has.
func (x *Traffic) inherit(heir Account) sdk.Msg {
	ctx, q := x.c.App.CommittedContext(), contentkeeper.NewQueryServer(x.c.App.Content)
	if creator, err := x.c.App.Content.CreatorOf(ctx, heir.Addr()); err == nil {
		for _, a := range x.c.Genesis.Accounts {
			if contenttypes.NewCreatorID(a.Addr()).String() != creator.Id {
				continue
			}
			if _, err := x.c.App.Content.GetRotation(ctx, creator.Id); err != nil {
				return &contenttypes.MsgRotateController{Controller: heir.String(), Creator: creator.Id, NewController: a.String()}
			}
		}
	}
	res, err := q.RotationsTo(ctx, &contenttypes.QueryRotationsToRequest{NewController: heir.String()})
	if err != nil || len(res.Rotations) == 0 {
		return nil
	}
	return &contenttypes.MsgAcceptRotation{NewController: heir.String(), Creator: pick(x.rng, res.Rotations).Creator}
}

func (x *Traffic) takeSeat(from Account) sdk.Msg {
	return &governancetypes.MsgTakeSeat{Controller: from.String(), Creator: contenttypes.NewCreatorID(from.Addr()).String()}
}

func (x *Traffic) registerFeed(from Account) sdk.Msg {
	return &contenttypes.MsgRegisterFeed{
		Owner: from.String(), Name: x.name("feed-"), Endpoint: "https://feeds.example.com", Key: publicKey(from), Title: x.name("feed "),
	}
}

func (x *Traffic) updateFeed(from Account) sdk.Msg {
	id, ok := x.mine(from, x.feeds)
	if !ok {
		return nil
	}
	return &contenttypes.MsgUpdateFeed{Owner: from.String(), Feed: id, Endpoint: "https://feeds.example.org", Key: publicKey(from), Title: x.name("feed ")}
}

// removeFeed removes a feed, once; later ones fail.
func (x *Traffic) removeFeed(from Account) sdk.Msg {
	id, ok := x.mine(from, x.feeds)
	if !ok {
		return nil
	}
	return &contenttypes.MsgRemoveFeed{Owner: from.String(), Feed: id}
}
