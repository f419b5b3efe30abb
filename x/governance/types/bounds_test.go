package types_test

import (
	"testing"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/governance/types"
)

const day = 24 * time.Hour

func dec(bps int64) math.LegacyDec { return math.LegacyNewDecWithPrec(bps, 4) }

// span is what one field may be: what lies on the bounds is taken, what lies past them is not.
type span[M any] struct {
	name      string
	in        []func(*M)
	out       []func(*M)
	otherwise error // where what is out is refused for another reason
}

// number makes the range of a number: step is the least by which it can be past a bound.
func number[M any, T int64 | uint64 | uint32 | time.Duration](name string, set func(*M, T), least, most, step T) span[M] {
	at := func(v T) func(*M) { return func(m *M) { set(m, v) } }
	r := span[M]{name: name, in: []func(*M){at(least), at(most)}, out: []func(*M){at(most + step), at(1 << 30)}}
	if least > 0 {
		r.out = append(r.out, at(least-step), at(0))
	}
	return r
}

// shares makes the range of a share in bps.
func shares[M any](name string, set func(*M, math.LegacyDec), least, most int64) span[M] {
	at := func(d math.LegacyDec) func(*M) { return func(m *M) { set(m, d) } }
	past := math.LegacySmallestDec()
	r := span[M]{name: name, in: []func(*M){at(dec(least)), at(dec(most))}, out: []func(*M){at(dec(most).Add(past)), at(math.LegacyNewDec(1 << 40)), at(math.LegacyOneDec().Neg())}}
	if least > 0 {
		r.out = append(r.out, at(dec(least-1)), at(math.LegacyZeroDec()))
	}
	return r
}

func coins[M any](name string, set func(*M, sdk.Coin), least, most int64) span[M] {
	at := func(denom string, amount int64) func(*M) {
		return func(m *M) { set(m, sdk.Coin{Denom: denom, Amount: math.NewInt(amount)}) }
	}
	const unit = 1_000_000
	return span[M]{name: name, in: []func(*M){at(token.BaseDenom, least*unit), at(token.BaseDenom, most*unit)},
		out: []func(*M){at(token.BaseDenom, least*unit-1), at(token.BaseDenom, most*unit+1), at("uother", most*unit), func(m *M) { set(m, sdk.Coin{}) }}}
}

func flag[M any](name string, good, bad func(*M)) span[M] {
	return span[M]{name: name, in: []func(*M){good}, out: []func(*M){bad}}
}

// check takes fresh messages of defaults through all ranges.
func check[M any](t *testing.T, fresh func() *M, ranges []span[M]) {
	t.Helper()
	verdict := func(edit func(*M)) error {
		m := fresh()
		edit(m)
		return types.RequireBounds(any(m).(sdk.Msg))
	}
	require.NoError(t, verdict(func(*M) {}), "the defaults")
	for _, r := range ranges {
		for i, edit := range r.in {
			require.NoError(t, verdict(edit), "%s, in %d", r.name, i)
		}
		for i, edit := range r.out {
			want := r.otherwise
			if want == nil {
				want = types.ErrOutOfBounds
			}
			require.ErrorIs(t, verdict(edit), want, "%s, out %d", r.name, i)
			require.ErrorContains(t, verdict(edit), want.Error())
		}
	}
}

func TestBounds(t *testing.T) {
	t.Run("consensus", func(t *testing.T) {
		type M = consensustypes.MsgUpdateParams
		fresh := func() *M {
			return &M{
				Block:     &cmtproto.BlockParams{MaxBytes: 2 << 20, MaxGas: 100_000_000},
				Evidence:  &cmtproto.EvidenceParams{MaxAgeNumBlocks: 1_814_400, MaxAgeDuration: 21 * day, MaxBytes: 512 << 10},
				Validator: &cmtproto.ValidatorParams{PubKeyTypes: []string{"ed25519"}},
			}
		}
		check(t, fresh, []span[M]{
			number("block.max_bytes", func(m *M, v int64) { m.Block.MaxBytes = v }, 1<<20, 8<<20, 1),
			flag("unbounded blocks", func(*M) {}, func(m *M) { m.Block.MaxBytes = -1 }),
			number("block.max_gas", func(m *M, v int64) { m.Block.MaxGas = v }, 50_000_000, 500_000_000, 1),
			flag("unbounded gas", func(*M) {}, func(m *M) { m.Block.MaxGas = -1 }),
			number("evidence.max_age_num_blocks", func(m *M, v int64) { m.Evidence.MaxAgeNumBlocks = v }, 100_000, 10_000_000, 1),
			number("evidence.max_age_duration", func(m *M, v time.Duration) { m.Evidence.MaxAgeDuration = v }, 14*day, 60*day, 1),
			number("evidence.max_bytes", func(m *M, v int64) { m.Evidence.MaxBytes = v }, 64<<10, 2<<20, 1),
			flag("keys", func(m *M) { m.Validator.PubKeyTypes = []string{"secp256k1", "ed25519"} }, func(m *M) { m.Validator.PubKeyTypes = []string{"secp256k1"} }),
			flag("extensions", func(m *M) { m.Abci = &cmtproto.ABCIParams{} }, func(m *M) { m.Abci = &cmtproto.ABCIParams{VoteExtensionsEnableHeight: 9} }),
			flag("no block", func(*M) {}, func(m *M) { m.Block = nil }),
			flag("no evidence", func(*M) {}, func(m *M) { m.Evidence = nil }),
			flag("no validator", func(*M) {}, func(m *M) { m.Validator = nil }),
			{name: "authority", out: []func(*M){func(m *M) { m.Auth = &cmtproto.AuthorityParams{Authority: "stream1"} }}, otherwise: types.ErrConsensusAuthority},
		})
	})
	t.Run("staking", func(t *testing.T) {
		type M = stakingtypes.MsgUpdateParams
		fresh := func() *M {
			p := stakingtypes.DefaultParams()
			p.BondDenom, p.KeyRotationFee.Denom = token.BaseDenom, token.BaseDenom
			return &M{Params: p}
		}
		check(t, fresh, []span[M]{
			number("unbonding_time", func(m *M, v time.Duration) { m.Params.UnbondingTime = v }, 14*day, 60*day, 1),
			number("max_validators", func(m *M, v uint32) { m.Params.MaxValidators = v }, 20, 300, 1),
			number("max_entries", func(m *M, v uint32) { m.Params.MaxEntries = v }, 1, 100, 1),
			number("historical_entries", func(m *M, v uint32) { m.Params.HistoricalEntries = v }, 0, 10_000, 1),
			flag("bond_denom", func(*M) {}, func(m *M) { m.Params.BondDenom = "uother" }),
			shares("min_commission_rate", func(m *M, d math.LegacyDec) { m.Params.MinCommissionRate = d }, 0, 2000),
			coins("key_rotation_fee", func(m *M, c sdk.Coin) { m.Params.KeyRotationFee = c }, 1, 10_000),
		})
	})
	t.Run("slashing", func(t *testing.T) {
		type M = slashingtypes.MsgUpdateParams
		check(t, func() *M { return &M{Params: slashingtypes.DefaultParams()} }, []span[M]{
			number("signed_blocks_window", func(m *M, v int64) { m.Params.SignedBlocksWindow = v }, 100, 100_000, 1),
			shares("min_signed_per_window", func(m *M, d math.LegacyDec) { m.Params.MinSignedPerWindow = d }, 500, 9000),
			number("downtime_jail_duration", func(m *M, v time.Duration) { m.Params.DowntimeJailDuration = v }, time.Minute, 7*day, 1),
			shares("slash_fraction_double_sign", func(m *M, d math.LegacyDec) { m.Params.SlashFractionDoubleSign = d }, 100, 5000),
			shares("slash_fraction_downtime", func(m *M, d math.LegacyDec) { m.Params.SlashFractionDowntime = d }, 0, 500),
		})
	})
	t.Run("gov", func(t *testing.T) {
		type M = govv1.MsgUpdateParams
		fresh := func() *M {
			p := govv1.DefaultParams()
			p.Quorum = "0.1"
			p.MinDeposit, p.ExpeditedMinDeposit = []sdk.Coin{token.Coin(1_000_000_000)}, []sdk.Coin{token.Coin(5_000_000_000)}
			return &M{Params: p}
		}
		text := func(set func(*M, string)) func(*M, math.LegacyDec) {
			return func(m *M, d math.LegacyDec) { set(m, d.String()) }
		}
		check(t, fresh, []span[M]{
			coins("min_deposit", func(m *M, c sdk.Coin) { m.Params.MinDeposit = []sdk.Coin{c} }, 1, 100_000),
			coins("expedited_min_deposit", func(m *M, c sdk.Coin) { m.Params.ExpeditedMinDeposit = []sdk.Coin{c} }, 1, 500_000),
			flag("no deposit", func(*M) {}, func(m *M) { m.Params.MinDeposit = nil }),
			flag("two deposits", func(*M) {}, func(m *M) { m.Params.MinDeposit = append(m.Params.MinDeposit, sdk.NewInt64Coin("zother", 1)) }),
			flag("no expedited deposit", func(*M) {}, func(m *M) { m.Params.ExpeditedMinDeposit = nil }),
			number("max_deposit_period", func(m *M, v time.Duration) { m.Params.MaxDepositPeriod = &v }, day, 30*day, 1),
			number("voting_period", func(m *M, v time.Duration) { m.Params.VotingPeriod = &v }, day, 30*day, 1),
			number("expedited_voting_period", func(m *M, v time.Duration) { m.Params.ExpeditedVotingPeriod = &v }, 6*time.Hour, 14*day, 1),
			flag("no voting_period", func(*M) {}, func(m *M) { m.Params.VotingPeriod = nil }),
			flag("no max_deposit_period", func(*M) {}, func(m *M) { m.Params.MaxDepositPeriod = nil }),
			flag("no expedited_voting_period", func(*M) {}, func(m *M) { m.Params.ExpeditedVotingPeriod = nil }),
			shares("quorum", text(func(m *M, s string) { m.Params.Quorum = s }), 100, 1000),
			flag("no quorum", func(*M) {}, func(m *M) { m.Params.Quorum = "" }),
			shares("threshold", text(func(m *M, s string) { m.Params.Threshold = s }), 5000, 6667),
			shares("veto_threshold", text(func(m *M, s string) { m.Params.VetoThreshold = s }), 2000, 5000),
			shares("expedited_threshold", text(func(m *M, s string) { m.Params.ExpeditedThreshold = s }), 5001, 8000),
			shares("min_initial_deposit_ratio", text(func(m *M, s string) { m.Params.MinInitialDepositRatio = s }), 0, 10_000),
			shares("min_deposit_ratio", text(func(m *M, s string) { m.Params.MinDepositRatio = s }), 0, 1000),
			shares("proposal_cancel_ratio", text(func(m *M, s string) { m.Params.ProposalCancelRatio = s }), 0, 10_000),
			flag("proposal_cancel_dest", func(*M) {}, func(m *M) { m.Params.ProposalCancelDest = "stream1" }),
		})
	})
	t.Run("distribution", func(t *testing.T) {
		type M = distrtypes.MsgUpdateParams
		check(t, func() *M { return &M{Params: distrtypes.DefaultParams()} }, []span[M]{
			shares("community_tax", func(m *M, d math.LegacyDec) { m.Params.CommunityTax = d }, 0, 2000),
			flag("no community_tax", func(*M) {}, func(m *M) { m.Params.CommunityTax = math.LegacyDec{} }),
		})
	})
	t.Run("auth", func(t *testing.T) {
		type M = authtypes.MsgUpdateParams
		check(t, func() *M { return &M{Params: authtypes.DefaultParams()} }, []span[M]{
			number("max_memo_characters", func(m *M, v uint64) { m.Params.MaxMemoCharacters = v }, 256, 4096, 1),
			number("tx_sig_limit", func(m *M, v uint64) { m.Params.TxSigLimit = v }, 7, 20, 1),
			number("tx_size_cost_per_byte", func(m *M, v uint64) { m.Params.TxSizeCostPerByte = v }, 1, 100, 1),
			number("sig_verify_cost_ed25519", func(m *M, v uint64) { m.Params.SigVerifyCostED25519 = v }, 100, 10_000, 1),
			number("sig_verify_cost_secp256k1", func(m *M, v uint64) { m.Params.SigVerifyCostSecp256k1 = v }, 100, 10_000, 1),
			number("sig_verify_cost_ml_dsa65", func(m *M, v uint64) { m.Params.SigVerifyCostMlDsa65 = v }, 100, 100_000, 1),
		})
	})
	t.Run("bank", func(t *testing.T) {
		type M = banktypes.MsgUpdateParams
		check(t, func() *M { return &M{Params: banktypes.DefaultParams()} }, []span[M]{
			flag("default_send_enabled", func(*M) {}, func(m *M) { m.Params.DefaultSendEnabled = false }),
		})
		type S = banktypes.MsgSetSendEnabled
		check(t, func() *S { return &S{SendEnabled: []*banktypes.SendEnabled{{Denom: "uother", Enabled: true}}} }, []span[S]{
			flag("enabled", func(s *S) { s.UseDefaultFor = []string{"uother"} }, func(s *S) { s.SendEnabled = append(s.SendEnabled, &banktypes.SendEnabled{Denom: token.BaseDenom}) }),
		})
	})
}
