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
	Plan      string
	Song      published
	Film      published
	SongView  watched
	FilmView  watched
	Templates []Template
}

const (
	songTitle = "Apex Aleph (from Endgame: Singularity, CC-BY-SA 3.0)"
	filmTitle = "Big Buck Bunny, thirty seconds (Blender Foundation, CC-BY 3.0)"
)

// exitRefused is the exit code of a command that the chain refused.
const exitRefused = 4

// ran is a command's step: what it prints goes to out.
func (r *run) ran(ctx context.Context, name, says string, out any, from string, args ...string) error {
	return r.step(ctx, name, says, out, func(ctx context.Context) error { return r.cli.client(ctx, from, out, args...) })
}

// mainJob publishes two works and pays for them in each way there is.
func (r *run) mainJob(ctx context.Context) (job, error) {
	var j job
	var plan struct {
		Plan string `json:"plan"`
	}
	if err := r.ran(ctx, "plan", "bob opens a plan over all his works", &plan, "bob",
		"plan", "create", "--title", "Film club", "--price", "2stream", "--period", "30s", "--handle", "bob"); err != nil {
		return j, err
	}
	j.Plan = plan.Plan
	var subscribed struct {
		TX string `json:"tx"`
	}
	rental, choice := sale{name: "rental-extension", author: "op0", seller: "bob"}, sale{name: "pay-what-you-want", author: "bob", seller: "alice"}
	err := together(func() error {
		return r.ran(ctx, "subscribe", "the viewer subscribes to bob's plan", &subscribed, "viewer", "subscribe", j.Plan, "--max-price", "2stream")
	}, func() error {
		return r.ran(ctx, "song", "alice publishes a song, paid per second", &j.Song, "alice",
			"publish", r.Song, "--title", songTitle, "--licence", "CC-BY-SA-3.0", "--handle", "alice", "--price-per-second", "0.0001stream", "--preview", "10")
	}, func() error {
		return r.publishTemplate(ctx, &rental)
	}, func() error {
		if err := r.publishTemplate(ctx, &choice); err != nil {
			return err
		}
		return r.ran(ctx, "film", "bob publishes a film clip, for sale and in the plan", &j.Film, "bob",
			"publish", r.Clip, "--title", filmTitle, "--licence", "CC-BY-3.0", "--renditions", "source,480", "--price", "1.5stream", "--plan", j.Plan)
	})
	if err != nil {
		return j, err
	}
	rental.work, choice.work = j.Film.Work, j.Song.Work
	if err := together(func() error { return r.useTemplate(ctx, rental, "price=300000") }, func() error { return r.useTemplate(ctx, choice, "least=100000") }); err != nil {
		return j, err
	}
	return j, together(func() error { return r.viewer(ctx, &j, &choice) }, func() error {
		return r.sell(ctx, &j, &rental, "alice", "alice rents the film by the template", "film-rented.mp4", "--max-price", "0.3stream")
	})
}

// viewer buys, watches, tips, pays per second, and then what the song is worth.
func (r *run) viewer(ctx context.Context, j *job, choice *sale) error {
	var done struct {
		TX string `json:"tx"`
	}
	err := r.step(ctx, "buy", "the viewer buys the film", &done, func(ctx context.Context) error {
		err := r.cli.client(ctx, "viewer", &done, "buy", j.Film.Work, "--max-price", "1.5stream")
		var f *Failure
		if errors.As(err, &f) && f.Code == exitRefused {
			// a run that was killed after the purchase: watching proves below that it is owned
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := r.ran(ctx, "tip", "the viewer tips alice", &done, "viewer", "tip", j.Song.Work, "0.25stream", "--memo", "lovely"); err != nil {
		return err
	}
	if err := r.watch(ctx, "watch-film", "the viewer watches the film that is now owned", &j.FilmView, "viewer", j.Film, "film.mp4", "0stream"); err != nil {
		return err
	}
	if err := r.watch(ctx, "watch-song", "the viewer listens to the song, paying every second", &j.SongView, "viewer", j.Song, "song.mp4", "1stream"); err != nil {
		return err
	}
	return r.sell(ctx, j, choice, "viewer", "the viewer pays for the song what it is worth", "song-again.mp4", "--max-price", "0.5stream", "--pay", "0.5stream")
}

// watch watches a work whole, and requires that it is encrypted and that nobody did wrong.
func (r *run) watch(ctx context.Context, name, says string, v *watched, from string, w published, file, most string) error {
	if err := r.ran(ctx, name, says, v, from, "watch", w.Work, "--out", filepath.Join(r.Home, file), "--max-spend", most); err != nil {
		return err
	}
	if !v.Verified || v.Bytes == 0 || v.SecondsWatched == 0 {
		return fmt.Errorf("work %s was not watched whole and verified: %+v", v.Work, *v)
	}
	if v.Keys == nil || v.Keys.Windows == 0 || len(v.Keys.Liars) > 0 {
		return fmt.Errorf("work %s is not encrypted, or its holders did wrong: %+v", v.Work, v.Keys)
	}
	return nil
}
