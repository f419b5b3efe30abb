package keeper_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// claim is when a work says that its creator had the media: its commit, or else its publication.
func claim(w types.Work) int64 {
	if w.CommittedAt > 0 {
		return w.CommittedAt
	}
	return w.PublishedAt
}

// bot sees every message before a block holds it, and puts its own before or after. It fails without consequence.
type bot struct {
	*fixture
	addr    sdk.AccAddress
	creator string
	rng     *rand.Rand
}

// copyCommit dates whatever the author dates, as itself.
func (b *bot) copyCommit(m *types.MsgCommit) {
	_ = b.send(&types.MsgCommit{Sender: b.addr.String(), Hash: m.Hash})
}

// copyPublish tries all that a copied publication can be turned into, in random order, and returns what became works.
func (b *bot) copyPublish(m *types.MsgPublish) (won []types.Work) {
	own := *m
	own.Controller, own.Creator = b.addr.String(), b.creator
	as := *m
	as.Controller = b.addr.String()
	unsigned := *m
	unsigned.Creator = b.creator
	renamed := own
	renamed.Title = "by the bot"
	next := own
	next.Previous = cidOf(b.T, m)
	unsalted := own
	unsalted.Salt = nil
	tries := []func() *types.MsgPublish{
		func() *types.MsgPublish { return &own },
		func() *types.MsgPublish { return &as },
		func() *types.MsgPublish { return &unsigned },
		func() *types.MsgPublish { return &renamed },
		func() *types.MsgPublish { return &next },
		func() *types.MsgPublish { return &unsalted },
		func() *types.MsgPublish { // a commit of its own, now that media and salt are public
			_ = b.send(&types.MsgCommit{Sender: b.addr.String(), Hash: commitment(b.T, &own)})
			dated := own
			dated.Description = "committed in time"
			return &dated
		},
	}
	b.rng.Shuffle(len(tries), func(i, j int) { tries[i], tries[j] = tries[j], tries[i] })
	for _, try := range tries[:1+b.rng.IntN(len(tries))] {
		msg := try()
		if msg == &unsigned || msg == &as {
			require.Error(b.T, b.send(msg), "nobody publishes as another")
			continue
		}
		if b.send(msg) == nil {
			w, err := b.k.GetWork(b.Ctx, cidOf(b.T, msg))
			require.NoError(b.T, err)
			won = append(won, w)
		}
	}
	return won
}

// A thousand races between an author who commits first and a bot that copies what it sees in the mempool, in whatever order
// a proposer likes. The bot wins when the author's work cannot be published, belongs to the bot, or is dated no earlier
// than a work of the bot about the same media. It never does.
func TestMempoolCopierNeverWins(t *testing.T) {
	const races = 1000
	f := newFixture(t)
	rng := rand.New(rand.NewPCG(11, 12))
	mallory := f.Funded("mallory", 1_000_000*stream)
	require.NoError(t, f.send(&types.MsgRegisterCreator{Controller: mallory.String()}))
	b := &bot{f, mallory, types.NewCreatorID(mallory).String(), rng}
	wins, copies := 0, 0
	for race := range races {
		name := fmt.Sprint("author", race%20)
		author := f.Addr(name)
		if race < 20 {
			author, _ = f.creator(name)
		}
		msg := publishMsg(author, fmt.Sprint("film", race))
		msg.Salt = fmt.Appendf(nil, "secret of race %d", race)
		commit := &types.MsgCommit{Sender: author.String(), Hash: commitment(t, msg)}
		first := rng.IntN(2) == 0
		if first {
			b.copyCommit(commit)
		}
		require.NoError(t, f.send(commit))
		if !first {
			b.copyCommit(commit)
		}
		f.NextBlock(time.Duration(1+rng.IntN(10)) * time.Second)

		var bots []types.Work
		if first = rng.IntN(2) == 0; first {
			bots = b.copyPublish(msg)
		}
		err := f.send(msg)
		if !first {
			bots = b.copyPublish(msg)
		}
		if rng.IntN(4) == 0 { // once more, a block later
			f.NextBlock(time.Second)
			bots = append(bots, b.copyPublish(msg)...)
		}
		copies += len(bots)
		if err != nil {
			wins++
			t.Errorf("race %d: the author cannot publish: %v", race, err)
			continue
		}
		work, err := f.k.GetWork(f.Ctx, cidOf(t, msg))
		require.NoError(t, err)
		require.Equal(t, msg.Creator, work.Creator)
		require.Equal(t, work.Cid, work.Head, "nobody else's version stands behind it")
		for _, w := range bots {
			require.NotEqual(t, work.Cid, w.Cid)
			require.Equal(t, b.creator, w.Creator)
			require.NotEqual(t, work.Cid, w.Root)
			if claim(w) <= claim(work) {
				wins++
				t.Errorf("race %d: the copy says %d, the author %d", race, claim(w), claim(work))
			}
		}
		f.NextBlock(time.Duration(rng.IntN(5)) * time.Second)
	}
	require.Zero(t, wins)
	require.Greater(t, copies, races, "the bot did publish its copies")
}
