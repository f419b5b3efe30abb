package types

import (
	"slices"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/token"
)

// Bounds and defaults of the parameters. The bounds are constants: no vote can move them.
const (
	// DefaultRefundWindowSeconds is 48 hours.
	DefaultRefundWindowSeconds = 48 * 3600
	// MaxRefundWindowSeconds is 30 days: creators are not kept waiting for longer.
	MaxRefundWindowSeconds = 30 * 24 * 3600
	// DefaultRebatePeriodSeconds is 30 days.
	DefaultRebatePeriodSeconds = 30 * 24 * 3600
	// MinRebatePeriodSeconds is for local networks.
	MinRebatePeriodSeconds = 10
	// MaxRebatePeriodSeconds is a year.
	MaxRebatePeriodSeconds = 365 * 24 * 3600
	// MaxRebateBps is the most that a viewer gets back of what its payments left to burn and
	// treasury. With half of it matched for storage, and the storage pool, more would pay a
	// self-dealer with a third of all stake (see Distribution.Countable).
	MaxRebateBps = 4_000
)

// DefaultParams returns the defaults.
func DefaultParams() Params {
	sale := RailShares{
		CreatorBps: 9000, KeyHoldersBps: 50, EndowmentBps: 200, StoragePoolBps: 150,
		StakersBps: 200, TreasuryBps: 200, ParticipationBps: 100, BurnBps: 100,
	}
	purchase, rental, plan := sale, sale, sale
	purchase.Rail, rental.Rail, plan.Rail = RAIL_PURCHASE, RAIL_RENTAL, RAIL_PLAN
	return Params{
		Rails: []RailShares{purchase, rental, plan, {
			Rail: RAIL_METERED, CreatorBps: 9000, ServerBps: 300, KeyHoldersBps: 100, EndowmentBps: 100,
			StakersBps: 150, TreasuryBps: 150, ParticipationBps: 100, BurnBps: 100,
		}, {
			Rail: RAIL_TIP, CreatorBps: 9700, StakersBps: 100, TreasuryBps: 100, ParticipationBps: 50, BurnBps: 50,
		}},
		RefundWindowSeconds: DefaultRefundWindowSeconds,
		Denoms:              []string{token.BaseDenom},
		RebatePeriodSeconds: DefaultRebatePeriodSeconds,
		RebateBps:           MaxRebateBps,
	}
}

// Validate refuses parameters out of bounds with ErrInvalidParams, and a rail that gives the
// creator less than FloorBps with ErrCreatorFloor.
func (p Params) Validate() error {
	if len(p.Rails) != len(railOrder) {
		return errorsmod.Wrapf(ErrInvalidParams, "rails must have %d rows", len(railOrder))
	}
	for i, rail := range railOrder {
		if p.Rails[i].Rail != rail {
			return errorsmod.Wrapf(ErrInvalidParams, "row %d of rails must be %s", i, rail)
		}
		if err := p.Rails[i].Validate(); err != nil {
			return err
		}
	}
	if p.RefundWindowSeconds < 0 || p.RefundWindowSeconds > MaxRefundWindowSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "refund_window_seconds must be 0 to %d", MaxRefundWindowSeconds)
	}
	if p.RebatePeriodSeconds < MinRebatePeriodSeconds || p.RebatePeriodSeconds > MaxRebatePeriodSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "rebate_period_seconds must be %d to %d", MinRebatePeriodSeconds, MaxRebatePeriodSeconds)
	}
	if p.RebateBps > MaxRebateBps {
		return errorsmod.Wrapf(ErrInvalidParams, "rebate_bps must be at most %d", MaxRebateBps)
	}
	return p.validateDenoms()
}

func (p Params) validateDenoms() error {
	if len(p.Denoms) > MaxDenoms {
		return errorsmod.Wrapf(ErrInvalidParams, "at most %d denoms", MaxDenoms)
	}
	for i, denom := range p.Denoms {
		if err := ValidateDenom(denom); err != nil {
			return errorsmod.Wrapf(ErrInvalidParams, "denom %.100q", denom)
		}
		if i > 0 && denom <= p.Denoms[i-1] {
			return errorsmod.Wrapf(ErrInvalidParams, "denoms must be sorted and different: %s", denom)
		}
	}
	// always allowed, so that no vote can stop what creators and nodes earn
	if !p.Allows(token.BaseDenom) {
		return errorsmod.Wrapf(ErrInvalidParams, "denoms must have %s", token.BaseDenom)
	}
	return nil
}

// Allows reports whether payments can be made in denom.
func (p Params) Allows(denom string) bool { return slices.Contains(p.Denoms, denom) }

// Shares returns the parts of a rail. Errors: ErrInvalidRail.
func (p Params) Shares(rail Rail) (RailShares, error) {
	for _, s := range p.Rails {
		if s.Rail == rail && rail != RAIL_UNSPECIFIED {
			return s, nil
		}
	}
	return RailShares{}, errorsmod.Wrapf(ErrInvalidRail, "%d", rail)
}

// railOrder is every rail, in the order of its number.
var railOrder = [...]Rail{RAIL_PURCHASE, RAIL_RENTAL, RAIL_PLAN, RAIL_METERED, RAIL_TIP}

// Refundable reports whether payments of the rail wait out the refund window. Served ticks,
// tips and subscription periods do not: their modules have refunds of their own, or none.
func (r Rail) Refundable() bool { return r == RAIL_PURCHASE || r == RAIL_RENTAL }

// Validate refuses parts that do not sum to the whole with ErrInvalidParams, and a creator
// part below FloorBps with ErrCreatorFloor.
func (s RailShares) Validate() error {
	if s.CreatorBps < FloorBps {
		return errorsmod.Wrapf(ErrCreatorFloor, "%s: %d bps", s.Rail, s.CreatorBps)
	}
	sum := uint64(0)
	for _, bps := range []uint32{
		s.CreatorBps, s.ServerBps, s.KeyHoldersBps, s.EndowmentBps, s.StoragePoolBps,
		s.StakersBps, s.TreasuryBps, s.ParticipationBps, s.BurnBps,
	} {
		sum += uint64(bps)
	}
	if sum != Bps {
		return errorsmod.Wrapf(ErrInvalidParams, "%s: the parts sum to %d bps", s.Rail, sum)
	}
	return nil
}
