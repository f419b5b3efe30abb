package publish

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/media"
)

// prepare packages the file, encrypts it and writes the piece. Packaged files are kept between runs; the DAG and the piece are
// made anew from them, which takes no longer than checking them would.
func (j *job) prepare(ctx context.Context) error {
	// podcasts and courses are what their file is: audio, video, a document
	kind := media.Kind(j.Kind)
	if j.Kind == "podcast" || j.Kind == "course" {
		kind = ""
	}
	opt := media.Options{Kind: kind, Renditions: j.Renditions, Captions: j.Captions}
	var err error
	if j.pack, err = media.Package(ctx, j.File, filepath.Join(j.Home, "packaged"), opt, j.packaging); err != nil {
		return err
	}
	if err := j.encrypt(ctx); err != nil {
		return err
	}
	j.describe()
	index := media.NewIndex()
	if j.media, _, err = media.BuildDAG(ctx, j.pack.Dir, index); err != nil {
		return err
	}
	if j.Cover != "" {
		j.pack.Cover = j.Cover
	}
	if j.pack.Cover != "" {
		if j.cover, _, err = media.BuildDAG(ctx, j.pack.Cover, index); err != nil {
			return err
		}
	}
	j.car = filepath.Join(j.dir, "piece.car")
	f, err := os.Create(j.car)
	if err != nil {
		return err
	}
	// a work without a cover has one root: WriteCAR leaves an undefined one out
	j.piece, j.size, err = media.WriteCAR(ctx, f, []cid.Cid{j.media, j.cover}, index)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	j.result.Media, j.result.PieceRoot = j.media.String(), fmt.Sprintf("%x", j.piece)
	j.result.Bytes, j.result.DurationSeconds = int64(j.size), j.pack.Seconds
	return nil
}

func (j *job) packaging(p media.Progress) {
	j.Progress(strings.TrimSpace(p.Step+" "+p.Rendition), int64(p.Done*1000), 1000)
}

// describe says what was packaged.
func (j *job) describe() {
	for _, r := range j.pack.Renditions {
		j.result.Renditions = append(j.result.Renditions, Rendition{r.Width, r.Height, r.Average, r.Copied})
	}
	for _, c := range j.pack.Captions {
		j.result.Captions = append(j.result.Captions, c.Language)
	}
	j.result.Type, j.result.LeftOut = j.pack.Type, j.pack.LeftOut
}
