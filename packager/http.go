package packager

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/version"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// maxBody is more than any JSON that is asked for, in bytes.
const maxBody = 256 << 10

// maxWait is how long a page may wait for a job to change.
const maxWait = 30

// registered are the messages that publishing sends.
var registered = []func(codectypes.InterfaceRegistry){contenttypes.RegisterInterfaces, storagetypes.RegisterInterfaces, subscriptiontypes.RegisterInterfaces}

// Info is what GET /v1/info says.
type Info struct {
	Service  string `json:"service"`
	Version  string `json:"version"`
	ChainID  string `json:"chain_id"`
	FFmpeg   Tool   `json:"ffmpeg"`
	MaxBytes int64  `json:"max_bytes"`
	Paired   bool   `json:"paired"`
}

// Tool says whether a program is there.
type Tool struct {
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// Handler is the API.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/info", s.open(s.getInfo))
	mux.HandleFunc("POST /v1/pair", s.open(s.postPair))
	mux.HandleFunc("GET /v1/jobs", s.paired(s.getJobs))
	mux.HandleFunc("POST /v1/jobs", s.paired(s.postJob))
	one := func(pattern string, f func(w http.ResponseWriter, r *http.Request, j *job) error) {
		mux.HandleFunc(pattern, s.paired(func(w http.ResponseWriter, r *http.Request) error {
			j, err := s.job(r)
			if err != nil {
				return err
			}
			return f(w, r, j)
		}))
	}
	one("GET /v1/jobs/{id}", getJob)
	one("DELETE /v1/jobs/{id}", s.deleteJob)
	one("GET /v1/jobs/{id}/cover", getCover)
	does := func(pattern string, status int, f func(r *http.Request, j *job) error) {
		one(pattern, func(w http.ResponseWriter, r *http.Request, j *job) error {
			if err := f(r, j); err != nil {
				return err
			}
			return answer(w, status, j.view())
		})
	}
	does("PUT /v1/jobs/{id}/file", http.StatusOK, func(r *http.Request, j *job) error { return j.receive(r) })
	does("PUT /v1/jobs/{id}/cover", http.StatusOK, func(r *http.Request, j *job) error { return j.putCover(r) })
	does("DELETE /v1/jobs/{id}/cover", http.StatusOK, func(_ *http.Request, j *job) error { return j.deleteCover() })
	does("PUT /v1/jobs/{id}/captions/{language}", http.StatusOK, func(r *http.Request, j *job) error {
		return withLanguage(r, func(tag string) error { return j.putCaptions(tag, r) })
	})
	does("DELETE /v1/jobs/{id}/captions/{language}", http.StatusOK, func(r *http.Request, j *job) error { return withLanguage(r, j.deleteCaptions) })
	does("POST /v1/jobs/{id}/package", http.StatusAccepted, postPackage)
	does("POST /v1/jobs/{id}/prepare", http.StatusAccepted, postPrepare)
	does("POST /v1/jobs/{id}/publish", http.StatusAccepted, postPublish)
	does("POST /v1/jobs/{id}/stop", http.StatusOK, postStop)
	does("POST /v1/jobs/{id}/answer", http.StatusOK, postAnswer)
	mux.HandleFunc("/", s.open(func(http.ResponseWriter, *http.Request) error {
		return problem(http.StatusNotFound, "not-found", "there is no such endpoint")
	}))
	return s.recovering(s.guard(mux))
}

func (s *Service) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				s.log.Error("panic", "path", r.URL.Path, "value", v, "stack", string(debug.Stack()))
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// decode reads a JSON body. A type that no form can send keeps simple requests out, whatever else fails.
func decode(r *http.Request, out any) error {
	if ct, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); ct != "application/json" {
		return problem(http.StatusUnsupportedMediaType, "not-json", "the body is application/json")
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(raw) > maxBody {
		return badRequest("a body of at most %d bytes", maxBody)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(out); err != nil {
		return badRequest("%v", err)
	}
	if d.More() {
		return badRequest("more than one document")
	}
	return nil
}

func (s *Service) getInfo(w http.ResponseWriter, r *http.Request) error {
	info := Info{Service: "streamchain-packager", Version: version.Version, FFmpeg: s.tool.look(ffmpeg), MaxBytes: s.cfg.Limits.MaxBytes, Paired: s.pairs.good(bearer(r))}
	if s.client != nil {
		info.ChainID = s.client.ChainID()
	}
	return answer(w, http.StatusOK, info)
}

// toolAge is how long an answer about ffmpeg counts. Any page may ask without being paired, an image's address is enough, and to look starts programs.
const toolAge = 10 * time.Second

// tool remembers whether what packages is there.
type tool struct {
	mu    sync.Mutex
	known Tool
	at    time.Time
}

// look asks at most once in toolAge; who comes meanwhile waits for the answer.
func (t *tool) look(ask func(context.Context) Tool) Tool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at.IsZero() || time.Since(t.at) > toolAge {
		// not who asks decides how long: the answer is for all
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		t.known, t.at = ask(ctx), time.Now()
	}
	return t.known
}

// ffmpeg says whether what packages is there.
func ffmpeg(ctx context.Context) Tool {
	for _, tool := range []string{"ffmpeg", "ffprobe"} {
		out, err := exec.CommandContext(ctx, tool, "-version").Output()
		if err != nil {
			return Tool{Detail: tool + " does not run: install ffmpeg"}
		}
		if first, _, _ := strings.Cut(string(out), "\n"); tool == "ffprobe" {
			return Tool{OK: true, Detail: first}
		}
	}
	return Tool{}
}

func (s *Service) postPair(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Code string `json:"code"`
	}
	if err := decode(r, &in); err != nil {
		return err
	}
	token, err := s.pairs.pair(in.Code)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, map[string]string{"token": token})
}

func (s *Service) getJobs(w http.ResponseWriter, _ *http.Request) error {
	free, err := freeBytes(s.cfg.Home)
	if err != nil {
		return err
	}
	s.mu.Lock()
	list := []Job{}
	for _, j := range s.jobs {
		list = append(list, j.view())
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b Job) int { return cmp.Or(cmp.Compare(b.Created, a.Created), cmp.Compare(a.ID, b.ID)) })
	return answer(w, http.StatusOK, struct {
		Jobs []Job `json:"jobs"`
		Free int64 `json:"free_bytes"`
	}{list, free})
}

func (s *Service) postJob(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name string `json:"name"`
		Size int64  `json:"size"`
	}
	if err := decode(r, &in); err != nil {
		return err
	}
	j, err := s.create(in.Name, in.Size)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, j.view())
}

func getJob(w http.ResponseWriter, r *http.Request, j *job) error {
	q := r.URL.Query()
	if !q.Has("after") {
		return answer(w, http.StatusOK, j.view())
	}
	after, err := strconv.ParseUint(q.Get("after"), 10, 64)
	wait, errWait := strconv.Atoi(cmp.Or(q.Get("wait"), "0"))
	if err != nil || errWait != nil || wait < 0 || wait > maxWait {
		return badRequest("after is a revision, wait 0 to %d seconds", maxWait)
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(wait)*time.Second)
	defer cancel()
	stop := context.AfterFunc(j.s.life, cancel)
	defer stop()
	return answer(w, http.StatusOK, j.wait(ctx, after))
}

func (s *Service) deleteJob(w http.ResponseWriter, r *http.Request, j *job) error {
	if err := s.remove(j, r.URL.Query().Get("force") == "true"); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func getCover(w http.ResponseWriter, _ *http.Request, j *job) error {
	path := j.coverPath()
	raw, err := os.ReadFile(path)
	if path == "" || err != nil {
		return problem(http.StatusNotFound, "no-cover", "there is no cover")
	}
	w.Header().Set("Content-Type", http.DetectContentType(raw))
	_, _ = w.Write(raw) // who asked may be gone
	return nil
}

func withLanguage(r *http.Request, f func(tag string) error) error {
	tag := r.PathValue("language")
	if err := validLanguage(tag); err != nil {
		return badRequest("%v", err)
	}
	return f(tag)
}

func postPackage(r *http.Request, j *job) error {
	var in struct {
		Renditions string `json:"renditions"`
	}
	if err := decode(r, &in); err != nil {
		return err
	}
	return j.pack(in.Renditions)
}

func postPrepare(r *http.Request, j *job) error {
	var t Terms
	if err := decode(r, &t); err != nil {
		return err
	}
	return j.prepare(t)
}

func postPublish(r *http.Request, j *job) error {
	if err := decode(r, &struct{}{}); err != nil {
		return err
	}
	return j.publish()
}

func postStop(r *http.Request, j *job) error {
	if err := decode(r, &struct{}{}); err != nil {
		return err
	}
	j.halt()
	return nil
}

func postAnswer(r *http.Request, j *job) error {
	var a Answer
	if err := decode(r, &a); err != nil {
		return err
	}
	return j.answered(a)
}
