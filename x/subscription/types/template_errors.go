package types

import (
	"google.golang.org/grpc/codes"

	errorsmod "cosmossdk.io/errors"
)

// Errors of templates. Codes are never renumbered.
var (
	ErrInvalidTemplateID   = errorsmod.RegisterWithGRPCCode(ModuleName, 60, codes.InvalidArgument, "not a template's id; write it as stream1…/7")
	ErrInvalidTemplate     = errorsmod.RegisterWithGRPCCode(ModuleName, 61, codes.InvalidArgument, "not a template; correct what is named here (streamd template check finds it before it costs anything)")
	ErrTemplateNotFound    = errorsmod.RegisterWithGRPCCode(ModuleName, 62, codes.NotFound, "no such template")
	ErrInvalidTemplateArgs = errorsmod.RegisterWithGRPCCode(ModuleName, 63, codes.InvalidArgument, "the parameters do not fit the template; query it, and name them in the order of the alphabet, each once")
	ErrInvalidRoyalty      = errorsmod.Register(ModuleName, 64, "an author's royalty is 0 to 200 basis points")
	ErrNotAuthor           = errorsmod.Register(ModuleName, 65, "only the author of a template can do this; sign with its account")
	ErrTemplateUsed        = errorsmod.Register(ModuleName, 66, "the template was offered once, so that it stays for ever")
	ErrNotSoldNow          = errorsmod.Register(ModuleName, 67, "the template sells nothing to this viewer now; preview it to see when it does")
	ErrInvalidReferrer     = errorsmod.Register(ModuleName, 68, "a referrer is another viewer who has bought this, named at a first purchase; correct it or leave it empty")
	ErrTooManyRefundable   = errorsmod.Register(ModuleName, 69, "16 purchases of this viewer can still be refunded; try again when a refund window has ended")
	ErrNoRefund            = errorsmod.Register(ModuleName, 70, "nothing comes back: the template gives nothing now, the refund window has ended, or another account paid")
	ErrInvalidFact         = errorsmod.RegisterWithGRPCCode(ModuleName, 71, codes.InvalidArgument, "no such fact, or another type; see the README's table")
	ErrTermsChanged        = errorsmod.Register(ModuleName, 72, "the offers are not those that the buyer has seen; read them again and sign their version")
)
