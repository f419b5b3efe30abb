package planet

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/publish"
	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"

	"github.com/streamchain/streamchain/watch"
)

// Song makes a file of so many seconds of sound.
func (p *Planet) Song(seconds string) string {
	p.T.Helper()
	path := filepath.Join(p.T.TempDir(), "song.m4a")
	out, err := exec.CommandContext(p.T.Context(), "ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=d="+seconds, "-c:a", "aac", "file:"+path).CombinedOutput()
	require.NoError(p.T, err, "%s", out)
	return path
}

// Publish publishes a file, not encrypted, in a copy on every node, and waits until all have accepted.
func (p *Planet) Publish(by, file string, offers ...subscriptiontypes.Offer) *publish.Result {
	p.T.Helper()
	return p.PublishCopies(by, file, len(p.Nodes), offers...)
}

// PublishCopies is Publish in so many copies.
func (p *Planet) PublishCopies(by, file string, copies int, offers ...subscriptiontypes.Offer) *publish.Result {
	p.T.Helper()
	res, err := publish.Publish(p.T.Context(), p.Chain.Client, p.Account(by), publish.Options{
		File: file, Title: filepath.Base(file), Licence: "CC-BY-4.0", Offers: offers, Copies: copies, PrepayDays: 30,
		// what encryption adds has tests of its own
		Home: filepath.Join(p.home, "publish", by), Private: true, NoEncrypt: true,
	})
	require.NoError(p.T, err)
	require.Len(p.T, res.Deals, copies)
	for _, d := range res.Deals {
		require.Equal(p.T, "accepted", d.Status)
	}
	return res
}

// Watch watches a work whole, for at most maxSpend ustream. Progress may be nil.
func (p *Planet) Watch(viewer, work string, maxSpend uint64, progress func(watch.Progress)) (*watch.Result, []byte) {
	p.T.Helper()
	res, media, err := p.TryWatch(viewer, work, maxSpend, progress)
	require.NoError(p.T, err)
	require.True(p.T, res.Verified)
	return res, media
}

// GrantKey gives the viewer's device a session key that only shows who is asking.
func (p *Planet) GrantKey(viewer string) {
	p.T.Helper()
	key := p.DeviceKey(viewer)
	dir := filepath.Join(p.home, "watch", p.Addr(viewer))
	require.NoError(p.T, os.MkdirAll(dir, 0o700))
	require.NoError(p.T, os.WriteFile(filepath.Join(dir, "session.key"), []byte(hex.EncodeToString(key.Seed())+"\n"), 0o600))
	p.Send(viewer, &streamtypes.MsgGrantSessionKey{
		Owner: p.Addr(viewer), Pubkey: key.Public().(ed25519.PublicKey), Limit: token.Coin(0),
		Expires: time.Now().Unix() + 7*86_400, Scope: streamtypes.SESSION_KEY_SCOPE_ACCESS,
	})
}

// DeviceKey is the session key of the viewer's device, once it is granted.
func (p *Planet) DeviceKey(viewer string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("device of " + viewer))
	return ed25519.NewKeyFromSeed(seed[:])
}

// TryWatch is Watch that may fail.
func (p *Planet) TryWatch(viewer, work string, maxSpend uint64, progress func(watch.Progress)) (*watch.Result, []byte, error) {
	p.T.Helper()
	var out bytes.Buffer
	res, err := watch.Watch(p.T.Context(), p.Chain.Client, p.Account(viewer), watch.Options{
		Work: work, Home: filepath.Join(p.home, "watch"), Out: &out, MaxSpend: maxSpend, AllowPrivate: true, Progress: progress,
	})
	return res, out.Bytes(), err
}

// Settle makes every node that runs settle and close what is over.
func (p *Planet) Settle() {
	p.T.Helper()
	for _, n := range p.Nodes {
		n.Settle(p.T)
	}
	p.Chain.WaitBlocks(p.T, 1)
}
