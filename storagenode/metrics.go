package storagenode

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const metricsPrefix = "storaged_"

// metrics are what GET /metrics says. Labels are bounded: no work, viewer or address is one.
type metrics struct {
	registry *prometheus.Registry
	sent     prometheus.Counter
	corrupt  prometheus.Counter
	settled  prometheus.Counter
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
		failed:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: metricsPrefix + "failed_steps_total", Help: "Steps that failed and are repeated."}, []string{"step"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: metricsPrefix + "requests_total", Help: "Requests by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: metricsPrefix + "request_seconds", Help: "Time to answer, by route.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"route"}),
	}
	m.registry.MustRegister(m.sent, m.corrupt, m.settled, m.failed, m.requests, m.seconds)
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
		"chain_height":      {"The newest block that the node has followed.", func() float64 { return float64(n.chain.Height()) }},
		"chain_age_seconds": {"How old that block is.", func() float64 { return n.chain.Age().Seconds() }},
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: metricsPrefix + name, Help: f.help}, f.value))
	}
	return m
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
