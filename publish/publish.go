package publish

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ipfs/go-cid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/media"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// ErrUnfinished says that the work is registered and nothing is lost, but nodes have not accepted it, or holders its keys, yet.
var ErrUnfinished = errors.New("not finished, and nothing is lost: run the same command again")

// Options say what to publish and on which terms.
type Options struct {
	File        string
	Title       string
	Description string
	Language    string
	Licence     string
	Kind        string // empty: what the file is
	Renditions  string // as media.Options has it; empty for auto
	Captions    []media.Sidecar
	Tags        []string
	Cover       string // file of a picture in place of the one that the file gives
	Parents     []contenttypes.Parent
	Handle      string // for an account that is no creator yet; may be empty
	Previous    string // the version that this one replaces
	Offers      []subscriptiontypes.Offer
	Copies      int
	Providers   []string // operators of the nodes that shall keep it, in this order; empty: the cheapest
	PrepayDays  int
	Home        string // folder for what a stopped run needs
	Private     bool   // dial nodes on private addresses: local networks only
	DryRun      bool
	NoEncrypt   bool   // leave what is sold readable by who runs a storage node
	Secret      string // file with the secret of an encrypted work, for a new version of it
	KeepSecret  string // file to keep a new work's secret in; it is not overwritten. Else it is erased once the holders have their shares
	Progress    func(stage string, done, total int64)
}

// Deal is where one copy stands.
type Deal struct {
	Provider string `json:"provider"`
	Endpoint string `json:"endpoint"`
	Price    string `json:"price_per_gib_day,omitempty"` // that would be paid, ustream
	Status   string `json:"status"`                      // accepted, requested, or what went wrong
}

// Result is what was published.
type Result struct {
	Work            string      `json:"work"`
	Root            string      `json:"root"`
	Creator         string      `json:"creator"`
	Kind            string      `json:"kind"`
	Media           string      `json:"media"`
	PieceRoot       string      `json:"piece_root"`
	Bytes           int64       `json:"bytes"`
	DurationSeconds float64     `json:"duration_seconds"`
	Renditions      []Rendition `json:"renditions,omitempty"`
	Captions        []string    `json:"captions,omitempty"` // languages
	Type            string      `json:"type,omitempty"`     // of the content of what does not play
	LeftOut         []string    `json:"left_out,omitempty"` // what of the file could not be used, for people
	Prepaid         string      `json:"prepaid"`            // for storage
	Deposit         string      `json:"deposit"`            // returned when the work is retired
	TX              string      `json:"tx,omitempty"`
	Height          int64       `json:"height,omitempty"`
	Deals           []Deal      `json:"deals"`
	Keys            Keys        `json:"keys"`
}

// Rendition is one quality of what plays.
type Rendition struct {
	Width     int  `json:"width,omitempty"`
	Height    int  `json:"height,omitempty"`
	Bandwidth int  `json:"bandwidth"` // bits a second, on average
	Copied    bool `json:"copied"`    // it is the source's own, not encoded again
}

// state is what a run leaves for the next.
type state struct {
	Salt      string `json:"salt"`
	Committed bool   `json:"committed"`
	TX        string `json:"tx"`
	Height    int64  `json:"height"`
	C0        string `json:"c0,omitempty"`   // of an encrypted work's secret, hex
	Done      bool   `json:"done,omitempty"` // the holders have the keys and the offers are set: the secret is not needed any more
}

// job is one run.
type job struct {
	Options
	client  *chainclient.Client
	account Account
	dir     string
	state   state
	creator string
	pack    media.Presentation
	media   cid.Cid
	cover   cid.Cid
	piece   [32]byte
	size    uint64
	car     string
	result  *Result

	encrypted bool
	root      contenttypes.Work       // of Previous
	secret    *keyshare.Secret        // nil where it is erased, or not encrypted
	c0        [keyshare.PointLen]byte // of the secret
}

// Publish publishes the file with a key that is at hand, or finishes what an earlier run with the same options began.
func Publish(ctx context.Context, client *chainclient.Client, signer chainclient.Signer, opt Options) (*Result, error) {
	return As(ctx, client, Signing(client, signer), opt)
}

// As is Publish for an account whose key may be elsewhere.
func As(ctx context.Context, client *chainclient.Client, account Account, opt Options) (*Result, error) {
	if opt.Progress == nil {
		opt.Progress = func(string, int64, int64) {}
	}
	texts := manifest.Manifest{Title: opt.Title, Language: opt.Language, Description: opt.Description, Licence: opt.Licence, Tags: opt.Tags}
	if err := texts.ValidateTexts(); err != nil {
		return nil, err
	}
	j := &job{Options: opt, client: client, account: account, result: &Result{}}
	for _, step := range []func(context.Context) error{j.decide, j.open, j.requireHolders, j.openSecret, j.prepare} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if err := j.ensureCreator(ctx); err != nil {
		return nil, err
	}
	msg, work, err := j.message()
	if err != nil {
		return nil, err
	}
	j.result.Work, j.result.Root = work, work
	if opt.Previous != "" {
		j.result.Root = j.root.Cid
	}
	nodes, err := j.pick(ctx)
	if err != nil {
		return nil, err
	}
	if opt.DryRun {
		return j.result, j.preview(ctx, nodes)
	}
	if err := j.commit(ctx); err != nil {
		return nil, err
	}
	if err := j.register(ctx, msg, work, nodes); err != nil {
		return nil, err
	}
	return j.result, j.finish(ctx, work)
}

// finish waits for the nodes and the holders, and sells what waited for them. Holders look at their shares while nodes take the work.
func (j *job) finish(ctx context.Context, work string) error {
	if err := j.hold(ctx, false); err != nil {
		return err
	}
	if err := j.await(ctx, work); err != nil {
		return err
	}
	if err := j.hold(ctx, true); err != nil {
		return err
	}
	if err := j.sell(ctx); err != nil {
		return err
	}
	return errors.Join(j.forget(), os.Remove(j.car))
}

// open finds the folder of this file and these terms.
func (j *job) open(context.Context) error {
	abs, err := filepath.Abs(j.File)
	if err != nil {
		return err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return fmt.Errorf("%w: %w", media.ErrUnreadable, err)
	}
	terms := []any{abs, info.Size(), info.ModTime().UnixNano(), j.client.ChainID(), j.account.Address().String(), j.Title, j.Description, j.Language, j.Licence, j.Kind, j.Tags, j.Previous}
	// only where they are given: what an earlier version began without them is finished
	if j.Renditions != "" {
		terms = append(terms, "renditions", j.Renditions)
	}
	for _, c := range j.Captions {
		path, err := filepath.Abs(c.Path)
		if err != nil {
			return err
		}
		file, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("%w: %w", media.ErrCaptions, err)
		}
		terms = append(terms, "captions", c.Language, path, file.Size(), file.ModTime().UnixNano())
	}
	for _, p := range j.Parents {
		terms = append(terms, "parent", p.Work, p.Bps)
	}
	if j.encrypted {
		terms = append(terms, "encrypted", windowSeconds)
	}
	raw, err := json.Marshal(terms)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	j.dir = filepath.Join(j.Home, hex.EncodeToString(sum[:8]))
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return err
	}
	raw, err = os.ReadFile(filepath.Join(j.dir, "state.json"))
	if errors.Is(err, os.ErrNotExist) {
		salt := make([]byte, 32)
		if _, err := rand.Read(salt); err != nil {
			return err
		}
		j.state.Salt = hex.EncodeToString(salt)
		return j.save()
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, &j.state)
}

func (j *job) save() error {
	raw, err := json.Marshal(j.state)
	if err != nil {
		return err
	}
	path := filepath.Join(j.dir, "state.json")
	if err := os.WriteFile(path+".tmp", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

// ensureCreator registers the signer as a creator where it is none.
func (j *job) ensureCreator(ctx context.Context) error {
	q := contenttypes.NewQueryClient(j.client.Conn())
	controller := j.account.Address().String()
	res, err := q.CreatorByController(ctx, &contenttypes.QueryCreatorByControllerRequest{Controller: controller})
	if err == nil {
		j.creator = res.Creator.Id
		j.result.Creator = j.creator
		return nil
	}
	if status.Code(err) != codes.NotFound {
		return err
	}
	j.creator = contenttypes.NewCreatorID(j.account.Address()).String()
	j.result.Creator = j.creator
	if j.DryRun {
		return nil
	}
	_, err = j.account.Send(ctx, ForCreator, &contenttypes.MsgRegisterCreator{Controller: controller, Handle: j.Handle})
	if errors.Is(err, contenttypes.ErrCreatorExists) {
		return nil
	}
	return err
}

// message is the publication, and the id that the chain will derive from it.
func (j *job) message() (*contenttypes.MsgPublish, string, error) {
	salt, err := hex.DecodeString(j.state.Salt)
	if err != nil {
		return nil, "", err
	}
	kind := j.Kind
	if kind == "" {
		kind = string(j.pack.Kind)
	}
	msg := &contenttypes.MsgPublish{
		Controller: j.account.Address().String(), Creator: j.creator, Kind: kind, Title: j.Title, Language: j.Language,
		Description: j.Description, Tags: j.Tags, DurationSeconds: uint64(j.pack.Seconds + 0.5), Media: j.media.String(),
		PieceRoot: j.piece[:], PieceSize: j.size, Licence: j.Licence, Previous: j.Previous, Parents: j.Parents, Salt: salt,
	}
	if j.cover.Defined() {
		msg.Cover = j.cover.String()
	}
	if j.encrypted {
		msg.Keys = &contenttypes.Keys{Suite: keyshare.Suite, C0: j.c0[:], WindowSeconds: windowSeconds}
	}
	_, m, err := msg.Parse()
	if err != nil {
		return nil, "", err
	}
	id, err := m.CID()
	if err != nil {
		return nil, "", err
	}
	j.result.Kind = kind
	return msg, id.String(), nil
}

// commit dates the media on the chain before anybody else can see it.
func (j *job) commit(ctx context.Context) error {
	if j.state.Committed || j.state.TX != "" {
		return nil
	}
	creator, err := contenttypes.ParseCreatorID(j.creator)
	if err != nil {
		return err
	}
	salt, err := hex.DecodeString(j.state.Salt)
	if err != nil {
		return err
	}
	hash := manifest.Commitment(creator, j.media, salt)
	if _, err := j.account.Send(ctx, ForDate, &contenttypes.MsgCommit{Sender: j.account.Address().String(), Hash: hash[:]}); err != nil {
		return err
	}
	j.state.Committed = true
	return j.save()
}

// rootOf is the first version of a work.
func (j *job) rootOf(ctx context.Context, work string) (contenttypes.Work, error) {
	q := contenttypes.NewQueryClient(j.client.Conn())
	res, err := q.Work(ctx, &contenttypes.QueryWorkRequest{Work: work})
	if err == nil && res.Work.Root != work {
		res, err = q.Work(ctx, &contenttypes.QueryWorkRequest{Work: res.Work.Root})
	}
	if err != nil {
		return contenttypes.Work{}, err
	}
	return res.Work, nil
}

// published says whether the chain has the work already: a run that was killed after its transaction.
func (j *job) published(ctx context.Context, work string) (bool, error) {
	_, err := contenttypes.NewQueryClient(j.client.Conn()).Work(ctx, &contenttypes.QueryWorkRequest{Work: work})
	switch {
	case err == nil:
		return true, nil
	case status.Code(err) == codes.NotFound:
		return false, nil
	}
	return false, err
}
