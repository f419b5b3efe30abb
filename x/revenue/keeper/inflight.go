package keeper

import (
	"context"
	"encoding/binary"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// What a block has in flight lies in the object store, which a commit empties. Every key ends
// in the transaction's index, so that transactions run in parallel without sharing one. Values
// are never changed in place: a cache above may be thrown away.
const (
	amountsPrefix byte = 1 // denom ‖ 0 ‖ tx index -> amounts
	payoutsPrefix byte = 2 // tx index -> []payout
	settledPrefix byte = 3 // -> true once EndBlock has settled the block
)

// collected is the place of what came into custody among the amounts; the others are PartKinds.
const collected = types.PART_KIND_UNSPECIFIED

// More places among the amounts: what payments left to burn and treasury, for rebates, and what
// was claimed of rebates. No transaction writes the rows that they are counted in.
const (
	spentSlot = types.PART_KIND_STORAGE_POOL + 1 + iota
	claimedSlot
	slots
)

// amounts are what one transaction moved in one denom, by PartKind. An unset one is zero.
type amounts [slots]math.Int

// plus is the sum of two amounts.
func (a amounts) plus(b amounts) amounts {
	for kind, amount := range b {
		switch {
		case amount.IsNil() || amount.IsZero():
		case a[kind].IsNil():
			a[kind] = amount
		default:
			a[kind] = a[kind].Add(amount)
		}
	}
	return a
}

// payout is coins that leave custody at the end of the block.
type payout struct {
	to sdk.AccAddress
	// recipient gets the coins back as claimable where they cannot be sent.
	recipient string
	coins     sdk.Coins
}

func (k *Keeper) objectStore(ctx context.Context) (storetypes.ObjKVStore, uint64) {
	c := sdk.UnwrapSDKContext(ctx)
	return c.ObjectStore(k.objects), uint64(c.TxIndex()) // outside of blocks the index may be -1, which is a key like any other
}

func amountsKey(denom string, tx uint64) []byte {
	key := append(make([]byte, 0, len(denom)+10), amountsPrefix)
	key = append(append(key, denom...), 0)
	return binary.BigEndian.AppendUint64(key, tx)
}

func payoutsKey(tx uint64) []byte { return binary.BigEndian.AppendUint64([]byte{payoutsPrefix}, tx) }

// settled reports whether EndBlock has settled this block. What modules with a later EndBlock
// move then cannot wait in the object store, which is about to be emptied.
func (k *Keeper) settled(ctx context.Context) bool {
	s, _ := k.objectStore(ctx)
	return s.Has([]byte{settledPrefix})
}

// addAmounts adds what a payment of denom owes the protocol, or what came into custody.
func (k *Keeper) addAmounts(ctx context.Context, denom string, add amounts) error {
	if k.settled(ctx) {
		if err := k.countRebates(ctx, denom, add); err != nil {
			return err
		}
		return k.addUnswept(ctx, denom, add)
	}
	s, tx := k.objectStore(ctx)
	key := amountsKey(denom, tx)
	if old, ok := s.Get(key).(amounts); ok {
		add = old.plus(add)
	}
	s.Set(key, add)
	return nil
}

// addUnswept leaves parts to the end of the next block, but for endowments: x/storage has counted those already, and may pay them out before.
func (k *Keeper) addUnswept(ctx context.Context, denom string, add amounts) error {
	for kind := types.PART_KIND_STAKERS; kind.Known(); kind++ {
		if add[kind].IsNil() || add[kind].IsZero() {
			continue
		}
		if kind == types.PART_KIND_ENDOWMENT {
			if err := k.payEndowment(ctx, sdk.Coin{Denom: denom, Amount: add[kind]}); err != nil {
				return err
			}
			continue
		}
		if err := addTo(ctx, k.unswept, collections.Join(denom, uint32(kind)), add[kind]); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) payEndowment(ctx context.Context, coin sdk.Coin) error {
	if err := k.payPart(ctx, types.PART_KIND_ENDOWMENT, coin); err != nil {
		return err
	}
	if err := addTo(ctx, k.swept, collections.Join(coin.Denom, uint32(types.PART_KIND_ENDOWMENT)), coin.Amount); err != nil {
		return err
	}
	return emit(ctx, &types.EventSwept{Kind: types.PART_KIND_ENDOWMENT, Coin: coin})
}

// addPayout books p, or pays at once where the block is settled already.
func (k *Keeper) addPayout(ctx context.Context, p payout) {
	if k.settled(ctx) {
		k.pay(ctx, p)
		return
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(types.PayoutGas*uint64(len(p.coins)), "payout at the end of the block")
	s, tx := k.objectStore(ctx)
	key := payoutsKey(tx)
	old, _ := s.Get(key).([]payout)
	// a full slice expression makes append copy
	s.Set(key, append(old[:len(old):len(old)], p))
}

// denomAmounts is what a block moved in one denom.
type denomAmounts struct {
	denom string
	amounts
}

// blockAmounts sums all transactions of the block by denom, in the order of denoms. Nothing is
// in flight once the block is settled.
func (k *Keeper) blockAmounts(ctx context.Context) []denomAmounts {
	if k.settled(ctx) {
		return nil
	}
	s, _ := k.objectStore(ctx)
	it := s.Iterator([]byte{amountsPrefix}, []byte{amountsPrefix + 1})
	defer it.Close()
	var sums []denomAmounts
	for ; it.Valid(); it.Next() {
		key := it.Key()
		denom := string(key[1 : len(key)-9])
		if n := len(sums); n == 0 || sums[n-1].denom != denom {
			sums = append(sums, denomAmounts{denom: denom})
		}
		if a, ok := it.Value().(amounts); ok {
			last := &sums[len(sums)-1]
			last.amounts = last.plus(a)
		}
	}
	return sums
}

// blockPayouts lists all payouts of the block in the order of transactions.
func (k *Keeper) blockPayouts(ctx context.Context) []payout {
	if k.settled(ctx) {
		return nil
	}
	s, _ := k.objectStore(ctx)
	it := s.Iterator([]byte{payoutsPrefix}, []byte{payoutsPrefix + 1})
	defer it.Close()
	var all []payout
	for ; it.Valid(); it.Next() {
		if list, ok := it.Value().([]payout); ok {
			all = append(all, list...)
		}
	}
	return all
}
