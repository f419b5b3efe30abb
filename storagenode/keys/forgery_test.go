package keys_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/storagenode/keys/keystest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// attempts is how many requests without a right are made.
const attempts = 10_000

// scene has an owner of the work, a payer with a session that has paid for windows 1 and 2, and a stranger; and says what an attacker tries.
type scene struct {
	t   *testing.T
	w   *keystest.World
	pay func(n uint32) *wire.KeyPay
	rnd *rand.Rand
}

func (s *scene) as(name string) *asker { return ask(s.t, s.w, name) }

// window is one that nobody has paid for.
func (s *scene) window() wire.KeyWindow { return keystest.Windows(3 + s.rnd.Uint32N(7))[0] }

func opened(n int, _ *wire.Problem) int { return n }

func (s *scene) each(f func(c *nodetest.Chain)) { s.w.Each(f) }

// bent makes a payment whose session is changed and signed again by key.
func (s *scene) bent(key ed25519.PrivateKey, bend func(*streamtypes.Session)) *wire.KeyPay {
	t, _ := s.w.Pay(nodetest.Address("payer"), nodetest.SessionKey("payer"), 9+s.rnd.Uint64N(100), price, 1000)
	bend(&t)
	t.Pubkey = key.Public().(ed25519.PublicKey)
	v, err := t.Voucher()
	require.NoError(s.t, err)
	// all but what was bent is as it must be
	words := voucher.NewChain(&v, [32]byte{7})
	t.Root, t.Signature = v.Root[:], v.Sign(key)
	word := words.Word(60)
	return &wire.KeyPay{Session: keystest.Session(t), N: 60, Word: word[:]}
}

func newScene(t *testing.T) *scene {
	s := &scene{t: t, w: keystest.New(t, 2).Active(), rnd: rand.New(rand.NewPCG(1, 2))}
	s.w.Decide("", nodetest.Metered(price, 0))
	for _, name := range []string{"owner", "payer", "stranger"} {
		s.w.Grant(nodetest.Address(name), nodetest.SessionKey(name), streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS)
	}
	s.w.Decide(nodetest.Address("owner"), subtypes.AccessDecision{Granted: true, Reason: "purchased"})
	s.w.Lane(nodetest.Address("payer"), nodetest.SessionKey("payer"), 100_000)
	_, s.pay = s.w.Pay(nodetest.Address("payer"), nodetest.SessionKey("payer"), 1, price, 1000)
	s.as("payer").opens(2, s.pay(12), keystest.Windows(1, 2)...)
	s.as("owner").opens(1, nil, keystest.Windows(3)...)
	return s
}

func forgeries() map[string]func(*scene) int {
	return map[string]func(*scene) int{
		"expired": func(s *scene) int {
			a := s.as("owner")
			a.expires = -time.Duration(1+s.rnd.IntN(3600)) * time.Second
			return opened(a.send(nil, s.window()))
		},
		"valid for too long": func(s *scene) int {
			a := s.as("owner")
			a.expires = time.Duration(400+s.rnd.IntN(1e6)) * time.Second
			return opened(a.send(nil, s.window()))
		},
		"other user": func(s *scene) int { return opened(s.as("stranger").send(nil, s.window())) },
		"other user's name": func(s *scene) int {
			a := s.as("owner")
			a.key = nodetest.SessionKey("stranger")
			return opened(a.send(nil, s.window()))
		},
		"nobody": func(s *scene) int {
			a := s.as("owner")
			a.key = nil
			return opened(a.send(nil, s.window()))
		},
		"other node": func(s *scene) int {
			a := s.as("owner")
			a.to = s.w.Nodes[1].Account
			return opened(a.send(nil, s.window()))
		},
		"other work": func(s *scene) int {
			a := s.as("owner")
			a.work = nodetest.WorkID("other")
			return opened(a.send(nil, s.window()))
		},
		"other chain": func(s *scene) int {
			a := s.as("owner")
			a.chainID = "test-2"
			return opened(a.send(nil, s.window()))
		},
		"other method": func(s *scene) int {
			a := s.as("owner")
			a.method = http.MethodGet
			return opened(a.send(nil, s.window()))
		},
		"a proof with a bit changed": func(s *scene) int {
			a := s.as("owner")
			_, _ = a.send(nil, s.window())
			h := []byte(a.header)
			i := 3 + s.rnd.IntN(len(h)-3)
			for _, c := range []byte("ABCDwxyz0123456789") {
				if h[i] != c && h[i] != '.' {
					h[i] = c
					break
				}
			}
			if string(h) == a.header {
				return 0
			}
			private, public, err := keyshare.NewSealKey(chance{s.rnd})
			require.NoError(s.t, err)
			req := a.last
			req.ReplyKey = public[:]
			return opened(a.raw(req, string(h), private[:]))
		},
		"replayed with another reply key": func(s *scene) int {
			a := s.as("owner")
			_, _ = a.send(nil, s.window())
			private, public, err := keyshare.NewSealKey(chance{s.rnd})
			require.NoError(s.t, err)
			req := a.last
			req.ReplyKey = public[:]
			return opened(a.raw(req, a.header, private[:]))
		},
		"a payment replayed by who saw it": func(s *scene) int {
			a := s.as("stranger")
			return opened(a.send(s.pay(12), keystest.Windows(1)...))
		},
		"a payment replayed without a proof": func(s *scene) int {
			a := s.as("payer")
			a.key = nil
			return opened(a.send(s.pay(12), keystest.Windows(1)...))
		},
		"a paid request for other windows": func(s *scene) int {
			a := s.as("payer")
			_, _ = a.send(s.pay(12), keystest.Windows(1)...)
			private, _, err := keyshare.NewSealKey(chance{s.rnd})
			require.NoError(s.t, err)
			req := a.last
			req.Windows = []wire.KeyWindow{s.window()}
			return opened(a.raw(req, a.header, private[:]))
		},
		"unentitled": func(s *scene) int {
			s.w.Decide(nodetest.Address("owner"), nodetest.Metered(price, 0)) // refunded
			n := opened(s.as("owner").send(nil, s.window()))
			s.w.Decide(nodetest.Address("owner"), subtypes.AccessDecision{Granted: true, Reason: "purchased"})
			return n
		},
		"over": func(s *scene) int {
			s.w.Decide(nodetest.Address("owner"), subtypes.AccessDecision{Granted: true, Reason: "subscribed", Until: s.w.Nodes[0].Chain.Now() - s.rnd.Int64N(1000)})
			n := opened(s.as("owner").send(nil, s.window()))
			s.w.Decide(nodetest.Address("owner"), subtypes.AccessDecision{Granted: true, Reason: "purchased"})
			return n
		},
		"lagging node": func(s *scene) int {
			s.each(func(c *nodetest.Chain) { c.Tip = time.Duration(61+s.rnd.IntN(1000)) * time.Second })
			n := opened(s.as("owner").send(nil, s.window()))
			s.each(func(c *nodetest.Chain) { c.Tip = 0 })
			return n
		},
		"revoked key": func(s *scene) int {
			return s.withKey("owner", nil, func(k *streamtypes.SessionKey) { k.Revoked = true })
		},
		"expired key": func(s *scene) int {
			return s.withKey("owner", nil, func(k *streamtypes.SessionKey) { k.Expires = 1 })
		},
		"a paying key for access": func(s *scene) int {
			return s.withKey("owner", nil, func(k *streamtypes.SessionKey) { k.Scope = streamtypes.SESSION_KEY_SCOPE_PAYMENT })
		},
		"a revoked key that pays": func(s *scene) int {
			return s.withKey("payer", s.pay(12), func(k *streamtypes.SessionKey) { k.Revoked = true })
		},
		"a key for access that pays": func(s *scene) int {
			return s.withKey("payer", s.pay(12), func(k *streamtypes.SessionKey) { k.Scope = streamtypes.SESSION_KEY_SCOPE_ACCESS })
		},
		"windows beyond payment": func(s *scene) int { return opened(s.as("payer").send(s.pay(12), keystest.Windows(1)[0], s.window())) },
		"word too short": func(s *scene) int {
			p := s.pay(12 + s.rnd.Uint32N(6))
			return opened(s.as("payer").send(p, s.window()))
		},
		"a word for more than it is": func(s *scene) int { return s.closing(func(p *wire.KeyPay) { p.N += 1 + s.rnd.Uint32N(20) }) },
		"a word that is none":        func(s *scene) int { return s.closing(func(p *wire.KeyPay) { p.Word[s.rnd.IntN(32)] ^= 1 }) },
		"ticks beyond the session":   func(s *scene) int { return s.closing(func(p *wire.KeyPay) { p.N = 1001 + s.rnd.Uint32N(1<<20) }) },
		"other session's word": func(s *scene) int {
			_, other := s.w.Pay(nodetest.Address("payer"), nodetest.SessionKey("payer"), 2, price, 1000)
			return s.closing(func(p *wire.KeyPay) { p.Word = other(p.N).Word })
		},
		"other user's session": func(s *scene) int {
			p := s.bent(nodetest.SessionKey("stranger"), func(t *streamtypes.Session) { t.EscrowOwner = nodetest.Address("stranger") })
			return opened(s.as("stranger").send(p, s.window()))
		},
		"other device's session": func(s *scene) int {
			a := s.as("payer")
			a.key = nodetest.SessionKey("payer's other device")
			s.w.Grant(nodetest.Address("payer"), a.key, streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS)
			return opened(a.send(s.pay(12), keystest.Windows(1)...))
		},
		"session of another key": func(s *scene) int {
			p := s.bent(nodetest.SessionKey("stranger"), func(*streamtypes.Session) {})
			return opened(s.as("payer").send(p, s.window()))
		},
		"session that nobody signed": func(s *scene) int {
			p := s.pay(12)
			p.Session.Signature = bytes.Clone(p.Session.Signature)
			p.Session.Signature[s.rnd.IntN(64)] ^= 1
			return opened(s.as("payer").send(p, s.window()))
		},
		"session of another work":  func(s *scene) int { return s.terms(func(t *streamtypes.Session) { t.Work = nodetest.WorkID("other") }) },
		"session of another chain": func(s *scene) int { return s.terms(func(t *streamtypes.Session) { t.ChainId = "test-2" }) },
		"wrong price": func(s *scene) int {
			return s.terms(func(t *streamtypes.Session) { t.PricePerTick = s.rnd.Uint64N(price) })
		},
		"wrong tick": func(s *scene) int {
			return s.terms(func(t *streamtypes.Session) { t.TickSeconds = 2 + s.rnd.Uint32N(60) })
		},
		"other denomination": func(s *scene) int { return s.terms(func(t *streamtypes.Session) { t.Denom = "ushell" }) },
		"no such lane": func(s *scene) int {
			return s.terms(func(t *streamtypes.Session) { t.Generation = 2 + s.rnd.Uint64N(9) })
		},
		"other provider's lane": func(s *scene) int {
			return s.terms(func(t *streamtypes.Session) { t.Provider = nodetest.Address("nobody") })
		},
		"a session that is over": func(s *scene) int {
			return s.terms(func(t *streamtypes.Session) { t.Expires = s.w.Nodes[0].Chain.Now() - s.rnd.Int64N(100) })
		},
		"lane closed": func(s *scene) int {
			return s.withLane(func(c *nodetest.Chain, id string, _ streamtypes.Lane) { delete(c.Lanes, id) })
		},
		"lane closing": func(s *scene) int {
			return s.withLane(func(c *nodetest.Chain, id string, l streamtypes.Lane) {
				l.ClosingSince = c.Live - s.rnd.Int64N(300)
				c.Lanes[id] = l
			})
		},
		"lane over": func(s *scene) int {
			return s.withLane(func(c *nodetest.Chain, id string, l streamtypes.Lane) {
				l.Expires = c.Live - s.rnd.Int64N(100)
				c.Lanes[id] = l
			})
		},
		"lane of another key": func(s *scene) int {
			return s.withLane(func(c *nodetest.Chain, id string, l streamtypes.Lane) {
				l.Pubkey = nodetest.SessionKey("stranger").Public().(ed25519.PublicKey)
				c.Lanes[id] = l
			})
		},
		"lane spent": func(s *scene) int {
			return s.withLane(func(c *nodetest.Chain, id string, l streamtypes.Lane) {
				l.Spent = l.Cap - 12*price
				c.Lanes[id] = l
			}, 18)
		},
		"restricted": func(s *scene) int {
			s.w.Decide("", subtypes.AccessDecision{Reason: subtypes.ReasonWorkRestricted})
			n := opened(s.as("owner").send(nil, s.window())) + opened(s.as("payer").send(s.pay(12), keystest.Windows(1)...))
			s.w.Decide("", nodetest.Metered(price, 0))
			return n
		},
		"not sold by the tick": func(s *scene) int {
			s.w.Decide("", subtypes.AccessDecision{Reason: subtypes.ReasonPaymentRequired})
			n := opened(s.as("payer").send(s.pay(12), keystest.Windows(1)...))
			s.w.Decide("", nodetest.Metered(price, 0))
			return n
		},
	}
}

// withKey asks while the name's key is another on the chain.
func (s *scene) withKey(name string, pay *wire.KeyPay, change func(*streamtypes.SessionKey)) int {
	id := nodetest.Address(name) + "/" + string(nodetest.SessionKey(name).Public().(ed25519.PublicKey))
	old := s.w.Nodes[0].Chain.Keys[id]
	s.each(func(c *nodetest.Chain) {
		k := old
		change(&k)
		c.Keys[id] = k
	})
	n := opened(s.as(name).send(pay, keystest.Windows(1)...))
	s.each(func(c *nodetest.Chain) { c.Keys[id] = old })
	return n
}

// withLane asks for what is not paid yet while the payer's lane is another on the chain.
func (s *scene) withLane(change func(*nodetest.Chain, string, streamtypes.Lane), n ...uint32) int {
	id := nodetest.Address("payer") + "/" + token.BaseDenom
	old := s.w.Nodes[0].Chain.Lanes[id]
	s.each(func(c *nodetest.Chain) { change(c, id, old) })
	got := opened(s.as("payer").send(s.pay(append(n, 60)[0]), s.window()))
	s.each(func(c *nodetest.Chain) { c.Lanes[id] = old })
	return got
}

// terms pays by a session with changed terms that its owner has signed.
func (s *scene) terms(bend func(*streamtypes.Session)) int {
	return opened(s.as("payer").send(s.bent(nodetest.SessionKey("payer"), bend), s.window()))
}

// closing pays by a session of its own, which a wrong word closes.
func (s *scene) closing(bend func(*wire.KeyPay)) int {
	_, pay := s.w.Pay(nodetest.Address("payer"), nodetest.SessionKey("payer"), 1000+s.rnd.Uint64N(1e9), price, 1000)
	p := pay(6)
	bend(p)
	return opened(s.as("payer").send(p, s.window()))
}

// chance is a seeded source of keys for tests.
type chance struct{ *rand.Rand }

func (c chance) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c.Uint32())
	}
	return len(p), nil
}

func TestTenThousandForgeries(t *testing.T) {
	s := newScene(t)
	all := forgeries()
	var names []string
	for name := range all {
		names = append(names, name)
	}
	made := 0
	for made < attempts {
		for _, name := range names {
			if n := all[name](s); n != 0 {
				t.Fatalf("%s: %d windows were opened", name, n)
			}
			made++
		}
	}
	// a session that is not bent is taken, so that what was bent is why others were not; and who has a right gets it still
	require.Equal(t, 1, s.terms(func(*streamtypes.Session) {}))
	s.as("owner").opens(1, nil, s.window())
	s.as("payer").opens(2, s.pay(12), keystest.Windows(1, 2)...)
	s.as("payer").opens(1, s.pay(18), keystest.Windows(3)...)
	t.Logf("%d attempts of %d kinds", made, len(all))
}

// The log of all that, and of a share's whole life, has no secret in it.
func TestNoSecretInLogs(t *testing.T) {
	s := newScene(t)
	for _, try := range forgeries() {
		try(s)
	}
	s.w.Draw(s.w.Nodes...)
	s.w.Step()
	s.w.Step()
	s.as("owner").opens(1, nil, s.window())
	log := s.w.Log.String()
	require.Contains(t, log, "keys refused")
	secrets := map[string][]byte{"viewer": []byte(nodetest.Address("payer")), "owner": []byte(nodetest.Address("owner"))}
	master := s.w.Secret.Bytes()
	secrets["secret"] = master[:]
	for n := range uint32(30) {
		secrets["word"+string(rune('a'+n))] = s.pay(n).Word
		key := s.w.Output(keystest.Windows(n)[0]).AES128()
		secrets["key"+string(rune('a'+n))] = key[:]
	}
	for i, node := range s.w.Nodes {
		require.NoError(t, filepath.WalkDir(filepath.Join(node.Dir, "keys"), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			text := strings.Fields(string(raw))
			if len(text) > 0 && filepath.Ext(path) != ".session" {
				secrets[filepath.Base(path)+string(rune('0'+i))], err = hex.DecodeString(text[len(text)-1])
			}
			return err
		}))
	}
	require.Greater(t, len(secrets), 64)
	for name, secret := range secrets {
		for _, form := range []string{string(secret), hex.EncodeToString(secret), base64.StdEncoding.EncodeToString(secret), base64.RawURLEncoding.EncodeToString(secret)} {
			require.False(t, bytes.Contains([]byte(log), []byte(form)), name)
		}
	}
}
