package project

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/cosmos/gogoproto/proto"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/x/authz"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/streamchain/streamchain/chainclient"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Modules register the messages that this program reads, beside those of chainclient.
var Modules = []func(codectypes.InterfaceRegistry){
	contenttypes.RegisterInterfaces, storagetypes.RegisterInterfaces, revenuetypes.RegisterInterfaces, streamtypes.RegisterInterfaces,
	subscriptiontypes.RegisterInterfaces, disputetypes.RegisterInterfaces, governancetypes.RegisterInterfaces,
	distributiontypes.RegisterInterfaces, slashingtypes.RegisterInterfaces, consensustypes.RegisterInterfaces, upgradetypes.RegisterInterfaces,
}

// maxNesting bounds messages within messages.
const maxNesting = 8

// body is what a transaction asks for.
type body struct {
	memo  string
	types []string
	// all are the messages and those inside them, in the order in which they run; unknown ones are left out.
	all     []proto.Message
	unknown []unknown
}

type unknown struct {
	idx   int
	typ   string
	value []byte
}

// read decodes a transaction. What is unknown in it does not hinder the rest.
func (p *Projector) read(raw []byte) (*body, error) {
	var outer txtypes.TxRaw
	if err := proto.Unmarshal(raw, &outer); err != nil {
		return nil, err
	}
	var inner txtypes.TxBody
	if err := proto.Unmarshal(outer.BodyBytes, &inner); err != nil {
		return nil, err
	}
	b := &body{memo: inner.Memo}
	for i, a := range inner.Messages {
		b.types = append(b.types, a.TypeUrl)
		if !p.unpack(b, a, 0) {
			b.unknown = append(b.unknown, unknown{i, a.TypeUrl, a.Value})
		}
	}
	return b, nil
}

// unpack adds a message, and those that it has inside; false where its type is unknown.
func (p *Projector) unpack(b *body, a *codectypes.Any, depth int) bool {
	msg := p.message(a)
	if msg == nil {
		return false
	}
	b.all = append(b.all, msg)
	if exec, ok := msg.(*authz.MsgExec); ok && depth < maxNesting {
		for _, inner := range exec.Msgs {
			p.unpack(b, inner, depth+1)
		}
	}
	return true
}

// message reads a message without those that it has inside: one that is unknown hides only itself. nil where it is.
func (p *Projector) message(a *codectypes.Any) proto.Message {
	msg, err := p.enc.Registry.Resolve(a.TypeUrl)
	if err != nil || proto.Unmarshal(a.Value, msg) != nil {
		return nil
	}
	return msg
}

// messageJSON is a message with its type, in proto JSON; its bytes where it, or one inside it, is unknown.
func (p *Projector) messageJSON(a *codectypes.Any) (any, error) {
	var msg sdk.Msg
	if err := p.enc.Registry.UnpackAny(&codectypes.Any{TypeUrl: a.TypeUrl, Value: a.Value}, &msg); err != nil {
		return map[string]string{"@type": a.TypeUrl, "value": base64.StdEncoding.EncodeToString(a.Value)}, nil
	}
	raw, err := p.enc.Codec.MarshalInterfaceJSON(msg)
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", a.TypeUrl, err)
	}
	return rawJSON(raw), nil
}

// transaction keeps a transaction, then its events where it took effect.
func (r *run) transaction(i int, raw chainclient.RawTx) error {
	b, err := r.read(raw.Bytes)
	if err != nil {
		// a block can hold bytes that are no transaction: they failed
		if raw.Code == 0 {
			return r.wrap("", fmt.Errorf("transaction %s: %w", raw.Hash, err))
		}
		b = &body{}
	}
	types, err := list(b.types)
	if err != nil {
		return err
	}
	fee, payer := chainclient.FeeOf(raw.Events)
	if len(fee) == 0 {
		fee = sdk.Coins{sdk.NewInt64Coin("ustream", 0)}
	}
	log := ""
	if raw.Code != 0 {
		log = strings.ToValidUTF8(raw.Log[:min(len(raw.Log), maxLog)], "")
	}
	if _, err := r.tx.Exec(`INSERT INTO txs (hash, height, idx, time, code, codespace, log, payer, fee_denom, fee, gas_wanted, gas_used, memo, messages)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (hash) DO UPDATE SET height = excluded.height, idx = excluded.idx, time = excluded.time, code = excluded.code, codespace = excluded.codespace,
		log = excluded.log, payer = excluded.payer, fee_denom = excluded.fee_denom, fee = excluded.fee, gas_wanted = excluded.gas_wanted, gas_used = excluded.gas_used
		WHERE txs.code <> 0`, // what failed can be in a later block again

		raw.Hash, r.height, i, r.time, raw.Code, raw.Codespace, log, payer, fee[0].Denom, fee[0].Amount.String(), raw.GasWanted, raw.GasUsed, b.memo, types); err != nil {
		return r.wrap("", err)
	}
	for _, u := range b.unknown {
		if _, err := r.tx.Exec("INSERT INTO unknown_messages (tx, idx, type, value) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", raw.Hash, u.idx, u.typ, u.value); err != nil {
			return r.wrap("", err)
		}
	}
	if raw.Code != 0 {
		r.at.idx += int64(len(raw.Events))
		return nil
	}
	return r.events(raw.Events, place{hash: raw.Hash, body: b})
}

// maxLog is how many bytes are kept of why a transaction failed.
const maxLog = 1000

// find returns the first message of a type in the running transaction that fits.
func find[M proto.Message](r *run, fits func(M) bool) (m M, ok bool) {
	if r.at.body == nil {
		return m, false
	}
	for _, msg := range r.at.body.all {
		if m, ok := msg.(M); ok && fits(m) {
			return m, true
		}
	}
	return m, false
}
