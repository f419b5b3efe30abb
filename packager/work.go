package packager

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/publish"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// Probe says what was packaged.
type Probe struct {
	Kind       string              `json:"kind"`
	Seconds    float64             `json:"seconds"`
	Renditions []publish.Rendition `json:"renditions"`
	Captions   []string            `json:"captions"`
	Type       string              `json:"type,omitempty"`
	LeftOut    []string            `json:"left_out,omitempty"`
}

// Quote says what publishing would cost.
type Quote struct {
	Work      string  `json:"work"`
	Root      string  `json:"root"`
	Creator   string  `json:"creator"`
	Kind      string  `json:"kind"`
	Bytes     int64   `json:"bytes"`
	Seconds   float64 `json:"seconds"`
	Deposit   string  `json:"deposit"`
	Storage   string  `json:"storage"`
	Days      int     `json:"days"`
	Encrypted bool    `json:"encrypted"`
	Holders   int     `json:"holders,omitempty"`
	Threshold uint32  `json:"threshold,omitempty"`
	Copies    []Copy  `json:"copies"`
}

// Copy is one of the work on a node.
type Copy struct {
	Provider string `json:"provider"`
	Endpoint string `json:"endpoint"`
	Price    string `json:"price,omitempty"`
	Status   string `json:"status,omitempty"`
}

// Result is what was published.
type Result struct {
	Work      string `json:"work"`
	Root      string `json:"root"`
	Creator   string `json:"creator"`
	TX        string `json:"tx"`
	Height    int64  `json:"height"`
	Encrypted bool   `json:"encrypted"`
	Secret    string `json:"secret"` // erased, kept, or empty
	Copies    []Copy `json:"copies"`
}

// file is what was received. Its name tells publish what it is, and names what does not play inside the work.
func (j *job) file() string { return filepath.Join(j.dir, "in", safeName(j.rec.Name)) }

func (j *job) home() string { return filepath.Join(j.dir, "work") }

// captions are the tracks that came with the file, in the order of their languages.
func (j *job) captions() []media.Sidecar {
	var out []media.Sidecar
	for _, l := range j.view().Captions {
		out = append(out, media.Sidecar{Language: l, Path: filepath.Join(j.dir, "captions", l)})
	}
	return out
}

// pack packages the file; what it made is used again by prepare and publish.
func (j *job) pack(renditions string) error {
	ready := func(*record) error { return nil }
	return j.run(Packaging, Packaged, ready, func(ctx context.Context) error {
		opt := media.Options{Renditions: renditions, Captions: j.captions()}
		made, err := media.Package(ctx, j.file(), filepath.Join(j.home(), "packaged"), opt, func(p media.Progress) {
			j.progress(stageOf(p), int64(p.Done*1000), 1000)
		})
		if err != nil {
			return err
		}
		probe := &Probe{Kind: string(made.Kind), Seconds: made.Seconds, Renditions: []publish.Rendition{}, Captions: []string{}, Type: made.Type, LeftOut: made.LeftOut}
		for _, r := range made.Renditions {
			probe.Renditions = append(probe.Renditions, publish.Rendition{Width: r.Width, Height: r.Height, Bandwidth: r.Average, Copied: r.Copied})
		}
		for _, c := range made.Captions {
			probe.Captions = append(probe.Captions, c.Language)
		}
		return j.change(func(r *record) {
			r.Probe, r.Quote, r.FileCover = probe, nil, made.Cover
			if r.Cover != coverOwn {
				r.Cover = coverNone
				if made.Cover != "" {
					r.Cover = coverFile
				}
			}
		})
	})
}

func stageOf(p media.Progress) string {
	if p.Rendition == "" {
		return p.Step
	}
	return p.Step + " " + p.Rendition
}

// prepare takes the terms, and finds out what publishing on them costs.
func (j *job) prepare(t Terms) error {
	if _, err := t.options(j.s.client.Codec); err != nil {
		return err
	}
	ready := func(r *record) error {
		if r.Registers {
			return registered409()
		}
		r.Terms, r.Quote = &t, nil
		return nil
	}
	return j.run(Preparing, Prepared, ready, func(ctx context.Context) error {
		res, err := j.publishing(ctx, true)
		if err != nil {
			return err
		}
		q := &Quote{
			Work: res.Work, Root: res.Root, Creator: res.Creator, Kind: res.Kind, Bytes: res.Bytes, Seconds: res.DurationSeconds, Deposit: res.Deposit,
			Storage: res.Prepaid, Days: t.Days, Encrypted: res.Keys.Encrypted, Holders: res.Keys.Holders, Threshold: res.Keys.Threshold, Copies: copies(res.Deals),
		}
		return j.change(func(r *record) { r.Quote = q })
	})
}

// publish does what was prepared, or goes on with it.
func (j *job) publish() error {
	ready := func(r *record) error {
		if r.Quote == nil || r.Terms == nil {
			return problem(http.StatusConflict, "too-early", "prepare it first")
		}
		return nil
	}
	return j.run(Publishing, Done, ready, func(ctx context.Context) error {
		res, err := j.publishing(ctx, false)
		if err != nil {
			return err
		}
		r := &Result{Work: res.Work, Root: res.Root, Creator: res.Creator, TX: res.TX, Height: res.Height, Encrypted: res.Keys.Encrypted, Copies: copies(res.Deals)}
		switch res.Keys.Secret {
		case "":
		case publish.Erased:
			r.Secret = publish.Erased
		default:
			r.Secret = "kept"
			if err := os.Rename(res.Keys.Secret, j.s.secret(res.Root)); err != nil {
				return err
			}
		}
		if err := j.change(func(rec *record) { rec.Result = r }); err != nil {
			return err
		}
		return j.clean()
	})
}

// publishing runs package publish on the terms.
func (j *job) publishing(ctx context.Context, dry bool) (*publish.Result, error) {
	v := j.view()
	opt, err := v.Terms.options(j.s.client.Codec)
	if err != nil {
		return nil, err
	}
	address, err := sdk.AccAddressFromBech32(v.Terms.Account)
	if err != nil {
		return nil, err
	}
	opt.File, opt.Home, opt.Captions, opt.DryRun, opt.Progress = j.file(), j.home(), j.captions(), dry, j.progress
	if v.Cover == coverOwn {
		opt.Cover = j.ownCover()
	}
	if v.Probe != nil && opt.Kind == v.Probe.Kind {
		opt.Kind = "" // what the file is anyhow: it is packaged already
	}
	params, err := storagetypes.NewQueryClient(j.s.client.Conn()).Params(ctx, &storagetypes.QueryParamsRequest{})
	if err != nil {
		return nil, err
	}
	opt.Private = params.Params.RelaxedNetworkRules
	if err := j.secrets(ctx, &opt, v); err != nil {
		return nil, err
	}
	return publish.As(ctx, j.s.client, account{j, j.s.client, address}, opt)
}

// secrets says where the work's secret is, or shall be kept.
func (j *job) secrets(ctx context.Context, opt *publish.Options, v Job) error {
	if opt.Previous != "" {
		res, err := contenttypes.NewQueryClient(j.s.client.Conn()).Work(ctx, &contenttypes.QueryWorkRequest{Work: opt.Previous})
		if err != nil {
			return err
		}
		if path := j.s.secret(res.Work.Root); there(path) {
			opt.Secret = path
		}
		return nil
	}
	if !v.Terms.KeepSecret || opt.NoEncrypt || !publish.Priced(opt.Offers) {
		return nil
	}
	opt.KeepSecret = j.s.secret(v.ID)
	// an earlier run ended between the last step and the record of it
	if v.Quote != nil && there(j.s.secret(v.Quote.Root)) {
		opt.KeepSecret = j.s.secret(v.Quote.Root)
	}
	return nil
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// clean removes all that a finished job does not need.
func (j *job) clean() error {
	var errs []error
	for _, name := range []string{"in", "work", "captions", "cover"} {
		errs = append(errs, os.RemoveAll(filepath.Join(j.dir, name)))
	}
	return errors.Join(errs...)
}

func copies(deals []publish.Deal) []Copy {
	out := []Copy{}
	for _, d := range deals {
		out = append(out, Copy{d.Provider, d.Endpoint, d.Price, d.Status})
	}
	return out
}

// failure says what went wrong, in words of the API.
func (s *Service) failure(err error) *Failure {
	is := func(list ...error) bool {
		return slices.ContainsFunc(list, func(e error) bool { return errors.Is(err, e) })
	}
	var p *Problem
	var tx *chainclient.TxError
	slug := "internal"
	switch {
	case errors.As(err, &p):
		return &Failure{p.Slug, p.Detail}
	case is(media.ErrTool, media.ErrStalled, media.ErrBusy):
		slug = "tool"
	case is(media.ErrUnreadable, media.ErrEmpty, media.ErrNotMedia, media.ErrUnsupported, media.ErrTooLarge, media.ErrRenditions, media.ErrCaptions, media.ErrBroken, media.ErrChanged):
		slug = "unreadable"
	case is(publish.ErrNoHolders):
		slug = "no-holders"
	case is(publish.ErrUnfinished):
		slug = "unfinished"
	case is(publish.ErrNoProvider):
		slug = "no-provider"
	case is(publish.ErrSecretNeeded, publish.ErrOtherSecret, publish.ErrSecretErased, publish.ErrSecretExists, publish.ErrSecretFormat):
		slug = "secret"
	case is(publish.ErrStaysEncrypted, publish.ErrSecretUnused), isField(err):
		slug = "terms"
	case is(errRefused), errors.As(err, &tx):
		slug = "refused"
	case is(chainclient.ErrUnconfirmed), isChain(err):
		slug = "chain"
	default:
		s.log.Error("a job failed", "err", err)
	}
	return &Failure{slug, err.Error()}
}
