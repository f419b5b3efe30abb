package types

import (
	"crypto/sha256"
	"encoding/binary"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/voucher"
)

const (
	// ModuleName names the module, its store and its CLI group.
	ModuleName = "stream"
	// StoreKey names the module's store.
	StoreKey = ModuleName

	// MaxKeys is the most session keys of one owner.
	MaxKeys = 16
	// MaxItems is the most intents or settlements of one message.
	MaxItems = 200
	// MaxHashes is the most hashes that one MsgSettle may need.
	MaxHashes = 100_000
	// MaxSessions is the most settled sessions of one lane.
	MaxSessions = 256
	// MaxTicks is the longest hash chain.
	MaxTicks = 1_000_000
	// MaxLaneEnds is the most lanes that one block ends, of open and of closing ones each.
	MaxLaneEnds = 200
	// MaxClosing is the most closed lanes of one escrow and provider that can still be settled.
	MaxClosing = 8
	// MaxSweep is the most session rows of ended lanes that one block removes.
	MaxSweep = 200
	// RetrySeconds is when a failed end or sweep is tried again, in seconds of live time.
	RetrySeconds = 3600
	// KeyWindowSeconds is what a session key's limit is for, in seconds of live time.
	KeyWindowSeconds = 24 * hourSeconds
	// MaxKeySeconds is the longest life of a session key: a forgotten one ends by itself.
	MaxKeySeconds = 366 * 24 * hourSeconds
	// MaxMemoBytes is the longest memo of a tip.
	MaxMemoBytes = 280
	// MaxLogBytes is the longest error text in an event: it quotes what the submitter sent.
	MaxLogBytes = 256
	// LaneIDLen is the length of a lane's id.
	LaneIDLen = sha256.Size

	// SignatureGas is charged for each ed25519 check. It and HashGas weigh time as a bank send
	// does (about 110 gas a microsecond), so that no settlement is a cheap way to stall a block.
	SignatureGas = 7_500
	// HashGas is charged for each hash of a settlement.
	HashGas = 10

	hourSeconds = 3600
)

// Prefixes of the store.
var (
	ParamsKey          = collections.NewPrefix(0)
	SessionKeysKey     = collections.NewPrefix(1)
	EscrowsKey         = collections.NewPrefix(2)
	LanesKey           = collections.NewPrefix(3)
	LanesByProviderKey = collections.NewPrefix(4)
	LaneQueueKey       = collections.NewPrefix(5)
	GenerationsKey     = collections.NewPrefix(6)
	SessionsKey        = collections.NewPrefix(7)
	CleanupsKey        = collections.NewPrefix(8)

	ClosingKey           = collections.NewPrefix(20)
	ClosingLanesKey      = collections.NewPrefix(21)
	ClosingByProviderKey = collections.NewPrefix(22)
	ClosingQueueKey      = collections.NewPrefix(23)
	UsesKey              = collections.NewPrefix(30)
	UseQueueKey          = collections.NewPrefix(31)
	ViewerClocksKey      = collections.NewPrefix(32)
	WorkUsesKey          = collections.NewPrefix(33)
	FlowsKey             = collections.NewPrefix(9)
	FlowsByRecipient     = collections.NewPrefix(10)
	FlowSequencesKey     = collections.NewPrefix(11)
	EmissionKey          = collections.NewPrefix(12)
)

// LaneID is the 32 bytes that session rows key on: short enough that a settled session costs
// 80 bytes of state, and different for each owner, denom, provider and generation.
func LaneID(owner sdk.AccAddress, denom string, provider sdk.AccAddress, generation uint64) []byte {
	escrow, server := voucher.EscrowID(owner, denom), voucher.ProviderID(provider)
	b := append([]byte("streamchain/stream/lane-id/v1"), escrow[:]...)
	b = append(b, server[:]...)
	id := sha256.Sum256(binary.BigEndian.AppendUint64(b, generation))
	return id[:]
}
