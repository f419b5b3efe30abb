package project

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/streamchain/streamchain/indexer/ask"
)

// Fold is how words are compared: lower case, without diacritics.
func Fold(s string) string { return fold(s) }

func fold(s string) string { return ask.Fold(s) }

// Words are the different folded words of texts that corrections are made of, in their order.
func Words(texts ...string) []string {
	seen := map[string]bool{}
	var out []string
	for _, t := range texts {
		for _, w := range strings.FieldsFunc(fold(t), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
			if n := utf8.RuneCountInString(w); n < 3 || n > 32 || seen[w] {
				continue
			}
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// learn counts the words of texts.
func (r *run) learn(texts ...string) error {
	for _, w := range Words(texts...) {
		n, err := r.tx.Exec("UPDATE words SET n = n + 1 WHERE word = ?", w)
		if err != nil {
			return err
		}
		if n == 1 {
			continue
		}
		id, err := r.tx.Next("SELECT COALESCE(MAX(id), 0) FROM words")
		if err != nil {
			return err
		}
		if _, err := r.tx.Exec("INSERT INTO words (id, word, n) VALUES (?, ?, 1)", id, w); err != nil {
			return err
		}
		if _, err := r.tx.Exec("INSERT INTO words_fts (rowid, word) VALUES (?, ?)", id, w); err != nil {
			return err
		}
	}
	return nil
}

// text brings a work's place in the text index up to date: it has one while it is active.
func (r *run) text(root string) error {
	var n int64
	var title, tags, description, handle, status string
	found, err := r.tx.Row(`SELECT w.n, w.title, w.tags, w.description, w.status, COALESCE(c.handle, '') FROM works w LEFT JOIN creators c ON c.id = w.creator WHERE w.root = ?`,
		[]any{root}, &n, &title, &tags, &description, &status, &handle)
	if err != nil || !found {
		return err
	}
	for _, q := range []string{"DELETE FROM works_fts WHERE rowid = ?", "DELETE FROM titles_fts WHERE rowid = ?", "DELETE FROM work_tags WHERE work = ?"} {
		if _, err := r.tx.Exec(q, n); err != nil {
			return err
		}
	}
	if status != "active" {
		return nil
	}
	var each []string
	if err := json.Unmarshal([]byte(tags), &each); err != nil {
		return err
	}
	if _, err := r.tx.Exec("INSERT INTO works_fts (rowid, title, tags, handle, description) VALUES (?, ?, ?, ?, ?)", n, ask.Text(title), ask.Text(strings.Join(each, " ")), ask.Text(handle), ask.Text(description)); err != nil {
		return err
	}
	if _, err := r.tx.Exec("INSERT INTO titles_fts (rowid, title) VALUES (?, ?)", n, title); err != nil {
		return err
	}
	for _, t := range each {
		if _, err := r.tx.Exec("INSERT INTO work_tags (tag, work) VALUES (?, ?) ON CONFLICT DO NOTHING", strings.ToLower(t), n); err != nil {
			return err
		}
	}
	return nil
}
