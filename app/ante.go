package app

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"

	"github.com/streamchain/streamchain/token"
)

// GasPerMinFee is how much gas one ustream buys at the least price that consensus accepts:
// 0.001ustream for each unit of gas.
const GasPerMinFee = 1000

// MinFee is the least fee of a transaction that asks for gas, in ustream. It rounds up.
func MinFee(gas uint64) math.Int {
	fee := math.NewIntFromUint64(gas / GasPerMinFee)
	if gas%GasPerMinFee != 0 {
		fee = fee.AddRaw(1)
	}
	return fee
}

// checkFee refuses a transaction that pays less than the floor, in every mode: a proposer who
// skips CheckTx could otherwise fill blocks for nothing. Fees are paid in STREAM alone, so that
// nobody can make distribution carry denoms of dust. CheckTx asks for the node's own price too.
// A genesis transaction is free.
func checkFee(ctx sdk.Context, tx sdk.Tx) (sdk.Coins, int64, error) {
	feeTx, ok := tx.(sdk.FeeTx)
	if !ok {
		return nil, 0, errorsmod.Wrap(sdkerrors.ErrTxDecode, "the transaction carries no fee")
	}
	fee, gas := feeTx.GetFee(), feeTx.GetGas()
	if ctx.BlockHeight() == 0 {
		return fee, 0, nil
	}
	if len(fee) > 1 || len(fee) == 1 && fee[0].Denom != token.BaseDenom {
		return nil, 0, errorsmod.Wrapf(sdkerrors.ErrInvalidCoins, "pay the fee in %s alone, not %s", token.BaseDenom, fee)
	}
	paid, floor := fee.AmountOf(token.BaseDenom), MinFee(gas)
	if ctx.IsCheckTx() {
		price := ctx.MinGasPrices().AmountOf(token.BaseDenom)
		floor = math.MaxInt(floor, price.MulInt(math.NewIntFromUint64(gas)).Ceil().TruncateInt())
	}
	if paid.LT(floor) {
		return nil, 0, errorsmod.Wrapf(sdkerrors.ErrInsufficientFee, "%d gas cost at least %s%s, not %s%s",
			gas, floor, token.BaseDenom, paid, token.BaseDenom)
	}
	return fee, priority(paid, gas), nil
}

// priority is the price that was paid for a million units of gas.
func priority(paid math.Int, gas uint64) int64 {
	if gas == 0 {
		return 0
	}
	p := paid.MulRaw(1_000_000).Quo(math.NewIntFromUint64(gas))
	if !p.IsInt64() {
		return int64(^uint64(0) >> 1)
	}
	return p.Int64()
}

// feeBank takes fees as virtual coins, which the bank credits at the end of the block. As real
// ones, each transaction would write the fee collector's balance, and no two could execute in
// parallel.
type feeBank struct{ bankkeeper.BaseKeeper }

func (b feeBank) SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, amount sdk.Coins) error {
	return b.SendCoinsFromAccountToModuleVirtual(ctx, from, module, amount)
}

func (app *App) setAnteHandler() error {
	handler, err := ante.NewAnteHandler(ante.HandlerOptions{
		AccountKeeper:   app.Account,
		BankKeeper:      feeBank{app.Bank},
		FeegrantKeeper:  app.FeeGrant,
		SignModeHandler: app.enc.tx.SignModeHandler(),
		SigGasConsumer:  ante.DefaultSigVerificationGasConsumer,
		TxFeeChecker:    checkFee,
	})
	if err != nil {
		return err
	}
	app.SetAnteHandler(handler)
	return nil
}
