package wire

// LaneIntent and Session are the JSON forms of x/stream's messages: 64-bit integers are
// strings, bytes are standard base64.
type LaneIntent struct {
	ChainID     string `json:"chain_id"`
	EscrowOwner string `json:"escrow_owner"`
	Denom       string `json:"denom"`
	Provider    string `json:"provider"`
	Generation  uint64 `json:"generation,string"`
	Cap         uint64 `json:"cap,string"`
	SubmitBy    int64  `json:"submit_by,string"`
	Expires     int64  `json:"expires,string"`
	PubKey      []byte `json:"pubkey"`
	Signature   []byte `json:"signature"`
}

// Session is a payment session's signed terms.
type Session struct {
	ChainID      string `json:"chain_id"`
	EscrowOwner  string `json:"escrow_owner"`
	Denom        string `json:"denom"`
	Provider     string `json:"provider"`
	Generation   uint64 `json:"generation,string"`
	Session      uint64 `json:"session,string"`
	Work         string `json:"work"`
	PricePerTick uint64 `json:"price_per_tick,string"`
	TickSeconds  uint32 `json:"tick_seconds"`
	MaxTicks     uint32 `json:"max_ticks"`
	Root         []byte `json:"root"`
	Expires      int64  `json:"expires,string"`
	PubKey       []byte `json:"pubkey"`
	Signature    []byte `json:"signature"`
	// Subscription is the plan that a session of price zero is watched by; empty for none.
	Subscription string `json:"subscription,omitempty"`
}

// OpenRequest is the body of POST /v1/sessions: a lane to open, a session inside an open lane, or
// both.
type OpenRequest struct {
	Lane    *LaneIntent `json:"lane,omitempty"`
	Session *Session    `json:"session,omitempty"`
}

// OpenResponse answers it, and GET /v1/sessions/{id}.
type OpenResponse struct {
	Lane    *LaneState    `json:"lane,omitempty"`
	Session *SessionState `json:"session,omitempty"`
}

// LaneState is a lane as the node knows it.
type LaneState struct {
	Generation uint64 `json:"generation,string"`
	Cap        uint64 `json:"cap,string"`
	Spent      uint64 `json:"spent,string"`
	Expires    int64  `json:"expires,string"`
	Open       bool   `json:"open"`
	TX         string `json:"tx,omitempty"` // that opened it, when this answer opened it
}

// SessionState is a session as the node knows it.
type SessionState struct {
	ID      string `json:"id"`
	Paid    uint32 `json:"paid"`    // the newest n
	Used    uint32 `json:"used"`    // ticks whose bytes were released
	Settled uint32 `json:"settled"` // n that the chain has paid out
	Open    bool   `json:"open"`
}

// PayRequest is the body of POST /v1/sessions/{id}/pay and, when there is one, of DELETE.
type PayRequest struct {
	N    uint32 `json:"n"`
	Word []byte `json:"word"`
}

// UploadState answers PUT /v1/uploads/{piece_root}.
type UploadState struct {
	Piece    string `json:"piece"`
	Offset   int64  `json:"offset,string"`
	Size     int64  `json:"size,string"`
	Complete bool   `json:"complete"` // all bytes are there and verified
}

// Lanes are the chain's limits on lanes: amounts in base units, times in seconds of live time.
type Lanes struct {
	MinCap        string `json:"min_cap"`
	OpenFee       string `json:"open_fee"`
	MinSeconds    int64  `json:"min_seconds"`
	MaxSeconds    int64  `json:"max_seconds"`
	MarginSeconds int64  `json:"margin_seconds"` // the node stops serving this long before a lane expires
}

// Info answers GET /v1/info.
type Info struct {
	ChainID        string `json:"chain_id"`
	Operator       string `json:"operator"`
	Agent          string `json:"agent"`
	Endpoint       string `json:"endpoint"`
	Region         string `json:"region"`
	PricePerGiBDay string `json:"price_per_gib_day"` // base units
	Capacity       uint64 `json:"capacity,string"`   // bytes
	Free           uint64 `json:"free,string"`       // bytes
	MaxUpload      uint64 `json:"max_upload,string"` // bytes of one piece
	Lanes          Lanes  `json:"lanes"`
	Height         int64  `json:"height,string"` // newest block that the node has followed
	Works          int    `json:"works"`
	Draining       bool   `json:"draining,omitempty"` // it takes nothing new
	Use            Use    `json:"use"`
	Version        string `json:"version"`
}

// Use is what the node does for who pays nothing by the tick.
type Use struct {
	Sessions   int    `json:"sessions"`           // of price zero, that are open
	Unreported uint64 `json:"unreported,string"`  // ticks that are proved to the node and not to the chain
	UnpaidRate uint64 `json:"unpaid_rate,string"` // bytes a second and client of what no serving budget pays for; 0 is without limit
}

// Health answers GET /v1/health: status 200 when OK, 503 otherwise.
type Health struct {
	OK      bool     `json:"ok"`
	Reasons []string `json:"reasons,omitempty"` // slugs
	Height  int64    `json:"height,string"`
	TipAge  int64    `json:"tip_age_seconds"`
}
