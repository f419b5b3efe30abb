package store

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
)

// ErrTooMany says that there are as many as may be.
var ErrTooMany = errors.New("there are as many as may be")

// Webhook is an address that events are posted to.
type Webhook struct {
	ID, URL     string
	Types       []string
	Secret      string
	CreatedAt   int64
	Height, Idx int64 // of the last event that it had
	Attempts    int64 // that failed since
	NextAt      int64
	LastError   string
	Failing     bool // it is given up
}

const webhookColumns = "id, url, types, secret, created_at, height, idx, attempts, next_at, last_error, failing"

func scanWebhook(row func(...any) error, h *Webhook) error {
	var types string
	if err := row(&h.ID, &h.URL, &types, &h.Secret, &h.CreatedAt, &h.Height, &h.Idx, &h.Attempts, &h.NextAt, &h.LastError, &h.Failing); err != nil {
		return err
	}
	return json.Unmarshal([]byte(types), &h.Types)
}

// AddWebhook makes one. ErrTooMany beyond most in all, or perHost to one host.
func (s *Store) AddWebhook(ctx context.Context, h Webhook, most, perHost int) error {
	to, err := url.Parse(h.URL)
	if err != nil {
		return err
	}
	types, err := json.Marshal(h.Types)
	if err != nil {
		return err
	}
	return s.Write(ctx, func(tx *Tx) error {
		all, err := tx.Strings("SELECT url FROM webhooks WHERE failing = 0")
		if err != nil {
			return err
		}
		same := 0
		for _, other := range all {
			if u, err := url.Parse(other); err == nil && u.Hostname() == to.Hostname() {
				same++
			}
		}
		if len(all) >= most || same >= perHost {
			return ErrTooMany
		}
		_, err = tx.Exec("INSERT INTO webhooks ("+webhookColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, '', 0)", h.ID, h.URL, string(types), h.Secret, h.CreatedAt, h.Height, h.Idx)
		return err
	})
}

// Webhook returns one. ErrNotFound.
func (s *Store) Webhook(ctx context.Context, id string) (Webhook, error) {
	var h Webhook
	err := scanWebhook(func(dest ...any) error {
		return s.one(ctx, "SELECT "+webhookColumns+" FROM webhooks WHERE id = ?", []any{id}, dest...)
	}, &h)
	return h, err
}

// DueWebhooks lists those that may be called at a time.
func (s *Store) DueWebhooks(ctx context.Context, now int64) ([]Webhook, error) {
	return list(ctx, s, "SELECT "+webhookColumns+" FROM webhooks WHERE failing = 0 AND next_at <= ? ORDER BY next_at, id", []any{now}, scanWebhook)
}

// SaveWebhook writes where one is.
func (s *Store) SaveWebhook(ctx context.Context, h Webhook) error {
	return s.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec("UPDATE webhooks SET height = ?, idx = ?, attempts = ?, next_at = ?, last_error = ?, failing = ? WHERE id = ?", h.Height, h.Idx, h.Attempts, h.NextAt, h.LastError, h.Failing, h.ID)
		return err
	})
}

// RemoveWebhook ends one.
func (s *Store) RemoveWebhook(ctx context.Context, id string) error {
	return s.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec("DELETE FROM deliveries WHERE webhook = ?", id); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM webhooks WHERE id = ?", id)
		return err
	})
}
