package watch

import (
	"context"
	"sync"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/nodeclient"
)

// maxFree is the largest file that Session.File fetches, in bytes.
const maxFree = 16 << 20

// Session is a work that is watched in whatever order its viewer wants, by parts as they lie at nodes and the keys that open them. It is safe for concurrent use.
type Session struct {
	p    *player
	stop context.CancelFunc

	paying sync.Mutex // parts that are paid for come one after the other
	noting sync.Mutex // guards p.result and p.node
}

// Open finds the work and the nodes that keep it. Options.Out is not written to. ctx is that of all that the session does. Errors are those of Watch.
func Open(ctx context.Context, client *chainclient.Client, signer chainclient.Signer, opt Options) (*Session, error) {
	p, endpoints, err := find(ctx, client, signer, opt)
	if err != nil {
		return nil, err
	}
	return p.session(ctx, endpoints)
}

func (p *player) session(ctx context.Context, endpoints map[string]string) (*Session, error) {
	ctx, stop := context.WithCancel(ctx)
	if err := p.begin(ctx, endpoints); err != nil {
		stop()
		return nil, err
	}
	return &Session{p: p, stop: stop}, nil
}

// GrantedBy says what lets the viewer in: free, purchase, plan, creator or metered.
func (s *Session) GrantedBy() string { return s.p.result.GrantedBy }

// Spent is what was signed for so far, fees included, and the most that may be, both in base units.
func (s *Session) Spent() (spent, limit uint64) {
	paid, fees := s.p.budget.spent()
	return paid + fees, s.p.budget.limit
}

// Blamed are the operators of nodes that failed so far.
func (s *Session) Blamed() []string { return s.p.fetch.Pool.Blamed() }

// File fetches a file of the work that costs nothing: a playlist, an init segment, captions. nodeclient.ErrNoSuchFile, nodeclient.ErrTooLarge.
func (s *Session) File(ctx context.Context, path []string) ([]byte, error) {
	return s.note(s.p.get(ctx, path, maxFree, nodeclient.Request{Admit: s.p.granted}))
}

// Rendition reads the media playlist at path. ErrPlaylist.
func (s *Session) Rendition(ctx context.Context, path []string) (Rendition, error) {
	list, err := s.File(ctx, path)
	if err != nil {
		return Rendition{}, err
	}
	return parseRendition(path, list, s.p.windowSeconds)
}

// Segment fetches segment i, verified and as nodes keep it: encrypted where Segments[i].Key says so. What it costs is paid, holders first. ErrSpendLimit.
func (s *Session) Segment(ctx context.Context, r Rendition, i int) ([]byte, error) {
	of := s.p.part(r, i)
	if s.p.metered != nil {
		of.next = nil // whoever asks for parts asks ahead himself, and may go elsewhere
		s.paying.Lock()
		defer s.paying.Unlock()
	}
	got, _ := s.p.sealed(ctx, of)
	return s.note(got)
}

// Key is the AES-128 key of segment i, which has one; its window is paid for whole, where it costs something. ErrSpendLimit, keyclient's errors.
func (s *Session) Key(ctx context.Context, r Rendition, i int) ([16]byte, error) {
	return s.p.keys.begin(*s.p.part(r, i).key).wait(ctx)
}

func (s *Session) note(got fetched) ([]byte, error) {
	s.noting.Lock()
	defer s.noting.Unlock()
	s.p.count(got.from)
	s.p.result.Bytes += int64(len(got.data))
	return got.data, got.err
}

// Close ends the session and its payments, and says what it was. Whoever stops in between opens it again and goes on, as with Watch.
func (s *Session) Close(ctx context.Context) (*Result, error) {
	s.p.finish(ctx)
	s.stop()
	return s.p.result, s.p.device.close()
}
