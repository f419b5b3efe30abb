package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/storagenode/drain"
	"github.com/streamchain/streamchain/storagenode/nodetest"
)

func home(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "node")
	_, err := run(t, "init", "--home", dir, "--operator", nodetest.Address("op"), "--endpoint", "http://127.0.0.1:9", "--listen", "127.0.0.1:9")
	require.NoError(t, err)
	return dir
}

func TestDenylist(t *testing.T) {
	dir, id := home(t), nodetest.WorkID("a")
	_, err := run(t, "denylist", "check", id, "--home", dir)
	require.Equal(t, exit.NotFound, exit.Code(err))
	out, err := run(t, "denylist", "add", id, "--reason", "court order", "--home", dir)
	require.NoError(t, err)
	require.Contains(t, out, "added /ipfs/"+id)
	out, err = run(t, "denylist", "add", id, "--home", dir)
	require.NoError(t, err)
	require.Contains(t, out, "already")
	_, err = run(t, "denylist", "add", "https://node.example.org/ipfs/"+nodetest.WorkID("b")+"/v0/seg1.m4s", "--hide", "--home", dir)
	require.NoError(t, err)
	out, err = run(t, "denylist", "list", "--home", dir, "-o", "json")
	require.NoError(t, err)
	var l listed
	require.NoError(t, json.Unmarshal([]byte(out), &l))
	require.Len(t, l.Own, 2)
	require.Equal(t, 2, l.Lists[0].Rules)
	out, err = run(t, "denylist", "check", "/ipfs/"+id+"/any/path", "--home", dir, "-o", "json")
	require.NoError(t, err)
	var c checked
	require.NoError(t, json.Unmarshal([]byte(out), &c))
	require.True(t, c.Denied)
	require.Equal(t, 2, c.Line)
	_, err = run(t, "denylist", "add", id, "--allow", "--home", dir)
	require.NoError(t, err)
	_, err = run(t, "denylist", "check", id, "--home", dir)
	require.Equal(t, exit.NotFound, exit.Code(err))
	_, err = run(t, "denylist", "remove", id, "--allow", "--home", dir)
	require.NoError(t, err)
	_, err = run(t, "denylist", "check", id, "--home", dir)
	require.NoError(t, err)
	_, err = run(t, "denylist", "remove", nodetest.WorkID("c"), "--home", dir)
	require.Equal(t, exit.NotFound, exit.Code(err))
	for _, args := range [][]string{{"add", "nonsense"}, {"add"}, {"check", "x/y"}, {"list", "x"}} {
		_, err = run(t, append(append([]string{"denylist"}, args...), "--home", dir)...)
		require.Equal(t, exit.Usage, exit.Code(err), "%v: %v", args, err)
	}
	// a broken list: what it said before counts
	require.NoError(t, os.WriteFile(filepath.Join(dir, "denylist.deny"), []byte("nonsense\n"), 0o600))
	out, err = run(t, "denylist", "list", "--home", dir)
	require.Equal(t, exit.Content, exit.Code(err))
	require.Contains(t, out, "BROKEN")
	_, err = run(t, "denylist", "check", id, "--home", dir)
	require.NoError(t, err)
	_, err = run(t, "denylist", "add", id, "--home", dir)
	require.Equal(t, exit.Content, exit.Code(err))
}

func TestDrainCommand(t *testing.T) {
	dir := home(t)
	files := drain.Files{Dir: filepath.Join(dir, "data")}
	out, err := run(t, "drain", "--wait", "0s", "--home", dir)
	require.Equal(t, exit.Unfinished, exit.Code(err))
	require.ErrorContains(t, err, "storaged start", "only a running node drains")
	require.Contains(t, out, "waiting for the node")
	asked, err := files.Asked()
	require.NoError(t, err)
	require.True(t, asked)

	state := func(at int64, proofs uint64, stages ...drain.Stage) {
		st := drain.State{At: at, ProofSet: proofs}
		for i, s := range stages {
			st.Works = append(st.Works, drain.Work{ID: nodetest.WorkID(string(rune('a' + i))), State: s, Until: 1_800_000_000})
		}
		raw, err := json.Marshal(st)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "drain.json"), raw, 0o600))
	}
	state(1<<40, 0, drain.Moved, drain.Moving, drain.Kept)
	out, err = run(t, "drain", "--wait", "0s", "--home", dir)
	require.Equal(t, exit.Unfinished, exit.Code(err))
	require.Contains(t, out, "1 of 3 works moved, 1 wait for their copies elsewhere, 1 deals not ended yet, the last may end from 2027-01-15T08:00:00Z")
	state(1<<40, 2, drain.Moved)
	out, err = run(t, "drain", "--wait", "0s", "--home", dir)
	require.Equal(t, exit.Unfinished, exit.Code(err))
	require.Contains(t, out, "keep the node running")
	state(1, 0, drain.Moved)
	_, err = run(t, "drain", "--wait", "0s", "--home", dir)
	require.Equal(t, exit.Unfinished, exit.Code(err), "what the node said before it was asked does not count")
	state(1<<40, 0, drain.Moved)
	out, err = run(t, "drain", "--home", dir, "-o", "json")
	require.NoError(t, err)
	var d drained
	require.NoError(t, json.Unmarshal([]byte(out), &d))
	require.True(t, d.Ready)
	require.Contains(t, d.Leave, "leave")
	_, err = run(t, "drain", "--cancel", "--home", dir)
	require.NoError(t, err)
	asked, err = files.Asked()
	require.NoError(t, err)
	require.False(t, asked)
}
