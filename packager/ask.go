package packager

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/cosmos/gogoproto/proto"

	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/publish"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

var (
	errCancelled = errors.New("the person said no")
	errRefused   = errors.New("it was refused")
)

const (
	// inclusion is how long a transaction may be on its way into a block.
	inclusion = time.Minute
	// grantTime is how long the key that uploads may be used.
	grantTime = wire.MaxGrantSeconds - 600
	// uploadSeconds is how long a node may take to begin to read an upload.
	uploadSeconds = 240
)

var txHash = regexp.MustCompile(`^[0-9A-Fa-f]{64}$`)

// Ask is what a job waits for.
type Ask struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"` // send or sign
	Purpose  string    `json:"purpose"`
	Messages []Message `json:"messages,omitempty"`
	Text     string    `json:"text,omitempty"`
	Account  string    `json:"account"`
}

// Message is one of a transaction.
type Message struct {
	TypeURL string          `json:"type_url"`
	Value   []byte          `json:"value"`
	JSON    json.RawMessage `json:"json"` // for people
}

// Answer is what the page's wallet did. One of its fields besides Ask is set.
type Answer struct {
	Ask       string   `json:"ask"`
	TxHash    string   `json:"tx_hash,omitempty"`
	PubKey    []byte   `json:"pubkey,omitempty"`
	Signature []byte   `json:"signature,omitempty"`
	Refused   *Refusal `json:"refused,omitempty"`
	Cancelled bool     `json:"cancelled,omitempty"`
}

// Refusal is what the chain said.
type Refusal struct {
	Codespace string `json:"codespace"`
	Code      uint32 `json:"code"`
	Log       string `json:"log"`
}

// answered passes an answer to who asked.
func (j *job) answered(a Answer) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	ask := j.rec.Ask
	if ask == nil || ask.ID != a.Ask {
		return problem(http.StatusConflict, "not-asked", "the job does not wait for this answer any more: look at it again")
	}
	fits := a.Cancelled || a.Refused != nil || ask.Kind == "send" && txHash.MatchString(a.TxHash) || ask.Kind == "sign" && len(a.PubKey) > 0 && len(a.Signature) > 0
	if !fits {
		return badRequest("an answer to %s has tx_hash, refused or cancelled; one to sign has pubkey and signature", ask.Kind)
	}
	j.tell(func(r *record) { r.Ask = nil })
	j.reply <- a // has room for the one answer of the one ask
	return nil
}

// ask waits for an answer. Others may work meanwhile: a person may take all day.
func (j *job) ask(ctx context.Context, a Ask) (Answer, error) {
	a.ID = newID()
	reply := make(chan Answer, 1)
	j.mu.Lock()
	j.reply = reply
	j.tell(func(r *record) {
		r.Ask = &a
		r.Registers = r.Registers || a.Purpose == string(publish.ForWork)
	})
	err := j.save()
	j.mu.Unlock()
	if err != nil {
		return Answer{}, err
	}
	j.s.leave()
	var got Answer
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case got = <-reply:
	}
	// the turn is given back by who took it first, whatever happened
	j.s.retake()
	if a.Purpose == string(publish.ForWork) && (got.Cancelled || got.Refused != nil) {
		err = errors.Join(err, j.change(func(r *record) { r.Registers = false }))
	}
	switch {
	case err != nil:
		return got, err
	case got.Cancelled:
		return got, errCancelled
	case got.Refused != nil:
		return got, refused(*got.Refused)
	}
	return got, nil
}

// refused is a refusal as package publish knows it.
func refused(r Refusal) error {
	for _, known := range []*errorsmod.Error{contenttypes.ErrCreatorExists, storagetypes.ErrNoHolders} {
		if r.Codespace == known.Codespace() && r.Code == known.ABCICode() || strings.Contains(r.Log, known.Error()) {
			return fmt.Errorf("%w: %w", errRefused, known)
		}
	}
	return fmt.Errorf("%w: %.500s", errRefused, r.Log)
}

// account is one whose wallet the page has.
type account struct {
	job     *job
	client  *chainclient.Client
	address sdk.AccAddress
}

// Address implements publish.Account.
func (a account) Address() sdk.AccAddress { return a.address }

// Send implements publish.Account.
func (a account) Send(ctx context.Context, purpose publish.Purpose, msgs ...sdk.Msg) (*chainclient.TxResult, error) {
	ask := Ask{Kind: "send", Purpose: string(purpose), Account: a.address.String()}
	for _, m := range msgs {
		packed, err := codectypes.NewAnyWithValue(m)
		if err != nil {
			return nil, err
		}
		text, err := a.client.Codec.MarshalJSON(m)
		if err != nil {
			return nil, err
		}
		ask.Messages = append(ask.Messages, Message{packed.TypeUrl, packed.Value, text})
	}
	got, err := a.job.ask(ctx, ask)
	if err != nil {
		return nil, err
	}
	res, err := a.client.WaitTx(ctx, got.TxHash, inclusion)
	if err != nil {
		return nil, err
	}
	return res, a.sent(ctx, got.TxHash, msgs)
}

// sent holds a transaction to what was asked for.
func (a account) sent(ctx context.Context, hash string, msgs []sdk.Msg) error {
	res, err := txtypes.NewServiceClient(a.client.Conn()).GetTx(ctx, &txtypes.GetTxRequest{Hash: hash})
	if err != nil {
		return err
	}
	return sameMessages(a.client.Codec, res.Tx, msgs)
}

// sameMessages compares what the bytes say: wallets may write them in another way.
func sameMessages(cdc codec.Codec, tx *txtypes.Tx, msgs []sdk.Msg) error {
	other := fmt.Errorf("%w: the transaction is not the one that was asked for", errRefused)
	if tx == nil || tx.Body == nil || len(tx.Body.Messages) != len(msgs) {
		return other
	}
	for i, packed := range tx.Body.Messages {
		var m sdk.Msg
		if err := cdc.UnpackAny(packed, &m); err != nil {
			return other
		}
		got, err := proto.Marshal(m)
		if err != nil {
			return other
		}
		want, err := proto.Marshal(msgs[i])
		if err != nil {
			return err
		}
		if sdk.MsgTypeURL(m) != sdk.MsgTypeURL(msgs[i]) || string(got) != string(want) {
			return other
		}
	}
	return nil
}

// Uploader implements publish.Account: a key of this run uploads, which the account grants once.
func (a account) Uploader(ctx context.Context, piece [32]byte, size uint64) (func(sdk.AccAddress) (string, error), error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	grant := &wire.UploadGrant{Key: public, Until: time.Now().Unix() + grantTime}
	chain, name := a.client.ChainID(), a.address.String()
	text := wire.GrantText(chain, name, piece, size, public, grant.Until)
	got, err := a.job.ask(ctx, Ask{Kind: "sign", Purpose: "upload", Text: text, Account: name})
	if err != nil {
		return nil, err
	}
	key := &secp256k1.PubKey{Key: got.PubKey}
	if len(got.PubKey) != secp256k1.PubKeySize || !sdk.AccAddress(key.Address()).Equals(a.address) {
		return nil, fmt.Errorf("%w: another account signed than %s", errRefused, name)
	}
	if len(got.Signature) != 64 || !key.VerifySignature(wire.ArbitraryBytes(name, text), got.Signature) {
		return nil, fmt.Errorf("%w: the signature is not one of the text", errRefused)
	}
	grant.Signature = got.Signature
	return func(operator sdk.AccAddress) (string, error) {
		u := wire.Upload{Piece: piece, Size: size, Expires: min(time.Now().Unix()+uploadSeconds, grant.Until), PubKey: got.PubKey, Grant: grant}
		u.SignGranted(private, chain, operator)
		return u.String(), nil
	}, nil
}
