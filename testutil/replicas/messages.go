package replicas

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"time"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/piece"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// pieceSize is that of every work: four leaves.
const pieceSize = 4096

func (x *Traffic) send(from Account) sdk.Msg {
	to := x.account().Addr()
	if x.rng.IntN(20) == 0 { // blocked
		to = authtypes.NewModuleAddress(revenuetypes.ModuleName)
	}
	return banktypes.NewMsgSend(from.Addr(), to, sdk.NewCoins(x.amount()))
}

func (x *Traffic) delegate(from Account) sdk.Msg {
	return stakingtypes.NewMsgDelegate(from.String(), sdk.ValAddress(x.c.Genesis.Validator.Address).String(), x.amount())
}

func (x *Traffic) register(from Account) sdk.Msg {
	return &contenttypes.MsgRegisterCreator{Controller: from.String(), Handle: x.name(from.Name)}
}

// Publish is a valid message about media called name.
func Publish(from Account, name string) *contenttypes.MsgPublish {
	hash, err := mh.Sum([]byte(name), mh.SHA2_256, -1)
	if err != nil {
		panic(err)
	}
	return &contenttypes.MsgPublish{
		Controller: from.String(), Creator: contenttypes.NewCreatorID(from.Addr()).String(), Kind: "video", Title: name,
		DurationSeconds: 30, Media: cid.NewCidV1(cid.DagProtobuf, hash).String(), PieceRoot: pieceRoot(name), PieceSize: pieceSize, Licence: "CC-BY-4.0",
	}
}

// pieceOf are the bytes of the work called name.
func pieceOf(name string) []byte {
	data := make([]byte, pieceSize)
	_, _ = rand.NewChaCha8(sha256.Sum256([]byte("piece of " + name))).Read(data)
	return data
}

func pieceRoot(name string) []byte {
	root, _, err := piece.Sum(bytes.NewReader(pieceOf(name)))
	if err != nil {
		panic(err)
	}
	return root[:]
}

func (x *Traffic) publish(from Account) sdk.Msg { return Publish(from, x.name("work")) }

func (x *Traffic) retire(from Account) sdk.Msg {
	work, ok := x.mine(from, x.works)
	if !ok {
		return nil
	}
	return &contenttypes.MsgRetire{Controller: from.String(), Work: work}
}

// mine is a random item of an account.
func (x *Traffic) mine(from Account, list []owned) (string, bool) {
	var ids []string
	for _, w := range list {
		if w.by.Name == from.Name {
			ids = append(ids, w.id)
		}
	}
	if len(ids) == 0 {
		return "", false
	}
	return pick(x.rng, ids), true
}

func (x *Traffic) setOffers(from Account) sdk.Msg {
	work, ok := x.mine(from, x.works)
	if !ok {
		return nil
	}
	offers := []subscriptiontypes.Offer{
		subscriptiontypes.NewPurchaseOffer(token.Coin(1 + x.rng.Int64N(2_000_000))), subscriptiontypes.NewMeteredOffer(math.NewInt(100), 1, 5),
	}
	if plan, ok := x.mine(from, x.plans); ok && x.rng.IntN(2) == 0 {
		offers = append(offers, subscriptiontypes.NewPlanOffer(plan))
	}
	offers = append(offers, x.otherOffers()...)
	if offer, ok := x.templateOffer(); ok {
		offers = append(offers, offer)
	}
	return &subscriptiontypes.MsgSetOffers{Controller: from.String(), Work: work, Offers: offers}
}

func (x *Traffic) createPlan(from Account) sdk.Msg {
	return &subscriptiontypes.MsgCreatePlan{
		Controller: from.String(), Creator: contenttypes.NewCreatorID(from.Addr()).String(), Title: x.name("plan"),
		Price: token.Coin(1 + x.rng.Int64N(3_000_000)), PeriodSeconds: 20 + x.rng.Int64N(100), Coverage: subscriptiontypes.COVERAGE_ALL,
		TrialSeconds: x.rng.Int64N(2) * 5, MinSeconds: x.rng.Int64N(10), MaxSubscribers: uint32(x.rng.IntN(3)),
	}
}

func (x *Traffic) purchase(from Account) sdk.Msg {
	if len(x.works) == 0 {
		return nil
	}
	return &subscriptiontypes.MsgPurchase{Buyer: from.String(), Work: pick(x.rng, x.works).id, MaxPrice: token.Coin(2_000_000)}
}

func (x *Traffic) subscribe(from Account) sdk.Msg {
	if len(x.plans) == 0 {
		return nil
	}
	return &subscriptiontypes.MsgSubscribe{Subscriber: from.String(), Plan: pick(x.rng, x.plans).id, MaxPrice: token.Coin(6_000_000), Periods: 1 + uint32(x.rng.IntN(2)), Renewals: uint32(x.rng.IntN(3))}
}

func (x *Traffic) subject() (string, bool) {
	if len(x.works) == 0 {
		return "", false
	}
	w := pick(x.rng, x.works)
	if x.rng.IntN(2) == 0 {
		return contenttypes.NewCreatorID(w.by.Addr()).String(), true
	}
	return w.id, true
}

func (x *Traffic) tip(from Account) sdk.Msg {
	subject, ok := x.subject()
	if !ok {
		return nil
	}
	return &streamtypes.MsgTip{Payer: from.String(), Subject: subject, Amount: x.amount(), Memo: "thanks"}
}

func (x *Traffic) deposit(from Account) sdk.Msg {
	return &streamtypes.MsgDeposit{Owner: from.String(), Amount: token.Coin(100_000 + x.rng.Int64N(10_000_000))}
}

func (x *Traffic) withdraw(from Account) sdk.Msg {
	return &streamtypes.MsgWithdraw{Owner: from.String(), Amount: token.Coin(100_000 + x.rng.Int64N(1_000_000))}
}

func (x *Traffic) grant(from Account) sdk.Msg {
	return &streamtypes.MsgGrantSessionKey{
		Owner: from.String(), Pubkey: publicKey(from), Limit: token.Coin(1_000_000_000), Expires: x.after(24 * time.Hour),
		Scope: streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS,
	}
}

// openLane lets the sender, as a provider, submit an intent of somebody else.
func (x *Traffic) openLane(from Account) sdk.Msg {
	viewer, generation := x.account(), uint64(1)
	for _, l := range x.lanes {
		if l.viewer.Name == viewer.Name && l.provider.Name == from.Name {
			if !l.closed {
				return nil
			}
			generation = l.generation + 1
		}
	}
	i := streamtypes.LaneIntent{
		ChainId: ChainID, EscrowOwner: viewer.String(), Denom: token.BaseDenom, Provider: from.String(), Generation: generation,
		Cap: 10_000 + uint64(x.rng.IntN(200_000)), SubmitBy: x.after(30 * time.Second), Expires: x.after(200 * time.Second), Pubkey: publicKey(viewer),
	}
	v, err := i.Voucher()
	require.NoError(x.t, err)
	i.Signature = v.Sign(sessionKey(viewer))
	return &streamtypes.MsgOpenLanes{Submitter: from.String(), Intents: []streamtypes.LaneIntent{i}}
}

// closeLane closes a lane of the sender's, as a provider; its words still come for a while.
func (x *Traffic) closeLane(from Account) sdk.Msg {
	for _, l := range x.lanes {
		if l.provider.Name == from.Name && !l.closed && x.rng.IntN(2) == 0 {
			return &streamtypes.MsgCloseLane{Agent: from.String(), Owner: l.viewer.String(), Denom: token.BaseDenom, Generation: l.generation}
		}
	}
	return nil
}

// settle presents words of a new session, or of the last one again.
func (x *Traffic) settle(from Account) sdk.Msg {
	if len(x.lanes) == 0 || len(x.works) == 0 {
		return nil
	}
	l := &x.lanes[x.rng.IntN(len(x.lanes))]
	if x.rng.IntN(2) == 0 {
		l.session++
	}
	// the terms follow from the session's number, so that a repetition is one
	s := streamtypes.Session{
		ChainId: ChainID, EscrowOwner: l.viewer.String(), Denom: token.BaseDenom, Provider: l.provider.String(), Generation: l.generation, Session: l.session,
		Work: x.works[int(l.session)%len(x.works)].id, PricePerTick: 100, TickSeconds: 1, MaxTicks: 100, Expires: l.expires, Pubkey: publicKey(l.viewer),
		Root: make([]byte, 32),
	}
	v, err := s.Voucher()
	require.NoError(x.t, err)
	words := voucher.NewChain(&v, sha256.Sum256([]byte(l.viewer.Name)))
	s.Root, s.Signature = v.Root[:], v.Sign(sessionKey(l.viewer))
	n := 1 + uint32(x.rng.IntN(100))
	w := words.Word(n)
	return &streamtypes.MsgSettle{Submitter: from.String(), Settlements: []streamtypes.Settlement{{Session: s, N: n, Word: w[:]}}}
}

func (x *Traffic) setSplit(from Account) sdk.Msg {
	work, ok := x.mine(from, x.works)
	if !ok {
		return nil
	}
	bps := uint32(1 + x.rng.IntN(9999))
	other := x.account()
	if other.Name == from.Name {
		return nil
	}
	return &revenuetypes.MsgSetSplit{Controller: from.String(), Subject: work, Shares: []revenuetypes.Share{
		{Recipient: contenttypes.NewCreatorID(from.Addr()).String(), Bps: 10_000 - bps}, {Recipient: other.String(), Bps: bps},
	}}
}

func (x *Traffic) claim(from Account) sdk.Msg {
	recipient := from.String()
	if x.rng.IntN(2) == 0 {
		recipient = contenttypes.NewCreatorID(from.Addr()).String()
	}
	return &revenuetypes.MsgClaim{Claimant: from.String(), Recipient: recipient, Denoms: []string{token.BaseDenom}}
}

func (x *Traffic) refund(from Account) sdk.Msg {
	hold, ok := x.mine(from, x.holds)
	if !ok {
		return nil
	}
	return &revenuetypes.MsgRefund{Controller: from.String(), HoldId: hold}
}

func (x *Traffic) provide(from Account) sdk.Msg {
	return &storagetypes.MsgRegisterProvider{
		Operator: from.String(), Agent: from.String(), Endpoints: []string{"https://" + from.Name + "-stores.org"}, Region: "eu-north",
		CapacityBytes: 1 << 40, PricePerGibDay: math.NewInt(1_000_000_000_000), Bond: math.NewInt(1_100_000_000),
	}
}

func (x *Traffic) requestDeals(from Account) sdk.Msg {
	work, ok := x.mine(from, x.works)
	if !ok {
		return nil
	}
	return &storagetypes.MsgRequestDeals{
		Funder: from.String(), Work: work, Providers: []string{x.account().String()}, Prepayment: token.Coin(1_000_000 + x.rng.Int64N(10_000_000)), MaxPricePerGibDay: math.NewInt(1 << 60),
	}
}

func (x *Traffic) acceptDeal(from Account) sdk.Msg {
	id, ok := x.mine(from, x.asked)
	if !ok {
		return nil
	}
	work, err := x.c.App.Content.GetWork(x.c.App.CommittedContext(), id)
	require.NoError(x.t, err)
	return &storagetypes.MsgAcceptDeal{Agent: from.String(), Work: id, PieceRoot: work.PieceRoot, PieceSize: work.PieceSize}
}

func (x *Traffic) claimStorage(from Account) sdk.Msg {
	work, ok := x.mine(from, x.deals)
	if !ok {
		return nil
	}
	return &storagetypes.MsgClaimStorage{Operator: from.String(), Works: []string{work}}
}

func (x *Traffic) refuseWork(from Account) sdk.Msg {
	work, ok := x.mine(from, x.deals)
	if !ok {
		return nil
	}
	return &storagetypes.MsgRefuseWork{Agent: from.String(), Work: work, Denylist: "random"}
}

// repairWork takes a copy that another provider had.
func (x *Traffic) repairWork(from Account) sdk.Msg {
	if len(x.wanted) == 0 {
		return nil
	}
	w := pick(x.rng, x.wanted)
	work, err := x.c.App.Content.GetWork(x.c.App.CommittedContext(), w.id)
	require.NoError(x.t, err)
	return &storagetypes.MsgRepairWork{Agent: from.String(), Work: w.id, Operator: w.by.String(), PieceRoot: work.PieceRoot, PieceSize: work.PieceSize}
}
