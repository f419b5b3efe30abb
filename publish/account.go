package publish

import (
	"context"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// Purpose says what a transaction is sent for.
type Purpose string

// What Publish sends.
const (
	ForCreator Purpose = "register-creator"
	ForDate    Purpose = "date"
	ForWork    Purpose = "register"
	ForDraw    Purpose = "draw-keys"
	ForDeal    Purpose = "deal-keys"
	ForSale    Purpose = "sell"
)

// Account acts for the creator. What it is asked to send or to show, an earlier run may have sent or shown.
type Account interface {
	Address() sdk.AccAddress
	// Send returns once a block holds the messages, all in one transaction. What the chain refuses unwraps to the module's error.
	Send(ctx context.Context, purpose Purpose, msgs ...sdk.Msg) (*chainclient.TxResult, error)
	// Uploader returns what makes the value of Stream-Upload for the node of an operator, anew for each try.
	Uploader(ctx context.Context, piece [32]byte, size uint64) (func(operator sdk.AccAddress) (string, error), error)
}

// uploadSeconds is how long a node may take to begin to read an upload.
const uploadSeconds = 240

// Signing is an account whose key is at hand.
func Signing(client *chainclient.Client, signer chainclient.Signer) Account {
	return signing{client, signer}
}

type signing struct {
	client *chainclient.Client
	signer chainclient.Signer
}

// Address implements Account.
func (s signing) Address() sdk.AccAddress { return s.signer.Address() }

// Send implements Account.
func (s signing) Send(ctx context.Context, _ Purpose, msgs ...sdk.Msg) (*chainclient.TxResult, error) {
	return s.client.Broadcast(ctx, s.signer, msgs...)
}

// Uploader implements Account.
func (s signing) Uploader(_ context.Context, piece [32]byte, size uint64) (func(operator sdk.AccAddress) (string, error), error) {
	return func(operator sdk.AccAddress) (string, error) {
		u := wire.Upload{Piece: piece, Size: size, Expires: time.Now().Unix() + uploadSeconds, PubKey: s.signer.PubKey().Bytes()}
		var err error
		if u.Signature, err = s.signer.Sign(u.SignBytes(s.client.ChainID(), operator)); err != nil {
			return "", err
		}
		return u.String(), nil
	}, nil
}
