package publish

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/streamchain/streamchain/keyshare"
)

// What is wrong with a work's secret. None of them costs anything: they are found before anything is paid.
var (
	// ErrSecretNeeded says that a version of an encrypted work cannot be encrypted without the secret of its first version.
	ErrSecretNeeded = errors.New("the work is encrypted, and all its versions are under one secret: name the file that --keep-secret wrote with --secret FILE; without it, publish a new work")
	// ErrSecretUnused says that a secret was given for what needs none.
	ErrSecretUnused = errors.New("a secret is for a new version of an encrypted work only: no two works may share one")
	// ErrOtherSecret says that a secret is not this work's.
	ErrOtherSecret = errors.New("this secret is another work's: name the file that --keep-secret wrote for this one")
	// ErrSecretFormat says that a file holds no secret.
	ErrSecretFormat = errors.New("the file holds no secret of a work")
	// ErrSecretExists says that a file is in the way where a secret shall be kept.
	ErrSecretExists = errors.New("the file is there already, and is not overwritten: keep the secret elsewhere")
	// ErrSecretErased says that a finished run has erased the secret that shall be kept.
	ErrSecretErased = errors.New("the work's secret is erased already: nobody has it")
)

const secretFormat = "streamchain/secret/v1"

// maxSecretFile bounds what is read of a file that is called a secret, in bytes.
const maxSecretFile = 4096

// secretFile is a secret as a file holds it, in JSON. Whoever reads it can open the whole work.
type secretFile struct {
	Format string `json:"format"` // secretFormat
	Suite  string `json:"suite"`  // keyshare.Suite
	C0     string `json:"c0"`     // hex, 32 bytes: whose secret it is, for people and to notice damage
	Secret string `json:"secret"` // hex, 32 bytes
}

// WriteSecret keeps a secret in a new file that only its owner may read. ErrSecretExists.
func WriteSecret(path string, s keyshare.Secret) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%w: %s", ErrSecretExists, path)
	}
	if err != nil {
		return fmt.Errorf("keeping the secret: %w", err)
	}
	c0, b := s.C0(), s.Bytes()
	defer clear(b[:])
	raw, err := json.MarshalIndent(secretFile{secretFormat, keyshare.Suite, hex.EncodeToString(c0[:]), hex.EncodeToString(b[:])}, "", "  ")
	if err != nil {
		return err
	}
	defer clear(raw)
	_, err = f.Write(append(raw, '\n'))
	// a secret that is lost when the power fails, after the work is paid for, is a work that nobody can open
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("keeping the secret: %w", err), os.Remove(path))
	}
	return nil
}

// ReadSecret reads what WriteSecret wrote. ErrSecretFormat; the system's where the file cannot be read.
func ReadSecret(path string) (keyshare.Secret, error) {
	file, err := os.Open(path)
	if err != nil {
		return keyshare.Secret{}, fmt.Errorf("the secret: %w", err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxSecretFile))
	if err != nil {
		return keyshare.Secret{}, fmt.Errorf("the secret: %w", err)
	}
	defer clear(raw)
	// what is wrong with it is not said in the words of the decoder, who quotes what it read
	bad := fmt.Errorf("%w: %s", ErrSecretFormat, path)
	var f secretFile
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(&f) != nil || f.Format != secretFormat || f.Suite != keyshare.Suite {
		return keyshare.Secret{}, bad
	}
	b, err := hex.DecodeString(f.Secret)
	if err != nil {
		return keyshare.Secret{}, bad
	}
	defer clear(b)
	s, err := keyshare.ParseSecret(b)
	if err != nil {
		return keyshare.Secret{}, bad
	}
	if c0 := s.C0(); hex.EncodeToString(c0[:]) != f.C0 {
		return keyshare.Secret{}, bad
	}
	return s, nil
}

// eraseSecret overwrites a file and removes it; one that is not there is erased. What a file system or a disk keeps of older bytes is out of reach.
func eraseSecret(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("erasing the secret: %w", err)
	}
	size := int64(maxSecretFile)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	_, err = io.CopyN(f, rand.Reader, size)
	if err = errors.Join(err, f.Sync(), f.Close(), os.Remove(path)); err != nil {
		return fmt.Errorf("erasing the secret: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes what a folder names survive a power cut.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// jobSecret is where a new work's secret lies until it is dealt.
func (j *job) jobSecret() string { return filepath.Join(j.dir, "secret.json") }

// openSecret finds the secret, or draws it; j.secret stays nil where it is erased. It keeps it where the caller wants it kept: before anything is paid.
func (j *job) openSecret(context.Context) error {
	if !j.encrypted {
		return nil
	}
	if j.Previous != "" {
		return j.sharedSecret()
	}
	if !j.state.Done {
		s, err := j.ownSecret()
		if err != nil {
			return err
		}
		j.secret = s
	}
	raw, err := hex.DecodeString(j.state.C0)
	if err != nil || len(raw) != keyshare.PointLen {
		return fmt.Errorf("%s is damaged", filepath.Join(j.dir, "state.json"))
	}
	j.c0 = [keyshare.PointLen]byte(raw)
	return j.keepSecret()
}

// sharedSecret is that of the work's first version.
func (j *job) sharedSecret() error {
	if j.Secret == "" {
		return ErrSecretNeeded
	}
	s, err := ReadSecret(j.Secret)
	if err != nil {
		return err
	}
	if j.c0 = s.C0(); !bytes.Equal(j.c0[:], j.root.Keys.C0) {
		return fmt.Errorf("%w: %s", ErrOtherSecret, j.Secret)
	}
	j.secret = &s
	return nil
}

// ownSecret is that of a new work. nil where an earlier run has erased it.
func (j *job) ownSecret() (*keyshare.Secret, error) {
	s, err := ReadSecret(j.jobSecret())
	switch {
	case errors.Is(err, os.ErrNotExist) && j.state.C0 != "":
		return nil, nil
	case j.state.C0 != "":
		return &s, err
	case err != nil: // none yet, or a run was killed while it wrote it: nothing depends on that
		if err := eraseSecret(j.jobSecret()); err != nil {
			return nil, err
		}
		s = keyshare.NewSecret(rand.Reader)
		if err := WriteSecret(j.jobSecret(), s); err != nil {
			return nil, err
		}
	}
	c0 := s.C0()
	j.state.C0 = hex.EncodeToString(c0[:])
	return &s, j.save()
}

// keepSecret copies the secret to where the creator wants it, once.
func (j *job) keepSecret() error {
	if j.KeepSecret == "" {
		return nil
	}
	there, err := ReadSecret(j.KeepSecret)
	switch {
	case err == nil && there.C0() == j.c0:
		return nil
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: %s", ErrSecretExists, j.KeepSecret)
	case j.secret == nil:
		return ErrSecretErased
	case j.DryRun:
		return nil
	}
	return WriteSecret(j.KeepSecret, *j.secret)
}
