package types

import "context"

// ContentHooks is news for the modules above. An error refuses the transaction.
type ContentHooks interface {
	// AfterWorkPublished follows the publication of every version, the first included.
	AfterWorkPublished(ctx context.Context, work Work) error
	// AfterWorkRetired follows the retirement of a root with all its versions; work is the root.
	AfterWorkRetired(ctx context.Context, work Work) error
}

// CollectionHooks is news of collections for the modules above. An error refuses the transaction.
type CollectionHooks interface {
	// AfterCollectionUpdated follows a change that brought works into a collection: added are their
	// roots. What is sold of the collection is now sold of them.
	AfterCollectionUpdated(ctx context.Context, collection Collection, added []Work) error
}

var _ ContentHooks = MultiContentHooks{}

// MultiContentHooks calls several hooks in order and stops at the first error.
type MultiContentHooks []ContentHooks

// AfterWorkPublished calls each hook in order.
func (m MultiContentHooks) AfterWorkPublished(ctx context.Context, work Work) error {
	for _, h := range m {
		if err := h.AfterWorkPublished(ctx, work); err != nil {
			return err
		}
	}
	return nil
}

// AfterWorkRetired calls each hook in order.
func (m MultiContentHooks) AfterWorkRetired(ctx context.Context, work Work) error {
	for _, h := range m {
		if err := h.AfterWorkRetired(ctx, work); err != nil {
			return err
		}
	}
	return nil
}
