package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/piece"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// part names the file of an unfinished upload. Its name comes from outside, though only as digits and a creator's id:
// it is opened beneath Dir and nowhere else, whatever links lie there.
func part(q request) string { return wire.PieceText(q.Piece) + "-" + q.creator + ".part" }

// folder opens Dir.
func (s *Server) folder() (*os.Root, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenRoot(s.Dir)
}

// parts are the unfinished uploads.
func (s *Server) parts() ([]os.FileInfo, error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var out []os.FileInfo
	for _, e := range entries {
		if fi, err := e.Info(); err == nil && fi.Mode().IsRegular() && strings.HasSuffix(fi.Name(), ".part") {
			out = append(out, fi)
		}
	}
	return out, nil
}

// staged is how many bytes of an upload are there.
func (s *Server) staged(q request) int64 {
	fi, err := os.Lstat(filepath.Join(s.Dir, part(q)))
	if err != nil || !fi.Mode().IsRegular() {
		return 0
	}
	return fi.Size()
}

// room refuses what neither the store's quota nor the creator's number of uploads has room for.
func (s *Server) room(q request) error {
	parts, err := s.parts()
	if err != nil {
		return err
	}
	own, taken := 0, s.Blocks.Used()+q.Size
	for _, p := range parts {
		if p.Name() == part(q) {
			continue
		}
		taken += uint64(p.Size())
		if strings.HasSuffix(p.Name(), "-"+q.creator+".part") {
			own++
		}
	}
	if own >= maxStaged {
		return wire.NewProblem(http.StatusTooManyRequests, wire.TooManyRequests, "%d uploads of this creator are unfinished: finish one, or wait a day", own)
	}
	if taken > s.Blocks.Capacity() {
		return wire.NewProblem(http.StatusInsufficientStorage, wire.DiskFull, "no room for %d bytes", q.Size)
	}
	return s.hold(q, min(q.Size, uint64(s.staged(q))+ahead))
}

// ahead is how much of an upload room is kept for before it is there, in bytes. More would let who claims much and sends
// little keep others out.
const ahead = 1 << 30

// hold keeps room while a connection writes an upload.
func (s *Server) hold(q request, n uint64) error {
	if s.Room == nil {
		return nil
	}
	if err := s.Room.Hold(part(q), n); err != nil {
		return wire.NewProblem(http.StatusInsufficientStorage, wire.DiskFull, "%w", err)
	}
	return nil
}

func (s *Server) release(q request) {
	if s.Room != nil {
		s.Room.Release(part(q))
	}
}

// receive appends the body to what is there and returns how much there is now.
func (s *Server) receive(r *http.Request, q request) (int64, error) {
	if err := s.room(q); err != nil {
		return 0, err
	}
	at := s.staged(q)
	switch {
	case q.offset != at:
		return at, wrongOffset(at, "the body begins elsewhere")
	case r.ContentLength > int64(q.Size)-at:
		return at, wire.NewProblem(http.StatusBadRequest, wire.BadRequest, "the body is longer than what is missing, %d bytes", int64(q.Size)-at)
	}
	dir, err := s.folder()
	if err != nil {
		return at, err
	}
	defer dir.Close()
	f, err := dir.OpenFile(part(q), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return at, err
	}
	defer f.Close()
	n, err := io.Copy(f, io.LimitReader(r.Body, int64(q.Size)-at))
	at += n
	var tooLate net
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return at, fmt.Errorf("%w: %w", blob.ErrDiskFull, err)
	case errors.As(err, &tooLate), errors.Is(err, io.ErrUnexpectedEOF):
		return at, wrongOffset(at, "the connection broke or was too slow")
	}
	return at, err
}

// net is a connection's error.
type net interface {
	error
	Timeout() bool
}

// finish checks the complete piece and brings it in. A piece that is not what was signed for is gone afterwards.
func (s *Server) finish(ctx context.Context, q request) error {
	dir, err := s.folder()
	if err != nil {
		return err
	}
	defer dir.Close()
	f, err := dir.Open(part(q))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := s.hold(q, q.Size); err != nil {
		return err
	}
	car, err := check(ctx, f, q)
	if err == nil {
		err = s.allowed(car, q)
	}
	if err == nil {
		e := catalog.Entry{ID: q.id(), Creator: q.creator, Media: car.Roots[0].String(), Piece: q.Piece[:], PieceSize: q.Size, Added: time.Now().Unix()}
		if len(car.Roots) == 2 {
			e.Cover = car.Roots[1].String()
		}
		err = s.Catalog.Ingest(ctx, s.Blocks, car, e)
	}
	for _, bad := range []error{dag.ErrCAR, dag.ErrMalformed, dag.ErrUnsupported, dag.ErrLimit, blob.ErrUnsupported, blob.ErrMismatch} {
		if errors.Is(err, bad) {
			err = wire.NewProblem(http.StatusUnprocessableEntity, wire.UploadMismatch, "%w", err)
		}
	}
	var p *wire.Problem
	if err == nil || errors.As(err, &p) {
		err = errors.Join(err, dir.Remove(part(q)))
	}
	return err
}

// allowed refuses a piece that has something which a denylist names.
func (s *Server) allowed(car *dag.CARFile, q request) error {
	if s.Denied.Empty() {
		return nil
	}
	for _, c := range car.CIDs() {
		if v := s.Denied.CID(c); v.Denied {
			return s.Denied.Refuse(route, denylist.PieceText(q.Piece[:]), v)
		}
	}
	return nil
}

// check holds the file to its piece root: the canonical CAR of what lies beneath its roots must have it.
func check(ctx context.Context, f *os.File, q request) (*dag.CARFile, error) {
	car, err := dag.OpenCAR(f, int64(q.Size))
	if err != nil {
		return nil, err
	}
	if n := len(car.Roots); n != 1 && n != 2 || n == 2 && car.Roots[0].Equals(car.Roots[1]) {
		return nil, fmt.Errorf("%w: the roots must be media, or media and cover", dag.ErrCAR)
	}
	for _, r := range car.Roots {
		if r.Prefix().Version != 1 {
			return nil, fmt.Errorf("%w: %s is no CIDv1", dag.ErrCAR, cid.Cid.String(r))
		}
	}
	var b piece.Builder
	if err := dag.WriteCAR(ctx, car, car.Roots, &b); err != nil {
		return nil, err
	}
	if b.Root() != q.Piece || b.Size() != q.Size {
		return nil, fmt.Errorf("%w: the DAG makes piece %x of %d bytes", dag.ErrCAR, b.Root(), b.Size())
	}
	return car, nil
}

const (
	// staleAfter is how long an unfinished upload waits for its rest.
	staleAfter = 24 * time.Hour
	// waitsFor is how long a complete one waits for a deal.
	waitsFor = time.Hour
)

// Sweep removes uploads that nobody finished and those that no deal came for.
func (s *Server) Sweep(ctx context.Context, now time.Time) error {
	parts, err := s.parts()
	for _, p := range parts {
		if now.Sub(p.ModTime()) > staleAfter {
			err = errors.Join(err, os.Remove(filepath.Join(s.Dir, p.Name())))
		}
	}
	for _, e := range s.Catalog.All() {
		if e.Waiting() && now.Sub(time.Unix(e.Added, 0)) > waitsFor {
			err = errors.Join(err, s.Catalog.Drop(ctx, s.Blocks, e.ID))
		}
	}
	return err
}
