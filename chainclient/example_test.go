package chainclient_test

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

type registry = codectypes.InterfaceRegistry

// Dial names the modules whose messages the program sends; queries need nothing but the module's types.
func ExampleDial() {
	chain := startFake()
	defer chain.stop()
	ctx := context.Background()

	client, err := chainclient.Dial(ctx, chainclient.Config{
		GRPC: chain.cfg.GRPC, RPC: chain.cfg.RPC, // 127.0.0.1:9090 and http://127.0.0.1:26657 of a local network
		ChainID:  "streamchain-example-1",
		Register: []func(codectypes.InterfaceRegistry){contenttypes.RegisterInterfaces},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	_, err = contenttypes.NewQueryClient(client.Conn()).CreatorByHandle(ctx, &contenttypes.QueryCreatorByHandleRequest{Handle: "nobody"})
	fmt.Println(client.ChainID(), "·", status.Code(err) == codes.NotFound, "·", status.Convert(err).Message())

	_, err = chainclient.Dial(ctx, chainclient.Config{GRPC: chain.cfg.GRPC, RPC: chain.cfg.RPC, ChainID: "streamchain-1"})
	fmt.Println(errors.Is(err, chainclient.ErrChainID))
	// Output:
	// streamchain-example-1 · true · no such creator; register it first
	// true
}

// Broadcast simulates, signs, sends, and waits until a block holds the transaction, whose events are typed.
func ExampleClient_Broadcast() {
	chain := startFake()
	defer chain.stop()
	ctx := context.Background()
	client, err := chainclient.Dial(ctx, chain.cfg)
	must(err)
	defer client.Close()

	signer := chainclient.KeySigner(exampleKey()) // or KeyringSigner
	res, err := client.Broadcast(ctx, signer, &contenttypes.MsgRegisterCreator{Controller: signer.Address().String(), Handle: "alice"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, event := range res.Events {
		if e, ok := event.(*contenttypes.EventCreatorRegistered); ok {
			fmt.Println("height", res.Height, "creator", short(e.Creator), "controller", short(e.Controller))
		}
	}
	// Output: height 1 creator streamcreator187hx… controller stream1ef2h…
}

// What the chain refuses is the module's own error.
func ExampleRegisterErrors() {
	chainclient.RegisterErrors(contenttypes.ErrHandleTaken) // while the program starts: simulations tell errors by text only
	chain := startFake()
	defer chain.stop()
	ctx := context.Background()
	client, err := chainclient.Dial(ctx, chain.cfg)
	must(err)
	defer client.Close()

	signer := chainclient.KeySigner(exampleKey())
	_, err = client.Broadcast(ctx, signer, &contenttypes.MsgRegisterCreator{Controller: signer.Address().String(), Handle: "taken"})
	var refused *chainclient.TxError
	fmt.Println(errors.Is(err, contenttypes.ErrHandleTaken), errors.As(err, &refused), refused.Codespace, refused.Code)
	// Output: true true content 9
}

// A transaction can be bound to a fee and to a height, after which it never comes.
func ExampleClient_BroadcastWithin() {
	chain := startFake()
	defer chain.stop()
	ctx := context.Background()
	client, err := chainclient.Dial(ctx, chain.cfg)
	must(err)
	defer client.Close()

	signer := chainclient.KeySigner(exampleKey())
	msg := &contenttypes.MsgRegisterCreator{Controller: signer.Address().String(), Handle: "alice"}
	_, err = client.BroadcastWithin(ctx, signer, chainclient.Bounds{Until: 100, MaxFee: 139}, msg)
	fmt.Println(errors.Is(err, chainclient.ErrFeeTooHigh), err)
	_, err = client.BroadcastWithin(ctx, signer, chainclient.Bounds{Until: 100, MaxFee: 140}, msg)
	fmt.Println(err)
	// Output:
	// true the fee is higher than was allowed: 140, at most 139
	// <nil>
}

// An allowance of somebody else pays the fees of an account. It is looked for once, before the account's first transaction.
func ExampleClient_FeesFrom() {
	chain := startFake()
	defer chain.stop()
	ctx := context.Background()
	client, err := chainclient.Dial(ctx, chain.cfg)
	must(err)
	defer client.Close()

	signer := chainclient.KeySigner(exampleKey())
	granter := sdk.AccAddress("a sponsor's account.")
	client.FeesFrom(signer.Address(), func(context.Context) (sdk.AccAddress, error) {
		fmt.Println("asked")
		return granter, nil
	})
	for _, handle := range []string{"one", "two"} {
		_, err := client.Broadcast(ctx, signer, &contenttypes.MsgRegisterCreator{Controller: signer.Address().String(), Handle: handle})
		fmt.Println(err, chain.granter.Equals(granter))
	}
	// Output:
	// asked
	// <nil> true
	// <nil> true
}

// FollowBlocks gives every block once and in order, and waits for those to come and through restarts of the chain.
func ExampleClient_FollowBlocks() {
	chain := startFake()
	defer chain.stop()
	ctx := context.Background()
	client, err := chainclient.Dial(ctx, chain.cfg)
	must(err)
	defer client.Close()
	signer := chainclient.KeySigner(exampleKey())
	for _, handle := range []string{"one", "two"} {
		_, err := client.Broadcast(ctx, signer, &contenttypes.MsgRegisterCreator{Controller: signer.Address().String(), Handle: handle})
		must(err)
	}

	enough := errors.New("enough")
	err = client.FollowBlocks(ctx, 1, func(b chainclient.Block) error {
		for _, tx := range b.Txs {
			for _, event := range tx.Events {
				fmt.Println(b.Height, nameOf(event))
			}
		}
		if b.Height == 2 {
			return enough
		}
		return nil
	})
	fmt.Println(errors.Is(err, enough))
	// Output:
	// 1 streamchain.content.v1.EventCreatorRegistered
	// 2 streamchain.content.v1.EventCreatorRegistered
	// true
}
