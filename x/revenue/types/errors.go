package types

import (
	"google.golang.org/grpc/codes"

	errorsmod "cosmossdk.io/errors"
)

// Errors of the module. Codes are never renumbered. The gRPC code decides the HTTP status of a query.
var (
	ErrInvalidAddress   = errorsmod.RegisterWithGRPCCode(ModuleName, 2, codes.InvalidArgument, "not an account address; write it in lower case as stream1…")
	ErrBlockedAddress   = errorsmod.Register(ModuleName, 3, "this account cannot receive coins; name another")
	ErrInvalidAmount    = errorsmod.RegisterWithGRPCCode(ModuleName, 4, codes.InvalidArgument, "not a positive amount of a valid denom below 2^208")
	ErrInvalidDenom     = errorsmod.RegisterWithGRPCCode(ModuleName, 5, codes.InvalidArgument, "not a denom; write it as ustream")
	ErrDenomNotAllowed  = errorsmod.Register(ModuleName, 6, "payments cannot be made in this denom; see the denoms parameter")
	ErrInvalidRail      = errorsmod.RegisterWithGRPCCode(ModuleName, 7, codes.InvalidArgument, "no such rail; choose purchase, rental, plan, metered or tip")
	ErrInvalidPayment   = errorsmod.Register(ModuleName, 8, "a field of the payment is not valid; correct the one named here")
	ErrInvalidSplit     = errorsmod.Register(ModuleName, 9, "not a split sheet; give 1 to 32 different recipients with shares that sum to 10,000")
	ErrForeignCreator   = errorsmod.Register(ModuleName, 10, "a sheet can name accounts and its own creator, but no other creator; name that creator's account")
	ErrSplitNotPending  = errorsmod.RegisterWithGRPCCode(ModuleName, 11, codes.NotFound, "no split sheet of this subject waits for consent")
	ErrSplitVersion     = errorsmod.Register(ModuleName, 12, "another proposal has replaced this one; read it and accept its version")
	ErrSplitLapsed      = errorsmod.Register(ModuleName, 13, "the creator's controller or the sheet in force has changed since; propose the sheet again")
	ErrConsentNotNeeded = errorsmod.Register(ModuleName, 14, "the sheet does not shrink the signer's share, so it needs no consent of the signer")
	ErrAlreadyAccepted  = errorsmod.Register(ModuleName, 15, "the signer has accepted this sheet already")
	ErrInvalidClaim     = errorsmod.Register(ModuleName, 16, "name at most 16 different denoms; leave them out to claim all")
	ErrNothingToClaim   = errorsmod.Register(ModuleName, 17, "nothing can be claimed now; query claimable")
	ErrNotRecipient     = errorsmod.Register(ModuleName, 18, "only the account itself can claim what it has earned")
	ErrInvalidHoldID    = errorsmod.RegisterWithGRPCCode(ModuleName, 19, codes.InvalidArgument, "not a hold's id; write it as stream1…-7")
	ErrHoldNotFound     = errorsmod.RegisterWithGRPCCode(ModuleName, 20, codes.NotFound, "no such hold; it was released, refunded, or never made")
	ErrInvalidParams    = errorsmod.Register(ModuleName, 21, "the parameters are out of bounds")
	ErrCreatorFloor     = errorsmod.Register(ModuleName, 22, "a creator gets at least 9,000 bps on every rail; nobody can set less")
	ErrNotAuthority     = errorsmod.Register(ModuleName, 23, "only governance may do this; submit a proposal")
	ErrInvalidGenesis   = errorsmod.Register(ModuleName, 24, "the genesis is not consistent")
	ErrInvalidPayout    = errorsmod.Register(ModuleName, 26, "the threshold must be zero, or at least 1,000,000 base units of a valid denom")
	ErrTooManyPayouts   = errorsmod.Register(ModuleName, 27, "automatic payouts are set for 16 denoms, the most there can be; end one first")
	ErrPayoutNotFound   = errorsmod.Register(ModuleName, 28, "no automatic payout is set in this denom")
	ErrNoRebate         = errorsmod.Register(ModuleName, 29, "nothing is given back for the last closed period; query rebate")
	ErrNotWork          = errorsmod.Register(ModuleName, 30, "terms and parents are of works; name one by its cid")
	ErrInvalidTerms     = errorsmod.Register(ModuleName, 31, "parents get at most 3,000 bps of the creator part")
	ErrNotParent        = errorsmod.Register(ModuleName, 32, "the work does not derive from this one")
	ErrAlreadyGranted   = errorsmod.Register(ModuleName, 33, "consent to this work is given already")
	ErrInvalidContest   = errorsmod.Register(ModuleName, 34, "contest a positive sum, at most what was paid, until after the hold's end and at most 365 days after the payment")
	ErrInvariant        = errorsmod.Register(ModuleName, 25, "the state is not consistent")
)
