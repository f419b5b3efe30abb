package vectors_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"sort"
	"strings"
	"testing"

	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/streamchain/streamchain/sponsor"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	mnemonic = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art"
	chainID  = "streamchain-test-1"
	work     = "bafyreihyrpefhacm6kkp4ql6j6udakdit7g3dmkzfriqfykhjw6cad7lrm"
)

type amount struct {
	Text   string `json:"text"`
	Denom  string `json:"denom"`
	Amount string `json:"amount"`
	Shown  string `json:"shown"`
}

type message struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Bytes string `json:"bytes"`
}

type transaction struct {
	ChainID       string `json:"chain_id"`
	AccountNumber uint64 `json:"account_number,string"`
	Sequence      uint64 `json:"sequence,string"`
	Gas           uint64 `json:"gas,string"`
	Fee           string `json:"fee"`
	Granter       string `json:"granter"`
	Memo          string `json:"memo"`
	TimeoutHeight uint64 `json:"timeout_height,string"`
	Body          string `json:"body"`
	AuthInfo      string `json:"auth_info"`
	SignBytes     string `json:"sign_bytes"`
	Signature     string `json:"signature"`
	Bytes         string `json:"bytes"`
	Hash          string `json:"hash"`
}

type arbitrary struct {
	Text      string `json:"text"`
	SignBytes string `json:"sign_bytes"`
	Signature string `json:"signature"`
}

type vote struct {
	ChainID   string `json:"chain_id"`
	Dispute   uint64 `json:"dispute,string"`
	Round     uint32 `json:"round"`
	Choice    string `json:"choice"`
	SaltBytes string `json:"salt_bytes"`
	Salt      string `json:"salt"`
	Hash      string `json:"hash"`
}

type file struct {
	Mnemonic  string            `json:"mnemonic"`
	Address   string            `json:"address"`
	PubKey    string            `json:"pubkey"`
	Creator   string            `json:"creator"`
	Modules   map[string]string `json:"modules"`
	Amounts   []amount          `json:"amounts"`
	Messages  []message         `json:"messages"`
	Tx        transaction       `json:"tx"`
	Arbitrary arbitrary         `json:"arbitrary"`
	Votes     []vote            `json:"votes"`
}

// TestVectors says whether the file is what the chain's code gives.
func TestVectors(t *testing.T) {
	token.Configure()
	key := derive(t)
	address := sdk.AccAddress(key.PubKey().Address())
	want := file{
		Mnemonic: mnemonic, Address: address.String(), PubKey: hex.EncodeToString(key.PubKey().Bytes()), Creator: contenttypes.NewCreatorID(address).String(),
		Modules: map[string]string{"governance": authtypes.NewModuleAddress("governance").String(), "gov": authtypes.NewModuleAddress("gov").String()},
		Amounts: amounts(t), Messages: messages(t, address.String()), Tx: sign(t, key), Arbitrary: signText(t, key), Votes: votes(t, key),
	}
	got, err := json.MarshalIndent(want, "", " ")
	require.NoError(t, err)
	got = append(got, '\n')
	if os.Getenv("UPDATE_VECTORS") != "" {
		require.NoError(t, os.WriteFile("vectors.json", got, 0o644))
	}
	kept, err := os.ReadFile("vectors.json")
	require.NoError(t, err)
	require.True(t, bytes.Equal(kept, got), "the chain gives other bytes now: UPDATE_VECTORS=1 go test ./sdk/vectors, then npm test in sdk/ts")
}

func derive(t *testing.T) *secp256k1.PrivKey {
	t.Helper()
	raw, err := hd.Secp256k1.Derive()(mnemonic, "", hd.CreateHDPath(token.CoinType, 0, 0).String())
	require.NoError(t, err)
	return &secp256k1.PrivKey{Key: raw}
}

func amounts(t *testing.T) []amount {
	t.Helper()
	var out []amount
	for _, text := range []string{"1.5stream", "1500000ustream", "0.000001STREAM", "2stream", "7ibc/ABC123", "1.50stream", "123456789012345678901234567890.5stream", "0stream"} {
		c, err := token.Parse(text)
		require.NoError(t, err)
		out = append(out, amount{text, c.Denom, c.Amount.String(), token.Format(c)})
	}
	return out
}

// messages are encoded as the chain's own code does; the TypeScript test builds each by its action.
func messages(t *testing.T, me string) []message {
	t.Helper()
	price := token.Coin(1_500_000)
	enact, err := codectypes.NewAnyWithValue(&contenttypes.MsgSetAttester{Authority: authtypes.NewModuleAddress("governance").String(), Attester: me, Levels: []uint32{1, 2}, Active: true})
	require.NoError(t, err)
	inner, err := codectypes.NewAnyWithValue(&governancetypes.MsgEnact{Authority: authtypes.NewModuleAddress("gov").String(), Messages: []*codectypes.Any{enact}})
	require.NoError(t, err)
	offers := []subscriptiontypes.Offer{
		{Kind: &subscriptiontypes.Offer_Free{Free: &subscriptiontypes.FreeOffer{}}},
		{Kind: &subscriptiontypes.Offer_Purchase{Purchase: &subscriptiontypes.PurchaseOffer{Price: price}}},
		{Kind: &subscriptiontypes.Offer_Metered{Metered: &subscriptiontypes.MeteredOffer{PricePerTick: math.NewInt(100), TickSeconds: 2, PreviewSeconds: 10}}},
		{Kind: &subscriptiontypes.Offer_Plan{Plan: &subscriptiontypes.PlanOffer{PlanIds: []string{"p/1"}}}},
		{Kind: &subscriptiontypes.Offer_Rental{Rental: &subscriptiontypes.RentalOffer{Price: price, DurationSeconds: 172_800}}},
		{Kind: &subscriptiontypes.Offer_Tier{Tier: &subscriptiontypes.TierOffer{Tier: streamtypes.TIER_SILVER}}},
		{Kind: &subscriptiontypes.Offer_Token{Token: &subscriptiontypes.TokenOffer{Minimum: sdk.NewInt64Coin("uother", 5)}}},
		{Kind: &subscriptiontypes.Offer_PayWhatYouWant{PayWhatYouWant: &subscriptiontypes.PayWhatYouWantOffer{Minimum: token.Coin(1)}}},
		{Kind: &subscriptiontypes.Offer_Template{Template: &subscriptiontypes.TemplateOffer{Terms: subscriptiontypes.TemplateTerms{Template: me + "/1", Args: []subscriptiontypes.TemplateArg{
			{Name: "days", Value: subscriptiontypes.TemplateValue{Type: subscriptiontypes.TEMPLATE_TYPE_INT, Number: 30}},
			{Name: "open", Value: subscriptiontypes.TemplateValue{Type: subscriptiontypes.TEMPLATE_TYPE_BOOL, Truth: true}},
			{Name: "steps", Value: subscriptiontypes.TemplateValue{Type: subscriptiontypes.TEMPLATE_TYPE_LIST, Numbers: []int64{1, -2}}},
		}}}}},
	}
	var out []message
	for name, m := range map[string]proto.Message{
		"buy":             &subscriptiontypes.MsgPurchase{Buyer: me, Work: work, MaxPrice: price, Pay: &price, Recipient: me},
		"rent":            &subscriptiontypes.MsgRent{Renter: me, Work: work, DurationSeconds: 172_800, MaxPrice: price},
		"subscribe":       &subscriptiontypes.MsgSubscribe{Subscriber: me, Plan: "p/1", MaxPrice: price, Periods: 2, Renewals: 4294967295},
		"endRenewal":      &subscriptiontypes.MsgSetRenewal{Payer: me, Plan: "p/1", MaxPrice: token.Coin(0)},
		"tip":             &streamtypes.MsgTip{Payer: me, Subject: work, Amount: price, Memo: "schön"},
		"grantSessionKey": &streamtypes.MsgGrantSessionKey{Owner: me, Pubkey: bytes.Repeat([]byte{7}, 32), Limit: price, Expires: 1_800_000_000, Scope: streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS},
		"createFlow":      &streamtypes.MsgCreateFlow{Sender: me, Recipient: me, Deposit: price, RateAmount: math.NewInt(5), RateSeconds: 60},
		"setOffers":       &subscriptiontypes.MsgSetOffers{Controller: me, Work: work, Offers: offers},
		"proposeSplit":    &revenuetypes.MsgSetSplit{Controller: me, Subject: work, Shares: []revenuetypes.Share{{Recipient: me, Bps: 2500}, {Recipient: me, Bps: 7500}}},
		"endPayout":       &revenuetypes.MsgSetPayout{Claimant: me, Threshold: token.Coin(0)},
		"openDispute": &disputetypes.MsgOpenDispute{
			Claimant: me, Kind: disputetypes.KIND_INFRINGEMENT, Subject: work, Evidence: work, Bond: math.NewInt(10_000_000), Interim: true, Amount: math.ZeroInt(),
		},
		"delegateVote": &governancetypes.MsgDelegateVote{Delegator: me, Delegate: me, Track: governancetypes.TRACK_TREASURY},
		"propose": &govv1.MsgSubmitProposal{
			Messages: []*codectypes.Any{inner}, InitialDeposit: sdk.NewCoins(price), Proposer: me, Title: "An attester", Summary: "because",
		},
	} {
		raw, err := proto.Marshal(m)
		require.NoError(t, err)
		out = append(out, message{Name: name, Type: "/" + proto.MessageName(m), Bytes: hex.EncodeToString(raw)})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

func sign(t *testing.T, key *secp256k1.PrivKey) transaction {
	t.Helper()
	me := sdk.AccAddress(key.PubKey().Address()).String()
	tx := transaction{ChainID: chainID, AccountNumber: 12, Sequence: 3, Gas: 100_001, Fee: "101ustream", Granter: authtypes.NewModuleAddress("gov").String(), Memo: "from a test", TimeoutHeight: 99}
	tip, err := codectypes.NewAnyWithValue(&streamtypes.MsgTip{Payer: me, Subject: work, Amount: token.Coin(5)})
	require.NoError(t, err)
	body, err := proto.Marshal(&txtypes.TxBody{Messages: []*codectypes.Any{tip}, Memo: tx.Memo, TimeoutHeight: tx.TimeoutHeight})
	require.NoError(t, err)
	pub, err := codectypes.NewAnyWithValue(key.PubKey())
	require.NoError(t, err)
	info, err := proto.Marshal(&txtypes.AuthInfo{
		SignerInfos: []*txtypes.SignerInfo{{PublicKey: pub, ModeInfo: &txtypes.ModeInfo{Sum: &txtypes.ModeInfo_Single_{Single: &txtypes.ModeInfo_Single{Mode: signing.SignMode_SIGN_MODE_DIRECT}}}, Sequence: tx.Sequence}},
		Fee:         &txtypes.Fee{Amount: sdk.NewCoins(token.Coin(101)), GasLimit: tx.Gas, Granter: tx.Granter},
	})
	require.NoError(t, err)
	doc, err := proto.Marshal(&txtypes.SignDoc{BodyBytes: body, AuthInfoBytes: info, ChainId: chainID, AccountNumber: tx.AccountNumber})
	require.NoError(t, err)
	signature, err := key.Sign(doc)
	require.NoError(t, err)
	raw, err := proto.Marshal(&txtypes.TxRaw{BodyBytes: body, AuthInfoBytes: info, Signatures: [][]byte{signature}})
	require.NoError(t, err)
	tx.Body, tx.AuthInfo, tx.SignBytes = hex.EncodeToString(body), hex.EncodeToString(info), hex.EncodeToString(doc)
	tx.Signature, tx.Bytes, tx.Hash = hex.EncodeToString(signature), hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(cmttypes.Tx(raw).Hash()))
	return tx
}

func signText(t *testing.T, key *secp256k1.PrivKey) arbitrary {
	t.Helper()
	text := "A line\nand ünïcode"
	raw := sponsor.SignBytes(sdk.AccAddress(key.PubKey().Address()).String(), text)
	signature, err := key.Sign(raw)
	require.NoError(t, err)
	return arbitrary{text, hex.EncodeToString(raw), hex.EncodeToString(signature)}
}

func votes(t *testing.T, key *secp256k1.PrivKey) []vote {
	t.Helper()
	juror := sdk.AccAddress(key.PubKey().Address())
	var out []vote
	for i, v := range []vote{{ChainID: chainID, Dispute: 1, Choice: "uphold"}, {ChainID: chainID, Dispute: 1, Choice: "dismiss"}, {ChainID: "other-2", Dispute: 1 << 40, Round: 3, Choice: "dismiss"}} {
		choice := disputetypes.CHOICE_UPHOLD
		if i > 0 {
			choice = disputetypes.CHOICE_DISMISS
		}
		text := disputetypes.SaltBytes(v.ChainID, v.Dispute, v.Round, juror)
		signature, err := key.Sign(text)
		require.NoError(t, err)
		salt := disputetypes.SaltOf(signature)
		v.SaltBytes, v.Salt = hex.EncodeToString(text), hex.EncodeToString(salt)
		v.Hash = hex.EncodeToString(disputetypes.VoteHash(v.ChainID, v.Dispute, v.Round, juror, choice, salt))
		out = append(out, v)
	}
	return out
}
