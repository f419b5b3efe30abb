package indexer

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/streamchain/streamchain/indexer/follow"
)

const metricsPrefix = "indexerd_"

// metrics are what GET /metrics says. Labels are bounded: no work, account or address is one.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(f *follow.Follower) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: metricsPrefix + "requests_total", Help: "Requests by part of the service and status."}, []string{"part", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: metricsPrefix + "request_seconds", Help: "Time to answer, by part of the service.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"part"}),
	}
	m.registry.MustRegister(m.requests, m.seconds)
	for name, gauge := range map[string]struct {
		help  string
		value func(follow.State) int64
	}{
		"height":           {"Newest block that is in.", func(s follow.State) int64 { return s.Height }},
		"chain_height":     {"Newest block of the chain.", func(s follow.State) int64 { return s.ChainHeight }},
		"block_time":       {"Time of the newest block that is in, Unix seconds.", func(s follow.State) int64 { return s.Time }},
		"blocks_total":     {"Blocks that went in since the start.", func(s follow.State) int64 { return s.Blocks }},
		"node_unreachable": {"1 while the chain's node does not answer.", func(s follow.State) int64 { return int64(flag(s.Failed != nil)) }},
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: metricsPrefix + name, Help: gauge.help}, func() float64 { return float64(gauge.value(f.State())) }))
	}
	return m
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// watch counts answers.
func (m *metrics) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, rec := time.Now(), &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		part := partOf(r.URL.Path)
		m.requests.WithLabelValues(part, strconv.Itoa(rec.status)).Inc()
		m.seconds.WithLabelValues(part).Observe(time.Since(start).Seconds())
	})
}

// partOf is a label that a caller cannot make up.
func partOf(path string) string {
	for _, p := range []string{"/api/v1/events/stream", "/api/v1/search", "/api/v1/works", "/api/v1/creators", "/api/v1/feeds", "/api/v1/", "/rss/", "/oembed", "/metrics", "/health", "/live"} {
		if len(path) >= len(p) && path[:len(p)] == p {
			return p
		}
	}
	return "web"
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection, as streams need.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
