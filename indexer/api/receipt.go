package api

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/cosmos/gogoproto/jsonpb"
	"github.com/cosmos/gogoproto/proto"

	txtypes "github.com/cosmos/cosmos-sdk/types/tx"

	"github.com/streamchain/streamchain/indexer/store"
	"github.com/streamchain/streamchain/receipt"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// receiptOf is what one transaction did.
type receiptOf struct {
	TX       string          `json:"tx"`
	Height   int64           `json:"height"`
	Time     int64           `json:"time"`
	OK       bool            `json:"ok"`
	Log      string          `json:"log,omitempty"`
	Payer    string          `json:"payer,omitempty"`
	Fee      store.Coin      `json:"fee"`
	Messages []string        `json:"messages"`
	Lines    []string        `json:"lines"`
	Payments []store.Payment `json:"payments"`
}

func (a *API) receipt(r *http.Request, _ *query) (any, error) {
	hash := strings.ToLower(r.PathValue("tx"))
	if raw, err := hex.DecodeString(hash); err != nil || len(raw) != 32 {
		return nil, badParameter("tx", "64 hexadecimal digits")
	}
	t, err := a.cfg.Store.Transaction(r.Context(), hash)
	if err != nil {
		return nil, err
	}
	out := receiptOf{TX: hash, Height: t.Height, Time: t.Time, OK: t.Code == 0, Log: t.Log, Payer: t.Payer, Fee: t.Fee, Messages: t.Messages, Lines: []string{}}
	if out.Fee.Denom == "" {
		out.Fee = store.Coin{Denom: "ustream", Amount: "0"}
	}
	if out.Payments, err = a.cfg.Store.PaymentsOf(r.Context(), hash); err != nil {
		return nil, err
	}
	// the chain has the messages whole; where it has pruned the transaction, the events are enough
	if res, err := txtypes.NewServiceClient(a.cfg.Chain.Conn()).GetTx(r.Context(), &txtypes.GetTxRequest{Hash: strings.ToUpper(hash)}); err == nil {
		for _, m := range res.Tx.Body.Messages {
			out.Lines = append(out.Lines, asked(receipt.Decode(m.TypeUrl, m.Value)))
		}
	}
	if !out.OK {
		out.Lines = append(out.Lines, "It failed, and changed nothing but the fee: "+out.Log)
		return out, nil
	}
	// the index's events leave out who watched what
	for i, name := range t.Events {
		if m := event(name, t.Data[i]); m != nil {
			out.Lines = append(out.Lines, receipt.Sentence(m))
		}
	}
	return out, nil
}

// asked says what a message asks for; of those that say who watched by which node only what they are about.
func asked(m proto.Message) string {
	switch m.(type) {
	case *streamtypes.MsgOpenLanes, *streamtypes.MsgSettle, *streamtypes.MsgCloseLane, *streamtypes.MsgReportUse, *streamtypes.MsgGrantSessionKey, *streamtypes.MsgRevokeSessionKey:
		return "It prepares or settles payments by the second; who pays whom for what is not kept here."
	}
	return receipt.Sentence(m)
}

// event reads an event of the index; nil where this program does not know its type.
func event(name string, data store.JSON) proto.Message {
	kind := proto.MessageType(name)
	if kind == nil {
		return nil
	}
	m := receipt.Decode("/"+name, nil)
	if err := (&jsonpb.Unmarshaler{AllowUnknownFields: true}).Unmarshal(bytes.NewReader([]byte(data)), m); err != nil {
		return nil
	}
	return m
}
