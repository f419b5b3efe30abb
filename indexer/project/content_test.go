package project_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"

	"github.com/streamchain/streamchain/indexer/ask"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

func sum(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

func addr(name string) string { return sdk.AccAddress(sum(name)[:20]).String() }

func creatorID(name string) string { return contenttypes.NewCreatorID(sum(name)[:20]).String() }

func mediaCID(name string) string {
	mh, err := multihash.Encode(sum(name), multihash.SHA2_256)
	if err != nil {
		panic(err)
	}
	return cid.NewCidV1(cid.DagProtobuf, mh).String()
}

// film, song and remix are publications of one person each; the person is given later.
var (
	film  = contenttypes.MsgPublish{Kind: "video", Title: "Die Straße im Café", Language: "de", Description: "Ein Film", Tags: []string{"Film", "night"}, DurationSeconds: 60, Licence: "CC0-1.0"}
	song  = contenttypes.MsgPublish{Kind: "audio", Title: "A Song", Licence: "CC-BY-4.0", DurationSeconds: 100}
	keyed = contenttypes.MsgPublish{Kind: "audio", Title: "Locked", Licence: "CC0-1.0", Keys: &contenttypes.Keys{Suite: "ristretto255-sha512-hkdf-sha256", C0: point(), WindowSeconds: 20}}
)

// point is a commitment that a real publication made.
func point() []byte {
	b, err := base64.StdEncoding.DecodeString("PiK3yON3N6a/ba3Vf2nEVzniklLUZX/TmZfeTqo81wc=")
	if err != nil {
		panic(err)
	}
	return b
}

// publish completes a message for a person.
func publish(m contenttypes.MsgPublish, who string) *contenttypes.MsgPublish {
	m.Controller, m.Creator = addr(who), creatorID(who)
	m.Media = mediaCID(m.Title)
	m.PieceRoot, m.PieceSize = sum(m.Title), 1024
	return &m
}

func workID(m contenttypes.MsgPublish, who string) string {
	man, err := publish(m, who).Manifest()
	if err != nil {
		panic(err)
	}
	c, err := man.CID()
	if err != nil {
		panic(err)
	}
	return c.String()
}

func published(m contenttypes.MsgPublish, who string) *contenttypes.EventWorkPublished {
	p, id := publish(m, who), workID(m, who)
	e := &contenttypes.EventWorkPublished{
		Cid: id, Root: id, Creator: p.Creator, Kind: p.Kind, Title: p.Title, Language: p.Language, Description: p.Description, Tags: p.Tags, DurationSeconds: p.DurationSeconds,
		Media: p.Media, PieceRoot: p.PieceRoot, PieceSize: p.PieceSize, Licence: p.Licence, Version: 1, PublishedAt: genesisTime + 5, CommittedAt: genesisTime + 4, Deposit: math.NewInt(1),
	}
	if p.Previous != "" {
		e.Root, e.Previous, e.Version = p.Previous, p.Previous, 2
	}
	return e
}

// creators registers people with handles.
func (b *bench) creators(names ...string) {
	b.Helper()
	for _, n := range names {
		b.tx(nil, &contenttypes.EventCreatorRegistered{Creator: creatorID(n), Controller: addr(n), RegisteredAt: genesisTime + 1},
			&contenttypes.EventHandleSet{Creator: creatorID(n), Handle: n, Deposit: math.NewInt(1), Returned: math.ZeroInt()})
	}
	b.commit()
}

func (b *bench) publish(m contenttypes.MsgPublish, who string) string {
	b.Helper()
	b.tx([]proto.Message{publish(m, who)}, published(m, who))
	b.commit()
	return workID(m, who)
}

func TestCreators(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice", "bob")
	a := creatorID("alice")
	b.tx(nil, &contenttypes.EventHandleSet{Creator: a, Handle: "alicia", PreviousHandle: "alice", Deposit: math.NewInt(1), Returned: math.ZeroInt()})
	b.tx(nil, &contenttypes.EventRotationRequested{Rotation: contenttypes.Rotation{Creator: a, Controller: addr("alice"), NewController: addr("new"), RequestedAt: 1, ReadyAt: 2, ExpiresAt: 3}})
	b.tx(nil, &contenttypes.EventHandleRevoked{Creator: creatorID("bob"), Handle: "bob", Forfeited: math.NewInt(1)})
	b.commit()
	require.Equal(t, fmt.Sprintf("1|%s|%s|alicia\n2|%s|%s|", a, addr("alice"), creatorID("bob"), addr("bob")), b.rows("SELECT n, id, controller, handle FROM creators ORDER BY n"))
	require.Equal(t, addr("new")+"|1|2|3", b.rows("SELECT new_controller, requested_at, ready_at, expires_at FROM rotations"))
	b.tx(nil, &contenttypes.EventControllerRotated{Creator: a, Controller: addr("new"), PreviousController: addr("alice")})
	b.commit()
	require.Equal(t, addr("new"), b.rows("SELECT controller FROM creators WHERE id = ?", a))
	require.Empty(t, b.rows("SELECT * FROM rotations"))
	require.Equal(t, "alice\nbob\nalicia", b.rows("SELECT word FROM words ORDER BY id"))
}

func TestLevels(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice")
	level := func() string { return b.rows("SELECT level FROM creators") }
	attest := func(by string, level uint32, expires int64) *contenttypes.EventAttested {
		return &contenttypes.EventAttested{Attestation: contenttypes.Attestation{Creator: creatorID("alice"), Attester: addr(by), Level: level, EvidenceHash: sum(by), AttestedAt: genesisTime, ExpiresAt: expires}}
	}
	far := int64(genesisTime + 1e6)
	for _, by := range []string{"x", "y"} {
		b.tx(nil, &contenttypes.EventAttesterSet{Attester: contenttypes.Attester{Attester: addr(by), Levels: []uint32{1, 2}, Active: true, SetAt: genesisTime}})
	}
	b.tx(nil, attest("x", 2, far))
	b.commit()
	require.Equal(t, "1", level(), "one attestation of level 2 makes level 1")
	b.tx(nil, attest("y", 2, genesisTime+20))
	b.commit()
	require.Equal(t, "2", level())
	b.tx(nil, &contenttypes.EventAttesterSet{Attester: contenttypes.Attester{Attester: addr("x"), Levels: []uint32{1, 2}, SetAt: genesisTime}})
	b.commit()
	require.Equal(t, "1", level(), "an attester that does not act any more does not count")
	b.tx(nil, &contenttypes.EventAttesterSet{Attester: contenttypes.Attester{Attester: addr("x"), Levels: []uint32{1}, Active: true, SetAt: genesisTime}})
	b.commit()
	require.Equal(t, "1", level(), "what it may no longer say does not count")
	b.ends(&contenttypes.EventAttestationExpired{Creator: creatorID("alice"), Attester: addr("y")})
	b.commit(30 * time.Second)
	require.Equal(t, "0", level())
	b.tx(nil, attest("x", 1, far))
	b.commit()
	require.Equal(t, "1", level())
	b.tx(nil, &contenttypes.EventAttestationRevoked{Creator: creatorID("alice"), Attester: addr("x"), Level: 1})
	b.commit()
	require.Equal(t, "0", level())
}

func (b *bench) found(match string) string {
	b.Helper()
	return b.rows("SELECT title FROM works WHERE n IN (SELECT rowid FROM works_fts WHERE works_fts MATCH ?) ORDER BY n", ask.Match(ask.Words(match)))
}

func TestWorks(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice", "bob")
	root := b.publish(film, "alice")
	b.publish(keyed, "bob")
	require.Equal(t, fmt.Sprintf(`1|%s|Die Straße im Café|die strasse im cafe|["Film","night"]|60|0|active|%d|%d`, root, genesisTime+5, genesisTime+4),
		b.rows("SELECT n, root, title, title_key, tags, duration, encrypted, status, published_at, committed_at FROM works WHERE root = ?", root))
	require.Equal(t, "1|"+`{"suite":"ristretto255-sha512-hkdf-sha256","c0":"`+"", strings.SplitAfter(b.rows("SELECT encrypted, keys FROM works WHERE kind = 'audio'"), `"c0":"`)[0])
	require.Equal(t, "1\n1", b.rows("SELECT works FROM creators ORDER BY n"))
	for _, q := range []string{"cafe", "straße", "STRASSE", "night", "alice", "ein", "stra"} {
		require.Equal(t, film.Title, b.found(q), q)
	}
	require.Equal(t, "film|1\nnight|1", b.rows("SELECT tag, work FROM work_tags ORDER BY tag"))
	require.Equal(t, film.Title, b.rows("SELECT title FROM works WHERE n IN (SELECT rowid FROM titles_fts WHERE titles_fts MATCH 'traß')"))
	require.Contains(t, b.rows("SELECT word FROM words WHERE id IN (SELECT rowid FROM words_fts WHERE words_fts MATCH 'str OR tra OR ras')"), "strasse")

	second := film
	second.Title, second.Previous, second.Tags = "The Street", root, nil
	head := b.publish(second, "alice")
	require.Equal(t, "1|"+head+"|2|The Street", b.rows("SELECT n, head, version, title FROM works WHERE root = ?", root))
	require.Equal(t, root+"|1\n"+head+"|2", b.rows("SELECT cid, version FROM versions WHERE root = ? ORDER BY version", root))
	require.Empty(t, b.found("cafe"))
	require.Equal(t, "The Street", b.found("street"))
	require.Empty(t, b.rows("SELECT tag FROM work_tags"))
	require.Equal(t, "1\n1", b.rows("SELECT works FROM creators ORDER BY n"), "a version is no further work")

	b.tx(nil, &contenttypes.EventHandleSet{Creator: creatorID("alice"), Handle: "carla", Deposit: math.NewInt(1), Returned: math.ZeroInt()})
	b.commit()
	require.Empty(t, b.found("alice"))
	require.Equal(t, "The Street", b.found("carla"))
}

func TestStatusOfWorks(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice")
	root := b.publish(film, "alice")
	status := func() string {
		return b.rows("SELECT w.status, c.works, (SELECT COUNT(*) FROM works_fts WHERE works_fts MATCH 'cafe') FROM works w JOIN creators c ON c.id = w.creator")
	}
	require.Equal(t, "active|1|1", status())
	restrict := &contenttypes.EventWorkRestricted{Root: root, Creator: creatorID("alice"), Versions: 1}
	restore := &contenttypes.EventWorkRestored{Root: root, Creator: creatorID("alice")}
	retire := &contenttypes.EventWorkRetired{Root: root, Creator: creatorID("alice"), Controller: addr("alice"), Versions: 1, Returned: math.NewInt(1)}
	for _, step := range []struct {
		e    proto.Message
		want string
	}{{restrict, "restricted|0|0"}, {restore, "active|1|1"}, {restrict, "restricted|0|0"}, {retire, "restricted|0|0"}, {restore, "retired|0|0"}} {
		b.tx(nil, step.e)
		b.commit()
		require.Equal(t, step.want, status(), "%T", step.e)
	}
}

// Keys and parents come from the message, also where another account sends it under a grant.
func TestPublishUnderAGrant(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice", "bob")
	parent := b.publish(film, "alice")
	derived := keyed
	derived.Parents = []contenttypes.Parent{{Work: parent, Bps: 500}}
	inner, err := codectypes.NewAnyWithValue(publish(derived, "bob"))
	require.NoError(t, err)
	work := workID(derived, "bob")
	b.tx([]proto.Message{&authz.MsgExec{Grantee: addr("x"), Msgs: []*codectypes.Any{inner}}}, published(derived, "bob"),
		&revenuetypes.EventDerivationAccepted{Work: work, Parent: parent, Bps: 500})
	b.tx(nil, &revenuetypes.EventDerivationTermsSet{Work: parent, Open: true, MinBps: 100})
	b.tx(nil, &revenuetypes.EventSplitSet{Subject: work, Version: 3, Shares: []revenuetypes.Share{{Recipient: addr("x"), Bps: 10000}}})
	b.commit()
	require.Equal(t, work+"|"+parent+"|0|500|1", b.rows("SELECT work, parent, idx, bps, granted FROM parents"))
	require.Equal(t, "1", b.rows("SELECT encrypted FROM works WHERE root = ?", work))
	require.Equal(t, parent+"|1|100", b.rows("SELECT * FROM derivation_terms"))
	require.Equal(t, work+`|3|[{"recipient":"`+addr("x")+`","bps":10000}]`, b.rows("SELECT * FROM splits"))
}

func TestFeeds(t *testing.T) {
	b := newBench(t, "")
	feed := contenttypes.Feed{Id: addr("x") + "/niche", Owner: addr("x"), Endpoint: "https://f.example.org", Key: sum("k"), Title: "Niche", RegisteredAt: 7, Deposit: math.NewInt(9)}
	b.tx(nil, &contenttypes.EventFeedRegistered{Feed: feed})
	b.commit()
	feed.Title = "Nicher"
	b.tx(nil, &contenttypes.EventFeedUpdated{Feed: feed})
	b.commit()
	require.Equal(t, feed.Id+"|1|Nicher|https://f.example.org|7", b.rows("SELECT id, n, title, endpoint, registered_at FROM feeds"))
	b.tx(nil, &contenttypes.EventFeedRemoved{Feed: feed.Id, Owner: feed.Owner, Returned: math.NewInt(9)})
	b.commit()
	require.Empty(t, b.rows("SELECT id FROM feeds"))
}
