package localnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

const (
	// nodeCapacity is what each node offers.
	nodeCapacity = 20 << 30 // bytes
	// nodePrice is the first node's price; each next is a little dearer, so that there is a choice.
	nodePrice = 1000 // ustream a GiB and day
	// nodeBond covers the capacity.
	nodeBond = (1000 + 20) * stream
)

// upNodes starts the storage nodes that are down and registers those that are new.
func (n *Net) upNodes(ctx context.Context) error {
	if n.saved.Nodes == 0 {
		return nil
	}
	e := n.Endpoints()
	kr, err := n.keyring()
	if err != nil {
		return err
	}
	c, err := chainclient.Dial(ctx, chainclient.Config{
		GRPC: e.GRPC, RPC: e.RPC, ChainID: n.saved.ChainID, Register: []func(codectypes.InterfaceRegistry){storagetypes.RegisterInterfaces},
	})
	if err != nil {
		return err
	}
	defer c.Close()
	for i := range n.saved.Nodes {
		operator, err := chainclient.KeyringSigner(kr, fmt.Sprintf("op%d", i))
		if err != nil {
			return err
		}
		// a node looks itself up when it starts
		if err := n.register(ctx, c, operator, i); err != nil {
			return fmt.Errorf("register %s: %w", nodeName(i), err)
		}
		if err := n.startNode(ctx, operator, i); err != nil {
			return err
		}
	}
	for i := range n.saved.Nodes {
		node := nodeclient.New(nodeclient.NewHTTP(true), e.Nodes[i])
		if err := n.await(ctx, nodeName(i), func(ctx context.Context) error {
			_, err := node.Info(ctx)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func (n *Net) startNode(ctx context.Context, operator chainclient.Signer, i int) error {
	part := nodeName(i)
	if n.pid(part) != 0 {
		return nil
	}
	if err := n.requireFree(ctx, part, portNode+i); err != nil {
		return err
	}
	if err := n.configureNode(operator, i); err != nil {
		return err
	}
	n.cfg.Says("starting " + part)
	return n.start(part, n.cfg.Storaged, "start", "--home", n.path(part))
}

// configureNode writes the node's configuration, once: who edits it keeps the edit.
func (n *Net) configureNode(operator chainclient.Signer, i int) error {
	file := n.path(nodeName(i), "config.toml")
	if _, err := os.Stat(file); err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(n.path(nodeName(i)), 0o755); err != nil {
		return err
	}
	e, c := n.Endpoints(), storagenode.DefaultConfig()
	c.Chain.ID, c.Chain.GRPC, c.Chain.RPC = n.saved.ChainID, e.GRPC, e.RPC
	// the operator's own key is the agent's: on a local network nobody steals it
	c.Identity.Operator, c.Identity.Key, c.Identity.KeyringDir = operator.Address().String(), fmt.Sprintf("op%d", i), n.Keys()
	c.Offer.Endpoint, c.Offer.Region, c.Offer.Price = e.Nodes[i], fmt.Sprintf("local-%d", i), coins(price(i))
	c.Storage.Capacity, c.Storage.MaxUpload = nodeCapacity, nodeCapacity/2
	c.HTTP.Listen, c.HTTP.ConnectionsPerClient, c.HTTP.AllowPrivatePeers = n.host(portNode+i), 512, true
	c.Payment.SettleEvery.Duration, c.Payment.SettleAtLeast = 2*time.Second, 1
	c.Payment.SessionIdle.Duration, c.Payment.LaneLinger.Duration = 30*time.Second, 10*time.Second
	c.Deals.SyncEvery.Duration, c.Deals.UploadWait.Duration = time.Second, 10*time.Second
	c.Repair.Spread.Duration = 2 * time.Second
	return writeFile(file, []byte(c.Text()))
}

func price(i int) int64 { return nodePrice + int64(i)*10 }

// register makes the operator a provider, unless it is one.
func (n *Net) register(ctx context.Context, c *chainclient.Client, operator chainclient.Signer, i int) error {
	addr := operator.Address().String()
	_, err := storagetypes.NewQueryClient(c.Conn()).Provider(ctx, &storagetypes.QueryProviderRequest{Operator: addr})
	if status.Code(err) != codes.NotFound {
		return err
	}
	n.cfg.Says("registering " + nodeName(i))
	_, err = c.Broadcast(ctx, operator, &storagetypes.MsgRegisterProvider{
		Operator: addr, Endpoints: []string{n.Endpoints().Nodes[i]}, Region: fmt.Sprintf("local-%d", i), CapacityBytes: nodeCapacity,
		PricePerGibDay: math.NewInt(price(i)), Bond: math.NewInt(nodeBond),
	})
	return err
}
