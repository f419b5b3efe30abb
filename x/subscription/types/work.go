package types

import contenttypes "github.com/streamchain/streamchain/x/content/types"

// WorkID is the text of the work id with that digest.
func WorkID(digest []byte) (string, error) { return contenttypes.WorkID(digest) }
