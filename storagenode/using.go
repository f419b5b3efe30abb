package storagenode

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/uses"
)

// using is what the node does about works that cost viewers nothing by the tick.
type using struct {
	book     *uses.Book
	reporter *uses.Reporter

	seconds, paid, held prometheus.Counter
}

// openUses opens the ledger of sessions of price zero.
func (n *Node) openUses() error {
	l, err := ledger.Open(n.path("uses"), 0)
	if err != nil {
		return err
	}
	n.using = using{
		book:    &uses.Book{Node: n.id, Reader: n.reader, Chain: n.chain, Ledger: l},
		seconds: counter("use_seconds_total", "Seconds of media that were proved to the chain without being paid by the tick, since the start."),
		paid:    counter("serving_ustream_total", "What works' serving budgets have paid since the start."),
		held:    counter("unpaid_held_total", "Requests that were refused because nobody pays for serving them."),
	}
	n.using.reporter = &uses.Reporter{Book: n.using.book, Min: n.cfg.Serving.ReportAtLeast, Idle: n.cfg.Payment.SessionIdle.Duration}
	return nil
}

// usesGate holds what nobody pays for to its rate.
func (n *Node) usesGate(inner serve.Gate) serve.Gate {
	u := n.using
	n.metrics.registry.MustRegister(u.seconds, u.paid, u.held, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: metricsPrefix + "use_sessions", Help: "Sessions of price zero that are open.",
	}, func() float64 { return float64(u.book.Ledger.Totals().Open) }))
	return &uses.Gate{Gate: inner, Book: u.book, Rate: uint64(n.cfg.Serving.UnpaidRate), Held: u.held.Inc}
}

// ReportUse proves to the chain what viewers watched without paying by the tick.
func (n *Node) ReportUse(ctx context.Context) (uses.Report, error) {
	r, err := n.using.reporter.Step(ctx)
	n.using.seconds.Add(float64(r.Seconds))
	n.using.paid.Add(amount(r.Paid) / 1e9)
	if r.Reported+r.Refused+r.Dropped > 0 {
		n.log.Info("use", "reported", r.Reported, "seconds", r.Seconds, "paid_nano", r.Paid.String(), "refused", r.Refused, "dropped", r.Dropped)
	}
	return r, n.stepped("use", err)
}
