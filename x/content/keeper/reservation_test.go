package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// setHandle has the first controller of the creator called name take a handle.
func (f *fixture) setHandle(name, handle string) error {
	addr := f.Addr(name)
	return f.send(&types.MsgSetHandle{Controller: addr.String(), Creator: types.NewCreatorID(addr).String(), Handle: handle})
}

// verify makes the creator called name one of level 2.
func (f *fixture) verify(name string) {
	f.T.Helper()
	id := types.NewCreatorID(f.Addr(name)).String()
	for _, attester := range []string{"first attester", "second attester"} {
		require.NoError(f.T, f.send(f.attest(f.attester(attester, 2), id, 2, types.MaxAttestationSeconds)))
	}
}

// reserved is until when a handle is reserved; zero where it is not.
func (f *fixture) reserved(handle string) int64 {
	f.T.Helper()
	res, err := f.q.HandleReservation(f.Ctx, &types.QueryHandleReservationRequest{Handle: handle})
	if err != nil {
		require.ErrorIs(f.T, err, types.ErrNotReserved)
		return 0
	}
	return res.Reservation.Until
}

// Whoever renames leaves the old name to nobody: not to a bot that waits for it, not to a look-alike, not to a newcomer, and not to one that is verified.
func TestHandleIsReserved(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	f.creator("mallory")
	f.creator("notable")
	f.verify("notable")
	require.NoError(t, f.setHandle("alice", "rihanna"))
	held := f.ModuleBalance(types.ModuleName)
	require.Zero(t, f.reserved("rihanna"), "it is held")
	require.NoError(t, f.setHandle("alice", "riri"))
	require.Equal(t, f.now()+types.DefaultHandleReserveSeconds, f.reserved("r1hanna"), "with all that looks like it")
	require.EqualValues(t, held+stream, f.ModuleBalance(types.ModuleName), "the deposit stays with the name")

	grab := func(when string) {
		for _, name := range []string{"mallory", "notable"} {
			for _, handle := range []string{"rihanna", "r1hanna", "ri_hanna"} {
				require.ErrorIs(t, f.setHandle(name, handle), types.ErrHandleReserved, "%s by %s %s", handle, name, when)
			}
		}
		newcomer := f.Funded("newcomer", stream)
		require.ErrorIs(t, f.send(&types.MsgRegisterCreator{Controller: newcomer.String(), Handle: "rihanna"}), types.ErrHandleReserved)
		require.NoError(t, f.Bank.SendCoins(f.Ctx, newcomer, alice, sdk.NewCoins(sdk.NewInt64Coin("ustream", stream))))
		_, err := f.k.CreatorByHandle(f.Ctx, "rihanna")
		require.ErrorIs(t, err, types.ErrCreatorNotFound)
	}
	grab("at once")
	require.NoError(t, f.setHandle("alice", "rihanna"), "who gave it up may come back")
	require.Zero(t, f.reserved("rihanna"))
	require.NotZero(t, f.reserved("riri"))
	require.NoError(t, f.setHandle("alice", "riri"))
	require.EqualValues(t, 2*stream, f.ModuleBalance(types.ModuleName))

	f.advance(types.DefaultHandleReserveSeconds - 1)
	grab("a second before the end")
	f.advance(1)
	before := f.Balance(alice)
	require.NoError(t, f.setHandle("mallory", "r1hanna"), "also where the end of no block has swept it")
	require.Equal(t, before+stream, f.Balance(alice), "the deposit came back")
}

// The end of a block returns the deposits of what is over, to who controls the creator then.
func TestReservationsEnd(t *testing.T) {
	f := newFixture(t)
	f.shortDelay(10)
	alice, id := f.creator("alice")
	require.NoError(t, f.setHandle("alice", "first"))
	require.NoError(t, f.setHandle("alice", "second"))
	heir := f.Funded("heir", stream)
	require.NoError(t, f.send(&types.MsgRotateController{Controller: alice.String(), Creator: id, NewController: heir.String()}))
	f.advance(10)
	require.NoError(t, f.send(&types.MsgAcceptRotation{NewController: heir.String(), Creator: id}))
	_, err := f.k.CreatorByHandle(f.Ctx, "second")
	require.NoError(t, err, "a handle goes with its creator, not with a key")
	require.ErrorIs(t, f.send(&types.MsgRegisterCreator{Controller: f.Funded("bob", stream).String(), Handle: "first"}), types.ErrHandleReserved)
	f.wait(types.DefaultHandleReserveSeconds * time.Second)
	f.wait(time.Second) // the end of the block at that time
	require.EqualValues(t, 2*stream, f.Balance(heir))
	require.EqualValues(t, stream, f.ModuleBalance(types.ModuleName))
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, gs.Reservations)
}

// What a ruling took is for none but a verified creator, and never for who passed for it.
func TestRevokedHandleIsReserved(t *testing.T) {
	f := newFixture(t)
	_, id := f.creator("impostor")
	f.creator("bot")
	f.creator("famous")
	require.NoError(t, f.setHandle("impostor", "rihanna"))
	require.NoError(t, f.k.RevokeHandle(f.Ctx, id, "rihanna", "dispute/1"))
	f.verify("impostor")
	for _, name := range []string{"impostor", "bot", "famous"} {
		require.ErrorIs(t, f.setHandle(name, "rihanna"), types.ErrHandleReserved, name)
	}
	f.verify("famous")
	require.NoError(t, f.setHandle("famous", "rihanna"))
	require.Zero(t, f.reserved("rihanna"))
	require.ErrorIs(t, f.setHandle("impostor", "rihanna"), types.ErrHandleTaken)
	require.EqualValues(t, stream, f.ModuleBalance(types.ModuleName))
}

// Giving the name up while jurors think about it does not keep it, nor does it save the next one.
func TestGivenUpBeforeTheRuling(t *testing.T) {
	f := newFixture(t)
	addr, id := f.creator("impostor")
	require.NoError(t, f.setHandle("impostor", "rihanna"))
	require.NoError(t, f.setHandle("impostor", "between"))
	require.NoError(t, f.setHandle("impostor", "rihannaa"))
	had, treasury := f.Balance(addr), f.ModuleBalance("governance")
	require.NoError(t, f.k.RevokeHandle(f.Ctx, id, "rihanna", "dispute/1"))
	after := f.state()
	require.NoError(t, f.k.RevokeHandle(f.Ctx, id, "rihanna", "dispute/1"))
	require.Equal(t, after, f.state(), "twice is once")
	require.Equal(t, treasury+2*stream, f.ModuleBalance("governance"))
	for _, handle := range []string{"rihanna", "rihannaa"} {
		require.ErrorIs(t, f.setHandle("impostor", handle), types.ErrHandleReserved)
	}
	require.NoError(t, f.setHandle("impostor", "between"), "what nobody complained of is its own")
	require.Equal(t, had, f.Balance(addr), "the deposit went from the one to the other")

	// another's reservation, or what another holds by now, is not touched
	f.creator("other")
	require.NoError(t, f.setHandle("other", "mine"))
	require.NoError(t, f.k.RevokeHandle(f.Ctx, id, "mine", "dispute/2"))
	require.NoError(t, f.setHandle("other", "next"))
	require.NoError(t, f.k.RevokeHandle(f.Ctx, id, "mine", "dispute/2"))
	require.NoError(t, f.setHandle("other", "mine"))
}

// A genesis can leave reservations out, for local networks; a vote cannot shorten them to nothing.
func TestReservationBounds(t *testing.T) {
	f := newFixture(t)
	params := func(seconds int64) sdk.Msg {
		p := types.DefaultParams()
		p.HandleReserveSeconds = seconds
		return &types.MsgUpdateParams{Authority: f.Authority, Params: p}
	}
	for _, bad := range []int64{-1, 0, types.MinHandleReserveSeconds - 1, types.MaxHandleReserveSeconds + 1} {
		f.reject([]rejection{{fmt.Sprint(bad), params(bad), types.ErrInvalidParams}})
	}
	require.NoError(t, f.send(params(types.MaxHandleReserveSeconds)))
	require.NoError(t, f.send(params(types.MinHandleReserveSeconds)))

	local := bareFixture(t)
	gs := types.DefaultGenesis()
	gs.Params.HandleReserveSeconds = 0
	require.NoError(t, local.k.InitGenesis(local.Ctx, *gs))
	alice, id := local.creator("alice")
	local.creator("bob")
	require.NoError(t, local.setHandle("alice", "name"))
	require.NoError(t, local.setHandle("alice", ""))
	require.EqualValues(t, 1000*stream, local.Balance(alice))
	require.NoError(t, local.setHandle("bob", "name"))
	require.NoError(t, local.setHandle("alice", "other"))
	require.NoError(t, local.k.RevokeHandle(local.Ctx, id, "other", "dispute/1"))
	require.NoError(t, local.setHandle("bob", "other"))
	require.NoError(t, local.k.CheckInvariants(local.Ctx))
}

// Reserving names costs a deposit each: they cannot be had by the thousand for one.
func TestReservingCosts(t *testing.T) {
	f := newFixture(t)
	addr, _ := f.creator("squatter")
	for i := range 100 {
		require.NoError(t, f.setHandle("squatter", fmt.Sprintf("name_%c%c", 'a'+i/10, 'j'+i%10)))
	}
	require.LessOrEqual(t, f.Balance(addr), int64(1000-90)*stream)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, math.NewInt(f.ModuleBalance(types.ModuleName)), gs.Deposits())
}
