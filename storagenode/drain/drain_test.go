package drain_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/drain"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

type fixture struct {
	t     *testing.T
	chain *nodetest.Chain
	d     *drain.Drainer
	files drain.Files
}

func setup(t *testing.T) *fixture {
	chain := nodetest.NewChain(nodetest.Address("op"), nodetest.Address("agent"))
	chain.Storage.MinDealSeconds, chain.Storage.TargetCopies = 100, 3
	f := &fixture{t: t, chain: chain, files: drain.Files{Dir: t.TempDir()}}
	f.restart()
	return f
}

// restart is a node that was stopped and started.
func (f *fixture) restart() {
	f.d = &drain.Drainer{Operator: f.chain.Operator, Chain: f.chain, Files: f.files}
	require.NoError(f.t, f.d.Look())
}

func (f *fixture) step() drain.State {
	f.t.Helper()
	st, err := f.d.Step(context.Background())
	require.NoError(f.t, err)
	return st
}

// deal makes a deal of a work that others keep too.
func (f *fixture) deal(name string, status storagetypes.DealStatus, others int) string {
	id := nodetest.WorkID(name)
	f.chain.Works[id] = contenttypes.Work{Cid: id, Root: id, PieceSize: 1000}
	f.chain.DealRows[id+"/"+f.chain.Operator] = storagetypes.Deal{Work: id, Operator: f.chain.Operator, Status: status, AcceptedAt: f.chain.Live}
	for i := range others {
		f.other(id, fmt.Sprint("other", i))
	}
	return id
}

func (f *fixture) other(work, name string) {
	op := nodetest.Address(name)
	f.chain.DealRows[work+"/"+op] = storagetypes.Deal{Work: work, Operator: op, Status: storagetypes.DEAL_STATUS_ACTIVE}
}

// repaired is another node that takes this one's copy.
func (f *fixture) repaired(work, name string) {
	delete(f.chain.RepairRows, work+"/"+f.chain.Operator)
	f.other(work, name)
}

func TestDrain(t *testing.T) {
	f := setup(t)
	a, b := f.deal("a", storagetypes.DEAL_STATUS_ACTIVE, 2), f.deal("b", storagetypes.DEAL_STATUS_ACTIVE, 0)
	asked := f.deal("asked", storagetypes.DEAL_STATUS_REQUESTED, 1)
	f.chain.Game.State.SetSize = 2
	require.Equal(t, drain.State{}, f.step(), "nobody wants it")
	require.Len(t, f.chain.DealRows, 6)
	fresh, err := f.files.Ask()
	require.NoError(t, err)
	require.True(t, fresh)
	fresh, err = f.files.Ask()
	require.NoError(t, err)
	require.False(t, fresh)

	st := f.step()
	require.True(t, f.d.Draining())
	require.NotContains(t, f.chain.DealRows, asked+"/"+f.chain.Operator, "a request is declined")
	require.Equal(t, 2, st.Count(drain.Kept), "deals are too young to end")
	require.Equal(t, f.chain.Live+100, st.Works[0].Until)
	require.False(t, st.Moved())

	f.chain.Pass(100)
	f.restart()
	st = f.step()
	require.Equal(t, 2, st.Count(drain.Moving))
	require.Len(t, f.chain.RepairRows, 2, "the copies are wanted, and none is reported lost")
	for _, end := range f.chain.Game.Ended {
		require.NotEqual(t, storagetypes.DEAL_END_LOST, end)
	}
	require.True(t, f.d.Hold(a))
	require.False(t, f.d.Hold(asked))
	require.Equal(t, 2, f.step().Count(drain.Moving))

	f.repaired(a, "new")
	f.restart()
	st = f.step()
	require.Equal(t, 1, st.Count(drain.Moved))
	require.False(t, f.d.Hold(a))
	require.True(t, f.d.Hold(b))
	f.repaired(b, "new")
	st = f.step()
	require.True(t, st.Moved())
	require.False(t, st.Ready(), "the chain still asks for proofs")
	f.chain.Game.State.SetSize = 0
	require.True(t, f.step().Ready())
	read, err := f.files.Read()
	require.NoError(t, err)
	require.True(t, read.Ready())

	require.NoError(t, f.files.Cancel())
	require.Equal(t, drain.State{}, f.step())
	require.False(t, f.d.Draining())
	read, err = f.files.Read()
	require.NoError(t, err)
	require.Equal(t, drain.State{}, read)
}

// Only a few works are without their copy at a time; one that nobody takes does not keep the others for ever.
func TestAFewAtATime(t *testing.T) {
	f := setup(t)
	for i := range 10 {
		f.deal(fmt.Sprint("w", i), storagetypes.DEAL_STATUS_ACTIVE, 2)
	}
	f.chain.Pass(100)
	_, err := f.files.Ask()
	require.NoError(t, err)
	st := f.step()
	require.Equal(t, 8, st.Count(drain.Moving))
	require.Equal(t, 2, f.step().Count(drain.Kept))
	f.chain.Pass(601)
	require.Equal(t, 10, f.step().Count(drain.Moving))
	require.False(t, f.step().Moved())
}

// What nobody wants any more needs not be waited for; what cannot be asked about is.
func TestEndings(t *testing.T) {
	f := setup(t)
	retired, controlled := f.deal("retired", storagetypes.DEAL_STATUS_ACTIVE, 0), f.deal("controlled", storagetypes.DEAL_STATUS_ACTIVE, 2)
	_, err := f.files.Ask()
	require.NoError(t, err)
	require.Equal(t, 2, f.step().Count(drain.Kept))
	delete(f.chain.DealRows, controlled+"/"+f.chain.Operator) // its creator ended it
	f.chain.Pass(100)
	st := f.step()
	require.Equal(t, 1, st.Count(drain.Moving))
	require.Equal(t, 1, st.Count(drain.Moved))
	delete(f.chain.RepairRows, retired+"/"+f.chain.Operator) // the chain closes the rows of a retired work
	f.chain.Down = true
	_, err = f.d.Step(context.Background())
	require.ErrorIs(t, err, nodetest.ErrDown)
	require.True(t, f.d.Hold(retired), "it is served on while the chain is down")
	f.chain.Down = false
	require.True(t, f.step().Moved())
}
