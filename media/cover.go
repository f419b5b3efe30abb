package media

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

const coverSide = 1280

// cover makes poster.jpg of a film, cover.jpg of an embedded picture. It is always decoded and encoded anew, so
// that nothing but a picture of bounded size is published.
func (j *job) cover(ctx context.Context) error {
	if j.mark.did("cover") {
		return nil
	}
	made := j.mark.Made
	j.progress(Progress{Step: "cover"})
	switch {
	case j.info.Video != nil:
		if err := j.poster(ctx); err != nil {
			return err
		}
		made.Cover = "poster.jpg"
	case j.info.Cover:
		err := j.picture(ctx, "cover.jpg", j.info.cover, 0, fmt.Sprintf("scale=w='min(%d,iw)':h=-2:flags=bicubic+accurate_rnd+bitexact", coverSide))
		var failed *toolError
		switch {
		case errors.As(err, &failed):
			// a song is published without a cover that no player could show
			if err := os.RemoveAll(filepath.Join(j.mark.work(), "cover.jpg")); err != nil {
				return err
			}
		case err != nil:
			return err
		default:
			made.Cover = "cover.jpg"
		}
	}
	j.progress(Progress{Step: "cover", Done: 1})
	return j.mark.step("cover", made)
}

// poster takes a frame of the film's beginning, past black and titles where it is long enough.
func (j *job) poster(ctx context.Context) error {
	v := j.info.Video
	w, h := fit(v.Width, v.Height, coverSide, coverSide)
	filter := scale(size{w, h})
	at := math.Min(30, v.seconds/10)
	err := j.picture(ctx, "poster.jpg", v.stream, at, filter)
	var failed *toolError
	if errors.As(err, &failed) && at > 0 {
		err = j.picture(ctx, "poster.jpg", v.stream, 0, filter)
	}
	if errors.As(err, &failed) {
		return fmt.Errorf("%w: no frame of %q can be shown: copy or export it again (%s)", ErrBroken, j.in, failed.last())
	}
	return err
}

func (j *job) picture(ctx context.Context, name string, stream int, at float64, filter string) error {
	in, err := input(j.in)
	if err != nil {
		return err
	}
	args := quiet()
	if at > 0 { // seeking would lose an embedded picture
		args = append(args, "-ss", fmt.Sprintf("%.3f", at))
	}
	args = append(args, in...)
	args = append(args, "-map", fmt.Sprintf("0:%d", stream), "-frames:v", "1", "-vf", filter, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "3",
		"-threads", "1", "-map_metadata", "-1", "-bitexact", "-f", "image2", "-update", "1", name)
	if err := run(ctx, j.mark.work(), "ffmpeg", stillTimeout, func(string) bool { return false }, args...); err != nil {
		return err
	}
	if nonEmpty(filepath.Join(j.mark.work(), name)) != nil {
		return &toolError{tool: "ffmpeg", said: "no frame"}
	}
	return nil
}
