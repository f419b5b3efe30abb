package types

import (
	"google.golang.org/grpc/codes"

	errorsmod "cosmossdk.io/errors"
)

// Errors of passes. Codes are never renumbered.
var (
	ErrInvalidPassID       = errorsmod.RegisterWithGRPCCode(ModuleName, 100, codes.InvalidArgument, "not a pass's id; write it as pass-7")
	ErrPassNotFound        = errorsmod.RegisterWithGRPCCode(ModuleName, 101, codes.NotFound, "no such pass")
	ErrPassClosed          = errorsmod.Register(ModuleName, 102, "the pass is closed and sells no more periods; choose another")
	ErrInvalidPassPrice    = errorsmod.Register(ModuleName, 103, "a period of a pass costs at least 0.1 STREAM: it is shared out to up to 64 works")
	ErrInvalidPassCreators = errorsmod.Register(ModuleName, 104, "list at most 256 different creators, each once; correct the one named here")
	ErrNotCurator          = errorsmod.Register(ModuleName, 105, "only the curator of a pass can do this; sign with its account")
	ErrNotListed           = errorsmod.Register(ModuleName, 106, "the pass does not list this creator; ask its curator")
	ErrAlreadyJoined       = errorsmod.Register(ModuleName, 107, "the creator is in this pass already")
	ErrNotJoined           = errorsmod.Register(ModuleName, 108, "the creator is not in this pass")
	ErrTooManyJoined       = errorsmod.Register(ModuleName, 109, "the creator is in 32 passes, the most there can be; leave one first")
	ErrTooManyPasses       = errorsmod.Register(ModuleName, 110, "the viewer has subscriptions to 16 passes, the most there can be; try again when one has ended and closed")
	ErrTooManyPassPeriods  = errorsmod.Register(ModuleName, 111, "24 paid periods of this pass have not closed yet, the most there can be; try again when one has")
	ErrNotVerified         = errorsmod.Register(ModuleName, 113, "a platform pass covers creators of level 2 and above; let attesters verify the creator first")
	ErrTooManyPassGifts    = errorsmod.Register(ModuleName, 114, "others pay for 8 of the viewer's passes, or for 12 periods of this one, the most there can be; give it when one has ended and closed")
	ErrGiftRenewed         = errorsmod.Register(ModuleName, 115, "a pass that is a gift is not renewed; leave renewals out, or buy up to 12 periods")
	ErrEmptyPass           = errorsmod.Register(ModuleName, 112, "no creator is in this pass yet; subscribe when one has joined")
)
