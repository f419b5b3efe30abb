package demo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

// published is what `streamd publish` prints.
type published struct {
	Work  string `json:"work"`
	Bytes int64  `json:"bytes"`
	TX    string `json:"tx"`
}

// watched is what `streamd watch` prints.
type watched struct {
	Work           string  `json:"work"`
	GrantedBy      string  `json:"granted_by"`
	Bytes          int64   `json:"bytes"`
	Verified       bool    `json:"verified"`
	SecondsWatched float64 `json:"seconds_watched"`
	Spent          string  `json:"spent"`
	Keys           *struct {
		Windows   int      `json:"windows"`
		Threshold int      `json:"threshold"`
		Holders   int      `json:"holders"`
		Liars     []string `json:"liars"`
	} `json:"keys"`
}

// work is the receipt's line.
func (v watched) work(p published, title string) Work {
	w := Work{CID: p.Work, Title: title, Bytes: v.Bytes, Verified: v.Verified, SecondsWatched: v.SecondsWatched}
	if v.Keys != nil {
		w.Encrypted, w.Windows, w.Threshold, w.Holders = true, v.Keys.Windows, v.Keys.Threshold, v.Keys.Holders
	}
	return w
}

// job is what the main job made.
type job struct {
	Plan     string
	Song     published
	Film     published
	SongView watched
	FilmView watched
}

const (
	songTitle = "Apex Aleph (from Endgame: Singularity, CC-BY-SA 3.0)"
	filmTitle = "Big Buck Bunny, thirty seconds (Blender Foundation, CC-BY 3.0)"
)

// exitRefused is the exit code of a command that the chain refused.
const exitRefused = 4

// mainJob publishes two works and pays for them in each way there is.
func (r *run) mainJob(ctx context.Context) (job, error) {
	var j job
	var plan struct {
		Plan string `json:"plan"`
	}
	steps := []struct {
		name, says string
		out        any
		from       string
		args       []string
	}{
		{"song", "alice publishes a song, paid per second", &j.Song, "alice", []string{
			"publish", r.Song, "--title", songTitle, "--licence", "CC-BY-SA-3.0", "--handle", "alice",
			"--price-per-second", "0.0001stream", "--preview", "10"}},
		{"plan", "bob opens a plan over all his works", &plan, "bob", []string{
			"plan", "create", "--title", "Film club", "--price", "2stream", "--period", "30s", "--handle", "bob"}},
	}
	for _, s := range steps {
		if err := r.step(ctx, s.name, s.says, s.out, func(ctx context.Context) error {
			return r.cli.client(ctx, s.from, s.out, s.args...)
		}); err != nil {
			return j, err
		}
	}
	j.Plan = plan.Plan
	if err := r.step(ctx, "film", "bob publishes a film clip, for sale and in the plan", &j.Film, func(ctx context.Context) error {
		return r.cli.client(ctx, "bob", &j.Film, "publish", r.Clip, "--title", filmTitle, "--licence", "CC-BY-3.0",
			"--price", "1.5stream", "--plan", j.Plan)
	}); err != nil {
		return j, err
	}
	return j, r.viewer(ctx, &j)
}

// viewer buys, watches, subscribes, tips and pays per second.
func (r *run) viewer(ctx context.Context, j *job) error {
	var done struct {
		TX string `json:"tx"`
	}
	pay := func(name, says string, args ...string) error {
		return r.step(ctx, name, says, &done, func(ctx context.Context) error {
			err := r.cli.client(ctx, "viewer", &done, args...)
			var f *Failure
			if name == "buy" && errors.As(err, &f) && f.Code == exitRefused {
				// a run that was killed after the purchase: watching proves below that it is owned
				return nil
			}
			return err
		})
	}
	if err := pay("buy", "the viewer buys the film", "buy", j.Film.Work, "--max-price", "1.5stream"); err != nil {
		return err
	}
	if err := pay("subscribe", "the viewer subscribes to bob's plan", "subscribe", j.Plan, "--max-price", "2stream"); err != nil {
		return err
	}
	if err := pay("tip", "the viewer tips alice", "tip", j.Song.Work, "0.25stream", "--memo", "lovely"); err != nil {
		return err
	}
	if err := r.step(ctx, "watch-film", "the viewer watches the film that is now owned", &j.FilmView, func(ctx context.Context) error {
		return r.cli.client(ctx, "viewer", &j.FilmView, "watch", j.Film.Work, "--out", filepath.Join(r.Home, "film.mp4"), "--max-spend", "0stream")
	}); err != nil {
		return err
	}
	if err := r.step(ctx, "watch-song", "the viewer listens to the song, paying every second", &j.SongView, func(ctx context.Context) error {
		return r.cli.client(ctx, "viewer", &j.SongView, "watch", j.Song.Work, "--out", filepath.Join(r.Home, "song.mp4"), "--max-spend", "1stream")
	}); err != nil {
		return err
	}
	for _, v := range []watched{j.FilmView, j.SongView} {
		if !v.Verified || v.Bytes == 0 || v.SecondsWatched == 0 {
			return fmt.Errorf("work %s was not watched whole and verified: %+v", v.Work, v)
		}
		if v.Keys == nil || v.Keys.Windows == 0 || len(v.Keys.Liars) > 0 {
			return fmt.Errorf("work %s is not encrypted, or its holders did wrong: %+v", v.Work, v.Keys)
		}
	}
	return nil
}
