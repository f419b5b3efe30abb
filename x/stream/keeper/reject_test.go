package keeper_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/stream/types"
)

// lowOrder is a point of order 8 in its canonical encoding: it "signs" some messages for anybody.
var lowOrder = []byte("\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05")

// Every message of an account is refused for each malformed field and each missing
// requirement, and then changes nothing.
func TestMessagesRefuse(t *testing.T) {
	f := newFixture(t)
	alice, node := f.viewer("alice", 20*stream), f.provider("node")
	f.lane("alice", node, 1, stream)
	poor := f.Addr("poor")
	foreign := sdk.Coin{Denom: "uatom", Amount: sdkmath.NewInt(stream)}
	bad := strings.Replace(alice.String(), "stream1", "cosmos1", 1)
	grant := func(edit func(*types.MsgGrantSessionKey)) sdk.Msg {
		m := f.grant(alice, "new", stream)
		edit(m)
		return m
	}
	params := types.DefaultParams()
	params.SettleGraceSeconds = 0

	for name, c := range map[string]struct {
		msg  sdk.Msg
		want error
	}{
		"grant: owner":              {grant(func(m *types.MsgGrantSessionKey) { m.Owner = bad }), types.ErrInvalidAddress},
		"grant: no pubkey":          {grant(func(m *types.MsgGrantSessionKey) { m.Pubkey = nil }), types.ErrInvalidPubkey},
		"grant: long pubkey":        {grant(func(m *types.MsgGrantSessionKey) { m.Pubkey = append(m.Pubkey, 0) }), types.ErrInvalidPubkey},
		"grant: zero pubkey":        {grant(func(m *types.MsgGrantSessionKey) { m.Pubkey = make([]byte, 32) }), types.ErrInvalidPubkey},
		"grant: low order":          {grant(func(m *types.MsgGrantSessionKey) { m.Pubkey = lowOrder }), types.ErrInvalidPubkey},
		"grant: identity":           {grant(func(m *types.MsgGrantSessionKey) { m.Pubkey = append([]byte{1}, make([]byte, 31)...) }), types.ErrInvalidPubkey},
		"grant: scope 0":            {grant(func(m *types.MsgGrantSessionKey) { m.Scope = 0 }), types.ErrInvalidScope},
		"grant: scope 4":            {grant(func(m *types.MsgGrantSessionKey) { m.Scope = 4 }), types.ErrInvalidScope},
		"grant: limit denom":        {grant(func(m *types.MsgGrantSessionKey) { m.Limit.Denom = "" }), types.ErrInvalidDenom},
		"grant: negative limit":     {grant(func(m *types.MsgGrantSessionKey) { m.Limit.Amount = sdkmath.NewInt(-1) }), types.ErrInvalidLimit},
		"grant: no limit":           {grant(func(m *types.MsgGrantSessionKey) { m.Limit.Amount = sdkmath.Int{} }), types.ErrInvalidLimit},
		"grant: zero limit pays":    {grant(func(m *types.MsgGrantSessionKey) { m.Limit.Amount = sdkmath.ZeroInt() }), types.ErrInvalidLimit},
		"grant: limit without pay":  {grant(func(m *types.MsgGrantSessionKey) { m.Scope = types.SESSION_KEY_SCOPE_ACCESS }), types.ErrInvalidLimit},
		"grant: expired":            {grant(func(m *types.MsgGrantSessionKey) { m.Expires = f.now() }), types.ErrInvalidKeyExpiry},
		"grant: zero expiry":        {grant(func(m *types.MsgGrantSessionKey) { m.Expires = 0 }), types.ErrInvalidKeyExpiry},
		"grant: too far":            {grant(func(m *types.MsgGrantSessionKey) { m.Expires = f.now() + types.MaxKeySeconds + 1 }), types.ErrInvalidKeyExpiry},
		"grant: max expiry":         {grant(func(m *types.MsgGrantSessionKey) { m.Expires = math.MaxInt64 }), types.ErrInvalidKeyExpiry},
		"grant: another denom":      {grant(func(m *types.MsgGrantSessionKey) { m.Pubkey, m.Limit = pub(keyOf("alice")), foreign }), types.ErrKeyDenom},
		"revoke: owner":             {&types.MsgRevokeSessionKey{Owner: "", Pubkey: pub(keyOf("alice"))}, types.ErrInvalidAddress},
		"revoke: pubkey":            {&types.MsgRevokeSessionKey{Owner: alice.String(), Pubkey: []byte{1}}, types.ErrInvalidPubkey},
		"revoke: unknown":           {&types.MsgRevokeSessionKey{Owner: alice.String(), Pubkey: pub(keyOf("bob"))}, types.ErrKeyNotFound},
		"revoke: another's":         {&types.MsgRevokeSessionKey{Owner: poor.String(), Pubkey: pub(keyOf("alice"))}, types.ErrKeyNotFound},
		"deposit: owner":            {&types.MsgDeposit{Owner: bad, Amount: token.Coin(stream)}, types.ErrInvalidAddress},
		"deposit: zero":             {&types.MsgDeposit{Owner: alice.String(), Amount: token.Coin(0)}, types.ErrInvalidAmount},
		"deposit: negative":         {&types.MsgDeposit{Owner: alice.String(), Amount: sdk.Coin{Denom: denom, Amount: sdkmath.NewInt(-1)}}, types.ErrInvalidAmount},
		"deposit: no amount":        {&types.MsgDeposit{Owner: alice.String(), Amount: sdk.Coin{Denom: denom}}, types.ErrInvalidAmount},
		"deposit: dust":             {&types.MsgDeposit{Owner: alice.String(), Amount: token.Coin(types.DefaultMinDeposit - 1)}, types.ErrDepositTooSmall},
		"deposit: unlisted denom":   {&types.MsgDeposit{Owner: alice.String(), Amount: foreign}, revenuetypes.ErrDenomNotAllowed},
		"withdraw: owner":           {&types.MsgWithdraw{Owner: bad, Amount: token.Coin(1)}, types.ErrInvalidAddress},
		"withdraw: to":              {&types.MsgWithdraw{Owner: alice.String(), To: bad, Amount: token.Coin(1)}, types.ErrInvalidAddress},
		"withdraw: zero":            {&types.MsgWithdraw{Owner: alice.String(), Amount: token.Coin(0)}, types.ErrInvalidAmount},
		"withdraw: reserved":        {&types.MsgWithdraw{Owner: alice.String(), Amount: token.Coin(10*stream - types.DefaultOpenFee - stream + 1)}, types.ErrInsufficientEscrow},
		"withdraw: no escrow":       {&types.MsgWithdraw{Owner: poor.String(), Amount: token.Coin(1)}, types.ErrInsufficientEscrow},
		"withdraw: another denom":   {&types.MsgWithdraw{Owner: alice.String(), Amount: foreign}, types.ErrInsufficientEscrow},
		"withdraw: blocked":         {&types.MsgWithdraw{Owner: alice.String(), To: authtypes.NewModuleAddress("revenue").String(), Amount: token.Coin(1)}, revenuetypes.ErrBlockedAddress},
		"open: submitter":           {&types.MsgOpenLanes{Submitter: bad, Intents: make([]types.LaneIntent, 1)}, types.ErrInvalidAddress},
		"open: none":                {&types.MsgOpenLanes{Submitter: node.String()}, types.ErrBatchSize},
		"open: 201":                 {&types.MsgOpenLanes{Submitter: node.String(), Intents: make([]types.LaneIntent, 201)}, types.ErrBatchSize},
		"open: no provider":         {&types.MsgOpenLanes{Submitter: alice.String(), Intents: make([]types.LaneIntent, 1)}, types.ErrNotProvider},
		"settle: submitter":         {&types.MsgSettle{Submitter: bad, Settlements: make([]types.Settlement, 1)}, types.ErrInvalidAddress},
		"settle: none":              {&types.MsgSettle{Submitter: node.String()}, types.ErrBatchSize},
		"settle: 201":               {&types.MsgSettle{Submitter: node.String(), Settlements: make([]types.Settlement, 201)}, types.ErrBatchSize},
		"close: agent":              {&types.MsgCloseLane{Agent: bad, Owner: alice.String(), Denom: denom, Generation: 1}, types.ErrInvalidAddress},
		"close: owner":              {&types.MsgCloseLane{Agent: node.String(), Owner: bad, Denom: denom, Generation: 1}, types.ErrInvalidAddress},
		"close: denom":              {&types.MsgCloseLane{Agent: node.String(), Owner: alice.String(), Denom: "!", Generation: 1}, types.ErrInvalidDenom},
		"close: generation 0":       {&types.MsgCloseLane{Agent: node.String(), Owner: alice.String(), Denom: denom}, types.ErrGeneration},
		"close: by the owner":       {&types.MsgCloseLane{Agent: alice.String(), Owner: alice.String(), Denom: denom, Generation: 1}, types.ErrNotProvider},
		"close: another provider's": {&types.MsgCloseLane{Agent: f.provider("other").String(), Owner: alice.String(), Denom: denom, Generation: 1}, types.ErrLaneNotFound},
		"close: a later one":        {&types.MsgCloseLane{Agent: node.String(), Owner: alice.String(), Denom: denom, Generation: 2}, types.ErrLaneNotFound},
		"tip: payer":                {&types.MsgTip{Payer: bad, Subject: f.work, Amount: token.Coin(1)}, types.ErrInvalidAddress},
		"tip: zero":                 {&types.MsgTip{Payer: alice.String(), Subject: f.work, Amount: token.Coin(0)}, types.ErrInvalidAmount},
		"tip: an account":           {&types.MsgTip{Payer: alice.String(), Subject: node.String(), Amount: token.Coin(1)}, contenttypes.ErrInvalidSubject},
		"tip: no creator":           {&types.MsgTip{Payer: alice.String(), Subject: contenttypes.NewCreatorID(alice).String(), Amount: token.Coin(1)}, contenttypes.ErrCreatorNotFound},
		"tip: unlisted denom":       {&types.MsgTip{Payer: alice.String(), Subject: f.work, Amount: foreign}, revenuetypes.ErrDenomNotAllowed},
		"tip: long memo":            {&types.MsgTip{Payer: alice.String(), Subject: f.work, Amount: token.Coin(1), Memo: strings.Repeat("a", 281)}, types.ErrInvalidMemo},
		"tip: two lines":            {&types.MsgTip{Payer: alice.String(), Subject: f.work, Amount: token.Coin(1), Memo: "a\nb"}, types.ErrInvalidMemo},
		"tip: direction":            {&types.MsgTip{Payer: alice.String(), Subject: f.work, Amount: token.Coin(1), Memo: "a\u202eb"}, types.ErrInvalidMemo},
		"tip: not UTF-8":            {&types.MsgTip{Payer: alice.String(), Subject: f.work, Amount: token.Coin(1), Memo: "\xff"}, types.ErrInvalidMemo},
		"params: not authority":     {&types.MsgUpdateParams{Authority: alice.String(), Params: types.DefaultParams()}, types.ErrNotAuthority},
		"params: authority":         {&types.MsgUpdateParams{Authority: "", Params: types.DefaultParams()}, types.ErrInvalidAddress},
		"params: out of bounds":     {&types.MsgUpdateParams{Authority: f.Authority, Params: params}, types.ErrInvalidParams},
	} {
		t.Run(name, func(t *testing.T) {
			before := f.state()
			_, err := f.send(c.msg)
			require.ErrorIs(t, err, c.want)
			require.Equal(t, before, f.state())
		})
	}
}

// Every intent is refused for each malformed field, each missing requirement and each field
// that is not the signed one, and then changes nothing.
func TestIntentsRefuse(t *testing.T) {
	f := newFixture(t)
	alice, node, other := f.viewer("alice", 20*stream), f.provider("node"), f.provider("other")
	f.must(f.grant(alice, "small", stream))
	f.must(&types.MsgGrantSessionKey{
		Owner: alice.String(), Pubkey: pub(keyOf("access")), Limit: token.Coin(0), Expires: f.now() + day, Scope: types.SESSION_KEY_SCOPE_ACCESS,
	})
	f.must(&types.MsgGrantSessionKey{
		Owner: alice.String(), Pubkey: pub(keyOf("foreign")), Limit: sdk.NewInt64Coin("uatom", stream), Expires: f.now() + day, Scope: types.SESSION_KEY_SCOPE_PAYMENT,
	})
	short := f.grant(alice, "short", stream)
	short.Expires = f.now() + 1
	f.must(short)
	f.next(time.Second)
	f.lane("alice", other, 1, stream)
	by := func(key string) func(*types.LaneIntent) {
		return func(i *types.LaneIntent) { i.Pubkey = pub(keyOf(key)) }
	}
	p := types.DefaultParams()

	for name, c := range map[string]struct {
		signer string // signs after the edit; empty for a stale signature
		edit   func(*types.LaneIntent)
		want   error
	}{
		"chain id":        {"alice", func(i *types.LaneIntent) { i.ChainId = "streamchain-test-2" }, types.ErrChainID},
		"no chain id":     {"alice", func(i *types.LaneIntent) { i.ChainId = "" }, types.ErrInvalidIntent},
		"long chain id":   {"alice", func(i *types.LaneIntent) { i.ChainId = strings.Repeat("a", 129) }, types.ErrInvalidIntent},
		"owner":           {"alice", func(i *types.LaneIntent) { i.EscrowOwner = "stream1" }, types.ErrInvalidAddress},
		"another owner":   {"alice", func(i *types.LaneIntent) { i.EscrowOwner = node.String() }, types.ErrKeyNotFound},
		"denom":           {"alice", func(i *types.LaneIntent) { i.Denom = "" }, types.ErrInvalidDenom},
		"another denom":   {"alice", func(i *types.LaneIntent) { i.Denom = "uatom" }, types.ErrKeyDenom},
		"provider":        {"alice", func(i *types.LaneIntent) { i.Provider = "" }, types.ErrInvalidAddress},
		"for another":     {"alice", func(i *types.LaneIntent) { i.Provider = other.String() }, types.ErrWrongProvider},
		"generation 0":    {"alice", func(i *types.LaneIntent) { i.Generation = 0 }, types.ErrInvalidIntent},
		"generation 2":    {"alice", func(i *types.LaneIntent) { i.Generation = 2 }, types.ErrGeneration},
		"generation max":  {"alice", func(i *types.LaneIntent) { i.Generation = math.MaxUint64 }, types.ErrGeneration},
		"cap 0":           {"alice", func(i *types.LaneIntent) { i.Cap = 0 }, types.ErrInvalidIntent},
		"dust":            {"alice", func(i *types.LaneIntent) { i.Cap = types.DefaultMinLaneCap - 1 }, types.ErrCapTooSmall},
		"over the escrow": {"alice", func(i *types.LaneIntent) { i.Cap = 9*stream - 2*types.DefaultOpenFee + 1 }, types.ErrInsufficientEscrow},
		"over the limit":  {"small", func(i *types.LaneIntent) { by("small")(i); i.Cap = stream - types.DefaultOpenFee + 1 }, types.ErrKeyLimit},
		"cap max":         {"alice", func(i *types.LaneIntent) { i.Cap = math.MaxUint64 }, types.ErrKeyLimit},
		"late":            {"alice", func(i *types.LaneIntent) { i.SubmitBy = f.now() - 1 }, types.ErrIntentLate},
		"no submit_by":    {"alice", func(i *types.LaneIntent) { i.SubmitBy = 0 }, types.ErrInvalidIntent},
		"no expiry":       {"alice", func(i *types.LaneIntent) { i.Expires = 0 }, types.ErrInvalidIntent},
		"negative expiry": {"alice", func(i *types.LaneIntent) { i.Expires = math.MinInt64 }, types.ErrInvalidIntent},
		"too short":       {"alice", func(i *types.LaneIntent) { i.Expires = f.now() + p.MinLaneSeconds - 1 }, types.ErrLaneDuration},
		"too long":        {"alice", func(i *types.LaneIntent) { i.Expires = f.now() + p.MaxLaneSeconds + 1 }, types.ErrLaneDuration},
		"expiry max":      {"alice", func(i *types.LaneIntent) { i.Expires = math.MaxInt64 }, types.ErrLaneDuration},
		"no pubkey":       {"alice", func(i *types.LaneIntent) { i.Pubkey = nil }, types.ErrInvalidIntent},
		"unknown key":     {"bob", by("bob"), types.ErrKeyNotFound},
		"key's scope":     {"access", by("access"), types.ErrKeyScope},
		"key's denom":     {"foreign", by("foreign"), types.ErrKeyDenom},
		"expired key":     {"short", by("short"), types.ErrKeyExpired},
		"no signature":    {"", func(i *types.LaneIntent) { i.Signature = nil }, types.ErrInvalidIntent},
		"other signer":    {"bob", func(*types.LaneIntent) {}, types.ErrInvalidSignature},
		"unsigned cap":    {"", func(i *types.LaneIntent) { i.Cap++ }, types.ErrInvalidSignature},
		"unsigned time":   {"", func(i *types.LaneIntent) { i.SubmitBy++ }, types.ErrInvalidSignature},
		"unsigned expiry": {"", func(i *types.LaneIntent) { i.Expires++ }, types.ErrInvalidSignature},
		"unsigned gen":    {"", func(i *types.LaneIntent) { i.Generation++ }, types.ErrInvalidSignature},
		"unsigned key":    {"", by("small"), types.ErrInvalidSignature},
		"good, after all": {"alice", func(*types.LaneIntent) {}, nil},
		"largest by free": {"alice", func(i *types.LaneIntent) { i.Cap = 9*stream - 2*types.DefaultOpenFee }, nil},
		"largest by key":  {"small", func(i *types.LaneIntent) { by("small")(i); i.Cap = stream - types.DefaultOpenFee }, nil},
		"latest":          {"alice", func(i *types.LaneIntent) { i.SubmitBy = f.now() }, nil},
		"shortest":        {"alice", func(i *types.LaneIntent) { i.Expires = f.now() + p.MinLaneSeconds }, nil},
		"longest":         {"alice", func(i *types.LaneIntent) { i.Expires = f.now() + p.MaxLaneSeconds }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			intent := f.intent("alice", node, 1, stream)
			c.edit(&intent)
			if c.signer != "" {
				intent = signIntent(intent, keyOf(c.signer))
			}
			base := f.Ctx
			defer func() { f.Ctx = base }()
			f.Ctx, _ = f.Ctx.CacheContext()
			before := f.state()
			requireItem(t, c.want, f.open(node, intent))
			require.Equal(t, c.want != nil, before == f.state())
			f.check()
		})
	}

	first := f.intent("alice", node, 1, stream)
	requireItem(t, nil, f.open(node, first))
	requireItem(t, types.ErrGeneration, f.open(node, first))
	requireItem(t, types.ErrLaneOpen, f.open(node, f.intent("alice", node, 2, stream)))
	f.must(&types.MsgCloseLane{Agent: node.String(), Owner: alice.String(), Denom: denom, Generation: 1})
	requireItem(t, types.ErrGeneration, f.open(node, first))
	f.must(&types.MsgRevokeSessionKey{Owner: alice.String(), Pubkey: pub(keyOf("alice"))})
	requireItem(t, types.ErrKeyRevoked, f.open(node, f.intent("alice", node, 2, stream)))
}

// Every settlement is refused for each malformed field, each missing requirement and each field
// that is not the signed one, and then changes nothing.
func TestSettlementsRefuse(t *testing.T) {
	f := newFixture(t)
	alice, node := f.viewer("alice", 20*stream), f.provider("node")
	lane := f.lane("alice", node, 1, 50_000)
	second := f.publishWork("film, again", f.work)
	restricted := f.publishWork("another", "")
	f.restricted[restricted] = true
	unknown := "bafyreib" + f.work[8:]

	for name, c := range map[string]struct {
		sign func(*types.Session)    // before signing
		edit func(*types.Settlement) // after signing
		want error
	}{
		"chain id":          {func(s *types.Session) { s.ChainId = "streamchain-test-2" }, nil, types.ErrChainID},
		"no chain id":       {nil, func(s *types.Settlement) { s.Session.ChainId = "" }, types.ErrInvalidSession},
		"owner":             {nil, func(s *types.Settlement) { s.Session.EscrowOwner = "x" }, types.ErrInvalidAddress},
		"another owner":     {func(s *types.Session) { s.EscrowOwner = node.String() }, nil, types.ErrLaneNotFound},
		"denom":             {nil, func(s *types.Settlement) { s.Session.Denom = "" }, types.ErrInvalidDenom},
		"another denom":     {func(s *types.Session) { s.Denom = "uatom" }, nil, types.ErrLaneEnded},
		"provider":          {nil, func(s *types.Settlement) { s.Session.Provider = "" }, types.ErrInvalidAddress},
		"another provider":  {func(s *types.Session) { s.Provider = alice.String() }, nil, types.ErrLaneNotFound},
		"generation 0":      {nil, func(s *types.Settlement) { s.Session.Generation = 0 }, types.ErrInvalidSession},
		"generation 2":      {func(s *types.Session) { s.Generation = 2 }, nil, types.ErrLaneNotFound},
		"work":              {nil, func(s *types.Settlement) { s.Session.Work = "film" }, types.ErrInvalidWorkID},
		"unknown work":      {func(s *types.Session) { s.Work = unknown }, nil, contenttypes.ErrWorkNotFound},
		"a later version":   {func(s *types.Session) { s.Work = second }, nil, types.ErrWorkNotRoot},
		"restricted":        {func(s *types.Session) { s.Work = restricted }, nil, types.ErrWorkRestricted},
		"price 0":           {func(s *types.Session) { s.PricePerTick = 0 }, nil, types.ErrInvalidSession},
		"tick 0":            {func(s *types.Session) { s.TickSeconds = 0 }, nil, types.ErrInvalidSession},
		"max ticks 0":       {nil, func(s *types.Settlement) { s.Session.MaxTicks = 0 }, types.ErrInvalidSession},
		"max ticks":         {nil, func(s *types.Settlement) { s.Session.MaxTicks = types.MaxTicks + 1 }, types.ErrInvalidSession},
		"root":              {nil, func(s *types.Settlement) { s.Session.Root = s.Session.Root[1:] }, types.ErrInvalidSession},
		"expiry 0":          {func(s *types.Session) { s.Expires = 0 }, nil, types.ErrInvalidSession},
		"after the lane":    {func(s *types.Session) { s.Expires = lane.Expires + 1 }, nil, types.ErrInvalidSession},
		"pubkey":            {nil, func(s *types.Settlement) { s.Session.Pubkey = nil }, types.ErrInvalidSession},
		"another key":       {nil, func(s *types.Settlement) { s.Session.Pubkey = pub(keyOf("bob")) }, types.ErrWrongKey},
		"no signature":      {nil, func(s *types.Settlement) { s.Session.Signature = nil }, types.ErrInvalidSession},
		"bad signature":     {nil, func(s *types.Settlement) { s.Session.Signature[63] ^= 1 }, types.ErrInvalidSignature},
		"unsigned price":    {nil, func(s *types.Settlement) { s.Session.PricePerTick++ }, types.ErrInvalidSignature},
		"unsigned session":  {nil, func(s *types.Settlement) { s.Session.Session++ }, types.ErrInvalidSignature},
		"unsigned root":     {nil, func(s *types.Settlement) { s.Session.Root[0] ^= 1 }, types.ErrInvalidSignature},
		"unsigned expiry":   {nil, func(s *types.Settlement) { s.Session.Expires-- }, types.ErrInvalidSignature},
		"unsigned tick":     {nil, func(s *types.Settlement) { s.Session.TickSeconds++ }, types.ErrInvalidSignature},
		"unsigned ticks":    {nil, func(s *types.Settlement) { s.Session.MaxTicks-- }, types.ErrInvalidSignature},
		"unsigned work":     {nil, func(s *types.Settlement) { s.Session.Work = f.publishWork("third", "") }, types.ErrInvalidSignature},
		"n 0":               {nil, func(s *types.Settlement) { s.N = 0 }, types.ErrInvalidSession},
		"n over":            {nil, func(s *types.Settlement) { s.N = 1001 }, types.ErrInvalidSession},
		"another n":         {nil, func(s *types.Settlement) { s.N++ }, types.ErrWrongWord},
		"another word":      {nil, func(s *types.Settlement) { s.Word[0] ^= 1 }, types.ErrWrongWord},
		"short word":        {nil, func(s *types.Settlement) { s.Word = s.Word[1:] }, types.ErrInvalidSession},
		"the root as word":  {nil, func(s *types.Settlement) { s.Word = s.Session.Root }, types.ErrWrongWord},
		"over the cap":      {func(s *types.Session) { s.PricePerTick = 501 }, nil, types.ErrOverCap},
		"over 64 bits":      {func(s *types.Session) { s.PricePerTick = math.MaxUint64 }, nil, types.ErrOverCap},
		"wraps to a little": {func(s *types.Session) { s.PricePerTick = math.MaxUint64/100 + 1 }, nil, types.ErrOverCap},
		"just the cap":      {func(s *types.Session) { s.PricePerTick = 500 }, nil, nil},
		"good, after all":   {nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if c.sign == nil {
				c.sign = func(*types.Session) {}
			}
			s, words := f.session("alice", lane, 7, c.sign)
			settlement := claim(s, words, 100)
			base := f.Ctx
			defer func() { f.Ctx = base }()
			f.Ctx, _ = f.Ctx.CacheContext()
			if c.edit != nil {
				c.edit(&settlement)
			}
			before := f.state()
			requireItem(t, c.want, f.settle(node, settlement)[0])
			require.Equal(t, c.want != nil, before == f.state())
			f.check()
		})
	}
}

// A key has room for 16, and its terms can change while its lanes are open.
func TestKeyTerms(t *testing.T) {
	f := newFixture(t)
	alice, node := f.viewer("alice", 20*stream), f.provider("node")
	for i := range types.MaxKeys - 1 {
		f.must(f.grant(alice, string(rune('a'+i)), stream))
	}
	_, err := f.send(f.grant(alice, "one more", stream))
	require.ErrorIs(t, err, types.ErrTooManyKeys)
	f.must(f.grant(alice, "a", 2*stream)) // its terms change
	f.must(&types.MsgRevokeSessionKey{Owner: alice.String(), Pubkey: pub(keyOf("a"))})
	f.must(f.grant(alice, "one more", stream))

	// a revoked key goes with the last lane that may still spend by it
	lane := f.lane("alice", node, 1, stream)
	revoke := &types.MsgRevokeSessionKey{Owner: alice.String(), Pubkey: pub(keyOf("alice"))}
	f.must(revoke)
	_, err = f.send(revoke)
	require.ErrorIs(t, err, types.ErrKeyRevoked)
	key, err := f.k.SessionKeyOwner(f.Ctx, alice.String(), pub(keyOf("alice")))
	require.NoError(t, err)
	require.True(t, key.Revoked)
	require.ErrorIs(t, key.Usable(types.SESSION_KEY_SCOPE_ACCESS, f.now()), types.ErrKeyRevoked)
	s, words := f.session("alice", lane, 1)
	require.Equal(t, []types.ItemResult{{Paid: 100}}, f.settle(node, claim(s, words, 1)))
	f.end(node, alice, 1)
	_, err = f.k.SessionKeyOwner(f.Ctx, alice.String(), pub(keyOf("alice")))
	require.ErrorIs(t, err, types.ErrKeyNotFound)
}

// What a key's lanes reserved and spent counts for 24 hours, the open fee too.
func TestKeyLimit(t *testing.T) {
	f := newFixture(t)
	alice, node, other := f.viewer("alice", 20*stream), f.provider("node"), f.provider("other")
	f.must(f.grant(alice, "alice", stream))
	lane := f.lane("alice", node, 1, stream-types.DefaultOpenFee)
	s, words := f.session("alice", lane, 1, func(s *types.Session) { s.PricePerTick = 1000 })
	require.Equal(t, []types.ItemResult{{Paid: 900_000}}, f.settle(node, claim(s, words, 900)))
	paidAt := f.now()
	requireItem(t, types.ErrKeyLimit, f.open(other, f.intent("alice", other, 1, types.DefaultMinLaneCap)))
	f.end(node, alice, 1)
	left := uint64(100_000 - 2*types.DefaultOpenFee)
	requireItem(t, types.ErrKeyLimit, f.open(other, f.intent("alice", other, 1, left+1)))
	requireItem(t, nil, f.open(other, f.intent("alice", other, 1, left)))
	f.end(other, alice, 1)

	f.at(paidAt + day - 1)
	requireItem(t, types.ErrKeyLimit, f.open(node, f.intent("alice", node, 2, stream-types.DefaultOpenFee)))
	f.at((paidAt/hour + 25) * hour)
	requireItem(t, nil, f.open(node, f.intent("alice", node, 2, stream-types.DefaultOpenFee)))
}
