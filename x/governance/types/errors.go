package types

import (
	"google.golang.org/grpc/codes"

	errorsmod "cosmossdk.io/errors"
)

// Errors of the module. Codes are never renumbered. The gRPC code decides the HTTP status of a query.
var (
	ErrInvalidAddress    = errorsmod.RegisterWithGRPCCode(ModuleName, 2, codes.InvalidArgument, "not an account address; write it in lower case as stream1…")
	ErrNotGov            = errorsmod.Register(ModuleName, 3, "only a proposal of x/gov may do this; name x/gov's module account as authority and submit a proposal")
	ErrNotAuthority      = errorsmod.Register(ModuleName, 4, "only an enactment may do this; put the message into a MsgEnact")
	ErrNoMessages        = errorsmod.Register(ModuleName, 5, "an enactment has 1 to 16 messages")
	ErrTooManyMessages   = errorsmod.Register(ModuleName, 6, "an enactment has at most 16 messages; make another")
	ErrMessagesTooLarge  = errorsmod.Register(ModuleName, 7, "the messages of an enactment have at most 64 KiB; make another")
	ErrInvalidMessage    = errorsmod.Register(ModuleName, 8, "a message is not valid; correct the one named here")
	ErrNestedMessage     = errorsmod.Register(ModuleName, 9, "a message that carries messages cannot be enacted; enact what it carries")
	ErrWrongSigner       = errorsmod.Register(ModuleName, 10, "an enacted message is signed by the governance account alone; name that account in it")
	ErrUnroutable        = errorsmod.Register(ModuleName, 11, "the chain does not handle this message")
	ErrEnactmentNotFound = errorsmod.RegisterWithGRPCCode(ModuleName, 12, codes.NotFound, "no such enactment; closed ones are kept for 30 days")
	ErrNotQueued         = errorsmod.Register(ModuleName, 13, "the enactment has run or was cancelled already")
	ErrPanicked          = errorsmod.Register(ModuleName, 14, "the message panicked")
	ErrOutOfGas          = errorsmod.Register(ModuleName, 15, "the messages used more gas than an enactment may; make several")
	ErrUnreadable        = errorsmod.Register(ModuleName, 16, "the enactment's messages cannot be read by this version of the chain")
	ErrInvalidParams     = errorsmod.Register(ModuleName, 17, "the parameters are out of bounds")
	ErrTimelockTooShort  = errorsmod.Register(ModuleName, 18, "a vote cannot shorten the tracks' timelocks; only a genesis can")
	ErrInvalidStatus     = errorsmod.RegisterWithGRPCCode(ModuleName, 19, codes.InvalidArgument, "no such status of an enactment")
	ErrInvalidGenesis    = errorsmod.Register(ModuleName, 20, "the genesis is not consistent")
	ErrInvariant         = errorsmod.Register(ModuleName, 21, "the state is not consistent")

	ErrConsensusAuthority = errorsmod.Register(ModuleName, 22, "the consensus parameters' own authority stays empty; leave auth out of the message")
	ErrInvalidDelegation  = errorsmod.RegisterWithGRPCCode(ModuleName, 23, codes.InvalidArgument, "a vote is lent to another account, on a track or on all")
	ErrDelegateFull       = errorsmod.Register(ModuleName, 24, "this delegate has all the votes that one may have on the track; choose another")
	ErrNoDelegation       = errorsmod.Register(ModuleName, 25, "there is no such delegation of this account's")
	ErrInvalidCouncil     = errorsmod.Register(ModuleName, 26, "a council is 5 different accounts, or none")
	ErrNotCouncil         = errorsmod.Register(ModuleName, 27, "only a member of the council may do this")
	ErrNotPausable        = errorsmod.Register(ModuleName, 28, "this message cannot be paused; what pays out, proves, votes or leaves never can")
	ErrInvalidPause       = errorsmod.Register(ModuleName, 29, "a pause has 1 second to 72 hours and a reason")
	ErrCooldown           = errorsmod.Register(ModuleName, 30, "the message is paused, or was less than 30 days ago; only a vote of everybody can do more")
	ErrPaused             = errorsmod.Register(ModuleName, 31, "the council has paused this message; see streamd query governance council")
	ErrNotPaused          = errorsmod.Register(ModuleName, 32, "the message is not paused")
	ErrProposalNotFound   = errorsmod.RegisterWithGRPCCode(ModuleName, 33, codes.NotFound, "x/gov has no such proposal")
	ErrAlreadyVoted       = errorsmod.Register(ModuleName, 34, "this member has voted for this pause")
	ErrOutOfBounds        = errorsmod.Register(ModuleName, 35, "no vote may set this; see the bounds in x/governance's README")
	ErrNoVoice            = errorsmod.Register(ModuleName, 36, "who votes or lends a vote has 1 STREAM staked with a bonded validator, or votes for a seat, as a validator, or for others; stake first")

	ErrNotEligible  = errorsmod.Register(ModuleName, 50, "a seat is for a creator of level 2 whose first work is 90 days old and that has earned")
	ErrSeatNotFound = errorsmod.RegisterWithGRPCCode(ModuleName, 51, codes.NotFound, "this creator has no seat; take one with MsgTakeSeat")
)
