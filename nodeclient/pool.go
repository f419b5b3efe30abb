package nodeclient

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// perPeer is how many requests for blocks run at one node at a time.
	perPeer = 4
	// guess is the rate of nodes of which none was measured, in bytes a second.
	guess = 4 << 20
	// sample is the least that a rate is measured by, in bytes.
	sample = 32 << 10
	// weight is a new measurement's share of a smoothed one.
	weight = 0.25
)

// Stat is what a node did in this run.
type Stat struct {
	Operator  string  `json:"operator"`
	Endpoint  string  `json:"endpoint"`
	Blocks    int     `json:"blocks"`
	Bytes     int64   `json:"bytes"`
	LatencyMS float64 `json:"latency_ms"`       // to the first byte, smoothed
	Rate      float64 `json:"bytes_per_second"` // smoothed; 0 where too little came
	Slow      int     `json:"slow,omitempty"`   // requests that another node was faster with
	Stalls    int     `json:"stalls,omitempty"` // silences of Silence or longer
	Failures  int     `json:"failures,omitempty"`
	Corrupt   int     `json:"corrupt,omitempty"` // blocks that did not match their id
}

// Peer is a node in a pool. Its fields but Node belong to the pool.
type Peer struct {
	Node
	score  Score
	tier   int  // failures since it last gave a block; those with fewer are asked first
	broken bool // failed, rather than being silent
	lied   bool // never asked again
	blamed bool
	flying int   // requests that run
	queued int64 // bytes that they shall bring
	stat   Stat
}

// Pool are the nodes that keep a work, and how they do. It is safe for concurrent use.
type Pool struct {
	mu     sync.Mutex
	peers  []*Peer
	past   map[string]Score
	freed  chan struct{} // closed when a request ends
	chosen *Peer         // who is paid, or about to be, where one is
	proved bool          // chosen has given a block since
	wanted string        // operator who shall be chosen first
	blamed []string
}

// NewPool starts with what is remembered of nodes.
func NewPool(past map[string]Score) *Pool { return &Pool{past: past, freed: make(chan struct{})} }

// Add takes a node in, unless one of its operator is there.
func (p *Pool) Add(n Node) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.ContainsFunc(p.peers, func(o *Peer) bool { return o.Info.Operator == n.Info.Operator }) {
		return
	}
	peer := &Peer{Node: n, score: p.past[n.Info.Operator].at(time.Now()), stat: Stat{Operator: n.Info.Operator, Endpoint: n.Endpoint()}}
	now := float64(n.RoundTrip) / float64(time.Millisecond)
	if peer.score.Latency == 0 {
		peer.score.Latency = now
	}
	// how far the node is today, with what it took to answer on other days
	peer.score.Latency = (peer.score.Latency + now) / 2
	if peer.score.Faults > distrust {
		peer.tier = 1
	}
	p.peers = append(p.peers, peer)
	if n.Info.Operator == p.wanted && p.chosen == nil {
		p.chosen, p.proved = peer, true
	}
	p.wake()
}

// Prefer names the operator to keep to where one node is paid at a time: one that is paid already. It comes before Add.
func (p *Pool) Prefer(operator string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted = operator
}

// wake tells those who wait that something has changed.
func (p *Pool) wake() {
	close(p.freed)
	p.freed = make(chan struct{})
}

// Has says whether a node of the operator is in.
func (p *Pool) Has(operator string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.peers, func(o *Peer) bool { return o.Info.Operator == operator })
}

// Size is how many nodes there are that have not lied.
func (p *Pool) Size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, o := range p.peers {
		if !o.lied {
			n++
		}
	}
	return n
}

// Best is the operator of the node that would be asked now; empty when there is none.
func (p *Pool) Best() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if best := p.best(nil, true, 0); best != nil {
		return best.Info.Operator
	}
	return ""
}

// Sole returns the node that a request which is paid would go to now, of those whose operators are not in but; the next such request goes to it as well. False
// where none is left.
func (p *Pool) Sole(but map[string]bool) (Node, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	tried := map[*Peer]bool{}
	for _, o := range p.peers {
		tried[o] = but[o.Info.Operator]
	}
	best := p.best(tried, true, 0)
	if best == nil {
		return Node{}, false
	}
	if p.chosen != best {
		p.chosen, p.proved = best, false
	}
	return best.Node, true
}

// Fail notes that a node of Sole has failed in something else than giving a block: it is asked last from then on.
func (p *Pool) Fail(operator string, err error) {
	p.mu.Lock()
	i := slices.IndexFunc(p.peers, func(o *Peer) bool { return o.Info.Operator == operator })
	p.mu.Unlock()
	if i >= 0 {
		p.failed(p.peers[i], kindOf(outcome{leg: &Leg{}, err: err}))
	}
}

// best is who is expected to bring size bytes first, of those that were not tried and have failed least. With sole, the
// one who is paid already stays so until it fails.
func (p *Pool) best(tried map[*Peer]bool, sole bool, size int64) *Peer {
	var best *Peer
	for _, o := range p.peers {
		if o.lied || tried[o] {
			continue
		}
		if best == nil || p.before(o, best, sole, size) {
			best = o
		}
	}
	return best
}

func (p *Pool) before(a, b *Peer, sole bool, size int64) bool {
	if a.tier != b.tier {
		return a.tier < b.tier
	}
	if sole && (a == p.chosen) != (b == p.chosen) {
		return a == p.chosen
	}
	if x, y := p.cost(a, size), p.cost(b, size); x != y {
		return x < y
	}
	return a.Info.Operator < b.Info.Operator
}

// cost is how long o is expected to take, behind what it brings already. One that was never measured counts
// as fast as the fastest, or it would never be.
func (p *Pool) cost(o *Peer, size int64) time.Duration {
	rate := o.score.Rate
	if rate == 0 {
		for _, other := range p.peers {
			rate = max(rate, other.score.Rate)
		}
	}
	if rate == 0 {
		rate = guess
	}
	return time.Duration(o.score.Latency*float64(time.Millisecond) + float64(o.queued+size)/rate*float64(time.Second))
}

// take chooses a node and counts a request of size bytes to it. With wait it waits for one that has room for another
// request. It returns nil when all were tried.
func (p *Pool) take(ctx context.Context, tried map[*Peer]bool, sole, wait bool, size int64) (*Peer, error) {
	for {
		p.mu.Lock()
		best := p.best(tried, sole, size)
		if best == nil || best.flying < perPeer || !wait {
			if best != nil {
				best.flying++
				best.queued += size
				if sole && p.chosen != best {
					// requests that leave a node together go to the same next one
					p.chosen, p.proved = best, false
				}
			}
			p.mu.Unlock()
			return best, nil
		}
		freed := p.freed
		p.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// ended counts a request of take as over.
func (p *Pool) ended(o *Peer, size int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o.flying--
	o.queued -= size
	p.wake()
}

// gave notes a block that o brought first.
func (p *Pool) gave(o *Peer, n int, first, took time.Duration, sole bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o.stat.Blocks++
	o.stat.Bytes += int64(n)
	switch {
	case !sole:
		o.tier = 0
	case p.chosen == o:
		o.tier, p.proved = 0, true
	case !p.proved && !o.broken && !o.lied:
		// it was only slow, and the next one has had nothing yet
		o.tier, p.chosen, p.proved = 0, o, true
	}
	o.score.Latency = smooth(o.score.Latency, float64(first)/float64(time.Millisecond))
	p.measure(o, int64(n), took-first)
}

// sees notes how fast o sends what it has not sent whole yet.
func (p *Pool) sees(o *Peer, n int64, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.measure(o, n, took)
}

// measure notes how fast o sends: requests that run beside each other share its line.
func (p *Pool) measure(o *Peer, n int64, took time.Duration) {
	if n < sample {
		return
	}
	rate := float64(n) / max(took, 100*time.Microsecond).Seconds() * float64(max(o.flying, 1))
	o.score.Rate = smooth(o.score.Rate, rate)
}

func smooth(old, value float64) float64 {
	if old == 0 {
		return value
	}
	return old + weight*(value-old)
}

// silent notes that o has been silent for Silence: others are asked first until it gives a block.
func (p *Pool) silent(o *Peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o.tier++
	o.stat.Stalls++
}

// slow notes that another was faster than o, which had sent n bytes in that time.
func (p *Pool) slow(o *Peer, n int64, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o.stat.Slow++
	o.score.Rate = smooth(o.score.Rate, max(float64(n), 1)/took.Seconds())
}

// failed notes that o gave nothing, or something else.
func (p *Pool) failed(o *Peer, how failure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o.score.Faults += faults[how]
	switch how {
	case corrupt:
		o.lied = true
		o.stat.Corrupt++
	case broke, refused:
		o.tier++
		o.broken = true
		o.stat.Failures++
	case stalled: // was noted when it began
	}
	if !o.blamed {
		o.blamed = true
		p.blamed = append(p.blamed, o.Info.Operator)
	}
}

// Blamed are the operators of nodes that failed, lied or fell silent, in that order in time.
func (p *Pool) Blamed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.blamed)
}

// Stats are what the nodes did, busiest first.
func (p *Pool) Stats() []Stat {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Stat, 0, len(p.peers))
	for _, o := range p.peers {
		s := o.stat
		s.LatencyMS, s.Rate = o.score.Latency, o.score.Rate
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Stat) int { return int(b.Bytes - a.Bytes) })
	return out
}

// Scores are what to remember of the nodes.
func (p *Pool) Scores() map[string]Score {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]Score{}
	for _, o := range p.peers {
		s := o.score
		s.Seen = time.Now().Unix()
		out[o.Info.Operator] = s
	}
	return out
}
