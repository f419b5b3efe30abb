package types

import (
	"google.golang.org/grpc/codes"

	errorsmod "cosmossdk.io/errors"
)

// Errors of the module. Codes are never renumbered. The gRPC code decides the HTTP status of a query.
var (
	ErrInvalidAddress   = errorsmod.RegisterWithGRPCCode(ModuleName, 2, codes.InvalidArgument, "not an account address; write it in lower case as stream1…")
	ErrInvalidPlanID    = errorsmod.RegisterWithGRPCCode(ModuleName, 3, codes.InvalidArgument, "not a plan's id; write it as streamcreator1…/7")
	ErrInvalidOffer     = errorsmod.Register(ModuleName, 4, "not an offer; choose one kind and correct the field named here")
	ErrTooManyOffers    = errorsmod.Register(ModuleName, 5, "there can be at most 16 offers; leave some out")
	ErrDuplicateOffer   = errorsmod.Register(ModuleName, 6, "there can be one offer of each kind, rentals of different lengths and tokens of different denoms; leave one out")
	ErrInvalidPrice     = errorsmod.Register(ModuleName, 7, "not a price; give 1 to 10^18 ustream")
	ErrWrongDenom       = errorsmod.Register(ModuleName, 8, "prices are in ustream")
	ErrNotRoot          = errorsmod.Register(ModuleName, 9, "offers belong to the first version of a work; name its root")
	ErrWorkNotActive    = errorsmod.Register(ModuleName, 10, "the work is retired or restricted, so it is not sold")
	ErrForeignPlan      = errorsmod.Register(ModuleName, 11, "the plan is another creator's; name a plan of the work's creator")
	ErrForeignWork      = errorsmod.Register(ModuleName, 12, "the work is another creator's; a plan lists works of its own creator")
	ErrInvalidTitle     = errorsmod.Register(ModuleName, 13, "not a title; use 1 to 140 bytes of UTF-8 without control characters")
	ErrInvalidPeriod    = errorsmod.Register(ModuleName, 14, "the period is too short or too long; see the parameters, at most 366 days")
	ErrInvalidCoverage  = errorsmod.Register(ModuleName, 15, "cover all works and list none, or list 1 to 256 different works")
	ErrTooManyPlans     = errorsmod.Register(ModuleName, 16, "the creator has 32 open plans, the most there can be; close one first")
	ErrPlanNotFound     = errorsmod.RegisterWithGRPCCode(ModuleName, 17, codes.NotFound, "no such plan")
	ErrPlanClosed       = errorsmod.Register(ModuleName, 18, "the plan is closed and sells no more periods; choose another")
	ErrNotForSale       = errorsmod.Register(ModuleName, 19, "nothing of this kind is offered; query the offers")
	ErrPriceAboveMax    = errorsmod.Register(ModuleName, 20, "the price is above the most that you allow; read it again and raise max_price")
	ErrAlreadyOwned     = errorsmod.Register(ModuleName, 21, "the recipient owns this already")
	ErrInvalidPeriods   = errorsmod.Register(ModuleName, 22, "buy 1 to 12 periods at a time")
	ErrTooFarAhead      = errorsmod.Register(ModuleName, 23, "the subscription would be paid for more than 12 years ahead; buy fewer periods")
	ErrInvalidParams    = errorsmod.Register(ModuleName, 24, "the parameters are out of bounds")
	ErrNotAuthority     = errorsmod.Register(ModuleName, 25, "only governance may do this; submit a proposal")
	ErrInvalidGenesis   = errorsmod.Register(ModuleName, 26, "the genesis is not consistent")
	ErrInvariant        = errorsmod.Register(ModuleName, 27, "the state is not consistent")
	ErrNoKeySet         = errorsmod.Register(ModuleName, 29, "nobody holds the keys of this encrypted work yet, so nobody who pays could watch it; wait until its key set is active")
	ErrNotEntitled      = errorsmod.Register(ModuleName, 40, "the viewer may not watch this work without paying by the tick; settle a paid session")
	ErrOwnWork          = errorsmod.Register(ModuleName, 41, "what a creator watches of its own proves nothing; report what others watch")
	ErrNotCovered       = errorsmod.Register(ModuleName, 42, "the viewer has no running subscription of this plan, or it does not cover the work")
	ErrBelowMinimum     = errorsmod.Register(ModuleName, 30, "the offer asks for more at least; read it again and raise pay")
	ErrAlreadyRented    = errorsmod.Register(ModuleName, 31, "the recipient has a running rental of this; rent again when it has ended")
	ErrInvalidTerms     = errorsmod.Register(ModuleName, 32, "the plan's terms do not fit; trial_seconds is 0 to 90 days, min_seconds 0 to the period, and a limit of subscribers stays one")
	ErrPlanFull         = errorsmod.Register(ModuleName, 33, "the plan has as many subscribers as it takes; try again when one has left")
	ErrNotSubscribed    = errorsmod.RegisterWithGRPCCode(ModuleName, 34, codes.NotFound, "there is no running subscription of this viewer to this plan")
	ErrForeignMandate   = errorsmod.Register(ModuleName, 35, "another account renews this subscription; only it or the viewer can change that")
	ErrTooManyPayments  = errorsmod.Register(ModuleName, 36, "12 different payments wait in this subscription already; try again when a period has ended")
	ErrInvalidRecipient = errorsmod.RegisterWithGRPCCode(ModuleName, 28, codes.InvalidArgument, "the recipient is not an account address; write it in lower case as stream1…, or leave it empty")
)
