package types

import (
	"google.golang.org/grpc/codes"

	errorsmod "cosmossdk.io/errors"
)

// Errors of the module. Codes are never renumbered. The gRPC code decides the HTTP status of a query.
var (
	ErrInvalidAddress     = errorsmod.RegisterWithGRPCCode(ModuleName, 2, codes.InvalidArgument, "not an account address; write it as stream1…")
	ErrBlockedAddress     = errorsmod.Register(ModuleName, 3, "this account cannot receive coins, so it cannot be a controller")
	ErrInvalidCreatorID   = errorsmod.RegisterWithGRPCCode(ModuleName, 4, codes.InvalidArgument, "not a creator id; write it as streamcreator1…")
	ErrCreatorNotFound    = errorsmod.RegisterWithGRPCCode(ModuleName, 5, codes.NotFound, "no such creator; register it first")
	ErrCreatorExists      = errorsmod.Register(ModuleName, 6, "this account is a creator already; use that creator's id")
	ErrNotController      = errorsmod.Register(ModuleName, 7, "the signer is not the creator's controller")
	ErrInvalidHandle      = errorsmod.RegisterWithGRPCCode(ModuleName, 8, codes.InvalidArgument, "not a handle; use 3 to 30 of a-z, 0-9 and _, not _ alone")
	ErrHandleTaken        = errorsmod.Register(ModuleName, 9, "the handle is taken, or looks like one that is; choose another")
	ErrHandleUnchanged    = errorsmod.Register(ModuleName, 10, "the creator has this handle already")
	ErrInvalidHash        = errorsmod.RegisterWithGRPCCode(ModuleName, 11, codes.InvalidArgument, "not a hash; give 32 bytes")
	ErrCommitNotFound     = errorsmod.RegisterWithGRPCCode(ModuleName, 12, codes.NotFound, "no live commit of this hash")
	ErrInvalidWorkID      = errorsmod.RegisterWithGRPCCode(ModuleName, 13, codes.InvalidArgument, "not a work id; write the manifest's CID as bafyrei…")
	ErrInvalidManifest    = errorsmod.Register(ModuleName, 14, "the manifest's fields are not valid; correct the field named here")
	ErrInvalidSalt        = errorsmod.Register(ModuleName, 15, "the salt must be empty or 16 to 64 bytes")
	ErrParentsUnsupported = errorsmod.Register(ModuleName, 16, "derived works are not supported yet; publish without parents")
	ErrInvalidKeys        = errorsmod.Register(ModuleName, 17, "keys name the known suite, a point of 32 bytes and windows of 1 to 3,600 seconds")
	ErrWorkExists         = errorsmod.Register(ModuleName, 18, "this work is published already; change a field to publish another")
	ErrWorkNotFound       = errorsmod.RegisterWithGRPCCode(ModuleName, 19, codes.NotFound, "no such work")
	ErrPreviousForeign    = errorsmod.Register(ModuleName, 20, "previous is another creator's work; publish a work of your own")
	ErrPreviousNotHead    = errorsmod.Register(ModuleName, 21, "previous is not the newest version; name the head of its root")
	ErrWorkNotActive      = errorsmod.Register(ModuleName, 22, "the work is not active, so it takes no new version")
	ErrTooManyVersions    = errorsmod.Register(ModuleName, 23, "the work has 256 versions, the most there can be; publish a new work")
	ErrAlreadyRetired     = errorsmod.Register(ModuleName, 24, "the work is retired already")
	ErrWorkRestricted     = errorsmod.Register(ModuleName, 25, "a ruling restricts the work; it cannot be retired meanwhile")
	ErrInvalidParams      = errorsmod.Register(ModuleName, 26, "the parameters are out of bounds")
	ErrNotAuthority       = errorsmod.Register(ModuleName, 27, "only governance may do this; submit a proposal")
	ErrInvalidSubject     = errorsmod.RegisterWithGRPCCode(ModuleName, 28, codes.InvalidArgument, "not a subject; give a work's CID or a creator id")
	ErrInvalidGenesis     = errorsmod.Register(ModuleName, 29, "the genesis is not consistent")
	ErrInvariant          = errorsmod.Register(ModuleName, 30, "the state is not consistent")
	ErrKeysChanged        = errorsmod.Register(ModuleName, 32, "all versions of a work are encrypted under one secret, or none is; publish another work instead")
	ErrInvalidStatus      = errorsmod.RegisterWithGRPCCode(ModuleName, 31, codes.InvalidArgument, "no such work status")
)
