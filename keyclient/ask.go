package keyclient

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// proofSeconds is how long a proof is valid: it is made for one request.
const proofSeconds = 60

// patience is how long a holder may take.
const patience = 10 * time.Second

var (
	errUnreachable = errors.New("the holder has no endpoint that answers")
	errAnswer      = errors.New("the holder's answer is not one")
)

// reply is what a holder said.
type reply struct {
	holder  storagetypes.KeyHolder
	answers []keyshare.Answer // in the order of the windows
	err     error
}

// ask asks one holder, at its endpoints in turn.
func (c *Client) ask(ctx context.Context, w *work, h storagetypes.KeyHolder, windows []Window, pay *wire.KeyPay) reply {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begun := time.Now()
	r := reply{holder: h, err: errUnreachable}
	for _, endpoint := range w.endpoints[h.Operator] {
		r.answers, r.err = c.askAt(ctx, w, h, endpoint, windows, pay)
		var problem *wire.Problem
		if r.err == nil || errors.As(r.err, &problem) || ctx.Err() != nil {
			break
		}
	}
	took := time.Since(begun)
	if r.err != nil {
		took += patience
	}
	c.mu.Lock()
	c.scores[h.Operator] = (c.scores[h.Operator] + took) / 2
	c.mu.Unlock()
	return r
}

func (c *Client) askAt(ctx context.Context, w *work, h storagetypes.KeyHolder, endpoint string, windows []Window, pay *wire.KeyPay) ([]keyshare.Answer, error) {
	// a key for each request: what one holder sealed is of no use to who sees another's request
	private, public, err := keyshare.NewSealKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	defer clear(private[:])
	req := wire.KeysRequest{Work: w.root, ReplyKey: public[:], Windows: windows, Pay: pay}
	proof, err := c.proof(w, h.Operator, req)
	if err != nil {
		return nil, err
	}
	res, err := nodeclient.New(c.cfg.HTTP, endpoint).Keys(ctx, req, proof)
	if err != nil {
		return nil, err
	}
	if res.SetVersion != w.set.Version || res.Index != h.Index || len(res.Sealed) != len(windows) {
		return nil, fmt.Errorf("%w: set %d, index %d, %d answers", errAnswer, res.SetVersion, res.Index, len(res.Sealed))
	}
	answers := make([]keyshare.Answer, len(windows))
	for i, sealed := range res.Sealed {
		win := windows[i]
		plain, err := keyshare.Open(private[:], keyshare.ForViewer, keyshare.AnswerContext(w.keyID, win.Rendition, win.Number, res.SetVersion), sealed)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errAnswer, err)
		}
		if answers[i], err = keyshare.ParseAnswer(plain); err != nil || uint32(answers[i].Index) != h.Index {
			return nil, fmt.Errorf("%w: it is for another holder or none", errAnswer)
		}
	}
	return answers, nil
}

// proof says to the holder who asks; empty where nobody does.
func (c *Client) proof(w *work, operator string, req wire.KeysRequest) (string, error) {
	if c.cfg.Key == nil || c.cfg.Owner.Empty() {
		return "", nil
	}
	account, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return "", err
	}
	p := wire.Proof{Owner: c.cfg.Owner, Work: w.digest, Expires: time.Now().Unix() + proofSeconds, Nonce: req.Nonce()}
	p.Sign(c.cfg.Key, c.cfg.Chain.ChainID(), account, http.MethodPost)
	return p.String(), nil
}
