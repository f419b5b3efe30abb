package project

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/cosmos/gogoproto/jsonpb"
	"github.com/cosmos/gogoproto/proto"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// word is the last words of an enumeration's name: of DEAL_STATUS_ACTIVE with prefix DEAL_STATUS_ active.
func word(name fmt.Stringer, prefix string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name.String(), prefix)), "_", "-")
}

// marshal writes JSON with sorted keys and as it is, without escapes for HTML.
func marshal(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

var protoJSON = jsonpb.Marshaler{OrigName: true, EmitDefaults: true}

// protoRaw is a message as proto JSON, as the chain's own REST writes it.
func protoRaw(m proto.Message) (json.RawMessage, error) {
	s, err := protoJSON.MarshalToString(m)
	return json.RawMessage(s), err
}

// amount is a decimal text; unset is zero.
func amount(i sdkmath.Int) string {
	if i.IsNil() {
		return "0"
	}
	return i.String()
}

// coin is the API's Coin.
type coin struct {
	Denom  string `json:"denom"`
	Amount string `json:"amount"`
}

func coinOf(c sdk.Coin) *coin { return &coin{Denom: c.Denom, Amount: amount(c.Amount)} }

// seconds fits a count of the chain into a column; what is too large for any clock is the largest.
func seconds(n uint64) int64 {
	if n > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(n)
}

// clamp fits an amount of ustream into a column. The supply is far below; what is not is the largest.
func clamp(i *big.Int) int64 {
	if !i.IsInt64() {
		return math.MaxInt64
	}
	return i.Int64()
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func list(s []string) (string, error) {
	if s == nil {
		s = []string{}
	}
	return marshal(s)
}

// rawJSON keeps JSON as it is within other JSON.
type rawJSON = json.RawMessage
