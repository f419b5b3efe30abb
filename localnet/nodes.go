package localnet

import (
	"context"
	"errors"
)

// upNodes starts the storage nodes.
func (n *Net) upNodes(context.Context) error {
	if n.saved.Nodes == 0 {
		return nil
	}
	return errors.New("storage nodes are not there yet: use --nodes 0")
}
