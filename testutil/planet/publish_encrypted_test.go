package planet_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/publish"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// willing waits until so many nodes offer to hold keys.
func willing(p *planet.Planet, count int) {
	p.T.Helper()
	p.Eventually(func() bool {
		res, err := storagetypes.NewQueryClient(p.Chain.Client.Conn()).Providers(p.T.Context(), &storagetypes.QueryProvidersRequest{})
		require.NoError(p.T, err)
		found := 0
		for _, provider := range res.Providers {
			if provider.Willing() {
				found++
			}
		}
		return found == count
	}, "nodes offer to hold keys")
}

func sold(t *testing.T, p *planet.Planet, offers ...subscriptiontypes.Offer) publish.Options {
	return publish.Options{
		File: p.Song("25"), Title: "secret", Licence: "CC-BY-4.0", Offers: offers, Copies: len(p.Nodes), PrepayDays: 30, Home: t.TempDir(), Private: true,
	}
}

func work(p *planet.Planet, id string) contenttypes.Work {
	res, err := contenttypes.NewQueryClient(p.Chain.Client.Conn()).Work(p.T.Context(), &contenttypes.QueryWorkRequest{Work: id})
	require.NoError(p.T, err)
	return res.Work
}

func offers(p *planet.Planet, id string) subscriptiontypes.OfferList {
	res, err := subscriptiontypes.NewQueryClient(p.Chain.Client.Conn()).Offers(p.T.Context(), &subscriptiontypes.QueryOffersRequest{Work: id})
	require.NoError(p.T, err)
	return res.List
}

// secrets are the files beneath a folder that hold a secret, or words that one does.
func secrets(t *testing.T, dir string) (found []string) {
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), `"secret"`) {
			found = append(found, path)
		}
		return err
	}))
	return found
}

// untilStopped publishes, and is stopped when the stage is shown for the first time. done says that it came to its end.
func untilStopped(t *testing.T, p *planet.Planet, opt publish.Options, stages map[string]bool) (*publish.Result, bool) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stopped := false
	opt.Progress = func(stage string, done, _ int64) {
		// each node's upload is another stage
		if stage, _, _ = strings.Cut(stage, " to http"); !stopped && !stages[stage] {
			stages[stage], stopped = true, true
			stop()
		}
	}
	res, err := publish.Publish(ctx, p.Chain.Client, p.Account("alice"), opt)
	if err != nil {
		require.True(t, stopped, "%v", err)
		require.NotContains(t, err.Error(), `"secret"`)
	}
	return res, err == nil
}

// TestPublishEncrypted: whatever step a publisher is stopped at, the same command finishes: one work, paid once, its keys with the holders, its secret
// where its creator wants it and nowhere else, and sold from then on.
func TestPublishEncrypted(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 4})
	willing(p, 4)
	opt := sold(t, p, subscriptiontypes.NewPurchaseOffer(token.Coin(stream)))
	opt.KeepSecret = filepath.Join(t.TempDir(), "kept")

	dry := opt
	dry.DryRun, dry.Home = true, t.TempDir()
	preview, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), dry)
	require.NoError(t, err)
	require.Equal(t, publish.Keys{Encrypted: true, WindowSeconds: 20, Holders: 3, Threshold: 2, Status: "would be drawn"}, preview.Keys)
	require.NoFileExists(t, opt.KeepSecret)

	stages, before := map[string]bool{}, p.Balance(p.Addr("alice"))
	var res *publish.Result
	for runs, done := 0, false; !done; runs++ {
		require.Less(t, runs, 20)
		res, done = untilStopped(t, p, opt, stages)
	}
	for _, stage := range []string{"encrypting audio", "upload", "nodes accept", "holders accept the keys"} {
		require.Contains(t, stages, stage)
	}
	require.Equal(t, preview.Bytes, res.Bytes)
	require.Equal(t, publish.Keys{Encrypted: true, WindowSeconds: 20, Holders: 3, Threshold: 2, Version: 1, Status: "active", Secret: opt.KeepSecret}, res.Keys)
	require.Len(t, res.Deals, 4)
	for _, d := range res.Deals {
		require.Equal(t, "accepted", d.Status)
	}
	list := offers(p, res.Root)
	require.EqualValues(t, 1, list.Version, "set once")
	require.Equal(t, opt.Offers, list.Offers)
	paid := before - p.Balance(p.Addr("alice"))

	secret, err := publish.ReadSecret(opt.KeepSecret)
	require.NoError(t, err)
	c0 := secret.C0()
	require.Equal(t, &contenttypes.Keys{Suite: keyshare.Suite, C0: c0[:], WindowSeconds: 20}, work(p, res.Work).Keys)
	info, err := os.Stat(opt.KeepSecret)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	require.Empty(t, secrets(t, opt.Home), "erased where it was drawn")

	again, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), opt)
	require.NoError(t, err)
	require.Equal(t, res.Work, again.Work)
	require.Equal(t, res.Keys, again.Keys)
	require.EqualValues(t, 1, offers(p, res.Root).Version)
	require.Equal(t, paid, before-p.Balance(p.Addr("alice")), "a run of what is finished pays nothing")

	// as much as for one that nothing stopped, but for gas: deposit, prepayment
	other := opt
	other.KeepSecret, other.Title = "", "another"
	before = p.Balance(p.Addr("alice"))
	straight, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), other)
	require.NoError(t, err)
	require.Equal(t, publish.Erased, straight.Keys.Secret)
	require.Empty(t, secrets(t, opt.Home))
	require.InDelta(t, before-p.Balance(p.Addr("alice")), paid, 20_000)
	other.KeepSecret = filepath.Join(t.TempDir(), "late")
	_, err = publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), other)
	require.ErrorIs(t, err, publish.ErrSecretErased)

	nextVersions(t, p, opt, res, straight)
}

// nextVersions publishes what replaces an encrypted work: only with its secret, and under the keys that its holders have.
func nextVersions(t *testing.T, p *planet.Planet, first publish.Options, res, other *publish.Result) {
	next := first
	next.File, next.Previous, next.KeepSecret, next.Offers = p.Song("26"), res.Work, "", nil
	try := func(change func(*publish.Options)) error {
		opt, before := next, p.Balance(p.Addr("alice"))
		change(&opt)
		_, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), opt)
		require.Equal(t, before, p.Balance(p.Addr("alice")), "it costs nothing")
		return err
	}
	require.ErrorIs(t, try(func(*publish.Options) {}), publish.ErrSecretNeeded)
	require.ErrorIs(t, try(func(o *publish.Options) { o.NoEncrypt = true }), publish.ErrStaysEncrypted)
	require.ErrorIs(t, try(func(o *publish.Options) { o.Secret = o.File }), publish.ErrSecretFormat)
	require.ErrorIs(t, try(func(o *publish.Options) { o.Secret = o.File + "x" }), os.ErrNotExist)
	require.ErrorIs(t, try(func(o *publish.Options) { o.Secret, o.Previous = first.KeepSecret, other.Work }), publish.ErrOtherSecret)
	require.ErrorIs(t, try(func(o *publish.Options) { o.Secret, o.Previous = first.KeepSecret, "" }), publish.ErrSecretUnused)
	require.ErrorIs(t, try(func(o *publish.Options) {
		o.Previous, o.Offers, o.KeepSecret = "", first.Offers, first.KeepSecret
	}), publish.ErrSecretExists)

	next.Secret = first.KeepSecret
	second, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), next)
	require.NoError(t, err)
	require.Equal(t, res.Work, second.Root)
	require.Equal(t, publish.Keys{Encrypted: true, WindowSeconds: 20, Holders: 3, Threshold: 2, Version: 1, Status: "active", Secret: first.KeepSecret}, second.Keys)
	require.Equal(t, work(p, res.Work).Keys, work(p, second.Work).Keys)
	require.FileExists(t, first.KeepSecret)
	require.EqualValues(t, 1, offers(p, res.Root).Version, "what was offered stays")
}

// TestPublishEncryptedWithoutHolders: nobody pays for what nobody could open.
func TestPublishEncryptedWithoutHolders(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 1})
	willing(p, 1)
	p.Nodes[0].Stop(t)
	p.Send(p.Nodes[0].Agent, &storagetypes.MsgOfferKeys{Agent: p.Addr(p.Nodes[0].Agent)}) // no more
	opt, before := sold(t, p, metered(4)), p.Balance(p.Addr("alice"))
	for _, opt.DryRun = range []bool{true, false} {
		_, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), opt)
		require.ErrorIs(t, err, publish.ErrNoHolders)
		require.Equal(t, before, p.Balance(p.Addr("alice")))
	}
}
