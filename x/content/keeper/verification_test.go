package keeper_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/x/content/types"
)

var evidence = sha256.Sum256([]byte("what was shown"))

func (f *fixture) now() int64 {
	now, err := f.Clock.Now(f.Ctx)
	require.NoError(f.T, err)
	return now
}

// attester names one that may attest levels.
func (f *fixture) attester(name string, levels ...uint32) sdk.AccAddress {
	f.T.Helper()
	addr := f.Addr(name)
	require.NoError(f.T, f.send(&types.MsgSetAttester{Authority: f.Authority, Attester: addr.String(), Levels: levels, Active: true}))
	return addr
}

func (f *fixture) attest(attester sdk.AccAddress, creator string, level uint32, seconds int64) *types.MsgAttest {
	return &types.MsgAttest{Attester: attester.String(), Creator: creator, Level: level, EvidenceHash: evidence[:], Expires: f.now() + seconds}
}

func (f *fixture) level(creator string) uint32 {
	f.T.Helper()
	level, err := f.k.Level(f.Ctx, creator)
	require.NoError(f.T, err)
	return level
}

// wait ends blocks until d has passed.
func (f *fixture) wait(d time.Duration) {
	f.NextBlock(d, func(ctx sdk.Context) error { return f.k.EndBlock(ctx) })
}

func TestLevels(t *testing.T) {
	f := newFixture(t)
	_, alice := f.creator("alice")
	a, b, c := f.attester("a", 1, 2, 3), f.attester("b", 1, 2, 3), f.attester("c", 1, 2, 3)
	require.Zero(t, f.level(alice))
	require.NoError(t, f.send(f.attest(a, alice, 3, 3600)))
	require.EqualValues(t, 1, f.level(alice), "one word is enough for level 1 alone")
	require.NoError(t, f.send(f.attest(a, alice, 3, 3600)))
	require.EqualValues(t, 1, f.level(alice), "twice the same attester is one word")
	require.NoError(t, f.send(f.attest(b, alice, 1, 1800)))
	require.EqualValues(t, 1, f.level(alice))
	require.NoError(t, f.send(f.attest(b, alice, 2, 1800)))
	require.EqualValues(t, 2, f.level(alice))
	require.NoError(t, f.send(f.attest(c, alice, 3, 3600)))
	require.EqualValues(t, 2, f.level(alice))
	require.NoError(t, f.send(f.attest(b, alice, 3, 1800)))
	require.EqualValues(t, 3, f.level(alice))
	res, err := f.q.Level(f.Ctx, &types.QueryLevelRequest{Creator: alice})
	require.NoError(t, err)
	require.Equal(t, []uint32{3, 3, 3}, res.Standing)

	// an attester that is no longer one, or not of the level, is as if it had said nothing
	require.NoError(t, f.send(&types.MsgSetAttester{Authority: f.Authority, Attester: c.String(), Levels: []uint32{1, 2, 3}}))
	require.EqualValues(t, 2, f.level(alice))
	require.NoError(t, f.send(&types.MsgSetAttester{Authority: f.Authority, Attester: c.String(), Levels: []uint32{1, 2}, Active: true}))
	require.EqualValues(t, 2, f.level(alice))
	f.attester("c", 1, 2, 3)
	require.EqualValues(t, 3, f.level(alice))

	// without a sweep, at the second
	f.NextBlock(1799 * time.Second)
	require.EqualValues(t, 3, f.level(alice))
	f.NextBlock(time.Second)
	require.EqualValues(t, 2, f.level(alice))
	all, err := f.q.Attestations(f.Ctx, &types.QueryAttestationsRequest{Creator: alice})
	require.NoError(t, err)
	require.Len(t, all.Attestations, 3)
	f.wait(time.Second)
	all, err = f.q.Attestations(f.Ctx, &types.QueryAttestationsRequest{Creator: alice})
	require.NoError(t, err)
	require.Len(t, all.Attestations, 2, "swept")

	require.NoError(t, f.send(&types.MsgRevokeAttestation{Signer: a.String(), Creator: alice, Attester: a.String()}))
	require.EqualValues(t, 1, f.level(alice))
	require.NoError(t, f.send(f.attest(a, alice, 2, 3600)))
	n, err := f.k.RevokeAttestations(f.Ctx, alice, "7")
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Zero(t, f.level(alice))
	n, err = f.k.RevokeAttestations(f.Ctx, alice, "7")
	require.NoError(t, err, "a ruling is carried out twice")
	require.Zero(t, n)
}

func TestAttestRejections(t *testing.T) {
	f := newFixture(t)
	alice, id := f.creator("alice")
	a, retired := f.attester("a", 1, 2), f.attester("retired", 1)
	require.NoError(t, f.send(&types.MsgSetAttester{Authority: f.Authority, Attester: retired.String()}))
	require.NoError(t, f.send(&types.MsgSetAttester{Authority: f.Authority, Attester: alice.String(), Levels: []uint32{1}, Active: true}))
	require.NoError(t, f.send(f.attest(a, id, 1, 10)))
	with := func(change func(*types.MsgAttest)) sdk.Msg {
		m := f.attest(a, id, 1, 10)
		change(m)
		return m
	}
	set := func(levels ...uint32) *types.MsgSetAttester {
		return &types.MsgSetAttester{Authority: f.Authority, Attester: a.String(), Levels: levels, Active: true}
	}
	nobody := types.NewCreatorID(f.Addr("nobody")).String()
	cases := []rejection{
		{"level not allowed", with(func(m *types.MsgAttest) { m.Level = 3 }), types.ErrLevelNotAllowed},
		{"level 0", with(func(m *types.MsgAttest) { m.Level = 0 }), types.ErrInvalidLevel},
		{"level 4", with(func(m *types.MsgAttest) { m.Level = 4 }), types.ErrInvalidLevel},
		{"by nobody", f.attest(f.Addr("eve"), id, 1, 10), types.ErrNotAttester},
		{"by one that was", f.attest(retired, id, 1, 10), types.ErrNotAttester},
		{"oneself", f.attest(alice, id, 1, 10), types.ErrSelfAttested},
		{"no creator", with(func(m *types.MsgAttest) { m.Creator = nobody }), types.ErrCreatorNotFound},
		{"creator, an account", with(func(m *types.MsgAttest) { m.Creator = alice.String() }), types.ErrInvalidCreatorID},
		{"no evidence", with(func(m *types.MsgAttest) { m.EvidenceHash = nil }), types.ErrInvalidHash},
		{"31 bytes", with(func(m *types.MsgAttest) { m.EvidenceHash = evidence[:31] }), types.ErrInvalidHash},
		{"expired", with(func(m *types.MsgAttest) { m.Expires = f.now() }), types.ErrInvalidExpiry},
		{"no expiry", with(func(m *types.MsgAttest) { m.Expires = 0 }), types.ErrInvalidExpiry},
		{"negative expiry", with(func(m *types.MsgAttest) { m.Expires = -1 << 63 }), types.ErrInvalidExpiry},
		{"two years and a second", f.attest(a, id, 1, types.MaxAttestationSeconds+1), types.ErrInvalidExpiry},
		{"the end of time", with(func(m *types.MsgAttest) { m.Expires = 1<<63 - 1 }), types.ErrInvalidExpiry},

		{"revoke, another's", &types.MsgRevokeAttestation{Signer: alice.String(), Creator: id, Attester: a.String()}, types.ErrNotAttester},
		{"revoke, none", &types.MsgRevokeAttestation{Signer: retired.String(), Creator: id, Attester: retired.String()}, types.ErrAttestationNotFound},
		{"revoke, none of governance's", &types.MsgRevokeAttestation{Signer: f.Authority, Creator: id, Attester: retired.String()}, types.ErrAttestationNotFound},
		{"revoke, nobody's", &types.MsgRevokeAttestation{Signer: a.String(), Creator: nobody, Attester: a.String()}, types.ErrAttestationNotFound},
		{"revoke, malformed", &types.MsgRevokeAttestation{Signer: a.String(), Creator: "x", Attester: a.String()}, types.ErrInvalidCreatorID},

		{"set by an attester", &types.MsgSetAttester{Authority: a.String(), Attester: a.String(), Levels: []uint32{1}, Active: true}, types.ErrNotAuthority},
		{"set, no level", set(), types.ErrInvalidLevel},
		{"set, level 0", set(0), types.ErrInvalidLevel},
		{"set, level 4", set(1, 4), types.ErrInvalidLevel},
		{"set, twice the same", set(1, 1), types.ErrInvalidLevel},
		{"set, falling", set(2, 1), types.ErrInvalidLevel},
	}
	for _, bad := range badAddresses {
		cases = append(cases,
			rejection{"attester " + bad, with(func(m *types.MsgAttest) { m.Attester = bad }), types.ErrInvalidAddress},
			rejection{"revoke by " + bad, &types.MsgRevokeAttestation{Signer: bad, Creator: id, Attester: a.String()}, types.ErrInvalidAddress},
			rejection{"revoke of " + bad, &types.MsgRevokeAttestation{Signer: a.String(), Creator: id, Attester: bad}, types.ErrInvalidAddress},
			rejection{"set by " + bad, &types.MsgSetAttester{Authority: bad, Attester: a.String()}, types.ErrInvalidAddress},
			rejection{"set " + bad, &types.MsgSetAttester{Authority: f.Authority, Attester: bad}, types.ErrInvalidAddress})
	}
	f.reject(cases)
	require.NoError(t, f.send(f.attest(a, id, 1, types.MaxAttestationSeconds)), "two years")
	require.NoError(t, f.send(&types.MsgRevokeAttestation{Signer: f.Authority, Creator: id, Attester: a.String()}), "governance")
}

// An attester verifies at most 100 at level 2 or 3 a quarter, however it spells that.
func TestQuota(t *testing.T) {
	f := newFixture(t)
	a := f.attester("a", 1, 2, 3)
	for i := range types.MaxIssued {
		_, id := f.creator(fmt.Sprint("creator", i))
		require.NoError(t, f.send(f.attest(a, id, uint32(2+i%2), 3600)))
	}
	_, id := f.creator("one more")
	first := types.NewCreatorID(f.Addr("creator0")).String()
	f.reject([]rejection{
		{"the 101st", f.attest(a, id, 2, 10), types.ErrQuotaUsed},
		{"at level 3", f.attest(a, id, 3, 10), types.ErrQuotaUsed},
		{"a renewal", f.attest(a, first, 2, 10), types.ErrQuotaUsed},
	})
	require.NoError(t, f.send(f.attest(a, id, 1, 10)), "level 1 is free")
	require.NoError(t, f.send(&types.MsgRevokeAttestation{Signer: a.String(), Creator: first, Attester: a.String()}))
	require.ErrorIs(t, f.send(f.attest(a, first, 2, 10)), types.ErrQuotaUsed, "revoking gives nothing back")
	f.attester("a", 1, 2, 3)
	require.ErrorIs(t, f.send(f.attest(a, id, 2, 10)), types.ErrQuotaUsed, "nor does being named again")

	// the quarter is over
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	gs.Attesters[0].Quarter--
	other := bareFixture(t)
	require.NoError(t, other.k.InitGenesis(other.Ctx, *gs))
	require.NoError(t, other.send(other.attest(a, id, 2, 10)))
}

func TestPlacesForAttestations(t *testing.T) {
	f := newFixture(t)
	_, id := f.creator("alice")
	var last sdk.AccAddress
	for i := range types.MaxAttestations {
		last = f.attester(fmt.Sprint("attester", i), 1)
		require.NoError(t, f.send(f.attest(last, id, 1, 10)))
	}
	late := f.attester("late", 1)
	f.reject([]rejection{{"the 65th", f.attest(late, id, 1, 10), types.ErrTooManyAttestations}})
	require.NoError(t, f.send(f.attest(last, id, 1, 20)), "again is no new one")
}

// What is swept is capped a block, and a row that cannot be read waits without holding up the rest.
func TestAttestationsAreSwept(t *testing.T) {
	f := newFixture(t)
	a := f.attester("a", 1)
	for i := range types.MaxSweep + 10 {
		_, id := f.creator(fmt.Sprint("creator", i))
		require.NoError(t, f.send(f.attest(a, id, 1, 10)))
	}
	left := func() int {
		gs, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		return len(gs.Attestations)
	}
	f.NextBlock(10 * time.Second)
	f.wait(time.Second)
	require.Equal(t, 10, left())
	f.wait(time.Second)
	require.Zero(t, left())
}

// Level agrees with a count by hand, whatever attesters say and become.
func TestLevelAgainstBruteForce(t *testing.T) {
	f := newFixture(t)
	_, id := f.creator("alice")
	clean := f.Ctx
	rapid.Check(t, func(r *rapid.T) {
		f.Ctx, _ = clean.CacheContext()
		type word struct {
			level uint32
			end   int64
		}
		words := map[int]word{}
		levels := map[int][]uint32{}
		for i := range 6 {
			f.attester(fmt.Sprint(i), 1, 2, 3)
			levels[i] = []uint32{1, 2, 3}
		}
		for range rapid.IntRange(0, 12).Draw(r, "steps") {
			i := rapid.IntRange(0, 5).Draw(r, "who")
			switch rapid.IntRange(0, 5).Draw(r, "what") {
			case 0:
				may := rapid.SampledFrom([][]uint32{{1}, {2, 3}, {1, 2, 3}}).Draw(r, "may")
				f.attester(fmt.Sprint(i), may...)
				levels[i] = may
			case 1:
				err := f.send(&types.MsgRevokeAttestation{Signer: f.Authority, Creator: id, Attester: f.Addr(fmt.Sprint(i)).String()})
				_, had := words[i]
				require.Equal(r, had, err == nil)
				delete(words, i)
			default:
				w := word{uint32(rapid.IntRange(1, 3).Draw(r, "level")), int64(rapid.IntRange(1, 30).Draw(r, "seconds"))}
				err := f.send(f.attest(f.Addr(fmt.Sprint(i)), id, w.level, w.end))
				if err == nil {
					words[i] = word{w.level, w.end + f.now()}
				} else {
					require.ErrorIs(r, err, types.ErrLevelNotAllowed)
				}
			}
			if rapid.Bool().Draw(r, "time passes") {
				f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(5 * time.Second))
				require.NoError(r, f.Clock.BeginBlock(f.Ctx))
			}
		}
		var want uint32
		for n := uint32(1); n <= 3; n++ {
			count := uint32(0)
			for i, w := range words {
				if w.end > f.now() && w.level >= n && strings.Contains(fmt.Sprint(levels[i]), fmt.Sprint(w.level)) {
					count++
				}
			}
			if count >= n {
				want = n
			}
		}
		require.Equal(r, want, f.level(id))
		require.NoError(r, f.k.CheckInvariants(f.Ctx))
	})
	f.Ctx = clean
}

// shortDelay is what only a genesis can set.
func (f *fixture) shortDelay(seconds int64) {
	f.T.Helper()
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	gs.Params.RotationDelaySeconds = seconds
	require.NoError(f.T, f.k.InitGenesis(f.Ctx, *gs))
}

func TestRotation(t *testing.T) {
	f := newFixture(t)
	f.shortDelay(60)
	alice, id := f.creator("alice")
	work := f.publish(publishMsg(alice, "film"))
	heir := f.Funded("heir", 10*stream)
	rotate := &types.MsgRotateController{Controller: alice.String(), Creator: id, NewController: heir.String()}
	accept := &types.MsgAcceptRotation{NewController: heir.String(), Creator: id}
	veto := &types.MsgVetoRotation{Controller: alice.String(), Creator: id}

	require.NoError(t, f.send(rotate))
	to, err := f.q.RotationsTo(f.Ctx, &types.QueryRotationsToRequest{NewController: heir.String()})
	require.NoError(t, err)
	require.Len(t, to.Rotations, 1)
	_, err = f.k.RequireController(f.Ctx, id, alice)
	require.NoError(t, err, "still the old one")
	f.NextBlock(59 * time.Second)
	require.ErrorIs(t, f.send(accept), types.ErrRotationNotReady)
	require.NoError(t, f.send(veto), "at the last second")
	require.ErrorIs(t, f.send(accept), types.ErrRotationNotFound)
	require.ErrorIs(t, f.send(veto), types.ErrRotationNotFound)
	f.NextBlock(2 * time.Second)

	require.NoError(t, f.send(rotate))
	f.NextBlock(60 * time.Second)
	require.ErrorIs(t, f.send(veto), types.ErrVetoTooLate)
	require.ErrorIs(t, f.send(&types.MsgAcceptRotation{NewController: alice.String(), Creator: id}), types.ErrNotController)
	require.NoError(t, f.send(accept))
	_, err = f.k.RequireController(f.Ctx, id, alice)
	require.ErrorIs(t, err, types.ErrNotController)
	creator, err := f.k.CreatorOf(f.Ctx, heir)
	require.NoError(t, err)
	require.Equal(t, id, creator.Id)
	_, err = f.k.CreatorOf(f.Ctx, alice)
	require.ErrorIs(t, err, types.ErrCreatorNotFound)
	require.ErrorIs(t, f.send(&types.MsgRegisterCreator{Controller: alice.String()}), types.ErrCreatorExists, "its id is taken for ever")
	require.NoError(t, f.send(&types.MsgRetire{Controller: heir.String(), Work: work.Cid}), "works stay the creator's")
	next := publishMsg(heir, "next")
	next.Creator = id
	require.NoError(t, f.send(next))

	// and back
	require.NoError(t, f.send(&types.MsgRotateController{Controller: heir.String(), Creator: id, NewController: alice.String()}))
	f.NextBlock(60 * time.Second)
	require.NoError(t, f.send(&types.MsgAcceptRotation{NewController: alice.String(), Creator: id}))
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
}

// A rotation that nobody accepts ends, and one may follow it before it is swept.
func TestRotationExpires(t *testing.T) {
	f := newFixture(t)
	f.shortDelay(1)
	alice, id := f.creator("alice")
	rotate := &types.MsgRotateController{Controller: alice.String(), Creator: id, NewController: f.Addr("heir").String()}
	require.NoError(t, f.send(rotate))
	f.NextBlock(types.AcceptSeconds*time.Second + time.Second)
	require.ErrorIs(t, f.send(&types.MsgAcceptRotation{NewController: f.Addr("heir").String(), Creator: id}), types.ErrRotationNotFound)
	require.NoError(t, f.send(rotate))
	require.ErrorIs(t, f.send(rotate), types.ErrRotationPending)
	f.NextBlock(types.AcceptSeconds*time.Second + time.Second)
	f.wait(time.Second)
	_, err := f.q.Rotation(f.Ctx, &types.QueryRotationRequest{Creator: id})
	require.ErrorIs(t, err, types.ErrRotationNotFound)
}

func TestRotationRejections(t *testing.T) {
	f := newFixture(t)
	alice, id := f.creator("alice")
	bob, bobs := f.creator("bob")
	heir := f.Addr("heir")
	rotate := func(by sdk.AccAddress, creator, to string) sdk.Msg {
		return &types.MsgRotateController{Controller: by.String(), Creator: creator, NewController: to}
	}
	nobody := types.NewCreatorID(f.Addr("nobody")).String()
	cases := []rejection{
		{"to a controller", rotate(alice, id, bob.String()), types.ErrCreatorExists},
		{"to oneself", rotate(alice, id, alice.String()), types.ErrCreatorExists},
		{"to a module", rotate(alice, id, authtypes.NewModuleAddress("revenue").String()), types.ErrBlockedAddress},
		{"another's", rotate(bob, id, heir.String()), types.ErrNotController},
		{"nobody's", rotate(bob, nobody, heir.String()), types.ErrCreatorNotFound},
		{"an account's", rotate(bob, alice.String(), heir.String()), types.ErrInvalidCreatorID},
		{"veto, nothing", &types.MsgVetoRotation{Controller: alice.String(), Creator: id}, types.ErrRotationNotFound},
		{"veto, another's", &types.MsgVetoRotation{Controller: bob.String(), Creator: id}, types.ErrNotController},
		{"veto, malformed", &types.MsgVetoRotation{Controller: bob.String(), Creator: "x"}, types.ErrInvalidCreatorID},
		{"accept, nothing", &types.MsgAcceptRotation{NewController: heir.String(), Creator: id}, types.ErrRotationNotFound},
		{"accept, nobody's", &types.MsgAcceptRotation{NewController: heir.String(), Creator: nobody}, types.ErrCreatorNotFound},
		{"accept, malformed", &types.MsgAcceptRotation{NewController: heir.String(), Creator: ""}, types.ErrInvalidCreatorID},
	}
	for _, bad := range badAddresses {
		cases = append(cases,
			rejection{"by " + bad, &types.MsgRotateController{Controller: bad, Creator: id, NewController: heir.String()}, types.ErrInvalidAddress},
			rejection{"to " + bad, rotate(alice, id, bad), types.ErrInvalidAddress},
			rejection{"veto by " + bad, &types.MsgVetoRotation{Controller: bad, Creator: id}, types.ErrInvalidAddress},
			rejection{"accept by " + bad, &types.MsgAcceptRotation{NewController: bad, Creator: id}, types.ErrInvalidAddress})
	}
	f.reject(cases)

	// an heir that became a creator meanwhile takes nothing over
	f.shortDelay(5)
	require.NoError(t, f.send(rotate(bob, bobs, heir.String())))
	require.NoError(t, f.send(&types.MsgRegisterCreator{Controller: heir.String()}))
	f.NextBlock(5 * time.Second)
	require.ErrorIs(t, f.send(&types.MsgAcceptRotation{NewController: heir.String(), Creator: bobs}), types.ErrCreatorExists)
}

// A vote cannot take the delay away, and leaves that of a local network as it is.
func TestRotationDelayBounds(t *testing.T) {
	f := newFixture(t)
	params := func(seconds int64) sdk.Msg {
		p := types.DefaultParams()
		p.RotationDelaySeconds = seconds
		return &types.MsgUpdateParams{Authority: f.Authority, Params: p}
	}
	for _, bad := range []int64{-1, 0, 1, types.MinRotationDelaySeconds - 1, types.MaxRotationDelaySeconds + 1} {
		f.reject([]rejection{{fmt.Sprint(bad), params(bad), types.ErrInvalidParams}})
	}
	require.NoError(t, f.send(params(types.MinRotationDelaySeconds)))
	require.NoError(t, f.send(params(types.MaxRotationDelaySeconds)))
	f.shortDelay(10)
	require.NoError(t, f.send(params(10)))
	f.reject([]rejection{{"shorter still", params(9), types.ErrInvalidParams}})
}
