package sponsor

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// workTag separates this work from every other use of SHA-256.
const workTag = "streamchain/sponsor/work/v1\n"

// MaxDifficulty is the hardest work that is ever asked, in bits.
const MaxDifficulty = 40

// SignBytes are the bytes that a wallet signs for a text: the sign document of ADR-036, which wallets call arbitrary
// data. Its chain id is empty and its message no transaction's, so no chain takes the signature for a transaction;
// which chain and service is meant stands in the text.
func SignBytes(address, text string) []byte {
	return fmt.Appendf(nil, `{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[{"type":"sign/MsgSignData","value":{"data":"%s","signer":"%s"}}],"sequence":"0"}`,
		base64.StdEncoding.EncodeToString([]byte(text)), address)
}

// verifySignature says whether address's owner signed text. Errors: ErrKey, ErrSignature.
func verifySignature(address, text string, pubkey, signature []byte) error {
	if len(pubkey) != secp256k1.PubKeySize || pubkey[0] != 2 && pubkey[0] != 3 {
		return ErrKey
	}
	key := &secp256k1.PubKey{Key: pubkey}
	of := sdk.AccAddress(key.Address()).String()
	if subtle.ConstantTimeCompare([]byte(of), []byte(address)) != 1 {
		return ErrKey
	}
	if len(signature) != 64 || !key.VerifySignature(SignBytes(address, text), signature) {
		return ErrSignature
	}
	return nil
}

// workSeed makes a solution worth nothing for another text.
func workSeed(text string) [32]byte { return sha256.Sum256([]byte(workTag + text)) }

// workBits is how much a solution is worth: the zero bits that SHA-256(seed ‖ solution) begins with, of its first 64.
// One hash whatever is sent.
func workBits(seed *[32]byte, solution uint64) int {
	var b [40]byte
	copy(b[:], seed[:])
	binary.BigEndian.PutUint64(b[32:], solution)
	sum := sha256.Sum256(b[:])
	return bits.LeadingZeros64(binary.BigEndian.Uint64(sum[:]))
}

// Solve finds the work for a text; on average it takes 2^difficulty hashes.
func Solve(ctx context.Context, text string, difficulty int) (uint64, error) {
	if difficulty < 0 || difficulty > MaxDifficulty {
		return 0, fmt.Errorf("the sponsor asks for work of %d bits: that is no honest price", difficulty)
	}
	seed := workSeed(text)
	for n := uint64(0); ; n++ {
		if workBits(&seed, n) >= difficulty {
			return n, nil
		}
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
}
