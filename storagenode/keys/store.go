package keys

import (
	"cmp"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/manifest"
)

// ErrNoShare says that the node has no share of this version of a work's secret.
var ErrNoShare = errors.New("no share of this version is kept here")

const (
	sealFile = "seal.key"
	ending   = ".share"
)

// Held names a share that is kept.
type Held struct {
	Root    string
	Version uint64
}

// Store keeps shares, one file each that only its owner can read, and the key that shares are sealed to. Shares are read for each use and stay no
// longer in memory.
type Store struct {
	dir    string
	public [keyshare.SealKeyLen]byte
}

// OpenStore opens dir and draws the seal key where there is none.
func OpenStore(dir string) (*Store, error) {
	for _, d := range []string{dir, filepath.Join(dir, "shares")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	s := &Store{dir: dir}
	private, err := s.sealKey()
	if errors.Is(err, fs.ErrNotExist) {
		if private, s.public, err = keyshare.NewSealKey(rand.Reader); err == nil {
			err = write(filepath.Join(dir, sealFile), []byte(hex.EncodeToString(private[:])))
		}
	}
	defer clear(private[:])
	if err != nil {
		return nil, fmt.Errorf("the seal key: %w", err)
	}
	k, err := ecdh.X25519().NewPrivateKey(private[:])
	if err != nil {
		return nil, fmt.Errorf("the seal key: %w", err)
	}
	s.public = [keyshare.SealKeyLen]byte(k.PublicKey().Bytes())
	return s, nil
}

// SealKey is the public key that shares are sealed to.
func (s *Store) SealKey() []byte { return s.public[:] }

func (s *Store) sealKey() (private [keyshare.SealKeyLen]byte, err error) {
	text, err := os.ReadFile(filepath.Join(s.dir, sealFile))
	if err != nil {
		return private, err
	}
	defer clear(text)
	if n, err := hex.Decode(private[:], text[:min(len(text), 2*len(private))]); err != nil || n != len(private) {
		return private, errors.New("seal.key is no key of 64 hexadecimal digits")
	}
	return private, nil
}

// open decrypts what was sealed for this node.
func (s *Store) open(context, sealed []byte) ([]byte, error) {
	private, err := s.sealKey()
	defer clear(private[:])
	if err != nil {
		return nil, err
	}
	return keyshare.Open(private[:], keyshare.ForHolder, context, sealed)
}

func (s *Store) path(h Held) string {
	return filepath.Join(s.dir, "shares", h.Root+"-"+strconv.FormatUint(h.Version, 10)+ending)
}

// Put keeps a share; it is on disk when Put returns.
func (s *Store) Put(h Held, share keyshare.Share) error {
	if _, err := manifest.ParseWorkID(h.Root); err != nil {
		return err // it becomes a file's name
	}
	secret := share.Bytes()
	text := fmt.Appendf(nil, "%d %x\n", share.Index, secret[:])
	defer clear(text)
	clear(secret[:])
	return write(s.path(h), text)
}

// Get reads a share. ErrNoShare.
func (s *Store) Get(h Held) (keyshare.Share, error) {
	if _, err := manifest.ParseWorkID(h.Root); err != nil {
		return keyshare.Share{}, err
	}
	text, err := os.ReadFile(s.path(h))
	if errors.Is(err, fs.ErrNotExist) {
		return keyshare.Share{}, ErrNoShare
	}
	if err != nil {
		return keyshare.Share{}, err
	}
	defer clear(text)
	bad := fmt.Errorf("the share of %s, version %d, is damaged", h.Root, h.Version)
	number, digits, ok := strings.Cut(strings.TrimSuffix(string(text), "\n"), " ")
	index, err := strconv.ParseUint(number, 10, 16)
	secret, hexErr := hex.DecodeString(digits)
	defer clear(secret)
	if !ok || err != nil || hexErr != nil {
		return keyshare.Share{}, bad
	}
	share, err := keyshare.ParseShare(uint16(index), secret)
	if err != nil {
		return keyshare.Share{}, bad
	}
	return share, nil
}

// List names the shares that are kept, in the order of works and versions.
func (s *Store) List() ([]Held, error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, "shares"))
	if err != nil {
		return nil, err
	}
	var out []Held
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ending)
		root, version, ok2 := strings.Cut(name, "-")
		v, err := strconv.ParseUint(version, 10, 64)
		if _, idErr := manifest.ParseWorkID(root); ok && ok2 && err == nil && idErr == nil {
			out = append(out, Held{root, v})
		}
	}
	slices.SortFunc(out, func(a, b Held) int { return cmp.Or(cmp.Compare(a.Root, b.Root), cmp.Compare(a.Version, b.Version)) })
	return out, nil
}

// Erase overwrites a share and removes it. A disk may keep what was overwritten; nobody can prove that it does not.
func (s *Store) Erase(h Held) error {
	path := s.path(h)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	st, err := f.Stat()
	if err == nil {
		_, err = f.Write(make([]byte, st.Size()))
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// write replaces a file by one that only its owner can read; it is on disk when write returns.
func write(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
