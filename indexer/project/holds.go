package project

import (
	"fmt"
	"math/big"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/indexer/store"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

var holdEvents = table{}.
	add(on((*run).holdMade)).
	add(on((*run).holdContested)).
	add(on((*run).holdReleased)).
	add(on((*run).holdRefunded))

var supplyEvents = table{}.add(on((*run).minted))

func (r *run) holdMade(e *revenuetypes.EventHeld) error {
	return r.putHold(hold{
		id: e.HoldId, payer: e.Payer, subject: e.Subject, creator: e.Creator, rail: e.Rail, denom: e.Gross.Denom,
		gross: amount(e.Gross.Amount), charged: amount(e.Charged.Amount), reference: e.Reference, releaseAt: e.ReleaseAt,
	})
}

// hold is a row of holds.
type hold struct {
	id, payer, subject, creator string
	rail                        revenuetypes.Rail
	denom, gross, charged       string
	reference                   string
	releaseAt                   int64
	partOf                      string
}

func (r *run) putHold(h hold) error {
	_, err := r.tx.Exec(`INSERT INTO holds (id, height, idx, time, tx, payer, subject, creator, rail, denom, gross, charged, reference, release_at, status, part_of)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'held', ?)`, h.id, r.height, r.at.idx, r.time, r.at.hash, h.payer, h.subject, h.creator, word(h.rail, "RAIL_"), h.denom,
		h.gross, h.charged, h.reference, h.releaseAt, h.partOf)
	return err
}

// held says whether a hold waits.
func (r *run) held(id string, held *bool) error {
	found, err := r.tx.Row("SELECT status IN ('held', 'contested') FROM holds WHERE id = ?", []any{id}, held)
	*held = *held && found
	return err
}

// holdContested keeps a hold for longer. Where it is a part, price and discount go with it in proportion, as in x/revenue.
func (r *run) holdContested(e *revenuetypes.EventHoldContested) error {
	if e.ContestedId != e.HoldId {
		if err := r.splitHold(e); err != nil {
			return err
		}
	}
	return r.one("hold", e.ContestedId)(r.tx.Exec("UPDATE holds SET status = 'contested', release_at = ? WHERE id = ?", e.ReleaseAt, e.ContestedId))
}

func (r *run) splitHold(e *revenuetypes.EventHoldContested) error {
	var gross, charged string
	if _, err := r.tx.Row("SELECT gross, charged FROM holds WHERE id = ?", []any{e.HoldId}, &gross, &charged); err != nil {
		return err
	}
	g, err := store.Amount(gross)
	if err != nil {
		return err
	}
	c, err := store.Amount(charged)
	if err != nil {
		return err
	}
	if c.Sign() == 0 {
		return fmt.Errorf("the index has no hold %q: rebuild it with `indexerd reindex`", e.HoldId)
	}
	part := e.Amount.Amount.BigInt()
	discount := new(big.Int).Sub(g, c)
	discount.Quo(discount.Mul(discount, part), c)
	partGross := new(big.Int).Add(part, discount)
	if _, err := r.tx.Exec(`INSERT INTO holds (id, height, idx, time, tx, payer, subject, creator, rail, denom, gross, charged, reference, release_at, status, part_of)
		SELECT ?, height, idx, time, tx, payer, subject, creator, rail, denom, ?, ?, reference, release_at, status, id FROM holds WHERE id = ?`,
		e.ContestedId, partGross.String(), part.String(), e.HoldId); err != nil {
		return err
	}
	return r.one("hold", e.HoldId)(r.tx.Exec("UPDATE holds SET gross = ?, charged = ? WHERE id = ?", g.Sub(g, partGross).String(), c.Sub(c, part).String(), e.HoldId))
}

// holdReleased comes after the payment that it became: that one gets the hold's name, and the transaction that paid.
func (r *run) holdReleased(e *revenuetypes.EventReleased) error {
	var tx, reference string
	if _, err := r.tx.Row("SELECT tx, reference FROM holds WHERE id = ?", []any{e.HoldId}, &tx, &reference); err != nil {
		return err
	}
	if err := r.one("hold", e.HoldId)(r.tx.Exec("UPDATE holds SET status = 'released' WHERE id = ?", e.HoldId)); err != nil {
		return err
	}
	if err := r.one("payment of hold", e.HoldId)(r.tx.Exec(`UPDATE payments SET hold = ?, tx = ? WHERE height = ? AND idx = (SELECT MAX(idx) FROM payments
		WHERE height = ? AND idx < ? AND payer = ? AND subject = ? AND reference = ? AND hold = '')`, e.HoldId, tx, r.height, r.height, r.at.idx, e.Payer, e.Subject, reference)); err != nil {
		return err
	}
	var viewer, work string
	found, err := r.tx.Row("SELECT viewer, work FROM entitlements WHERE hold = ? AND right = 'purchase'", []any{e.HoldId}, &viewer, &work)
	if err != nil || !found {
		return err
	}
	return r.bought(viewer, work)
}

func (r *run) holdRefunded(e *revenuetypes.EventRefunded) error {
	return r.one("hold", e.HoldId)(r.tx.Exec("UPDATE holds SET status = 'refunded' WHERE id = ?", e.HoldId))
}

func (r *run) minted(e *streamtypes.EventEmitted) error {
	return r.supply("minted", amount(e.Stakers.Add(e.Storage).Add(e.Participation)))
}

// burned reads the bank's event: whatever burns, burns there.
func (r *run) burned(e abci.Event) error {
	coins, err := sdk.ParseCoinsNormalized(attribute(e, sdk.AttributeKeyAmount))
	if err != nil {
		return err
	}
	return r.supply("burned", coins.AmountOf("ustream").String())
}

func (r *run) supply(column, by string) error {
	var minted, burned string
	if _, err := r.tx.Row("SELECT minted, burned FROM supply_days WHERE day = ?", []any{r.day}, &minted, &burned); err != nil {
		return err
	}
	var err error
	if column == "minted" {
		minted, err = store.Add(minted, by)
	} else {
		burned, err = store.Add(burned, by)
	}
	if err != nil {
		return err
	}
	if minted == "" {
		minted = "0"
	}
	if burned == "" {
		burned = "0"
	}
	_, err = r.tx.Exec("INSERT INTO supply_days (day, minted, burned) VALUES (?, ?, ?) ON CONFLICT (day) DO UPDATE SET minted = excluded.minted, burned = excluded.burned", r.day, minted, burned)
	return err
}
