package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/streamchain/streamchain/indexer/store"
)

// statement is what a creator earned, as JSON or CSV.
func (a *API) statement(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*patience)
	defer cancel()
	q, err := readQuery(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	const end = 253_402_300_799 // the year 9999
	from, to, format := q.number("from", 0, end, 0), q.number("to", 0, end, time.Now().Unix()), q.one("format", "json", "json", "csv")
	if from > to {
		q.fail("from", "not after to")
	}
	if err := q.unread(); err != nil {
		a.fail(w, r, err)
		return
	}
	s, err := a.cfg.Store.Statement(ctx, r.PathValue("creator"), from, to)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if format == "json" {
		raw, err := json.Marshal(s)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		send(w, r, "application/json", raw)
		return
	}
	w.Header().Set("Content-Disposition", `attachment; filename="statement.csv"`)
	send(w, r, "text/csv; charset=utf-8", []byte(statementCSV(s)))
}

func statementCSV(s store.Statement) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	row := func(cells ...string) {
		for i := range cells {
			cells[i] = inert(cells[i])
		}
		_ = w.Write(cells) // to memory
	}
	row("by", "key", "title", "payments", "gross", "charged", "creator", "denom")
	for _, part := range []struct {
		by    string
		lines []store.StatementLine
	}{{"rail", s.ByRail}, {"work", s.ByWork}, {"day", s.ByDay}} {
		for _, l := range part.lines {
			row(part.by, l.Key, l.Title, strconv.FormatInt(l.Payments, 10), l.Gross, l.Charged, l.Creator, s.Denom)
		}
	}
	row("total", "", "", strconv.FormatInt(s.Total.Payments, 10), s.Total.Gross, s.Total.Charged, s.Total.Creator, s.Denom)
	w.Flush()
	return b.String()
}

// inert keeps a spreadsheet from taking a stranger's title for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
