package sponsor

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const metricsPrefix = "streamchain_sponsor_"

// metrics are what GET /metrics shows. No label has more values than there are slugs and states.
type metrics struct {
	registry   *prometheus.Registry
	challenges prometheus.Counter
	grants     *prometheus.CounterVec
	refusals   *prometheus.CounterVec
}

func newMetrics(s *Service) *metrics {
	m := &metrics{
		registry:   prometheus.NewRegistry(),
		challenges: prometheus.NewCounter(prometheus.CounterOpts{Name: metricsPrefix + "challenges_total", Help: "Challenges that were issued."}),
		grants: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: metricsPrefix + "grants_total", Help: "Grants by what became of them: granted, failed, or intent where that was open at first.",
		}, []string{"state"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{Name: metricsPrefix + "refusals_total", Help: "Requests that were refused, by reason."}, []string{"slug"}),
	}
	m.registry.MustRegister(m.challenges, m.grants, m.refusals)
	for name, g := range map[string]struct {
		help  string
		value func(Health) float64
	}{
		"spent_hour_ustream":  {"The most that the grants of the last hour cost.", func(h Health) float64 { return float64(h.SpentHour) }},
		"spent_day_ustream":   {"The most that the grants of the last day cost.", func(h Health) float64 { return float64(h.SpentDay) }},
		"budget_hour_ustream": {"What an hour may cost.", func(h Health) float64 { return float64(h.BudgetHour) }},
		"budget_day_ustream":  {"What a day may cost.", func(h Health) float64 { return float64(h.BudgetDay) }},
		"outstanding_ustream": {"What was promised and has not expired.", func(h Health) float64 { return float64(h.Outstanding) }},
		"balance_ustream":     {"The sponsor's account; -1 where it was not seen yet.", func(h Health) float64 { return float64(h.Balance) }},
		"reserve_ustream":     {"What is never granted away.", func(h Health) float64 { return float64(h.Reserve) }},
		"pending":             {"Grants whose outcome is open.", func(h Health) float64 { return float64(h.Pending) }},
		"difficulty_bits":     {"The work that a network without grants is asked now.", func(h Health) float64 { return float64(h.Difficulty) }},
		"open": {"1 where somebody may be granted something now.", func(h Health) float64 {
			if h.Reason == "" {
				return 1
			}
			return 0
		}},
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: metricsPrefix + name, Help: g.help}, func() float64 { return g.value(s.health()) }))
	}
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
