package runbooks_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/localnet"
	"github.com/streamchain/streamchain/testutil/runbooks"
)

const (
	root     = "../.."
	patience = 6 * time.Minute
)

// quick shortens what a juror would wait for, below what is pleasant for somebody who looks around.
var quick = []localnet.Param{
	{Path: []string{"gov", "params", "expedited_voting_period"}, Value: "4s"},
	{Path: []string{"gov", "params", "voting_period"}, Value: "6s"},
	{Path: []string{"governance", "params", "timelock_ppm"}, Value: "2"},
	{Path: []string{"storage", "params", "period_seconds"}, Value: "20"},
	{Path: []string{"storage", "params", "window_seconds"}, Value: "5"},
	{Path: []string{"dispute", "params", "terms", "evidence_seconds"}, Value: "5"},
	{Path: []string{"dispute", "params", "terms", "appeal_seconds"}, Value: "10"},
	{Path: []string{"dispute", "params", "unstake_seconds"}, Value: "10"},
}

// TestRunbooks runs each runbook as its reader would, all at once.
func TestRunbooks(t *testing.T) {
	if os.Getenv("RUNBOOKS") == "" {
		t.Skip("minutes on a local network: make runbooks")
	}
	t.Parallel()
	w := newWorld(t, 12_000, 0, quick)
	w.must(t, "stage", nil)
	w.books(t, "voter", "juror", "attester", "council")
	t.Run("a wrong one", func(t *testing.T) {
		t.Parallel()
		for name, block := range map[string]string{
			"a command that is not there": "streamd tx governance no-such-command --from val0\n",
			"a transaction refused":       "streamd tx governance resume /streamchain.content.v1.MsgAttest --from viewer\n",
			"in the middle":               "streamd query dispute juror nobody\ntrue\n",
			"a variable that nobody set":  "echo $NEVER_SET\n",
		} {
			out, err := w.run(t, "council", []string{block})
			require.Error(t, err, "%s: %s", name, out)
			require.Contains(t, out, "block 1 of council failed", name)
		}
	})
}

// TestOperators is the same for who runs a program: on a network of its own, with two storage nodes beside the reader's.
func TestOperators(t *testing.T) {
	if os.Getenv("RUNBOOKS") == "" {
		t.Skip("minutes on a local network: make runbooks")
	}
	t.Parallel()
	w := newWorld(t, 13_000, 2, []localnet.Param{{Path: []string{"storage", "params", "min_deal_seconds"}, Value: "20"}})
	w.must(t, "operators", nil)
	w.books(t, "storage-node", "sponsor", "indexer")
}

// books runs runbooks, all at once.
func (w *world) books(t *testing.T, roles ...string) {
	t.Helper()
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join(root, "docs", "runbooks", role+".md"))
			require.NoError(t, err)
			blocks := runbooks.Blocks(string(text))
			require.NotEmpty(t, blocks)
			w.must(t, role, blocks)
		})
	}
}

// world is a network and a domain.
type world struct {
	env []string
}

func newWorld(t *testing.T, basePort, nodes int, params []localnet.Param) *world {
	t.Helper()
	bin := binaries(t)
	n, err := localnet.Open(localnet.Config{
		Home: filepath.Join(t.TempDir(), "net"), Streamd: filepath.Join(bin, "streamd"), Storaged: filepath.Join(bin, "storaged"), Nodes: nodes,
		BasePort: basePort, Params: params,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.Down()) })
	require.NoError(t, n.Up(t.Context()))
	address, ca, file := domain(t, "creator.example")
	e := n.Endpoints()
	return &world{env: append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "STREAMD_HOME="+n.Keys(),
		"RESOLVE="+address, "SSL_CERT_FILE="+ca, "WELL_KNOWN="+file,
		"CHAIN="+localnet.ChainID, "GRPC="+e.GRPC, "RPC="+e.RPC, "REST="+e.REST, fmt.Sprintf("BASE_PORT=%d", basePort))}
}

// binaries is the folder of the programs: $RUNBOOKS_BIN, or build, where they are made if they are missing.
func binaries(t *testing.T) string {
	t.Helper()
	bin := os.Getenv("RUNBOOKS_BIN")
	if bin == "" {
		bin = filepath.Join(root, "build")
	}
	bin, err := filepath.Abs(bin)
	require.NoError(t, err)
	for _, name := range []string{"streamd", "storaged", "indexerd"} {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			out, err := exec.CommandContext(t.Context(), "go", "build", "-C", root, "-o", filepath.Join(bin, name), "./cmd/"+name).CombinedOutput()
			require.NoError(t, err, "%s", out)
		}
	}
	return bin
}

func (w *world) must(t *testing.T, role string, blocks []string) {
	t.Helper()
	out, err := w.run(t, role, blocks)
	require.NoError(t, err, "%s", out)
}

// run runs the blocks in one bash, in a folder of their own.
func (w *world) run(t *testing.T, role string, blocks []string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	roles, err := filepath.Abs("roles")
	require.NoError(t, err)
	cmd := exec.CommandContext(ctx, "bash", "-c", runbooks.Script(roles, role, blocks))
	cmd.Dir, cmd.Env, cmd.WaitDelay = t.TempDir(), w.env, 5*time.Second
	// whatever bash has started ends with it
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	return out.String(), err
}

// domain is a web server with a certificate for name: its address, the certificate's authority, and the file of its .well-known.
func domain(t *testing.T, name string) (address, ca, file string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	dir := t.TempDir()
	ca, file = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "streamchain.json")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/streamchain.json" {
			http.NotFound(w, r)
			return
		}
		http.ServeFile(w, r, file)
	}))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	host, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	require.NoError(t, err)
	return net.JoinHostPort(host, port), ca, file
}

// TestBlocks: only what is marked as sh is run, whole and in order.
func TestBlocks(t *testing.T) {
	text := strings.ReplaceAll("a\n'''sh\none\n\n  two # x\n'''\nb\n'''\nnot this\n'''\n'''json\n{}\n'''\n'''sh\nthree\n'''\n", "'''", "```")
	require.Equal(t, []string{"one\n\n  two # x\n", "three\n"}, runbooks.Blocks(text))
	require.Empty(t, runbooks.Blocks("no code"))
}

// TestEveryRole: a runbook that says that its blocks are run has them run.
func TestEveryRole(t *testing.T) {
	books, err := filepath.Glob(filepath.Join(root, "docs", "runbooks", "*.md"))
	require.NoError(t, err)
	for _, book := range books {
		text, err := os.ReadFile(book)
		require.NoError(t, err)
		_, err = os.Stat(filepath.Join("roles", strings.TrimSuffix(filepath.Base(book), ".md")+".sh"))
		require.Equal(t, strings.Contains(string(text), "`make runbooks` runs"), err == nil, fmt.Sprintf("%s and testutil/runbooks/roles disagree", book))
	}
}
