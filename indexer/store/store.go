package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	_ "embed" // the schema
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"

	_ "modernc.org/sqlite" // the driver named sqlite
)

//go:embed schema.sql
var schema string

//go:embed local.sql
var local string

// Schema is the version of the projected tables. An index of another version is rebuilt: `indexerd reindex`.
const Schema = 1

var (
	// ErrSchema is returned by Open for an index that another version of the program made.
	ErrSchema = errors.New("the index has another schema: rebuild it with `indexerd reindex`")
	// ErrChain is returned by SetChain for an index of another chain.
	ErrChain = errors.New("the index is of another chain: use another home, or rebuild it with `indexerd reindex`")
	// ErrLocked is returned by Open and Rebuild for an index that a running process has open: what each holds in memory would not follow the other's rows.
	ErrLocked = errors.New("another process has the index open: stop it first, or use another home")
)

// Store is one index. Its methods are safe for concurrent use; there is one writer at a time.
type Store struct {
	read *sql.DB
	db   *sql.DB
	lock *os.File // the system lets go of it when the process ends, however it does
	key  []byte

	searches searches // that were asked lately
	catalog  catalog
	stmts    statements // of readers

	mu     sync.Mutex // held by the writer
	conn   *sql.Conn
	tx     *Tx  // reused for its prepared statements
	noting bool // the writer's connection notes which works it writes
}

// Open opens the index in the folder dir, and makes it where there is none: index.db, and payer.key, the secret with which
// payers are hashed. Errors: ErrSchema, ErrLocked.
func Open(ctx context.Context, dir string) (*Store, error) {
	s, err := open(ctx, dir)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Rebuild opens the index in dir with empty projected tables, whatever schema it had. What does not follow from the chain stays. Errors: ErrLocked.
func Rebuild(ctx context.Context, dir string) (*Store, error) {
	s, err := open(ctx, dir)
	if err != nil {
		return nil, err
	}
	if err := s.drop(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func open(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator's own folder
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w (%s)", ErrLocked, dir), lock.Close())
	}
	s := &Store{lock: lock}
	if err := s.connect(ctx, dir); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// connect opens the database for the writer and for readers.
func (s *Store) connect(ctx context.Context, dir string) (err error) {
	if s.key, err = payerKey(filepath.Join(dir, "payer.key")); err != nil {
		return err
	}
	// a relative path would be read as the name of a host
	path, err := filepath.Abs(filepath.Join(dir, "index.db"))
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if s.db, err = sql.Open("sqlite", dsn(path, "journal_mode(wal)", "synchronous(normal)", "busy_timeout(10000)", "cache_size(-65536)", "temp_store(memory)", "wal_autocheckpoint(4000)")); err != nil {
		return fmt.Errorf("index %s: %w", path, err)
	}
	s.db.SetMaxOpenConns(1)
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return fmt.Errorf("index %s: %w", path, err)
	}
	s.tx = &Tx{store: s, stmts: map[string]*sql.Stmt{}}
	if s.read, err = sql.Open("sqlite", dsn(path, "query_only(1)", "busy_timeout(10000)", "cache_size(-32768)", "temp_store(memory)", "mmap_size(268435456)")); err != nil {
		return fmt.Errorf("index %s: %w", path, err)
	}
	s.read.SetMaxOpenConns(8)
	s.read.SetMaxIdleConns(8)
	return nil
}

func dsn(path string, pragmas ...string) string {
	q := url.Values{"_pragma": pragmas}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// payerKey reads the secret, and makes it where there is none.
func payerKey(path string) ([]byte, error) {
	key, err := os.ReadFile(path) //nolint:gosec // the operator's own folder
	if errors.Is(err, os.ErrNotExist) {
		key = make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, key, 0o600); err != nil {
			return nil, fmt.Errorf("secret of the index: %w", err)
		}
		return key, nil
	}
	if err != nil {
		return nil, fmt.Errorf("secret of the index: %w", err)
	}
	if len(key) != 32 {
		return nil, fmt.Errorf("secret of the index: %s has %d bytes, wanted 32; remove it and run `indexerd reindex`", path, len(key))
	}
	return key, nil
}

// Close ends the readers and the writer.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	if s.read != nil {
		errs = append(errs, s.stmts.close(), s.read.Close())
	}
	if s.conn != nil {
		s.tx.close()
		errs = append(errs, s.conn.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// Read is a pool of connections that cannot write. Each query sees whole blocks.
func (s *Store) Read() *sql.DB { return s.read }

// Write runs f in one transaction: all of it happens, or nothing.
func (s *Store) Write(ctx context.Context, f func(*Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	s.tx.ctx = ctx
	err := f(s.tx)
	var written []row
	if err == nil {
		written, err = s.tx.written()
	}
	if err == nil {
		if _, err = s.conn.ExecContext(ctx, "COMMIT"); err == nil {
			s.catalog.put(written)
			return nil
		}
	}
	// the caller's context may have ended, and the next writer needs the connection without a transaction
	if _, back := s.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); back != nil {
		err = errors.Join(err, back)
	}
	return err
}

// Who hashes a payer so that only this index can tell two of them apart.
func (s *Store) Who(payer string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(payer))
	return mac.Sum(nil)[:16]
}

// prepare makes what is missing, checks the version, and reads the catalog.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.tables(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.conn.ExecContext(ctx, noteRows); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	s.noting = true
	return s.catalog.load(ctx, s.conn)
}

// tables makes those that are missing and checks the version.
func (s *Store) tables(ctx context.Context) error {
	return s.Write(ctx, func(tx *Tx) error {
		if _, err := s.conn.ExecContext(ctx, local); err != nil {
			return fmt.Errorf("index: %w", err)
		}
		found, ok, err := tx.Meta("schema")
		switch {
		case err != nil:
			return err
		case ok && found != strconv.Itoa(Schema):
			return fmt.Errorf("%w (it has %s, this program %d)", ErrSchema, found, Schema)
		case ok:
			return nil
		}
		if _, err := s.conn.ExecContext(ctx, schema); err != nil {
			return fmt.Errorf("index: %w", err)
		}
		if err := tx.SetMeta("schema", strconv.Itoa(Schema)); err != nil {
			return err
		}
		return tx.SetMeta("height", "-1")
	})
}

// drop removes every table but those of local.sql, and what meta says of the chain.
func (s *Store) drop(ctx context.Context) error {
	var noted bool
	err := s.Write(ctx, func(tx *Tx) error {
		noted, s.noting = s.noting, false // triggers go with their tables
		if _, err := s.conn.ExecContext(ctx, local); err != nil {
			return fmt.Errorf("index: %w", err)
		}
		// virtual tables first: dropping one drops its shadow tables
		names, err := tx.Strings(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('meta', 'webhooks', 'deliveries') AND name NOT LIKE 'sqlite_%'
			ORDER BY sql NOT LIKE 'CREATE VIRTUAL%', name`)
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, err := s.conn.ExecContext(ctx, `DROP TABLE IF EXISTS "`+name+`"`); err != nil {
				return fmt.Errorf("index: %w", err)
			}
		}
		_, err = s.conn.ExecContext(ctx, "DELETE FROM meta WHERE key IN ('schema', 'chain_id', 'height')")
		return err
	})
	if err != nil {
		s.noting = noted
		return err
	}
	s.catalog.reset()
	s.searches.reset()
	return nil
}

// Reset empties the projected tables of an open index; it stays the index of its chain.
func (s *Store) Reset(ctx context.Context) error {
	var id string
	err := s.read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'chain_id'").Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("index: %w", err)
	}
	if err := s.drop(ctx); err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil || id == "" {
		return err
	}
	return s.SetChain(ctx, id)
}

// Height is the cursor: the newest block whose rows are in; 0 when the genesis is, -1 before.
func (s *Store) Height(ctx context.Context) (int64, error) {
	var v string
	if err := s.read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'height'").Scan(&v); err != nil {
		return 0, fmt.Errorf("index: %w", err)
	}
	return strconv.ParseInt(v, 10, 64)
}

// SetChain binds an empty index to a chain. Errors: ErrChain where it is bound to another.
func (s *Store) SetChain(ctx context.Context, id string) error {
	return s.Write(ctx, func(tx *Tx) error {
		found, ok, err := tx.Meta("chain_id")
		if err != nil {
			return err
		}
		if ok && found != id {
			return fmt.Errorf("%w: it has %s, the node says %s", ErrChain, found, id)
		}
		return tx.SetMeta("chain_id", id)
	})
}
