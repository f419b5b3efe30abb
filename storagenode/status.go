package storagenode

import (
	"encoding/json"
	"math"
	"net/http"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
)

// Version is what the node says that it is; the build sets it.
var Version = func() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "devel"
}()

// reserve is what the node leaves free on its disk, in bytes: the ledger must always be writable.
const reserve = 64 << 20

// free is how many bytes the node can still take: of its quota, and of the disk, less what is on its way.
func (n *Node) free() uint64 { return n.room.Left() }

// diskLeft is what of the disk may be filled.
func (n *Node) diskLeft() uint64 {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(n.cfg.Home, &fs); err != nil {
		return math.MaxUint64 // the quota still counts
	}
	there := fs.Bavail * uint64(fs.Bsize)
	return there - min(there, reserve)
}

// full says that nothing can be taken: what is only on its way does not count.
func (n *Node) full() bool { return n.disk.Used() >= n.disk.Capacity() || n.diskLeft() == 0 }

func (n *Node) works() int {
	live := 0
	for _, e := range n.catalog.All() {
		if e.Live {
			live++
		}
	}
	return live
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}

// info answers GET /v1/info. What a deal costs is what the chain has; the configuration only until it answers.
func (n *Node) info(w http.ResponseWriter, r *http.Request) {
	out := wire.Info{
		ChainID: n.id.ChainID, Operator: n.id.Operator, Agent: n.chain.Agent(), Endpoint: n.cfg.Offer.Endpoint, Region: n.cfg.Offer.Region,
		Capacity: n.disk.Capacity(), Free: n.free(), MaxUpload: uint64(n.cfg.Storage.MaxUpload), Height: n.chain.Height(), Works: n.works(), Version: Version,
	}
	if price, err := token.Parse(n.cfg.Offer.Price); err == nil {
		out.PricePerGiBDay = price.Amount.String()
	}
	if p, err := n.reader.ProviderOf(r.Context(), n.id.Operator); err == nil {
		out.PricePerGiBDay, out.Region = p.PricePerGibDay.String(), p.Region
	}
	t := n.using.book.Ledger.Totals()
	out.Use = wire.Use{Sessions: t.Open, Unreported: t.Paid - min(t.Settled, t.Paid), UnpaidRate: uint64(n.cfg.Serving.UnpaidRate)}
	if out.Draining = n.drainer.Draining(); out.Draining {
		out.Free = 0
	}
	if p, err := n.reader.Params(r.Context()); err == nil {
		out.Lanes = admit.Lanes(p)
	}
	writeJSON(w, http.StatusOK, out)
}

// Health is how the node is.
func (n *Node) Health() wire.Health {
	age := n.chain.Age()
	h := wire.Health{Height: n.chain.Height(), TipAge: int64(age / time.Second)}
	if age > admit.MaxAge {
		h.Reasons = append(h.Reasons, wire.ChainBehind)
	}
	if n.full() {
		h.Reasons = append(h.Reasons, wire.DiskFull)
	}
	if n.lists.Broken() > 0 {
		h.Reasons = append(h.Reasons, wire.DenylistBroken)
	}
	if n.stopping.Load() {
		h.Reasons = append(h.Reasons, wire.ShuttingDown)
	}
	h.OK = len(h.Reasons) == 0
	return h
}

// health answers GET /v1/health.
func (n *Node) health(w http.ResponseWriter, _ *http.Request) {
	h := n.Health()
	status := http.StatusOK
	if !h.OK {
		status = http.StatusServiceUnavailable
	}
	writeJSON(w, status, h)
}
