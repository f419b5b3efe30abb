package packager

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	codeLen  = 8
	maxWrong = 5 // codes, until another one counts
	// letters are those that nobody takes for another: 31^8 codes.
	letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
)

// pairs are the code that is good now, and the hashes of the tokens that were given.
type pairs struct {
	home string
	said func(code string)
	wait time.Duration // that a wrong code costs

	attempt sync.Mutex // one at a time: a wrong code costs the next one's time too
	code    string
	wrong   int

	mu     sync.Mutex
	tokens map[[32]byte]bool
}

func openPairs(home string, said func(code string)) (*pairs, error) {
	p := &pairs{home: home, said: said, wait: time.Second, tokens: map[[32]byte]bool{}}
	f, err := os.Open(filepath.Join(home, "tokens"))
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			raw, err := hex.DecodeString(lines.Text())
			if err != nil || len(raw) != 32 {
				return nil, fmt.Errorf("%s is damaged: remove it, and pair again", f.Name())
			}
			p.tokens[[32]byte(raw)] = true
		}
	}
	return p, p.renew()
}

// renew makes another code.
func (p *pairs) renew() error {
	b := make([]byte, codeLen)
	for i := range b {
		for {
			var one [1]byte
			if _, err := rand.Read(one[:]); err != nil {
				return err
			}
			if int(one[0]) < 256/len(letters)*len(letters) {
				b[i] = letters[int(one[0])%len(letters)]
				break
			}
		}
	}
	p.code, p.wrong = string(b), 0
	if err := os.WriteFile(filepath.Join(p.home, "code"), []byte(p.code+"\n"), 0o600); err != nil {
		return err
	}
	p.said(p.code)
	return nil
}

// pair gives a token for the code.
func (p *pairs) pair(code string) (string, error) {
	p.attempt.Lock()
	defer p.attempt.Unlock()
	code = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
	if subtle.ConstantTimeCompare([]byte(code), []byte(p.code)) != 1 {
		time.Sleep(p.wait)
		if p.wrong++; p.wrong < maxWrong {
			return "", problem(http.StatusForbidden, "wrong-code", "this is not the code that the helper shows")
		}
		if err := p.renew(); err != nil {
			return "", err
		}
		return "", problem(http.StatusTooManyRequests, "too-many-codes", "too many wrong codes: the helper shows another one now")
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	token := base64.RawURLEncoding.EncodeToString(raw)
	hash := sha256.Sum256([]byte(token))
	f, err := os.OpenFile(filepath.Join(p.home, "tokens"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(f, "%x\n", hash)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	p.mu.Lock()
	p.tokens[hash] = true
	p.mu.Unlock()
	return token, p.renew()
}

// good says whether a token was given. It is looked up by its hash, so that time tells nothing of it.
func (p *pairs) good(token string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return token != "" && p.tokens[sha256.Sum256([]byte(token))]
}
