package localnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// ErrPortInUse says that another program listens where a part of the network would.
var ErrPortInUse = errors.New("port in use")

// The ports before the base port is added.
const (
	portP2P  = 26656
	portRPC  = 26657
	portGRPC = 9090
	portREST = 1317
	portNode = 8180
	// portSponsor comes after those of MaxNodes nodes
	portSponsor  = 8190
	portPackager = 8195
	portIndexer  = 8080
)

// Endpoints are the addresses of the network.
type Endpoints struct {
	RPC   string   `json:"rpc"`
	GRPC  string   `json:"grpc"`
	REST  string   `json:"rest"`
	P2P   string   `json:"p2p"`
	Nodes []string `json:"nodes"`
	// Sponsor pays newcomers' fees; empty on a network that was made before there was one.
	Sponsor string `json:"sponsor,omitempty"`
	// Web is the indexer's: the web app, and below /api/v1 what is on the chain, searchable. Empty where indexerd is missing.
	Web string `json:"web,omitempty"`
	// Packager packages for the web app in this machine's browser. Empty without a web app.
	Packager string `json:"packager,omitempty"`
}

func (n *Net) host(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port+n.saved.BasePort))
}

// Endpoints says where each part listens.
func (n *Net) Endpoints() Endpoints {
	e := Endpoints{
		RPC: "http://" + n.host(portRPC), GRPC: n.host(portGRPC), REST: "http://" + n.host(portREST), P2P: n.host(portP2P),
		Nodes: []string{},
	}
	for i := range n.saved.Nodes {
		e.Nodes = append(e.Nodes, "http://"+n.host(portNode+i))
	}
	if n.sponsored() {
		e.Sponsor = "http://" + n.host(portSponsor)
	}
	if n.indexed() {
		e.Web, e.Packager = "http://"+n.host(portIndexer), "http://"+n.host(portPackager)
	}
	return e
}

// requireFree fails with ErrPortInUse where a port of a part that is down is taken.
func (n *Net) requireFree(ctx context.Context, part string, ports ...int) error {
	for _, port := range ports {
		var lc net.ListenConfig
		l, err := lc.Listen(ctx, "tcp", n.host(port))
		if err != nil {
			return fmt.Errorf("%w: %s needs %s; stop what listens there, or shift every port with --base-port N on a new network: %w",
				ErrPortInUse, part, n.host(port), err)
		}
		if err := l.Close(); err != nil {
			return err
		}
	}
	return nil
}
