package flow

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/streamchain/streamchain/publicnet"
)

// Limits of what a stranger's domain may answer.
const (
	maxWellKnown  = 16 << 10
	maxRedirects  = 3
	maxTXT        = 64
	domainTimeout = 15 * time.Second
	txtPrefix     = "streamchain="
	wellKnownPath = "/.well-known/streamchain.json"
)

// domainName is a host name of at least two labels: no address, port, path or user.
var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

// proof is what was seen at a domain. The attester keeps it; the chain gets its hash.
type proof struct {
	Creator   string `json:"creator"`
	Domain    string `json:"domain"`
	Method    string `json:"method"` // "well-known" or "dns"
	Source    string `json:"source"` // the address that answered last, or the name that was asked
	Found     string `json:"found"`
	CheckedAt int64  `json:"checked_at"`
}

// hash is what goes on the chain: SHA-256 of the proof's JSON.
func (p proof) hash() ([]byte, []byte, error) {
	raw, err := json.Marshal(p)
	sum := sha256.Sum256(raw)
	return sum[:], raw, err
}

// domainChecker looks whether a domain names a creator. Whatever the domain's name resolves to, only public addresses and the ports of
// web servers are dialled, at each redirect again.
type domainChecker struct {
	client *http.Client
	txt    func(ctx context.Context, name string) ([]string, error)
	now    func() time.Time
}

// newDomainChecker makes one. With private it also dials this machine and private networks, and with resolve that address for whatever
// name; both for tests. The certificate must be the name's all the same.
func newDomainChecker(private bool, resolve string) *domainChecker {
	// Control sees the address of each attempt after names are resolved: there is nothing between check and use
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		return publicnet.Dialable(address, private)
	}}
	return &domainChecker{
		txt: net.DefaultResolver.LookupTXT, now: time.Now,
		client: &http.Client{
			Timeout: domainTimeout,
			Transport: &http.Transport{
				DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
					return dialer.DialContext(ctx, network, cmp.Or(resolve, address))
				},
				TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 10 * time.Second,
				MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true,
				// a small answer must not unpack to a large one
				DisableCompression: true,
			},
			CheckRedirect: func(req *http.Request, via []*http.Request) error {
				if len(via) > maxRedirects {
					return fmt.Errorf("more than %d redirects", maxRedirects)
				}
				if req.URL.Scheme != "https" {
					return fmt.Errorf("a redirect to %s, not https", req.URL.Scheme)
				}
				// another domain's owner must not be the one who answers
				if !within(req.URL.Hostname(), via[0].URL.Hostname()) {
					return fmt.Errorf("a redirect to another domain, %s", req.URL.Hostname())
				}
				return nil
			},
		},
	}
}

// within reports whether host is domain, or one below it.
func within(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// check looks at the file first, then at the TXT records. The error says what each of them lacked.
func (c *domainChecker) check(ctx context.Context, domain, creator string) (proof, error) {
	if len(domain) > 253 || !domainName.MatchString(domain) {
		return proof{}, fmt.Errorf("%q is no domain; write it in lower case without https://, like example.org", domain)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*domainTimeout)
	defer cancel()
	p := proof{Creator: creator, Domain: domain, CheckedAt: c.now().Unix()}
	source, found, err := c.wellKnown(ctx, "https://"+domain+wellKnownPath, creator)
	if err == nil {
		p.Method, p.Source, p.Found = "well-known", source, found
		return p, nil
	}
	found, err2 := c.record(ctx, domain, creator)
	if err2 == nil {
		p.Method, p.Source, p.Found = "dns", domain, found
		return p, nil
	}
	return proof{}, fmt.Errorf("%s does not name %s:\n  file: %w\n  TXT:  %w", domain, creator, err, err2)
}

// wellKnown reads {"creator": "streamcreator1…"} or {"creators": ["…"]}, and returns who answered and the text.
func (c *domainChecker) wellKnown(ctx context.Context, url, creator string) (source, found string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", "", err
	}
	res, err := c.client.Do(req)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return "", "", fmt.Errorf("%s answers %s", res.Request.URL, res.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxWellKnown+1))
	if err != nil {
		return "", "", err
	}
	if len(raw) > maxWellKnown {
		return "", "", fmt.Errorf("%s has more than %d bytes", res.Request.URL, maxWellKnown)
	}
	var doc struct {
		Creator  string   `json:"creator"`
		Creators []string `json:"creators"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return "", "", fmt.Errorf("%s is no JSON of this kind: %w", res.Request.URL, err)
	}
	if doc.Creator != creator && !slices.Contains(doc.Creators, creator) {
		return "", "", fmt.Errorf("%s names another creator, or none", res.Request.URL)
	}
	return res.Request.URL.String(), string(raw), nil
}

// record reads the TXT records streamchain=<creator id>.
func (c *domainChecker) record(ctx context.Context, domain, creator string) (string, error) {
	records, err := c.txt(ctx, domain)
	if err != nil {
		return "", err
	}
	for _, r := range records[:min(len(records), maxTXT)] {
		if r == txtPrefix+creator {
			return r, nil
		}
	}
	return "", errors.New("no record " + txtPrefix + creator)
}
