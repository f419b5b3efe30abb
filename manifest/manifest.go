package manifest

import (
	"github.com/ipfs/go-cid"
)

// Version is the version of the encoding.
const Version = 1

// Limits of the fields. Lengths are in bytes.
const (
	MaxSize        = 16 << 10 // of the encoding
	CreatorLen     = 20
	MaxTitle       = 140
	MaxLanguage    = 35
	MaxDescription = 4 << 10
	MaxTags        = 10
	MaxTag         = 32
	MaxLicence     = 64
	MaxParents     = 4
	MaxParentBps   = 3000 // all parents together
	MaxSuite       = 32
	MaxC0          = 64
	// MaxInteger bounds every number: the largest that a JavaScript number holds exactly.
	MaxInteger = 1<<53 - 1
)

// Kinds are what a work can be.
func Kinds() []string {
	return []string{"video", "audio", "podcast", "course", "document", "image", "software", "other"}
}

// Manifest describes one version of a work. Cover, Previous and Keys may be unset; Language, Description,
// Tags and Parents may be empty.
type Manifest struct {
	Version         uint64
	Creator         []byte // the creator's id
	Kind            string
	Title           string
	Language        string // BCP 47
	Description     string
	Tags            []string
	DurationSeconds uint64 // playing time; zero where there is none
	Media           cid.Cid
	Cover           cid.Cid
	Piece           Piece
	Licence         string // SPDX expression, or LicenseRef- and the name of terms
	Parents         []Parent
	Previous        cid.Cid // the version that this one replaces
	Keys            *Keys   // of encrypted media
}

// Piece is the CAR of Media and Cover, as package piece commits to it.
type Piece struct {
	Root [32]byte
	Size uint64 // bytes
}

// Parent is a work that this one derives from and the part of the creator's part, in basis
// points, that goes to it.
type Parent struct {
	Work cid.Cid
	Bps  uint64
}

// Keys says how the media is encrypted.
type Keys struct {
	Suite         string
	C0            []byte // public commitment to the secret
	WindowSeconds uint64 // media time that one key covers
}
