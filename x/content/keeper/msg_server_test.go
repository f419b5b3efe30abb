package keeper_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// rejection is a message that must fail with err and change nothing.
type rejection struct {
	name string
	msg  sdk.Msg
	err  error
}

func (f *fixture) reject(cases []rejection) {
	f.T.Helper()
	before := f.state()
	for _, c := range cases {
		// not through send: even a keeper whose writes were kept must not have written
		// before its checks, except where it locks coins
		err := f.send(c.msg)
		require.ErrorIs(f.T, err, c.err, c.name)
		require.Equal(f.T, before, f.state(), c.name)
	}
}

var badAddresses = []string{"", "stream1", "cosmos1zg69v7yszg69v7yszg69v7yszg69v7ysn5wczw", "streamvaloper1abc", "\x00", strings.Repeat("x", 5000)}

func TestRegisterCreatorRejections(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	bob, poor := f.Funded("bob", 10*stream), f.Funded("poor", stream-1)
	require.NoError(t, f.send(&types.MsgSetHandle{Controller: alice.String(), Creator: types.NewCreatorID(alice).String(), Handle: "alice"}))
	cases := []rejection{
		{"again", &types.MsgRegisterCreator{Controller: alice.String()}, types.ErrCreatorExists},
		{"again in capitals", &types.MsgRegisterCreator{Controller: strings.ToUpper(alice.String())}, types.ErrCreatorExists},
		{"module account", &types.MsgRegisterCreator{Controller: authtypes.NewModuleAddress("revenue").String()}, types.ErrBlockedAddress},
		{"own module account", &types.MsgRegisterCreator{Controller: authtypes.NewModuleAddress("content").String()}, types.ErrBlockedAddress},
		{"handle taken", &types.MsgRegisterCreator{Controller: bob.String(), Handle: "alice"}, types.ErrHandleTaken},
		{"handle look-alike", &types.MsgRegisterCreator{Controller: bob.String(), Handle: "a1ice_"}, types.ErrHandleTaken},
		{"no coins for the handle", &types.MsgRegisterCreator{Controller: poor.String(), Handle: "poor"}, sdkerrors.ErrInsufficientFunds},
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"address " + a, &types.MsgRegisterCreator{Controller: a}, types.ErrInvalidAddress})
	}
	for _, h := range badHandles {
		cases = append(cases, rejection{"handle " + h, &types.MsgRegisterCreator{Controller: bob.String(), Handle: h}, types.ErrInvalidHandle})
	}
	f.reject(cases)
}

var badHandles = []string{"ab", strings.Repeat("a", 31), "Alice", "al ice", "al-ice", "alice.", "álice", "аlice", "ali\x00ce", "___", "\u202ealice", "alice\n", strings.Repeat("a", 10<<20)}

func TestSetHandleRejections(t *testing.T) {
	f := newFixture(t)
	alice, aliceID := f.creator("alice")
	bob, bobID := f.creator("bob")
	poor := f.Funded("poor", stream-1)
	require.NoError(t, f.send(&types.MsgRegisterCreator{Controller: poor.String()}))
	require.NoError(t, f.send(&types.MsgSetHandle{Controller: alice.String(), Creator: aliceID, Handle: "alice"}))
	stranger := types.NewCreatorID(f.Addr("nobody")).String()
	set := func(controller sdk.AccAddress, creator, handle string) sdk.Msg {
		return &types.MsgSetHandle{Controller: controller.String(), Creator: creator, Handle: handle}
	}
	cases := []rejection{
		{"foreign creator", set(bob, aliceID, "bob"), types.ErrNotController},
		{"foreign creator, give up", set(bob, aliceID, ""), types.ErrNotController},
		{"unknown creator", set(bob, stranger, "bob"), types.ErrCreatorNotFound},
		{"creator is an account", set(bob, bob.String(), "bob"), types.ErrInvalidCreatorID},
		{"creator empty", set(bob, "", "bob"), types.ErrInvalidCreatorID},
		{"creator in capitals", set(bob, strings.ToUpper(bobID), "bob"), types.ErrInvalidCreatorID},
		{"unchanged", set(alice, aliceID, "alice"), types.ErrHandleUnchanged},
		{"nothing to give up", set(bob, bobID, ""), types.ErrHandleUnchanged},
		{"taken", set(bob, bobID, "alice"), types.ErrHandleTaken},
		{"look-alike", set(bob, bobID, "al1c3"), types.ErrHandleTaken},
		{"no coins", set(poor, types.NewCreatorID(poor).String(), "poor"), sdkerrors.ErrInsufficientFunds},
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"address " + a, &types.MsgSetHandle{Controller: a, Creator: bobID, Handle: "bob"}, types.ErrInvalidAddress})
	}
	for _, h := range badHandles {
		cases = append(cases, rejection{"handle " + h, set(bob, bobID, h), types.ErrInvalidHandle})
	}
	f.reject(cases)
}

func TestCommitRejections(t *testing.T) {
	f := newFixture(t)
	alice := f.Addr("alice").String()
	cases := []rejection{
		{"no hash", &types.MsgCommit{Sender: alice}, types.ErrInvalidHash},
		{"31 bytes", &types.MsgCommit{Sender: alice, Hash: make([]byte, 31)}, types.ErrInvalidHash},
		{"33 bytes", &types.MsgCommit{Sender: alice, Hash: make([]byte, 33)}, types.ErrInvalidHash},
		{"10 MiB", &types.MsgCommit{Sender: alice, Hash: make([]byte, 10<<20)}, types.ErrInvalidHash},
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"address " + a, &types.MsgCommit{Sender: a, Hash: make([]byte, 32)}, types.ErrInvalidAddress})
	}
	f.reject(cases)
}

func TestPublishRejections(t *testing.T) {
	f := newFixture(t)
	alice, aliceID := f.creator("alice")
	bob, _ := f.creator("bob")
	poor := f.Funded("poor", stream-1)
	require.NoError(t, f.send(&types.MsgRegisterCreator{Controller: poor.String()}))
	first := f.publish(publishMsg(alice, "film"))
	second := publishMsg(alice, "film2")
	second.Previous = first.Cid
	f.publish(second)
	retired := f.publish(publishMsg(alice, "gone"))
	require.NoError(t, f.send(&types.MsgRetire{Controller: alice.String(), Work: retired.Cid}))
	bobs := f.publish(publishMsg(bob, "bobs"))
	nowhere := newCID(cid.DagCBOR, "nowhere").String()

	with := func(change func(*types.MsgPublish)) sdk.Msg {
		m := publishMsg(alice, "other")
		change(m)
		return m
	}
	previous := func(id string) sdk.Msg { return with(func(m *types.MsgPublish) { m.Previous = id }) }
	cases := []rejection{
		{"twice", publishMsg(alice, "film"), types.ErrWorkExists},
		{"retired, again", publishMsg(alice, "gone"), types.ErrWorkExists},
		{"another's creator", with(func(m *types.MsgPublish) { m.Controller = bob.String() }), types.ErrNotController},
		{"unknown creator", with(func(m *types.MsgPublish) { m.Creator = types.NewCreatorID(f.Addr("nobody")).String() }), types.ErrCreatorNotFound},
		{"malformed creator", with(func(m *types.MsgPublish) { m.Creator = alice.String() }), types.ErrInvalidCreatorID},
		{"no creator", with(func(m *types.MsgPublish) { m.Creator = "" }), types.ErrInvalidCreatorID},
		{"previous unknown", previous(nowhere), types.ErrWorkNotFound},
		{"previous malformed", previous("bafy"), types.ErrInvalidWorkID},
		{"previous is media", previous(mediaCID("film").String()), types.ErrInvalidWorkID},
		{"previous not the head", previous(first.Cid), types.ErrPreviousNotHead},
		{"previous retired", previous(retired.Cid), types.ErrWorkNotActive},
		{"previous foreign", previous(bobs.Cid), types.ErrPreviousForeign},
		{"parent unknown", with(func(m *types.MsgPublish) { m.Parents = []types.Parent{{Work: nowhere, Bps: 1}} }), types.ErrInvalidParents},
		{"parent malformed", with(func(m *types.MsgPublish) { m.Parents = []types.Parent{{Work: "bafy", Bps: 1}} }), types.ErrInvalidWorkID},
		{"parents ask too much", with(func(m *types.MsgPublish) { m.Parents = []types.Parent{{Work: first.Cid, Bps: 3001}} }), types.ErrInvalidManifest},
		{"five parents", with(func(m *types.MsgPublish) { m.Parents = make([]types.Parent, 5) }), types.ErrInvalidManifest},
		{"parent twice", with(func(m *types.MsgPublish) {
			m.Parents = []types.Parent{{Work: first.Cid, Bps: 1}, {Work: first.Cid, Bps: 1}}
		}), types.ErrInvalidManifest},
		{"suite", with(func(m *types.MsgPublish) { m.Keys = testKeys("s"); m.Keys.Suite = "rot13" }), types.ErrInvalidKeys},
		{"c0", with(func(m *types.MsgPublish) { m.Keys = testKeys("s"); m.Keys.C0 = make([]byte, 32) }), types.ErrInvalidKeys},
		{"no c0", with(func(m *types.MsgPublish) { m.Keys = testKeys("s"); m.Keys.C0 = nil }), types.ErrInvalidKeys},
		{"no window", with(func(m *types.MsgPublish) { m.Keys = testKeys("s"); m.Keys.WindowSeconds = 0 }), types.ErrInvalidKeys},
		{"long window", with(func(m *types.MsgPublish) { m.Keys = testKeys("s"); m.Keys.WindowSeconds = 3601 }), types.ErrInvalidKeys},
		{"salt too short", with(func(m *types.MsgPublish) { m.Salt = make([]byte, 15) }), types.ErrInvalidSalt},
		{"salt too long", with(func(m *types.MsgPublish) { m.Salt = make([]byte, 65) }), types.ErrInvalidSalt},
		{"no coins", publishMsg(poor, "film"), sdkerrors.ErrInsufficientFunds},
	}
	for name, change := range badManifests() {
		cases = append(cases, rejection{name, with(change), types.ErrInvalidManifest})
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"address " + a, with(func(m *types.MsgPublish) { m.Controller = a }), types.ErrInvalidAddress})
	}
	f.reject(cases)
	require.Equal(t, aliceID, first.Creator)
}

// badManifests are changes of one field that no manifest allows.
func badManifests() map[string]func(*types.MsgPublish) {
	return map[string]func(*types.MsgPublish){
		"no kind":              func(m *types.MsgPublish) { m.Kind = "" },
		"unknown kind":         func(m *types.MsgPublish) { m.Kind = "hologram" },
		"no title":             func(m *types.MsgPublish) { m.Title = "" },
		"title too long":       func(m *types.MsgPublish) { m.Title = strings.Repeat("x", 141) },
		"title with NUL":       func(m *types.MsgPublish) { m.Title = "a\x00b" },
		"title with bidi":      func(m *types.MsgPublish) { m.Title = "a\u202eb" },
		"title not UTF-8":      func(m *types.MsgPublish) { m.Title = "a\xffb" },
		"title not NFC":        func(m *types.MsgPublish) { m.Title = "e\u0301" },
		"language malformed":   func(m *types.MsgPublish) { m.Language = "not a language" },
		"description too long": func(m *types.MsgPublish) { m.Description = strings.Repeat("x", 4097) },
		"too many tags":        func(m *types.MsgPublish) { m.Tags = strings.Split("a b c d e f g h i j k", " ") },
		"tag too long":         func(m *types.MsgPublish) { m.Tags = []string{strings.Repeat("x", 33)} },
		"no media":             func(m *types.MsgPublish) { m.Media = "" },
		"media malformed":      func(m *types.MsgPublish) { m.Media = "bafy" },
		"media CIDv0":          func(m *types.MsgPublish) { m.Media = cid.NewCidV0(mediaCID("x").Hash()).String() },
		"media in capitals":    func(m *types.MsgPublish) { m.Media = strings.ToUpper(m.Media) },
		"cover malformed":      func(m *types.MsgPublish) { m.Cover = "x" },
		"piece root short":     func(m *types.MsgPublish) { m.PieceRoot = m.PieceRoot[:31] },
		"piece root long":      func(m *types.MsgPublish) { m.PieceRoot = append(bytes.Clone(m.PieceRoot), 0) },
		"piece empty":          func(m *types.MsgPublish) { m.PieceSize = 0 },
		"10 MiB title":         func(m *types.MsgPublish) { m.Title = strings.Repeat("x", 10<<20) },
	}
}

func TestRetireRejections(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	bob, _ := f.creator("bob")
	work := f.publish(publishMsg(alice, "film"))
	gone := f.publish(publishMsg(alice, "gone"))
	require.NoError(t, f.send(&types.MsgRetire{Controller: alice.String(), Work: gone.Cid}))
	cases := []rejection{
		{"foreign", &types.MsgRetire{Controller: bob.String(), Work: work.Cid}, types.ErrNotController},
		{"again", &types.MsgRetire{Controller: alice.String(), Work: gone.Cid}, types.ErrAlreadyRetired},
		{"unknown", &types.MsgRetire{Controller: alice.String(), Work: newCID(cid.DagCBOR, "nowhere").String()}, types.ErrWorkNotFound},
		{"malformed", &types.MsgRetire{Controller: alice.String(), Work: "bafy"}, types.ErrInvalidWorkID},
		{"media", &types.MsgRetire{Controller: alice.String(), Work: work.Media}, types.ErrInvalidWorkID},
		{"empty", &types.MsgRetire{Controller: alice.String()}, types.ErrInvalidWorkID},
		{"in capitals", &types.MsgRetire{Controller: alice.String(), Work: strings.ToUpper(work.Cid)}, types.ErrInvalidWorkID},
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"address " + a, &types.MsgRetire{Controller: a, Work: work.Cid}, types.ErrInvalidAddress})
	}
	f.reject(cases)
}

func TestUpdateParamsRejections(t *testing.T) {
	f := newFixture(t)
	update := func(change func(*types.Params)) sdk.Msg {
		p := types.DefaultParams()
		change(&p)
		return &types.MsgUpdateParams{Authority: f.Authority, Params: p}
	}
	huge := math.NewIntFromUint64(1 << 63).Mul(math.NewIntFromUint64(1 << 63))
	f.reject([]rejection{
		{"no authority", &types.MsgUpdateParams{Params: types.DefaultParams()}, types.ErrInvalidAddress},
		{"not the authority", &types.MsgUpdateParams{Authority: f.Addr("alice").String(), Params: types.DefaultParams()}, types.ErrNotAuthority},
		{"gov is not the authority", &types.MsgUpdateParams{Authority: authtypes.NewModuleAddress("gov").String(), Params: types.DefaultParams()}, types.ErrNotAuthority},
		{"empty", &types.MsgUpdateParams{Authority: f.Authority}, types.ErrInvalidParams},
		{"work deposit unset", update(func(p *types.Params) { p.WorkDeposit = math.Int{} }), types.ErrInvalidParams},
		{"work deposit low", update(func(p *types.Params) { p.WorkDeposit = math.NewInt(types.MinDeposit - 1) }), types.ErrInvalidParams},
		{"work deposit high", update(func(p *types.Params) { p.WorkDeposit = math.NewInt(types.MaxDeposit + 1) }), types.ErrInvalidParams},
		{"work deposit negative", update(func(p *types.Params) { p.WorkDeposit = math.NewInt(-1) }), types.ErrInvalidParams},
		{"work deposit huge", update(func(p *types.Params) { p.WorkDeposit = huge }), types.ErrInvalidParams},
		{"handle deposit unset", update(func(p *types.Params) { p.HandleDeposit = math.Int{} }), types.ErrInvalidParams},
		{"handle deposit low", update(func(p *types.Params) { p.HandleDeposit = math.NewInt(types.MinDeposit - 1) }), types.ErrInvalidParams},
		{"handle deposit high", update(func(p *types.Params) { p.HandleDeposit = math.NewInt(types.MaxDeposit + 1) }), types.ErrInvalidParams},
		{"ttl short", update(func(p *types.Params) { p.CommitTtlSeconds = types.MinCommitTTLSeconds - 1 }), types.ErrInvalidParams},
		{"ttl long", update(func(p *types.Params) { p.CommitTtlSeconds = types.MaxCommitTTLSeconds + 1 }), types.ErrInvalidParams},
		{"ttl negative", update(func(p *types.Params) { p.CommitTtlSeconds = -1 }), types.ErrInvalidParams},
	})
	for _, p := range []types.Params{
		{WorkDeposit: math.NewInt(types.MinDeposit), HandleDeposit: math.NewInt(types.MinDeposit), CommitTtlSeconds: types.MinCommitTTLSeconds, RotationDelaySeconds: types.MinRotationDelaySeconds, HandleReserveSeconds: types.MinHandleReserveSeconds},
		{WorkDeposit: math.NewInt(types.MaxDeposit), HandleDeposit: math.NewInt(types.MaxDeposit), CommitTtlSeconds: types.MaxCommitTTLSeconds, RotationDelaySeconds: types.MaxRotationDelaySeconds, HandleReserveSeconds: types.MaxHandleReserveSeconds},
	} {
		require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: p}))
		got, err := f.k.Params(f.Ctx)
		require.NoError(t, err)
		require.Equal(t, p, got)
	}
}
