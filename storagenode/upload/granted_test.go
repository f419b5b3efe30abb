package upload_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// grant is what goes into a granted upload; each may be wrong.
type grant struct {
	chain, text, account string
	piece                [32]byte
	size                 int
	until, expires       int64
	signer, claimed      string // who signs the grant, whose key the header has
	stranger             bool   // another key than the granted one signs
	operator             []byte
}

func (f *fixture) granted(g grant) string {
	f.t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(f.t, err)
	signer, _ := nodetest.Account(g.signer)
	claimed, _ := nodetest.Account(g.claimed)
	u := wire.Upload{Piece: f.root, Size: uint64(len(f.car)), Expires: g.expires, PubKey: claimed.PubKey().Bytes()}
	u.Grant = &wire.UploadGrant{Key: public, Until: g.until}
	text := g.text
	if text == "" {
		text = wire.GrantText(g.chain, g.account, g.piece, uint64(g.size), public, g.until)
	}
	u.Grant.Signature, err = signer.Sign(wire.ArbitraryBytes(g.account, text))
	require.NoError(f.t, err)
	if g.stranger {
		_, private, err = ed25519.GenerateKey(rand.Reader)
		require.NoError(f.t, err)
	}
	u.SignGranted(private, nodetest.ChainID, g.operator)
	return u.String()
}

// A wallet that signs text alone can have a key bring one piece, and nothing else.
func TestGranted(t *testing.T) {
	f := setup(t)
	now := time.Now().Unix()
	good := grant{
		chain: nodetest.ChainID, account: nodetest.Address("alice"), piece: f.root, size: len(f.car), until: now + 3600, expires: now + 240,
		signer: "alice", claimed: "alice", operator: f.s.Node.Bytes,
	}
	for name, tc := range map[string]struct {
		change func(*grant)
		slug   string
	}{
		"another chain's":        {func(g *grant) { g.chain = "other-1" }, wire.AuthSignature},
		"another piece's":        {func(g *grant) { g.piece[0] ^= 1 }, wire.AuthSignature},
		"another size's":         {func(g *grant) { g.size++ }, wire.AuthSignature},
		"by another account":     {func(g *grant) { g.signer = "bob" }, wire.AuthSignature},
		"for another account":    {func(g *grant) { g.account = nodetest.Address("bob") }, wire.AuthSignature},
		"stolen by another":      {func(g *grant) { g.claimed = "bob" }, wire.AuthSignature},
		"another key's":          {func(g *grant) { g.stranger = true }, wire.AuthSignature},
		"for another node":       {func(g *grant) { g.operator = []byte("another node's bytes") }, wire.AuthSignature},
		"a text of another kind": {func(g *grant) { g.text = "StreamChain sponsored first use" }, wire.AuthSignature},
		"past":                   {func(g *grant) { g.until = now - 1; g.expires = now - 2 }, wire.AuthExpired},
		"grant past":             {func(g *grant) { g.until = now - 1 }, wire.AuthExpired},
		"too long":               {func(g *grant) { g.until = now + wire.MaxGrantSeconds + 60 }, wire.AuthMalformed},
		"proof too long":         {func(g *grant) { g.expires = now + 3000 }, wire.AuthMalformed},
		"proof outlives grant":   {func(g *grant) { g.until = now + 60 }, wire.AuthMalformed},
		"no creator":             {func(g *grant) { g.signer, g.claimed, g.account = "carol", "carol", nodetest.Address("carol") }, wire.NotACreator},
	} {
		g := good
		tc.change(&g)
		_, p, _ := f.put("alice", f.root, len(f.car), f.car, wire.HeaderUpload, f.granted(g))
		require.NotNil(t, p, name)
		require.Equal(t, tc.slug, p.Slug, name)
	}

	// what an account signs otherwise is no grant, and a grant is no proof by the account
	key, _ := nodetest.Account("alice")
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	u := wire.Upload{Piece: f.root, Size: uint64(len(f.car)), Expires: now + 240, PubKey: key.PubKey().Bytes(), Grant: &wire.UploadGrant{Key: public, Until: now + 3600}}
	u.Grant.Signature, err = key.Sign(u.SignBytes(nodetest.ChainID, f.s.Node.Bytes))
	require.NoError(t, err)
	u.SignGranted(private, nodetest.ChainID, f.s.Node.Bytes)
	_, p, _ := f.put("alice", f.root, len(f.car), f.car, wire.HeaderUpload, u.String())
	require.Equal(t, wire.AuthSignature, p.Slug)
	u.Signature, err = key.Sign(wire.ArbitraryBytes(nodetest.Address("alice"), wire.GrantText(nodetest.ChainID, nodetest.Address("alice"), f.root, u.Size, public, now+3600)))
	require.NoError(t, err)
	u.Grant = nil
	_, p, _ = f.put("alice", f.root, len(f.car), f.car, wire.HeaderUpload, u.String())
	require.Equal(t, wire.AuthSignature, p.Slug)

	status, p, st := f.put("alice", f.root, len(f.car), f.car, wire.HeaderUpload, f.granted(good))
	require.Nil(t, p)
	require.Equal(t, 201, status)
	require.True(t, st.Complete)
	_, ok := f.s.Catalog.Brought(f.root[:], "streamcreator1alice")
	require.True(t, ok, "it counts as hers")
}

// The bytes are those that wallets sign.
func TestGrantIsWhatWalletsSign(t *testing.T) {
	require.Equal(t, `{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[{"type":"sign/MsgSignData","value":{"data":"aGk=","signer":"stream1x"}}],"sequence":"0"}`,
		string(wire.ArbitraryBytes("stream1x", "hi")))
}
