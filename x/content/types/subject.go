package types

// Subject is what money is paid for: a creator, or one of its works.
type Subject struct {
	// Creator is the creator's id. It is always set.
	Creator string
	// Work is the root cid of the work, or empty where the subject is the creator itself.
	Work string
	// Parents are the works that the work derives from, by their root cids.
	Parents []Parent
}
