package types

import (
	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/voucher"
)

// Voucher returns the intent as session keys sign it: with the ids that owner, denom and
// provider hash to. Pubkey and signature are not part of it.
func (i LaneIntent) Voucher() (voucher.LaneIntent, error) {
	escrow, provider, err := partyIDs(i.EscrowOwner, i.Denom, i.Provider)
	if err != nil {
		return voucher.LaneIntent{}, err
	}
	return voucher.LaneIntent{
		ChainID: i.ChainId, Escrow: escrow, Provider: provider,
		Generation: i.Generation, Cap: i.Cap, SubmitBy: i.SubmitBy, Expires: i.Expires,
	}, nil
}

// Voucher returns the session as session keys sign it. Pubkey and signature are not part of it.
func (s Session) Voucher() (voucher.Session, error) {
	escrow, provider, err := partyIDs(s.EscrowOwner, s.Denom, s.Provider)
	if err != nil {
		return voucher.Session{}, err
	}
	if s.Free() {
		viewer, err := ParseAddress(s.EscrowOwner)
		if err != nil {
			return voucher.Session{}, err
		}
		escrow = voucher.ViewerID(viewer, s.Subscription)
	}
	work, err := parseWork(s.Work)
	if err != nil {
		return voucher.Session{}, err
	}
	root, err := parseWord("root", s.Root)
	if err != nil {
		return voucher.Session{}, err
	}
	return voucher.Session{
		ChainID: s.ChainId, Escrow: escrow, Provider: provider,
		Generation: s.Generation, Session: s.Session, Work: work, Denom: voucher.DenomID(s.Denom),
		PricePerTick: s.PricePerTick, TickSeconds: s.TickSeconds, MaxTicks: s.MaxTicks,
		Root: root, Expires: s.Expires,
	}, nil
}

func partyIDs(owner, denom, provider string) (escrow, server [32]byte, err error) {
	ownerBytes, err := ParseAddress(owner)
	if err != nil {
		return escrow, server, err
	}
	providerBytes, err := ParseAddress(provider)
	if err != nil {
		return escrow, server, err
	}
	return voucher.EscrowID(ownerBytes, denom), voucher.ProviderID(providerBytes), nil
}

func parseWork(work string) ([32]byte, error) {
	digest, err := manifest.ParseWorkID(work)
	if err != nil {
		return [32]byte{}, errorsmod.Wrapf(ErrInvalidWorkID, "%.100q: %s", work, err)
	}
	return digest, nil
}

func parseWord(field string, b []byte) (w voucher.Word, err error) {
	if len(b) != len(w) {
		return w, errorsmod.Wrapf(ErrInvalidSession, "%s has %d bytes", field, len(b))
	}
	copy(w[:], b)
	return w, nil
}
