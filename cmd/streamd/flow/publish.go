package flow

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/publish"
)

func publishCmd() *cobra.Command {
	var opt publish.Options
	var p pricing
	var captions []string
	cmd := &cobra.Command{
		Use:   "publish FILE",
		Short: "Package a file, place it on storage nodes, and register it with its prices",
		Long: `Package a song, a film or any other file, place it on storage nodes, and register it with its prices.

What plays already is published as it is, with smaller renditions of it for slower lines; what does not play yet is encoded.
Captions come from files (WebVTT or SubRip) and from the film itself.

What has a price is encrypted before it leaves this machine. Storage nodes that the chain draws hold its keys, each a share that is of no use alone, and
give them to who may watch. The secret that all keys come from is erased at the end; with --keep-secret it is kept, and only then can a later version be
published (--previous with --secret). Keep that file offline: it opens the whole work. What is free, and with --no-encrypt what is not, stays readable by
who runs a storage node.

A run that was stopped is finished by running the same command again: nothing is packaged, uploaded or paid twice.`,
		Example: `streamd publish song.ogg --title "Apex Aleph" --licence CC-BY-SA-3.0 --price-per-second 0.0001stream --from alice
streamd publish film.mp4 --title "Big Buck Bunny" --licence CC-BY-3.0 --price 1.5stream --plan streamcreator1…/1 --from bob
streamd publish film.mkv --title "Elephants Dream" --licence CC-BY-2.5 --free --renditions source,480 --captions en=en.srt --captions pt-BR=pt.vtt --from bob
streamd publish paper.pdf --title "Proofs" --licence CC-BY-4.0 --kind document --price 1stream --from carol
streamd publish film.mp4 --title "Sintel" --licence CC-BY-3.0 --price 2stream --keep-secret sintel.secret --from bob
streamd publish film-v2.mp4 --title "Sintel" --licence CC-BY-3.0 --previous bafyrei… --secret sintel.secret --from bob
streamd publish song.ogg --title "Apex Aleph" --licence CC-BY-SA-3.0 --price 1stream --dry-run --from alice`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.File = args[0]
			var err error
			if opt.Captions, err = sidecars(captions); err != nil {
				return err
			}
			return runPublish(cmd, opt, p)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opt.Title, "title", "", "title (required)")
	f.StringVar(&opt.Licence, "licence", "", "SPDX id of the licence, for example CC-BY-4.0 (required)")
	f.StringVar(&opt.Description, "description", "", "what it is")
	f.StringVar(&opt.Language, "language", "", "BCP 47 tag of the language")
	f.StringVar(&opt.Kind, "kind", "", "video, audio, document, image, software or other (default: what the file is)")
	f.StringVar(&opt.Renditions, "renditions", "auto", "auto (the source's quality and at most two lower), source, or a list of lines, as in source,720,360")
	f.StringArrayVar(&captions, "captions", nil, "LANGUAGE=FILE: captions to publish with it, WebVTT or SubRip (several times)")
	f.StringSliceVar(&opt.Tags, "tag", nil, "tags, at most 10")
	f.StringVar(&opt.Handle, "handle", "", "handle to take with the first work")
	f.StringVar(&opt.Previous, "previous", "", "newest version of the work that this file replaces")
	f.IntVar(&opt.Copies, "copies", 3, "storage nodes that shall keep it")
	f.IntVar(&opt.PrepayDays, "prepay-days", 30, "days of storage to pay for now")
	f.BoolVar(&opt.DryRun, "dry-run", false, "show what it would cost, and sign nothing")
	f.BoolVar(&opt.NoEncrypt, "no-encrypt", false, "leave what has a price readable by who runs a storage node")
	f.StringVar(&opt.KeepSecret, "keep-secret", "", "new file for the work's secret, which later versions need (default: it is erased)")
	f.StringVar(&opt.Secret, "secret", "", "with --previous of an encrypted work: the file that --keep-secret wrote")
	p.flags(cmd)
	cmd.MarkFlagsMutuallyExclusive("no-encrypt", "keep-secret")
	cmd.MarkFlagsMutuallyExclusive("no-encrypt", "secret")
	cmd.MarkFlagsMutuallyExclusive("keep-secret", "secret")
	cmd.MarkFlagsMutuallyExclusive("keep-secret", "previous")
	cmd.MarkFlagsOneRequired("title")
	cmd.MarkFlagsOneRequired("licence")
	return cmd
}

func runPublish(cmd *cobra.Command, opt publish.Options, p pricing) error {
	if opt.Copies < 1 || opt.Copies > 8 || opt.PrepayDays < 0 || opt.PrepayDays > 3660 {
		return exit.With(exit.Usage, errors.New("--copies is 1 to 8, --prepay-days 0 to 3660"))
	}
	var err error
	if opt.Offers, err = p.offers(); err != nil {
		return err
	}
	if len(opt.Offers) == 0 && opt.Previous == "" {
		return exit.With(exit.Usage, errors.New("say what it costs: --price, --price-per-second, --plan or --free"))
	}
	s, err := connect(cmd, true)
	if err != nil {
		return err
	}
	defer s.Close()
	if opt.Private, err = s.relaxed(cmd); err != nil {
		return err
	}
	opt.Home = s.folder("publish")
	if opt.Renditions == media.RenditionsAuto {
		opt.Renditions = ""
	}
	bars := newBars(cmd)
	bars.timed = true
	opt.Progress = bars.stage
	res, err := publish.Publish(cmd.Context(), s.Client, s.signer, opt)
	bars.done()
	if err != nil {
		return publishCode(err)
	}
	return show(cmd, res, func(line func(string, ...any)) {
		line("work      %s", res.Work)
		line("creator   %s", res.Creator)
		line("kind      %s, %.0f s, %d bytes", res.Kind, res.DurationSeconds, res.Bytes)
		for _, r := range res.Renditions {
			line("rendition %s", renditionText(r))
		}
		if len(res.Captions) > 0 {
			line("captions  %s", strings.Join(res.Captions, ", "))
		}
		for _, what := range res.LeftOut {
			line("left out  %s", what)
		}
		if opt.DryRun {
			line("deposit   %s (returned when it is retired)", res.Deposit)
		}
		line("storage   %s for %d days", res.Prepaid, opt.PrepayDays)
		for _, d := range res.Deals {
			line("copy      %s %s %s", d.Provider, d.Endpoint, d.Status)
		}
		for _, text := range keysText(res.Keys, publish.Priced(opt.Offers)) {
			line("%s", text)
		}
		if res.TX != "" {
			line("tx        %s at height %d", res.TX, res.Height)
		}
	})
}

// keysText says in plain words who can open what was published.
func keysText(k publish.Keys, priced bool) []string {
	switch {
	case !k.Encrypted && priced:
		return []string{"keys      not encrypted. " + notEncrypted}
	case !k.Encrypted:
		return []string{"keys      none: it is open to everybody"}
	case k.Version == 0:
		return []string{fmt.Sprintf("keys      would be encrypted, a key for each %d s; of %d nodes that the chain draws, any %d together would open it to who may watch", k.WindowSeconds, k.Holders, k.Threshold)}
	}
	out := []string{fmt.Sprintf("keys      encrypted, a key for each %d s; %d nodes hold them, any %d of which together open it to who may watch", k.WindowSeconds, k.Holders, k.Threshold)}
	switch k.Secret {
	case "":
		return out
	case publish.Erased:
		return append(out, "secret    erased here: nobody has it whole, and no later version can be published")
	}
	return append(out, fmt.Sprintf("secret    in %s: it opens the whole work, and later versions need it (--secret); keep it offline", k.Secret))
}

// notEncrypted is what a creator must know who sells clear bytes.
const notEncrypted = "Storage nodes give it only to who may watch, but whoever runs one can read it and pass it on: you rely on their honesty"

// sidecars reads LANGUAGE=FILE.
func sidecars(list []string) (out []media.Sidecar, err error) {
	for _, c := range list {
		language, file, ok := strings.Cut(c, "=")
		if !ok || language == "" || file == "" {
			return nil, exit.With(exit.Usage, fmt.Errorf("--captions %q: use LANGUAGE=FILE, as in en=film.srt", c))
		}
		out = append(out, media.Sidecar{Language: language, Path: file})
	}
	return out, nil
}

func renditionText(r publish.Rendition) string {
	text := fmt.Sprintf("%d kbit/s", r.Bandwidth/1000)
	if r.Height > 0 {
		text = fmt.Sprintf("%d × %d, %s", r.Width, r.Height, text)
	}
	if r.Copied {
		text += ", the source's own"
	}
	return text
}

// publishCode gives a failure its exit code.
func publishCode(err error) error {
	for _, e := range []error{media.ErrRenditions, publish.ErrSecretNeeded, publish.ErrSecretUnused, publish.ErrOtherSecret, publish.ErrSecretExists, publish.ErrSecretErased, publish.ErrStaysEncrypted} {
		if errors.Is(err, e) {
			return exit.With(exit.Usage, err)
		}
	}
	for _, e := range []error{media.ErrUnreadable, media.ErrEmpty, media.ErrNotMedia, media.ErrUnsupported, media.ErrTooLarge, media.ErrCaptions, media.ErrBroken, publish.ErrSecretFormat} {
		if errors.Is(err, e) {
			return exit.With(exit.Content, err)
		}
	}
	var field *manifest.FieldError
	switch {
	case errors.As(err, &field):
		return exit.With(exit.Usage, err)
	case errors.Is(err, publish.ErrUnfinished):
		return exit.With(exit.Unfinished, err)
	case errors.Is(err, publish.ErrNoProvider), errors.Is(err, publish.ErrNoHolders):
		return exit.With(exit.Network, err)
	case errors.Is(err, os.ErrNotExist):
		return exit.With(exit.NotFound, err)
	}
	return err
}

// bars shows progress on standard error, one line a stage.
type bars struct {
	cmd   *cobra.Command
	last  string
	pct   int64
	live  bool
	timed bool // stages take long: how long they took and still take is shown
	began time.Time
}

func newBars(cmd *cobra.Command) *bars {
	info, err := os.Stderr.Stat()
	return &bars{cmd: cmd, live: err == nil && info.Mode()&os.ModeCharDevice != 0, pct: -1}
}

func (b *bars) stage(stage string, done, total int64) {
	pct := int64(0)
	if total > 0 && done > 0 {
		pct = min(100, done*100/total)
	}
	if stage == b.last && pct == b.pct {
		return
	}
	if stage != b.last {
		b.took()
		b.began = time.Now()
	}
	switch {
	case b.live:
		fmt.Fprintf(b.cmd.ErrOrStderr(), "\r\033[K%s %d%%%s", stage, pct, b.times(pct))
	case stage != b.last:
		fmt.Fprintln(b.cmd.ErrOrStderr(), stage)
	}
	b.last, b.pct = stage, pct
}

// worthSaying is how long a stage runs before its time is shown.
const worthSaying = 2 * time.Second

// times says how long the stage has run, and at this pace still will.
func (b *bars) times(pct int64) string {
	run := time.Since(b.began)
	if !b.timed || run < worthSaying {
		return ""
	}
	text := fmt.Sprintf(", %s", run.Round(time.Second))
	if pct > 0 && pct < 100 {
		text += fmt.Sprintf(", about %s left", (run * time.Duration(100-pct) / time.Duration(pct)).Round(time.Second))
	}
	return text
}

// took says how long the stage took that just ended.
func (b *bars) took() {
	run := time.Since(b.began)
	if !b.timed || b.last == "" || run < worthSaying {
		return
	}
	if b.live {
		fmt.Fprint(b.cmd.ErrOrStderr(), "\r\033[K")
	}
	fmt.Fprintf(b.cmd.ErrOrStderr(), "%s took %s\n", b.last, run.Round(time.Second))
}

func (b *bars) done() {
	b.took()
	if b.live && b.last != "" {
		fmt.Fprintln(b.cmd.ErrOrStderr())
	}
}
