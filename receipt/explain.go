package receipt

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/token"
)

// Explanation is a transaction in plain words.
type Explanation struct {
	TX     string   `json:"tx"`
	Height int64    `json:"height"`
	Asked  []string `json:"asked"`
	Done   []string `json:"done"`
	Fee    string   `json:"fee"`
	Failed string   `json:"failed,omitempty"`
}

// Lines are the explanation in order.
func (e Explanation) Lines() []string {
	lines := append([]string{}, e.Asked...)
	if e.Failed != "" {
		lines = append(lines, "It failed, and changed nothing but the fee: "+e.Failed)
	}
	for _, s := range e.Done {
		lines = append(lines, "  "+s)
	}
	return append(lines, fmt.Sprintf("The network's fee was %s.", e.Fee))
}

// Explain reads messages and events. What this program has no sentence for is named with its fields.
func Explain(res *txtypes.GetTxResponse) Explanation {
	e := Explanation{TX: res.TxResponse.TxHash, Height: res.TxResponse.Height, Fee: "nothing"}
	if fee := res.Tx.AuthInfo.Fee; fee != nil && !fee.Amount.Empty() {
		e.Fee = amounts(fee.Amount)
	}
	for _, any := range res.Tx.Body.Messages {
		e.Asked = append(e.Asked, Sentence(Decode(any.TypeUrl, any.Value)))
	}
	if res.TxResponse.Code != 0 {
		e.Failed = res.TxResponse.RawLog
		return e
	}
	for _, event := range chainclient.DecodeEvents(res.TxResponse.Events) {
		e.Done = append(e.Done, Sentence(event))
	}
	return e
}

// Decode reads a packed message; of a type that this program does not know something that only says so.
func Decode(url string, value []byte) proto.Message {
	kind := proto.MessageType(strings.TrimPrefix(url, "/"))
	if kind == nil {
		return unknown(url)
	}
	msg, ok := reflect.New(kind.Elem()).Interface().(proto.Message)
	if !ok || proto.Unmarshal(value, msg) != nil {
		return unknown(url)
	}
	return msg
}

// unknown is a message of a type that this program does not know.
type unknown string

func (unknown) Reset()           {}
func (u unknown) String() string { return string(u) }
func (unknown) ProtoMessage()    {}

// Sentence says what a message asks for, or what an event tells.
func Sentence(m proto.Message) string {
	if u, ok := m.(unknown); ok {
		return fmt.Sprintf("Something that this program does not know: %s.", string(u))
	}
	for _, of := range []func(proto.Message) string{
		askedOfMoney, askedOfFlows, askedOfShop, askedOfContent, askedOfStorage, askedOfCourt, askedOfGovernance, askedOfAccounts,
		toldOfMoney, toldOfStream, toldOfShop,
	} {
		if s := of(m); s != "" {
			return s
		}
	}
	return plain(m)
}

// plain names a message in words and lists its fields: for what has no sentence of its own.
func plain(m proto.Message) string {
	name := reflect.TypeOf(m).Elem().Name()
	name = strings.TrimPrefix(strings.TrimPrefix(name, "Msg"), "Event")
	var fields []string
	v := reflect.ValueOf(m).Elem()
	for i := range v.NumField() {
		if text := fieldText(v.Field(i)); text != "" && v.Type().Field(i).IsExported() {
			fields = append(fields, words(v.Type().Field(i).Name)+" "+text)
		}
	}
	title := words(name)
	title = strings.ToUpper(title[:1]) + title[1:]
	if len(fields) == 0 {
		return title + "."
	}
	return title + ": " + strings.Join(fields, ", ") + "."
}

// fieldText writes a field's value; empty where it says nothing.
func fieldText(v reflect.Value) string {
	if !v.CanInterface() || v.IsZero() {
		return ""
	}
	switch x := v.Interface().(type) {
	case sdk.Coin:
		if x.Amount.IsNil() {
			return ""
		}
		return coinText(x)
	case sdk.Coins:
		return amounts(x)
	case math.Int:
		return x.String()
	case []byte:
		return fmt.Sprintf("%d bytes", len(x))
	case string:
		return short(x)
	case fmt.Stringer:
		return short(strings.TrimSpace(x.String()))
	}
	if v.Kind() == reflect.Slice {
		return fmt.Sprintf("(%d)", v.Len())
	}
	return short(fmt.Sprint(v.Interface()))
}

// words writes CamelCase as words.
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// short keeps a line readable.
func short(s string) string {
	const most = 90
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// coinText writes a coin; what a transaction that failed left out is nothing.
func coinText(c sdk.Coin) string {
	if c.Amount.IsNil() {
		return "nothing"
	}
	return token.Format(c)
}

func amounts(coins sdk.Coins) string {
	if coins.Empty() {
		return "nothing"
	}
	texts := make([]string, len(coins))
	for i, c := range coins {
		texts[i] = coinText(c)
	}
	return strings.Join(texts, " and ")
}
