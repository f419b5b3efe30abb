package types

import (
	"google.golang.org/grpc/codes"

	errorsmod "cosmossdk.io/errors"
)

// Errors of the module. Codes are never renumbered. The gRPC code decides the HTTP status of a query.
var (
	ErrInvalidAddress   = errorsmod.RegisterWithGRPCCode(ModuleName, 2, codes.InvalidArgument, "not an account address; write it as stream1… in lower case")
	ErrBlockedAddress   = errorsmod.Register(ModuleName, 3, "this account cannot receive coins; name another")
	ErrInvalidAmount    = errorsmod.Register(ModuleName, 4, "the amount must be a whole, positive number of ustream")
	ErrInvalidDenom     = errorsmod.Register(ModuleName, 5, "storage is paid in ustream only")
	ErrInvalidEndpoint  = errorsmod.Register(ModuleName, 6, "not a public endpoint; give 1 to 4 different URLs as https://node.example.com")
	ErrInvalidRegion    = errorsmod.Register(ModuleName, 7, "not a region; use 2 to 32 of a-z, 0-9 and -")
	ErrInvalidCapacity  = errorsmod.Register(ModuleName, 8, "the capacity must be positive and cover the active deals")
	ErrInvalidPrice     = errorsmod.Register(ModuleName, 9, "the price must be 0 to 1,000,000 STREAM for a GiB-day")
	ErrBondTooSmall     = errorsmod.Register(ModuleName, 10, "the bond is too small for this capacity; add to it or offer less")
	ErrProviderExists   = errorsmod.Register(ModuleName, 11, "this account is a provider already; update it instead")
	ErrProviderNotFound = errorsmod.RegisterWithGRPCCode(ModuleName, 12, codes.NotFound, "no such provider; register it first")
	ErrProviderInactive = errorsmod.Register(ModuleName, 13, "the provider is leaving or gone; choose another")
	ErrAgentTaken       = errorsmod.Register(ModuleName, 14, "this account serves another provider; name another agent")
	ErrActiveDeals      = errorsmod.Register(ModuleName, 15, "the provider has active deals; end them first")
	ErrNotLeaving       = errorsmod.Register(ModuleName, 16, "the provider is not leaving; leave first")
	ErrBondLocked       = errorsmod.Register(ModuleName, 17, "the bond is locked until the end of the unbonding time; wait for it")
	ErrInvalidRequest   = errorsmod.Register(ModuleName, 18, "ask 1 to 8 different providers")
	ErrWorkNotActive    = errorsmod.Register(ModuleName, 19, "the work is not active")
	ErrDealExists       = errorsmod.Register(ModuleName, 20, "this provider has a live deal of this work already; choose another")
	ErrDealNotFound     = errorsmod.RegisterWithGRPCCode(ModuleName, 21, codes.NotFound, "no such live deal")
	ErrTooManyDeals     = errorsmod.Register(ModuleName, 22, "the work has as many live deals as there can be; end one first")
	ErrSameNetwork      = errorsmod.Register(ModuleName, 23, "the provider's network keeps a copy of this work already; choose another")
	ErrNoCapacity       = errorsmod.Register(ModuleName, 24, "the provider has no room for this work; choose another")
	ErrDealNotRequested = errorsmod.Register(ModuleName, 25, "the deal is active already")
	ErrRequestExpired   = errorsmod.Register(ModuleName, 26, "the request has expired; ask for a new one")
	ErrPieceMismatch    = errorsmod.Register(ModuleName, 27, "these are not the work's bytes; fetch them again")
	ErrDealTooYoung     = errorsmod.Register(ModuleName, 28, "a provider keeps a paid deal for the least time of a deal; wait for it")
	ErrNotParty         = errorsmod.Register(ModuleName, 29, "the signer is neither of this provider nor the creator's controller")
	ErrDealNotActive    = errorsmod.Register(ModuleName, 30, "the deal is not active, so it earns nothing yet")
	ErrInvalidClaim     = errorsmod.Register(ModuleName, 31, "name at most 50 works")
	ErrNothingToClaim   = errorsmod.Register(ModuleName, 32, "less than one ustream is earned; name the works that earn, or wait")
	ErrInvalidParams    = errorsmod.Register(ModuleName, 33, "the parameters are out of bounds")
	ErrRulesFixed       = errorsmod.Register(ModuleName, 34, "relaxed_network_rules is set in the genesis and never changed")
	ErrNotAuthority     = errorsmod.Register(ModuleName, 35, "only governance may do this; submit a proposal")
	ErrInvalidStatus    = errorsmod.RegisterWithGRPCCode(ModuleName, 36, codes.InvalidArgument, "no such provider status")
	ErrInvalidGenesis   = errorsmod.Register(ModuleName, 37, "the genesis is not consistent")
	ErrPriceAboveMax    = errorsmod.Register(ModuleName, 39, "the provider asks more than the request allows; look at its price again")
	ErrInvariant        = errorsmod.Register(ModuleName, 38, "the state is not consistent")
)
