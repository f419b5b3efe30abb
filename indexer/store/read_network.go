package store

import (
	"context"
	"math/big"
	"strconv"
)

// Node is a storage node.
type Node struct {
	Operator       string `json:"operator"`
	Endpoint       string `json:"endpoint"`
	Region         string `json:"region"`
	Status         string `json:"status"`
	CapacityBytes  string `json:"capacity_bytes"`
	Works          int64  `json:"works"`
	StoredBytes    string `json:"stored_bytes"`
	Bond           Coin   `json:"bond"`
	PricePerGibDay Coin   `json:"price_per_gib_day"`
	Missed         int64  `json:"missed"`
	Proved         int64  `json:"proved"`
	Slashed        string `json:"slashed"`
}

// Network is where works lie.
type Network struct {
	Nodes           []Node           `json:"nodes"`
	Works           int64            `json:"works"`
	Copies          map[string]int64 `json:"copies"`
	StoredBytes     string           `json:"stored_bytes"`
	Regions         map[string]int64 `json:"regions"`
	UnderReplicated int64            `json:"under_replicated"`
	Slashed         string           `json:"slashed"`
}

// target is how many copies a work is to have.
const target = 3

// Network reads nodes and copies.
func (s *Store) Network(ctx context.Context) (Network, error) {
	out := Network{Copies: map[string]int64{}, Regions: map[string]int64{}}
	stored, slashed := new(big.Int), new(big.Int)
	var err error
	out.Nodes, err = list(ctx, s, "SELECT operator, endpoints, region, status, capacity_bytes, deals, stored_bytes, bond, price, missed, proved, slashed FROM providers ORDER BY status, operator LIMIT 5000", nil,
		func(row func(...any) error, n *Node) error {
			n.Bond.Denom, n.PricePerGibDay.Denom = baseDenom, baseDenom
			if err := row(&n.Operator, &n.Endpoint, &n.Region, &n.Status, &n.CapacityBytes, &n.Works, &n.StoredBytes, &n.Bond.Amount, &n.PricePerGibDay.Amount, &n.Missed, &n.Proved, &n.Slashed); err != nil {
				return err
			}
			n.Endpoint = firstOf(n.Endpoint)
			for sum, text := range map[*big.Int]string{stored: n.StoredBytes, slashed: n.Slashed} {
				x, err := Amount(text)
				if err != nil {
					return err
				}
				sum.Add(sum, x)
			}
			if n.Status == "active" {
				out.Regions[n.Region]++
			}
			return nil
		})
	if err != nil {
		return out, err
	}
	out.StoredBytes, out.Slashed = stored.String(), slashed.String()
	for copies, works := range s.catalog.copies() {
		out.Copies[strconv.FormatInt(copies, 10)] = works
		out.Works += works
		if copies < target {
			out.UnderReplicated += works
		}
	}
	return out, nil
}

// Progress is how far the index is.
type Progress struct {
	ChainID              string
	Height, Time         int64
	Works, CreatorsCount int64
}

// Progress reads how far the index is.
func (s *Store) Progress(ctx context.Context) (Progress, error) {
	var p Progress
	if err := s.one(ctx, "SELECT COALESCE((SELECT value FROM meta WHERE key = 'chain_id'), '')", nil, &p.ChainID); err != nil {
		return p, err
	}
	return p, s.one(ctx, "SELECT COALESCE((SELECT max(height) FROM blocks), -1), COALESCE((SELECT time FROM blocks ORDER BY height DESC LIMIT 1), 0), (SELECT count(*) FROM works WHERE status = 'active'), (SELECT count(*) FROM creators)",
		nil, &p.Height, &p.Time, &p.Works, &p.CreatorsCount)
}
