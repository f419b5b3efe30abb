package storagenode

import (
	"context"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/storagenode/prove"
)

const metricsPrefix = "storaged_"

// metrics are what GET /metrics says. Labels are bounded: no work, viewer or address is one.
type metrics struct {
	registry *prometheus.Registry
	sent     prometheus.Counter
	corrupt  prometheus.Counter
	settled  prometheus.Counter
	proofs   prometheus.Counter
	answered prometheus.Counter
	left     prometheus.Counter
	losses   prometheus.Counter
	failed   *prometheus.CounterVec
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(n *Node) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		sent:     counter("sent_bytes_total", "Bytes of content that left."),
		corrupt:  counter("corrupt_blocks_total", "Reads of blocks that no longer match their CID."),
		settled:  counter("settled_base_units_total", "What the chain has paid for sessions since the start, in base units."),
		proofs:   counter("proofs_sent_total", "Proofs that the chain has taken since the start."),
		answered: counter("challenges_answered_total", "Challenges in these proofs."),
		left:     counter("deals_lost_total", "Deals that ended because a challenge was left out."),
		losses:   counter("losses_reported_total", "Works whose loss was reported."),
		failed:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: metricsPrefix + "failed_steps_total", Help: "Steps that failed and are repeated."}, []string{"step"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: metricsPrefix + "requests_total", Help: "Requests by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: metricsPrefix + "request_seconds", Help: "Time to answer, by route.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"route"}),
	}
	m.registry.MustRegister(m.sent, m.corrupt, m.settled, m.proofs, m.answered, m.left, m.losses, m.failed, m.requests, m.seconds)
	for name, f := range map[string]struct {
		help  string
		value func() float64
	}{
		"stored_bytes":      {"Bytes of blocks that are kept.", func() float64 { return float64(n.disk.Used()) }},
		"capacity_bytes":    {"Bytes that the node may keep.", func() float64 { return float64(n.disk.Capacity()) }},
		"free_bytes":        {"Bytes that the node can still take.", func() float64 { return float64(n.free()) }},
		"works":             {"Works that are served.", func() float64 { return float64(n.works()) }},
		"lanes":             {"Lanes that are open.", func() float64 { return float64(n.ledger.Totals().Lanes) }},
		"sessions":          {"Sessions that are open.", func() float64 { return float64(n.ledger.Totals().Open) }},
		"unsettled_ticks":   {"Ticks that are paid and not settled.", func() float64 { t := n.ledger.Totals(); return float64(t.Paid) - float64(t.Settled) }},
		"proofs_owed":       {"Challenges of the newest period that wait for an answer.", func() float64 { return float64(n.owed()) }},
		"proofs_proven":     {"Periods that the provider ever proved whole, by the chain's count.", func() float64 { return float64(n.prover.Standing().Proofs.State.Proven) }},
		"proofs_missed":     {"Periods that the provider ever missed, by the chain's count.", func() float64 { return float64(n.prover.Standing().Proofs.State.Missed) }},
		"misses_of_14":      {"Periods of the newest 14 that it missed: more than 2 cost bond, 7 end all deals.", func() float64 { return float64(n.prover.Standing().Proofs.Misses) }},
		"slashed_ustream":   {"All that the provider was ever slashed.", func() float64 { return amount(n.prover.Standing().Proofs.State.Slashed) }},
		"bond_ustream":      {"The provider's bond.", n.bond},
		"repairs_taken":     {"Copies that the node took since the start.", func() float64 { return float64(n.repairer.Report().Taken) }},
		"repairs_outrun":    {"Copies that another node took first.", func() float64 { return float64(n.repairer.Report().Lost) }},
		"repairs_failed":    {"Copies that could not be taken, tried again.", func() float64 { return float64(n.repairer.Report().Failed) }},
		"repairs_wanted":    {"Copies that are wanted and this node would take.", func() float64 { return float64(n.repairer.Report().Wanted) }},
		"denylist_rules":    {"Rules of all denylists.", func() float64 { return float64(n.lists.Rules()) }},
		"denylists_broken":  {"Denylists that could not be read when they last changed; what they said before counts.", func() float64 { return float64(n.lists.Broken()) }},
		"denied_requests":   {"Requests that a denylist refused since the start.", func() float64 { return float64(n.denied.Refused()) }},
		"chain_height":      {"The newest block that the node has followed.", func() float64 { return float64(n.chain.Height()) }},
		"chain_age_seconds": {"How old that block is.", func() float64 { return n.chain.Age().Seconds() }},
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: metricsPrefix + name, Help: f.help}, f.value))
	}
	return m
}

// proved counts what a step of proving did.
func (m *metrics) proved(r prove.Report) {
	if r.Proved {
		m.proofs.Inc()
	}
	m.answered.Add(float64(r.Answered))
	m.left.Add(float64(len(r.Lost)))
	m.losses.Add(float64(len(r.Reported)))
}

func (n *Node) owed() int {
	if p := n.prover.Standing().Proofs; p.Open {
		return len(p.Challenges)
	}
	return 0
}

func (n *Node) bond() float64 {
	p, err := n.reader.ProviderOf(context.Background(), n.id.Operator)
	if err != nil {
		return 0
	}
	return amount(p.Bond)
}

func amount(i math.Int) float64 {
	if i.IsNil() {
		return 0
	}
	f, _ := new(big.Float).SetInt(i.BigInt()).Float64()
	return f
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: metricsPrefix + name, Help: help})
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// count counts requests by route.
func (m *metrics) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec, start, route := &recorder{ResponseWriter: w}, time.Now(), route(r.URL.Path)
		defer func() {
			// also for a response that was cut off
			m.requests.WithLabelValues(route, strconv.Itoa(rec.status)).Inc()
			m.seconds.WithLabelValues(route).Observe(time.Since(start).Seconds())
		}()
		next.ServeHTTP(rec, r)
	})
}

func route(path string) string {
	for _, p := range []string{"/ipfs/", "/v1/sessions", "/v1/uploads", "/v1/info", "/v1/health", "/metrics"} {
		if strings.HasPrefix(path, p) {
			return strings.Trim(p, "/")
		}
	}
	return "other"
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets deadlines reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
