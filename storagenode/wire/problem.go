package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Slugs of problems. They are stable: clients branch on them, never on text.
const (
	BadRequest         = "bad-request"
	BadCID             = "bad-cid"
	BadPath            = "bad-path"
	NotFound           = "not-found"
	NotCached          = "not-cached"
	NotAFile           = "not-a-file"
	MethodNotAllowed   = "method-not-allowed"
	MultipleRanges     = "multiple-ranges"
	RangeUnsatisfiable = "range-not-satisfiable"
	UnsupportedFormat  = "unsupported-format"
	UnsupportedContent = "unsupported-content"
	CorruptBlock       = "corrupt-block"
	PaymentRequired    = "payment-required"
	SessionUnknown     = "session-unknown"
	SessionClosed      = "session-closed"
	BadWord            = "bad-word"
	GapTooLarge        = "gap-too-large"
	LaneExhausted      = "lane-exhausted"
	BadTerms           = "bad-terms"
	LaneUnusable       = "lane-unusable"
	LanePending        = "lane-pending"
	ChainRefused       = "chain-refused"
	AuthMalformed      = "auth-malformed"
	AuthExpired        = "auth-expired"
	AuthSignature      = "auth-signature"
	KeyNotGranted      = "key-not-granted"
	NotACreator        = "not-a-creator"
	NotAProvider       = "not-a-provider"
	UploadMismatch     = "upload-mismatch"
	UploadOffset       = "upload-offset"
	UploadTooLarge     = "upload-too-large"
	DiskFull           = "disk-full"
	TooManyRequests    = "too-many-requests"
	ChainBehind        = "chain-behind"
	Blocked            = "blocked"
	Internal           = "internal"
	ShuttingDown       = "shutting-down"
	Draining           = "draining"
	DenylistBroken     = "denylist-broken"
	ChainStale         = "chain-stale"
	NotEncrypted       = "not-encrypted"
	NotAHolder         = "not-a-holder"
)

// ContentTypeProblem is the media type of a problem document.
const ContentTypeProblem = "application/problem+json"

const (
	problemTypePrefix = "urn:streamchain:problem:"
	maxProblemBody    = 64 << 10 // bytes
)

// Problem is an RFC 9457 problem document and the error that carries it.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Slug   string `json:"slug"`
	Terms  *Terms `json:"terms,omitempty"` // with status 402
	// Offset is the upload's length so far, with slug upload-offset.
	Offset *int64 `json:"offset,omitempty"`
	// Paid is the newest n that the node has, with slugs about words.
	Paid *uint32 `json:"paid,omitempty"`

	cause error
}

// NewProblem makes a problem; detail is formatted like fmt.Errorf, including %w.
func NewProblem(status int, slug, detail string, args ...any) *Problem {
	err := fmt.Errorf(detail, args...)
	return &Problem{
		Type: problemTypePrefix + slug, Title: http.StatusText(status), Status: status,
		Slug: slug, Detail: err.Error(), cause: err,
	}
}

func (p *Problem) Error() string { return fmt.Sprintf("%s: %s", p.Slug, p.Detail) }

// Unwrap returns what the detail wraps.
func (p *Problem) Unwrap() error { return p.cause }

// Write answers a request with the problem.
func (p *Problem) Write(w http.ResponseWriter) {
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{}`)
	}
	h := w.Header()
	h.Set("Content-Type", ContentTypeProblem)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	h.Del("Content-Length")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

// ReadProblem reads the problem of a response whose status is 400 or higher. A body that is
// no problem document gives one with slug "internal" and the response's status.
func ReadProblem(status int, body []byte) *Problem {
	p := &Problem{}
	if len(body) > maxProblemBody || json.Unmarshal(body, p) != nil || p.Slug == "" {
		p = NewProblem(status, Internal, "%.200q", body)
	}
	p.Status = status
	return p
}

// Terms tell a viewer what it takes to read the bytes that were refused.
type Terms struct {
	ChainID  string  `json:"chain_id"`
	Provider string  `json:"provider"` // the node's operator, whom a lane names
	Work     string  `json:"work"`     // root work
	Offers   []Offer `json:"offers"`
	// LaneGeneration is the generation that the viewer's next LaneIntent carries, when a viewer
	// is known from its proof or session; otherwise 0.
	LaneGeneration uint64 `json:"lane_generation,string,omitempty"`
	Lanes          Lanes  `json:"lanes"`
	// Due is how many ticks the session must pay in all before these bytes are sent.
	Due  uint32 `json:"due,omitempty"`
	Paid uint32 `json:"paid,omitempty"`
	Used uint32 `json:"used,omitempty"`
}

// Offer is one way to get access.
type Offer struct {
	ID             string `json:"id"`
	Kind           string `json:"kind"` // free, purchase, metered, plan, rental, tier, token, pay-what-you-want or template
	Price          string `json:"price,omitempty"`
	Denom          string `json:"denom,omitempty"`
	PricePerTick   uint64 `json:"price_per_tick,string,omitempty"`
	TickSeconds    uint32 `json:"tick_seconds,omitempty"`
	PreviewSeconds uint32 `json:"preview_seconds,omitempty"`
	Plan           string `json:"plan,omitempty"`
}
