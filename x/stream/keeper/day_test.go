package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/stream/types"
)

// Deposit, open, settle, close, withdraw: every ustream is accounted for.
func TestLifeOfALane(t *testing.T) {
	f := newFixture(t)
	alice, node := f.viewer("alice", 20*stream), f.provider("node")
	supply := f.Bank.GetSupply(f.Ctx, denom).Amount.Int64()
	f.next(time.Second)
	require.EqualValues(t, 10*stream, f.Balance(alice))

	require.Equal(t, types.ItemResult{}, f.open(f.agent("node"), f.intent("alice", node, 1, stream)))
	balance, reserved := f.escrow(alice)
	require.EqualValues(t, 10*stream-types.DefaultOpenFee, balance)
	require.EqualValues(t, stream, reserved)

	lane := f.laneOf(alice, node)
	s, words := f.session("alice", lane, 1)
	require.Equal(t, []types.ItemResult{{Paid: 60 * price}}, f.settle(f.Addr("anyone"), claim(s, words, 60)))
	require.Equal(t, []types.ItemResult{{Paid: 40 * price}}, f.settle(node, claim(s, words, 100)))
	require.Equal(t, []types.ItemResult{{}}, f.settle(node, claim(s, words, 100)), "equal n pays nothing")
	requireItem(t, types.ErrStale, f.settle(node, claim(s, words, 99))[0])

	balance, reserved = f.escrow(alice)
	require.EqualValues(t, 10*stream-types.DefaultOpenFee-100*price, balance)
	require.EqualValues(t, stream-100*price, reserved)
	_, err := f.send(&types.MsgWithdraw{Owner: alice.String(), Amount: token.Coin(balance - reserved + 1)})
	require.ErrorIs(t, err, types.ErrInsufficientEscrow)

	returned := f.must(&types.MsgCloseLane{Agent: f.agent("node").String(), Owner: alice.String(), Denom: denom, Generation: 1})
	closesAt := f.now() + types.DefaultCloseGraceSeconds
	require.Equal(t, &types.MsgCloseLaneResponse{ClosesAt: closesAt}, returned, "the rest returns when it ends")
	require.Equal(t, []types.ItemResult{{Paid: price}}, f.settle(f.Addr("anyone"), claim(s, words, 101)))
	_, err = f.send(&types.MsgWithdraw{Owner: alice.String(), Amount: token.Coin(balance - reserved + 1)})
	require.ErrorIs(t, err, types.ErrInsufficientEscrow)
	f.at(closesAt + 1)
	requireItem(t, types.ErrLaneEnded, f.settle(node, claim(s, words, 102))[0])
	f.next(time.Second)
	balance -= price
	f.must(&types.MsgWithdraw{Owner: alice.String(), Amount: token.Coin(balance)})
	f.next(time.Second)
	require.EqualValues(t, 20*stream-types.DefaultOpenFee-101*price, f.Balance(alice))
	require.EqualValues(t, types.DefaultOpenFee, f.Balance(f.agent("node")))

	creator, err := f.revenue.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, []revenuetypes.Claimable{
		{Recipient: contenttypes.NewCreatorID(f.creator).String(), Coin: token.Coin(91*price + 92)}, // 90 %, the key holders' 1 %, and a unit that did not divide
		{Recipient: node.String(), Coin: token.Coin(3*price + 3)},
	}, sortedBy(creator.Claimables, f, node.String()))
	burned := int64(101 * price / 100)
	require.Equal(t, supply-burned, f.Bank.GetSupply(f.Ctx, denom).Amount.Int64())
}

// sortedBy puts the row of last at the end.
func sortedBy(rows []revenuetypes.Claimable, _ *fixture, last string) []revenuetypes.Claimable {
	if len(rows) == 2 && rows[0].Recipient == last {
		rows[0], rows[1] = rows[1], rows[0]
	}
	return rows
}
