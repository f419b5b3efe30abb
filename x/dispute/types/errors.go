package types

import (
	"google.golang.org/grpc/codes"

	errorsmod "cosmossdk.io/errors"
)

// Errors of the module. Codes are never renumbered. The gRPC code decides the HTTP status of a query.
var (
	ErrInvalidAddress  = errorsmod.RegisterWithGRPCCode(ModuleName, 2, codes.InvalidArgument, "not an account address; write it in lower case as stream1…")
	ErrNotAuthority    = errorsmod.Register(ModuleName, 3, "only governance may do this; submit a proposal")
	ErrInvalidParams   = errorsmod.Register(ModuleName, 4, "the parameters are out of bounds")
	ErrInvalidKind     = errorsmod.RegisterWithGRPCCode(ModuleName, 5, codes.InvalidArgument, "no such kind of dispute")
	ErrInvalidStatus   = errorsmod.RegisterWithGRPCCode(ModuleName, 6, codes.InvalidArgument, "no such status of a dispute")
	ErrInvalidChoice   = errorsmod.Register(ModuleName, 7, "a vote is to uphold or to dismiss")
	ErrInvalidAmount   = errorsmod.Register(ModuleName, 8, "give a positive amount of ustream")
	ErrInvalidEvidence = errorsmod.Register(ModuleName, 9, "evidence is the CID of a document, in its usual spelling")
	ErrInvalidHash     = errorsmod.Register(ModuleName, 10, "a sealed vote and a salt have 32 bytes")
	ErrInvalidShares   = errorsmod.Register(ModuleName, 11, "a claim to a split names a sheet in which the claimant has a share; other claims name none")
	ErrInvalidSubject  = errorsmod.Register(ModuleName, 12, "this kind of dispute is not about such a subject")
	ErrNoInterim       = errorsmod.Register(ModuleName, 13, "only a work can be restricted before a ruling, for infringement or because it is illegal")

	ErrDisputeNotFound = errorsmod.RegisterWithGRPCCode(ModuleName, 14, codes.NotFound, "no such dispute")
	ErrAlreadyOpen     = errorsmod.Register(ModuleName, 15, "this account has an open dispute of this kind about this subject")
	ErrOwnSubject      = errorsmod.Register(ModuleName, 16, "nobody opens a dispute against himself")
	ErrNotPayer        = errorsmod.Register(ModuleName, 17, "only who paid can dispute a payment")
	ErrBondTooSmall    = errorsmod.Register(ModuleName, 18, "the bond is too small; put up at least the kind's, and a tenth of what is contested")
	ErrInterimActive   = errorsmod.Register(ModuleName, 19, "the work is restricted, or was before a ruling in the last 90 days; only a ruling can do more")
	ErrNothingToSlash  = errorsmod.Register(ModuleName, 20, "the provider has no bond")
	ErrNoHandle        = errorsmod.Register(ModuleName, 21, "the creator has no handle that could be taken away")

	ErrNotRespondent    = errorsmod.Register(ModuleName, 22, "only the respondent answers: the creator's controller or the provider's operator")
	ErrAlreadyResponded = errorsmod.Register(ModuleName, 23, "the respondent has answered already; add evidence instead")
	ErrEvidenceClosed   = errorsmod.Register(ModuleName, 24, "the time for answers and evidence is over")
	ErrNotParty         = errorsmod.Register(ModuleName, 25, "only the claimant and who answered may do this")
	ErrTooMuchEvidence  = errorsmod.Register(ModuleName, 26, "this party has added as many documents as it may")
	ErrNotClaimant      = errorsmod.Register(ModuleName, 27, "only the claimant may do this")
	ErrContestClosed    = errorsmod.Register(ModuleName, 28, "payments can be contested until the first jury has begun to vote, in disputes about a work or a split")
	ErrForeignHold      = errorsmod.Register(ModuleName, 29, "the payment is not about the disputed subject")
	ErrTooManyContests  = errorsmod.Register(ModuleName, 30, "a dispute contests at most 32 payments")

	ErrNotAppealable = errorsmod.Register(ModuleName, 31, "there is no ruling that could be appealed now")
	ErrBondTooHigh   = errorsmod.Register(ModuleName, 32, "an appeal needs a larger bond than you allowed")

	ErrNotJuror         = errorsmod.Register(ModuleName, 33, "this account does not sit on this jury")
	ErrCommitClosed     = errorsmod.Register(ModuleName, 34, "votes of this round cannot be sealed now")
	ErrAlreadyCommitted = errorsmod.Register(ModuleName, 35, "this juror has sealed a vote already")
	ErrRevealClosed     = errorsmod.Register(ModuleName, 36, "votes of this round cannot be revealed now")
	ErrNotCommitted     = errorsmod.Register(ModuleName, 37, "this juror has sealed no vote")
	ErrAlreadyRevealed  = errorsmod.Register(ModuleName, 38, "this juror has revealed the vote already")
	ErrWrongReveal      = errorsmod.Register(ModuleName, 39, "choice and salt do not open the sealed vote; it is bound to chain, dispute, round and juror")

	ErrJurorNotFound = errorsmod.RegisterWithGRPCCode(ModuleName, 40, codes.NotFound, "this account has no stake as a juror")
	ErrStakeTooSmall = errorsmod.Register(ModuleName, 41, "a juror stakes nothing or at least the least stake")
	ErrStakeLocked   = errorsmod.Register(ModuleName, 42, "that much stake is not free; seats of open disputes lock some")
	ErrNothingOwed   = errorsmod.Register(ModuleName, 43, "nothing can be claimed now")

	ErrInvalidGenesis = errorsmod.Register(ModuleName, 44, "the genesis is not consistent")
	ErrInvariant      = errorsmod.Register(ModuleName, 45, "the state is not consistent")
	ErrPanicked       = errorsmod.Register(ModuleName, 46, "a step panicked")
	ErrStakeTooLarge  = errorsmod.Register(ModuleName, 47, "a juror cannot stake that much")
)
