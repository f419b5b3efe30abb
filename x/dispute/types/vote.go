package types

import (
	"crypto/sha256"
	"encoding/binary"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// HashLen is the length of hashes and salts.
const HashLen = 32

// Domains keep what is hashed or signed here from meaning anything elsewhere.
const (
	voteDomain = "streamchain/dispute/vote/v1"
	drawDomain = "streamchain/dispute/draw/v1"
	saltDomain = "streamchain/dispute/salt/v1"
)

// VoteHash seals a vote: SHA-256 of the domain, the chain's id with its length, the dispute, the
// round, the juror's address with its length, the choice and the salt. Numbers are big-endian.
// The juror is in it, so a hash that was copied from somebody else opens nothing.
func VoteHash(chainID string, dispute uint64, round uint32, juror sdk.AccAddress, choice Choice, salt []byte) []byte {
	b := voteBytes(voteDomain, chainID, dispute, round, juror)
	b = append(b, byte(choice))
	sum := sha256.Sum256(append(b, salt...))
	return sum[:]
}

// SaltBytes is what a juror signs to get the salt of a vote. The signature must stay secret
// until the vote is revealed, so nothing else may ask for one of these bytes.
func SaltBytes(chainID string, dispute uint64, round uint32, juror sdk.AccAddress) []byte {
	return voteBytes(saltDomain, chainID, dispute, round, juror)
}

// SaltOf is the salt that follows from a signature of SaltBytes. Signatures of the chain's keys
// are deterministic, so the key alone gives the salt again: there is nothing to lose.
func SaltOf(signature []byte) []byte {
	sum := sha256.Sum256(append([]byte(saltDomain), signature...))
	return sum[:]
}

func voteBytes(domain, chainID string, dispute uint64, round uint32, juror sdk.AccAddress) []byte {
	b := append([]byte(domain), 0)
	b = binary.BigEndian.AppendUint16(b, uint16(len(chainID)))
	b = append(b, chainID...)
	b = binary.BigEndian.AppendUint64(b, dispute)
	b = binary.BigEndian.AppendUint32(b, round)
	b = binary.BigEndian.AppendUint16(b, uint16(len(juror)))
	return append(b, juror...)
}
