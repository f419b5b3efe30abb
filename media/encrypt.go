package media

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/streamchain/streamchain/keyshare"
)

// WindowKey gives the key of a window of a rendition, or of a file by its path: out of the secret for who publishes (SecretKeys), from the holders for who
// watches.
type WindowKey func(rendition string, window uint32) (keyshare.Output, error)

// SecretKeys gives all keys of a work to who has its secret.
func SecretKeys(s keyshare.Secret) WindowKey {
	id := keyshare.KeyID(s.C0())
	return func(rendition string, window uint32) (keyshare.Output, error) {
		return s.Output(keyshare.Window{Work: id, Rendition: rendition, Number: window})
	}
}

// Keys say under what a presentation is encrypted.
type Keys struct {
	ID            [32]byte // keyshare.KeyID: results under different secrets are kept apart
	WindowSeconds uint32   // how much of a rendition one key opens, 1 to 3600
	Key           WindowKey
}

// Encrypt makes the encrypted presentation of one that Package made, in a folder of its own beneath outDir: segments by HLS's AES-128, what does not play by
// records; init segments, playlists, captions, cover and thumbnails stay clear. A rendition's folder and a file get a suffix that says what they hold, so that
// a key never serves for other bytes. Equal input under equal keys gives equal bytes. A finished result is used again without a key, and an interrupted run
// goes on after its last finished rendition. It holds a buffer in memory, never a segment. progress may be nil.
//
// ErrWindowSeconds, ErrNotPackaged, ErrChanged, ErrBusy, and what Keys.Key returns.
func Encrypt(ctx context.Context, p Presentation, outDir string, keys Keys, progress func(Progress)) (Presentation, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	if keys.WindowSeconds < 1 || keys.WindowSeconds > maxWindowSeconds {
		return Presentation{}, ErrWindowSeconds
	}
	if p.WindowSeconds != 0 || len(p.Renditions) == 0 && p.File == "" {
		return Presentation{}, ErrNotPackaged
	}
	e := encryption{from: p, keys: keys, progress: progress, buf: make([]byte, bufferSize)}
	if err := e.hash(ctx); err != nil {
		return Presentation{}, err
	}
	if err := os.MkdirAll(outDir, 0o750); err != nil {
		return Presentation{}, fmt.Errorf("the output folder: %w", err)
	}
	name := e.name()
	unlock, err := lock(filepath.Join(outDir, name+".lock"))
	if err != nil {
		return Presentation{}, err
	}
	defer unlock()
	e.mark = openMarker(outDir, name)
	if e.mark.Done && e.mark.matches(e.mark.final()) {
		progress(Progress{Step: "done", Done: 1})
		return e.mark.presentation(true), nil
	}
	if err := e.run(ctx); err != nil {
		return Presentation{}, err
	}
	progress(Progress{Step: "done", Done: 1})
	return e.mark.presentation(false), nil
}

const maxWindowSeconds = 3600

// encryption is one run.
type encryption struct {
	from     Presentation
	keys     Keys
	progress func(Progress)
	mark     *marker
	buf      []byte
	files    map[string]plainFile // by their paths in from.Dir, with slashes
	done     map[string]bool      // of files: encrypted, or to be written anew
}

type plainFile struct {
	size int64
	sum  [32]byte
}

// hash reads everything once: what it is names it, before there is a key.
func (e *encryption) hash(ctx context.Context) error {
	list, err := sizes(e.from.Dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotPackaged, err)
	}
	e.files, e.done = make(map[string]plainFile, len(list)), map[string]bool{}
	var all, read int64
	for _, size := range list {
		all += size
	}
	for name, size := range list {
		f, err := openRegular(e.path(name))
		if err != nil {
			return err
		}
		sum := sha256.New()
		n, err := io.CopyBuffer(sum, struct{ io.Reader }{f}, e.buf)
		if err = errors.Join(err, f.Close(), ctx.Err()); err != nil {
			return err
		}
		if n != size {
			return fmt.Errorf("%w: %q", ErrChanged, name)
		}
		e.files[name] = plainFile{size, [32]byte(sum.Sum(nil))}
		read += n
		e.progress(Progress{Step: "reading", Done: float64(read) / float64(max(all, 1))})
	}
	return nil
}

// openRegular opens a file that no link leads out of the folder.
func openRegular(path string) (*os.File, error) {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %q is no file", ErrNotPackaged, path)
	}
	return os.Open(path)
}

func (e *encryption) path(name string) string {
	return filepath.Join(e.from.Dir, filepath.FromSlash(name))
}

// name is that of the result's folder.
func (e *encryption) name() string {
	all := sha256.New()
	fmt.Fprintf(all, "streamchain/encrypt/v1\n%x %d\n", e.keys.ID, e.keys.WindowSeconds)
	names := make([]string, 0, len(e.files))
	for n := range e.files {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Fprintf(all, "%q %d %x\n", n, e.files[n].size, e.files[n].sum)
	}
	return hex.EncodeToString(all.Sum(nil)[:16])
}

// suffix says in four bytes what a rendition (of windows of so many seconds) or a file (0) holds.
func suffix(windowSeconds uint32, sums ...[32]byte) string {
	b := binary.BigEndian.AppendUint32([]byte("streamchain/rendition/v1"), windowSeconds)
	for _, s := range sums {
		b = append(b, s[:]...)
	}
	h := sha256.Sum256(b)
	return "-" + hex.EncodeToString(h[:4])
}

func (e *encryption) run(ctx context.Context) error {
	resumed, err := e.mark.resume()
	if err != nil {
		return err
	}
	if !resumed {
		made := e.from
		made.WindowSeconds, made.Renditions = e.keys.WindowSeconds, nil
		if made.Cover != "" {
			if made.Cover, err = filepath.Rel(e.from.Dir, made.Cover); err != nil || !filepath.IsLocal(made.Cover) {
				return fmt.Errorf("%w: its cover is not in its folder", ErrNotPackaged)
			}
		}
		if err := e.mark.begin(made); err != nil {
			return err
		}
	}
	for _, r := range e.from.Renditions {
		if err := e.rendition(ctx, r); err != nil {
			return err
		}
	}
	if e.from.File != "" {
		if err := e.file(ctx); err != nil {
			return err
		}
	}
	if err := e.rest(ctx); err != nil {
		return err
	}
	return e.mark.finish()
}

// rest copies what stays clear, and writes the playlist that names the renditions.
func (e *encryption) rest(ctx context.Context) error {
	made := e.mark.Made
	for name := range e.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.done[name] {
			continue
		}
		to := filepath.Join(e.mark.work(), filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
			return fmt.Errorf("the output folder: %w", err)
		}
		if _, err := copyFile(to, e.path(name)); err != nil {
			return err
		}
	}
	top, content := "master.m3u8", masterPlaylist(made.Renditions, made.Captions)
	if made.File != "" {
		index, err := json.MarshalIndent(fileIndex{1, []fileEntry{{made.File, made.Size, made.Type}}}, "", "  ")
		if err != nil {
			return err
		}
		top, content = "index.json", append(index, '\n')
	}
	if err := os.WriteFile(filepath.Join(e.mark.work(), top), content, 0o640); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	return e.mark.step("rest", made)
}

// file encrypts what does not play.
func (e *encryption) file(ctx context.Context) error {
	plain, ok := e.files[e.from.File]
	if !ok {
		return fmt.Errorf("%w: %q is missing", ErrNotPackaged, e.from.File)
	}
	e.done[e.from.File], e.done["index.json"] = true, true
	made := e.mark.Made
	made.File = fileName(e.from.File, suffix(0, plain.sum))
	if e.mark.did("file") {
		return nil
	}
	key := func(window uint32) ([32]byte, error) {
		if err := ctx.Err(); err != nil {
			return [32]byte{}, err
		}
		e.progress(Progress{Step: "encrypting", Done: min(1, float64(window)*WindowRecords*RecordSize/float64(max(plain.size, 1)))})
		out, err := e.keys.Key(made.File, window)
		if err != nil {
			return [32]byte{}, err
		}
		return out.AES256(), nil
	}
	err := e.transform(e.from.File, made.File, func(w io.Writer, r io.Reader) error { return EncryptFile(w, r, uint64(plain.size), key) })
	if err != nil {
		return err
	}
	return e.mark.step("file", made)
}

// fileName puts a suffix before the extension, and shortens the name to what a window's may have.
func fileName(name, suffix string) string {
	dir, base := path.Split(name)
	ext := path.Ext(base)
	return dir + cut(base[:len(base)-len(ext)], maxKeyName-len(dir)-len(suffix)-len(ext)) + suffix + ext
}

// transform writes a file of the result out of one of the input.
func (e *encryption) transform(from, to string, how func(w io.Writer, r io.Reader) error) error {
	in, err := openRegular(e.path(from))
	if err != nil {
		return err
	}
	defer in.Close()
	to = filepath.Join(e.mark.work(), filepath.FromSlash(to))
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	out, err := os.Create(to)
	if err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	return errors.Join(how(out, in), out.Close())
}
