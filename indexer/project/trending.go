package project

const (
	// window is how many days count, today included.
	window = 7
	// payerCap is the most of one payer that counts, in ustream: so much, again and again, is the price of faking it.
	payerCap = 5_000_000
)

// newDay forgets what no longer counts when the first block of a day comes.
func (r *run) newDay() error {
	subjects, err := r.tx.Strings("SELECT DISTINCT subject FROM spends WHERE day <= ?", r.day-window)
	if err != nil || len(subjects) == 0 {
		return err
	}
	r.changed.spent.add(subjects...)
	_, err = r.tx.Exec("DELETE FROM spends WHERE day <= ?", r.day-window)
	return err
}

// score computes a work's or a creator's place among the trending ones.
func (r *run) score(subject string) error {
	var score, payers int64
	if _, err := r.tx.Row("SELECT COALESCE(SUM(MIN(amount, ?)), 0), COUNT(*) FROM (SELECT SUM(amount) AS amount FROM spends WHERE subject = ? GROUP BY who)",
		[]any{payerCap, subject}, &score, &payers); err != nil {
		return err
	}
	query := "UPDATE creators SET score = ?, payers = ? WHERE id = ?"
	if isWork(subject) {
		query = "UPDATE works SET score = ?, payers = ? WHERE root = ?"
	}
	return r.one("subject", subject)(r.tx.Exec(query, score, payers, subject))
}
