package project

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

var creatorEvents = table{}.
	add(on((*run).creatorRegistered)).
	add(on((*run).handleSet)).
	add(on((*run).handleRevoked)).
	add(on((*run).attesterSet)).
	add(on((*run).attested)).
	add(on((*run).attestationRevoked)).
	add(on((*run).attestationExpired)).
	add(on((*run).rotationRequested)).
	add(on((*run).rotationVetoed)).
	add(on((*run).rotationExpired)).
	add(on((*run).controllerRotated))

func (r *run) creatorRegistered(e *contenttypes.EventCreatorRegistered) error {
	return r.putCreator(contenttypes.Creator{Id: e.Creator, Controller: e.Controller, RegisteredAt: e.RegisteredAt})
}

func (r *run) putCreator(c contenttypes.Creator) error {
	n, err := r.tx.Next("SELECT COALESCE(MAX(n), 0) FROM creators")
	if err != nil {
		return err
	}
	if _, err = r.tx.Exec("INSERT INTO creators (n, id, controller, handle, registered_at, level, works, score, payers) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0)",
		n, c.Id, c.Controller, c.Handle, c.RegisteredAt); err != nil {
		return err
	}
	return r.learn(c.Handle)
}

func (r *run) handleSet(e *contenttypes.EventHandleSet) error {
	if err := r.setHandle(e.Creator, e.Handle); err != nil {
		return err
	}
	return r.learn(e.Handle)
}

func (r *run) handleRevoked(e *contenttypes.EventHandleRevoked) error {
	return r.setHandle(e.Creator, "")
}

func (r *run) setHandle(creator, handle string) error {
	r.changed.handles.add(creator)
	return r.one("creator", creator)(r.tx.Exec("UPDATE creators SET handle = ? WHERE id = ?", handle, creator))
}

func (r *run) attesterSet(e *contenttypes.EventAttesterSet) error { return r.putAttester(e.Attester) }

func (r *run) putAttester(a contenttypes.Attester) error {
	levels := a.Levels
	if levels == nil {
		levels = []uint32{}
	}
	raw, err := marshal(levels)
	if err != nil {
		return err
	}
	if _, err := r.tx.Exec(`INSERT INTO attesters (attester, levels, active, set_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (attester) DO UPDATE SET levels = excluded.levels, active = excluded.active, set_at = excluded.set_at`, a.Attester, raw, flag(a.Active), a.SetAt); err != nil {
		return err
	}
	creators, err := r.tx.Strings("SELECT creator FROM attestations WHERE attester = ? ORDER BY creator", a.Attester)
	if err != nil {
		return err
	}
	r.changed.levels.add(creators...)
	return nil
}

func (r *run) attested(e *contenttypes.EventAttested) error { return r.putAttestation(e.Attestation) }

func (r *run) putAttestation(a contenttypes.Attestation) error {
	r.changed.levels.add(a.Creator)
	_, err := r.tx.Exec(`INSERT INTO attestations (creator, attester, level, evidence_hash, attested_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (creator, attester) DO UPDATE SET level = excluded.level, evidence_hash = excluded.evidence_hash, attested_at = excluded.attested_at, expires_at = excluded.expires_at`,
		a.Creator, a.Attester, a.Level, hex.EncodeToString(a.EvidenceHash), a.AttestedAt, a.ExpiresAt)
	return err
}

func (r *run) attestationRevoked(e *contenttypes.EventAttestationRevoked) error {
	return r.dropAttestation(e.Creator, e.Attester)
}

func (r *run) attestationExpired(e *contenttypes.EventAttestationExpired) error {
	return r.dropAttestation(e.Creator, e.Attester)
}

func (r *run) dropAttestation(creator, attester string) error {
	r.changed.levels.add(creator)
	return r.one("attestation of", creator)(r.tx.Exec("DELETE FROM attestations WHERE creator = ? AND attester = ?", creator, attester))
}

func (r *run) rotationRequested(e *contenttypes.EventRotationRequested) error {
	return r.putRotation(e.Rotation)
}

func (r *run) putRotation(o contenttypes.Rotation) error {
	_, err := r.tx.Exec(`INSERT INTO rotations (creator, controller, new_controller, requested_at, ready_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (creator) DO UPDATE SET controller = excluded.controller, new_controller = excluded.new_controller, requested_at = excluded.requested_at,
		ready_at = excluded.ready_at, expires_at = excluded.expires_at`, o.Creator, o.Controller, o.NewController, o.RequestedAt, o.ReadyAt, o.ExpiresAt)
	return err
}

func (r *run) rotationVetoed(e *contenttypes.EventRotationVetoed) error {
	return r.dropRotation(e.Creator)
}

func (r *run) rotationExpired(e *contenttypes.EventRotationExpired) error {
	return r.dropRotation(e.Creator)
}

func (r *run) dropRotation(creator string) error {
	_, err := r.tx.Exec("DELETE FROM rotations WHERE creator = ?", creator)
	return err
}

func (r *run) controllerRotated(e *contenttypes.EventControllerRotated) error {
	if err := r.dropRotation(e.Creator); err != nil {
		return err
	}
	return r.one("creator", e.Creator)(r.tx.Exec("UPDATE creators SET controller = ? WHERE id = ?", e.Controller, e.Creator))
}

// level counts what stands for a creator now, by the chain's own rule.
func (r *run) level(creator string) error {
	var standing contenttypes.Standing
	err := r.tx.Each(`SELECT a.level, t.levels FROM attestations a JOIN attesters t USING (attester) WHERE a.creator = ? AND a.expires_at > ? AND t.active = 1`,
		[]any{creator, r.live}, func(scan func(...any) error) error {
			var level uint32
			var may string
			if err := scan(&level, &may); err != nil {
				return err
			}
			row := contenttypes.Attester{Active: true}
			if err := json.Unmarshal([]byte(may), &row.Levels); err != nil {
				return err
			}
			if row.May(level) {
				standing.Add(level)
			}
			return nil
		})
	if err != nil {
		return err
	}
	_, err = r.tx.Exec("UPDATE creators SET level = ? WHERE id = ?", standing.Level(), creator)
	return err
}

// one makes it an error when a change of one row found none: the index would otherwise drift from the chain unseen.
func (r *run) one(what, id string) func(int64, error) error {
	return func(n int64, err error) error {
		if err == nil && n != 1 {
			err = fmt.Errorf("the index has %d rows for the %s %q, wanted 1: rebuild it with `indexerd reindex`", n, what, id)
		}
		return err
	}
}
