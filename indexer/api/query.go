package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamchain/streamchain/indexer/store"
)

const (
	maxQuery     = 4096 // bytes of a query string
	defaultLimit = 24
	maxLimit     = 100
)

var (
	kinds  = []string{"video", "audio", "podcast", "course", "document", "image", "software", "other"}
	prices = []string{"free", "metered", "purchase", "rental", "plan", "tier", "token", "pay-what-you-want", "template"}
)

// query reads parameters. What nobody read is a mistake that the caller is told of.
type query struct {
	values url.Values
	read   map[string]bool
	err    error
}

func readQuery(r *http.Request) (*query, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, newProblem(http.StatusRequestURITooLong, "query-too-long", "at most %d bytes", maxQuery)
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "bad-query", "the query cannot be read: %v", err)
	}
	for name, all := range values {
		for _, v := range all {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return nil, badParameter(name, "not UTF-8 text")
			}
		}
	}
	return &query{values: values, read: map[string]bool{}}, nil
}

func (q *query) fail(name, format string, args ...any) {
	if q.err == nil {
		q.err = badParameter(name, format, args...)
	}
}

// unread is the mistake of the parameters, or of one that there is not.
func (q *query) unread() error {
	for name := range q.values {
		if q.err == nil && !q.read[name] {
			q.fail(name, "there is no such parameter here")
		}
	}
	return q.err
}

func (q *query) text(name string, most int) string {
	q.read[name] = true
	all := q.values[name]
	if len(all) > 1 {
		q.fail(name, "give it once")
	}
	if len(all) == 0 {
		return ""
	}
	if len(all[0]) > most {
		q.fail(name, "at most %d bytes", most)
		return ""
	}
	return all[0]
}

func (q *query) texts(name string, count, most int) []string {
	q.read[name] = true
	all := q.values[name]
	if len(all) == 1 && strings.Contains(all[0], ",") {
		all = strings.Split(all[0], ",")
	}
	if len(all) > count {
		q.fail(name, "at most %d", count)
		return nil
	}
	for _, v := range all {
		if v == "" || len(v) > most {
			q.fail(name, "1 to %d bytes each", most)
		}
	}
	return all
}

func (q *query) number(name string, least, most, otherwise int64) int64 {
	s := q.text(name, 20)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < least || n > most {
		q.fail(name, "a number from %d to %d", least, most)
	}
	return n
}

func (q *query) one(name, otherwise string, of ...string) string {
	s := q.text(name, 100)
	if s == "" {
		return otherwise
	}
	if !slices.Contains(of, s) {
		q.fail(name, "one of %s", strings.Join(of, ", "))
	}
	return s
}

func (q *query) page() store.Page {
	return store.Page{Cursor: q.text("cursor", 500), Limit: int(q.number("limit", 1, maxLimit, defaultLimit))}
}

func (q *query) filter() store.Filter {
	return store.Filter{
		Kind: q.one("kind", "", kinds...), Language: q.text("language", 35), Licence: q.text("licence", 100), Tag: q.text("tag", 32), Price: q.one("price", "", prices...),
		Level: q.number("level", 0, 3, 0),
	}
}
