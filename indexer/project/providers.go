package project

import (
	"fmt"

	"github.com/streamchain/streamchain/indexer/store"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

var providerEvents = table{}.
	add(on((*run).providerRegistered)).
	add(on((*run).providerUpdated)).
	add(on((*run).bondAdded)).
	add(on((*run).bondWithdrawn)).
	add(on((*run).left)).
	add(on((*run).proved)).
	add(on((*run).proofMissed)).
	add(on((*run).slashed)).
	add(on((*run).keysOffered)).
	add(on((*run).keySetActive))

func (r *run) providerRegistered(e *storagetypes.EventProviderRegistered) error {
	return r.putProvider(e.Provider)
}

func (r *run) providerUpdated(e *storagetypes.EventProviderUpdated) error {
	return r.putProvider(e.Provider)
}

func (r *run) putProvider(p storagetypes.Provider) error {
	endpoints, err := list(p.Endpoints)
	if err != nil {
		return err
	}
	_, err = r.tx.Exec(`INSERT INTO providers (operator, agent, endpoints, region, network_prefix, capacity_bytes, price, bond, status, registered_at, unbond_at,
		deals, stored_bytes, proved, lost, missed, slashed, holds_keys) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '0', 0, 0, 0, '0', ?)
		ON CONFLICT (operator) DO UPDATE SET agent = excluded.agent, endpoints = excluded.endpoints, region = excluded.region, network_prefix = excluded.network_prefix,
		capacity_bytes = excluded.capacity_bytes, price = excluded.price, bond = excluded.bond, status = excluded.status, registered_at = excluded.registered_at,
		unbond_at = excluded.unbond_at, holds_keys = excluded.holds_keys`,
		p.Operator, p.Agent, endpoints, p.Region, p.NetworkPrefix, fmt.Sprint(p.CapacityBytes), amount(p.PricePerGibDay), amount(p.Bond), word(p.Status, "PROVIDER_STATUS_"),
		p.RegisteredAt, p.UnbondAt, flag(len(p.SealKey) > 0))
	return err
}

// provider changes a provider's row.
func (r *run) provider(operator, set string, args ...any) error {
	return r.one("provider", operator)(r.tx.Exec("UPDATE providers SET "+set+" WHERE operator = ?", append(args, operator)...))
}

func (r *run) bondAdded(e *storagetypes.EventBondAdded) error {
	return r.provider(e.Operator, "bond = ?", amount(e.Bond))
}

func (r *run) bondWithdrawn(e *storagetypes.EventBondWithdrawn) error {
	return r.provider(e.Operator, "bond = '0', status = 'gone', unbond_at = 0")
}

func (r *run) left(e *storagetypes.EventLeft) error {
	return r.provider(e.Operator, "status = 'leaving', unbond_at = ?", e.UnbondAt)
}

func (r *run) proved(e *storagetypes.EventProved) error {
	return r.provider(e.Operator, "proved = proved + ?, lost = lost + ?", flag(len(e.Lost) == 0), len(e.Lost))
}

func (r *run) proofMissed(e *storagetypes.EventProofMissed) error {
	return r.provider(e.Operator, "missed = missed + 1")
}

func (r *run) slashed(e *storagetypes.EventSlashed) error {
	var bond, slashed string
	if _, err := r.tx.Row("SELECT bond, slashed FROM providers WHERE operator = ?", []any{e.Operator}, &bond, &slashed); err != nil {
		return err
	}
	bond, err := store.Sub(bond, amount(e.Amount))
	if err != nil {
		return err
	}
	if slashed, err = store.Add(slashed, amount(e.Amount)); err != nil {
		return err
	}
	return r.provider(e.Operator, "bond = ?, slashed = ?", bond, slashed)
}

func (r *run) keysOffered(e *storagetypes.EventKeysOffered) error {
	return r.provider(e.Operator, "holds_keys = ?", flag(len(e.SealKey) > 0))
}

func (r *run) keySetActive(e *storagetypes.EventKeySetActive) error { return r.putKeySet(e.KeySet) }

func (r *run) putKeySet(k storagetypes.KeySet) error {
	holders := []string{}
	for _, h := range k.Holders {
		holders = append(holders, h.Operator)
	}
	raw, err := list(holders)
	if err != nil {
		return err
	}
	_, err = r.tx.Exec(`INSERT INTO key_sets (root, version, holders, threshold) VALUES (?, ?, ?, ?)
		ON CONFLICT (root) DO UPDATE SET version = excluded.version, holders = excluded.holders, threshold = excluded.threshold`, k.Root, seconds(k.Version), raw, k.Threshold)
	return err
}
