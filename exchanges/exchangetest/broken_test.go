package exchangetest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// flaw breaks the reference in one place; the property must notice it.
type flaw struct {
	name, property string
	only           bool // no other property notices it
	steps          func(*steps)
	adapter        func(*adapter.Exchange)
	fake           func(*Definition)
}

// after changes what the adapter found.
func after(f func(*access.Snapshot)) func(*steps) {
	return func(do *steps) { do.after = func(_ *adapter.Session, s *access.Snapshot) { f(s) } }
}

// wrapped wraps the adapter's Inspect.
func wrapped(f func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error)) func(*adapter.Exchange) {
	return func(e *adapter.Exchange) {
		next := e.Inspect
		e.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) { return f(ctx, s, next) }
	}
}

type inspect = func(context.Context, *adapter.Session) (*access.Snapshot, error)

func setGrant(s *access.Snapshot, capability access.Capability, state access.State) {
	for i := range s.Grants {
		if s.Grants[i].Capability == capability {
			s.Grants[i].State = state
			return
		}
	}
	s.Grants = append(s.Grants, access.Grant{Capability: capability, State: state, Evidence: access.Reported})
}

// optimist takes any answer that it cannot read for that of a key without rights.
func optimist(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
	found, err := next(ctx, s)
	if errors.Is(err, access.KindNotUnderstood) {
		found, err = &access.Snapshot{}, nil
		setGrant(found, access.Withdraw, access.Denied)
	}
	return found, err
}

var flaws = []flaw{
	{name: "a fake without vectors", property: "definition", fake: func(d *Definition) { d.Vectors = nil }},
	{name: "a fake that verifies nothing", property: "definition", fake: func(d *Definition) { d.Verify = nil }},
	{name: "a refusal that may mean anything", property: "definition", fake: func(d *Definition) { d.Failures[0].Kind = access.KindAmbiguous }},

	{name: "a label that only a recorded answer has is dropped", property: "recorded", only: true, steps: after(func(s *access.Snapshot) {
		if s.Label == "ximbrel" {
			s.Label = ""
		}
	})},

	{name: "no documentation", property: "descriptor", adapter: func(e *adapter.Exchange) { e.Docs = "" }},
	{name: "a call without a reason", property: "descriptor", adapter: func(e *adapter.Exchange) { e.Calls[0].Why = "" }},
	{name: "a call that writes", property: "descriptor", adapter: func(e *adapter.Exchange) { e.Calls[0].Method = http.MethodDelete }},
	{name: "a call that the fake does not answer", property: "descriptor", adapter: func(e *adapter.Exchange) {
		e.Calls = append(e.Calls, adapter.Call{Method: "GET", Path: "/old", Why: "history", When: "never"})
	}},
	{name: "plain http", property: "descriptor", adapter: func(e *adapter.Exchange) { e.Environments[0].URLs[0] = "http://api.reference.example" }},
	{name: "a host that the fake does not have", property: "descriptor", adapter: func(e *adapter.Exchange) { e.Environments[1].URLs[0] = "https://other.example" }},
	{name: "a host that no environment has", property: "descriptor", fake: func(d *Definition) { d.Hosts = append(d.Hosts, "forgotten.example") }},
	{name: "a kind of key that the fake does not issue", property: "descriptor", adapter: func(e *adapter.Exchange) { e.Needs.Kinds = append(e.Needs.Kinds, access.RSAKey) }},

	{name: "a fake that does not verify as documented", property: "vectors", fake: func(d *Definition) { d.Vectors[0].Header["X-Time"] = "1776149990533" }},
	{name: "a vector with another secret", property: "vectors", fake: func(d *Definition) { d.Vectors[0].Secret += "x" }},

	{name: "a fake that accepts every signature", property: "verifier", fake: func(d *Definition) { d.Verify = func(*Call) *Reply { return nil } }},
	{name: "a fake that ignores the time", property: "verifier", fake: func(d *Definition) {
		verify := d.Verify
		d.Verify = func(c *Call) *Reply { c.Now = noonOf(c); return verify(c) }
	}},
	{name: "a fake that ignores the passphrase", property: "verifier", fake: func(d *Definition) {
		verify := d.Verify
		d.Verify = func(c *Call) *Reply { c.Header.Set("X-Pass", c.Key.Passphrase); return verify(c) }
	}},
	{name: "a fake that ignores the path", property: "verifier", fake: func(d *Definition) {
		verify := d.Verify
		d.Verify = func(c *Call) *Reply {
			in := *c
			in.Request = c.Clone(c.Context())
			if in.URL.Path != "/allowlist" {
				in.URL.Path = "/account"
			}
			return verify(&in)
		}
	}},

	{name: "an extra header", property: "request", steps: func(do *steps) { do.dress = func(h http.Header) { h.Set("X-Broker", "friend") } }},
	{name: "a wrong signing input", property: "request", steps: func(do *steps) {
		do.text = func(stamp, key, host, path string) string { return key + stamp + host + path }
	}},

	{name: "an undeclared call", property: "guard", adapter: func(e *adapter.Exchange) { e.Calls = e.Calls[1:] }},
	{name: "a repeated call", property: "guard", adapter: wrapped(func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
		_, _ = next(ctx, s)
		return next(ctx, s)
	})},
	{name: "a declared call that is not made", property: "guard", adapter: func(e *adapter.Exchange) { e.Calls[2].When = "" }},

	{name: "always the first host", property: "environments", steps: func(do *steps) {
		do.text = func(stamp, key, _, path string) string { return stamp + key + "api.reference.example" + path }
	}},

	{name: "a fake that works in-process only", property: "served", fake: func(d *Definition) {
		verify := d.Verify
		d.Verify = func(c *Call) *Reply {
			in := *c
			in.Request = c.Clone(c.Context())
			in.Host = c.URL.Host
			return verify(&in)
		}
	}},

	{name: "hides the guard's refusal", property: "redirect", steps: misread(func(err *access.Error) {
		if err.Kind == access.KindGuard {
			err.Kind = access.KindUnavailable
		}
	})},

	{name: "another label", property: "answers", steps: after(func(s *access.Snapshot) { s.Label += "!" })},

	{name: "another order each time", property: "answers", adapter: func(e *adapter.Exchange) {
		var turn atomic.Int64
		wrapped(func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
			found, err := next(ctx, s)
			if err == nil && turn.Add(1)%3 == 0 {
				found.Notes = []string{"b", "a"}
			}
			return found, err
		})(e)
	}},

	{name: "seconds for milliseconds", property: "round-trip", steps: after(func(s *access.Snapshot) { s.Created = time.Unix(s.Created.UnixMilli(), 0) })},
	{name: "* not read as unrestricted", property: "round-trip", steps: after(func(s *access.Snapshot) { s.IPAllowlist.State = access.AllowlistRestricted })},
	{name: "a wrong capability", property: "round-trip", steps: after(func(s *access.Snapshot) {
		setGrant(s, access.Withdraw, s.Grant(access.TradeFutures).State)
	})},
	{
		name: "a right that a key may hold read as denied", property: "round-trip", steps: after(func(s *access.Snapshot) { setGrant(s, access.TradeMargin, access.Denied) }),
		adapter: func(e *adapter.Exchange) { e.Coverage.Reports = append(e.Coverage.Reports, access.TradeMargin) },
		fake: func(d *Definition) {
			d.MayGrant = map[string][]access.Capability{"spot.trade": {access.TradeMargin}}
		},
	},
	{name: "a right not granted", property: "round-trip", steps: after(func(s *access.Snapshot) { setGrant(s, access.TradeSpot, access.Unknown) })},
	{name: "a sub-account taken for a main one", property: "round-trip", steps: after(func(s *access.Snapshot) { s.Account.Kind = access.MainAccount })},
	{name: "the expiry dropped", property: "round-trip", steps: after(func(s *access.Snapshot) { s.Expires = time.Time{} })},

	{name: "a fact promised and not reported", property: "coverage", adapter: func(e *adapter.Exchange) { e.Coverage.LastUsed = adapter.Sometimes }},
	{name: "a fact reported and not promised", property: "coverage", adapter: func(e *adapter.Exchange) { e.Coverage.Created = adapter.Never }},
	{name: "a capability that no key has", property: "coverage", adapter: func(e *adapter.Exchange) {
		e.Coverage.Reports = append(e.Coverage.Reports, access.TradeOptions)
	}},

	{name: "one algorithm for all", property: "key-kinds", steps: func(do *steps) {
		do.algorithm = func(access.KeyKind) adapter.Algorithm { return adapter.HMACSHA256 }
	}},

	{name: "unknown names dropped", property: "unknown-permission", steps: after(func(s *access.Snapshot) { s.Unmapped = nil })},
	{name: "unknown names taken for a right", property: "unknown-permission", steps: after(func(s *access.Snapshot) {
		if len(s.Unmapped) > 0 {
			setGrant(s, access.TradeFutures, access.Denied)
			s.Notes = append(s.Notes, "odd")
		}
	})},

	{name: "a missing field read as denied", property: "missing-field", steps: after(func(s *access.Snapshot) {
		if s.Grant(access.Withdraw).State == access.Unknown {
			setGrant(s, access.Withdraw, access.Denied)
		}
	})},
	{name: "a missing field read as an IP allowlist", property: "missing-field", steps: after(func(s *access.Snapshot) {
		if s.IPAllowlist.State == access.AllowlistUnknown {
			s.IPAllowlist.State = access.AllowlistRestricted
		}
	})},
	{name: "a missing field read as a sub-account", property: "missing-field", steps: after(func(s *access.Snapshot) {
		if s.Account.Kind == access.AccountUnknown {
			s.Account.Kind = access.SubAccount
		}
	})},
	{name: "a missing date read as today", property: "missing-field", steps: after(func(s *access.Snapshot) {
		if s.Created.IsZero() {
			s.Created = noon
		}
	})},

	{name: "the last of two members", property: "duplicate-field", steps: func(do *steps) {
		do.decode = func(body []byte) (wire.Object, error) {
			var v any
			if json.Unmarshal(body, &v) != nil {
				return wire.Parse(body)
			}
			body, err := json.Marshal(v)
			if err != nil {
				return wire.Object{}, err
			}
			return wire.Parse(body)
		}
	}},

	{name: "every state but the known bad one read as active", property: "unknown-state", steps: stated(func(word string, _ bool) access.KeyState {
		return map[bool]access.KeyState{true: access.KeyDisabled, false: access.KeyActive}[word == "off"]
	})},
	{name: "a state in another case read as the known one", property: "unknown-state", only: true, steps: stated(func(word string, _ bool) access.KeyState {
		return map[bool]access.KeyState{true: access.KeyActive, false: access.KeyUnclear}[strings.EqualFold(word, "on")]
	})},
	{name: "a state of null read as a good one", property: "unknown-state", steps: stated(func(word string, present bool) access.KeyState {
		return map[bool]access.KeyState{true: access.KeyActive, false: access.KeyUnclear}[word == "on" || !present]
	})},
	{name: "the state not read", property: "unknown-state", only: true, steps: stated(func(string, bool) access.KeyState { return access.KeyStateUnknown })},

	{name: "another type read as none", property: "wrong-type", adapter: wrapped(optimist)},
	{name: "half an answer read as a whole one", property: "truncated", adapter: wrapped(optimist)},
	{name: "any answer read as one of the exchange", property: "garbage", adapter: wrapped(optimist)},
	{name: "a proxy's refusal read as the exchange's", property: "garbage", steps: misread(func(err *access.Error) {
		if err.Status == http.StatusForbidden {
			err.Kind = access.KindIPNotAllowed
		}
	})},
	{name: "nobody is told why an answer is none", property: "garbage", steps: misread(func(err *access.Error) {
		if err.Kind == access.KindNotUnderstood {
			err.Message = ""
		}
	})},
	{name: "a panic", property: "garbage", steps: func(do *steps) {
		do.decode = func(body []byte) (wire.Object, error) { _ = body[1]; return wire.Parse(body) }
	}},

	{name: "an error code off by one", property: "failures", steps: misread(func(err *access.Error) {
		if err.Code == "bad_key" {
			err.Kind = access.KindBadSignature
		}
	})},
	{name: "the code in the answer ignored", property: "failures", adapter: wrapped(func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
		found, err := next(ctx, s)
		if e := (*access.Error)(nil); errors.As(err, &e) && e.Status == http.StatusOK {
			return &access.Snapshot{}, nil
		}
		return found, err
	})},
	{name: "the status lost", property: "failures", steps: misread(func(err *access.Error) { err.Status = 0 })},
	{name: "the candidates lost", property: "failures", steps: misread(func(err *access.Error) { err.Candidates = nil })},
	{name: "retries", property: "failures", steps: func(do *steps) { do.tries = 3 }},

	{name: "the meaning of an unknown code guessed", property: "undocumented", steps: misread(func(err *access.Error) {
		if err.Kind == access.KindNotUnderstood {
			err.Kind = access.KindBadKey
		}
	})},
	{name: "a refusal without a code read as an answer", property: "undocumented", adapter: wrapped(optimist)},
	{name: "the code lost", property: "undocumented", steps: misread(func(err *access.Error) {
		if err.Kind == access.KindNotUnderstood {
			err.Code = ""
		}
	})},

	{name: "an overload read as a wrong key", property: "transport", steps: misread(func(err *access.Error) {
		if err.Kind == access.KindUnavailable {
			err.Kind = access.KindBadKey
		}
	})},
	{name: "retries a broken connection", property: "transport", steps: func(do *steps) { do.tries = 2 }},

	{name: "a wrong clock of the exchange", property: "clock", adapter: func(e *adapter.Exchange) {
		e.ServerTime = func(context.Context, *adapter.Session) (time.Time, error) { return noon.Add(-day), nil }
	}},

	{name: "half the secret in the error", property: "secrecy", steps: func(do *steps) {
		do.refusal = func(s *adapter.Session, err *access.Error) error {
			err.Message = "with " + s.Passphrase()[:len(s.Passphrase())/2]
			return err
		}
	}},
	{name: "half of the signature in the error", property: "secrecy", adapter: wrapped(func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
		found, err := next(ctx, s)
		if e := (*access.Error)(nil); errors.As(err, &e) {
			signature, _ := s.Sign(ctx, adapter.HMACSHA256, "x")
			e.Message = base64.StdEncoding.EncodeToString(append([]byte("sign:"), signature[:len(signature)/2]...)) // the whole is scrubbed
		}
		return found, err
	})},
	{name: "the passphrase in the snapshot", property: "secrecy", steps: func(do *steps) {
		do.after = func(s *adapter.Session, found *access.Snapshot) {
			found.Facts = append(found.Facts, access.Fact{Name: "x", Value: strings.ToUpper(hexed(s.Passphrase()[:20]))})
		}
	}},

	{name: "ignores the context", property: "cancel", steps: func(do *steps) {
		do.context = func(context.Context) context.Context { return context.Background() }
	}},
	{name: "signs without the context", property: "cancel", steps: func(do *steps) {
		do.signing = func(context.Context) context.Context { return context.Background() }
	}},
	{name: "sleeps", property: "cancel", adapter: wrapped(func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
		found, err := next(ctx, s)
		time.Sleep(10 * time.Second)
		return found, err
	})},

	{name: "shares what it found between keys", property: "parallel", adapter: func(e *adapter.Exchange) {
		var latest atomic.Pointer[string] // no race, and wrong all the same
		wrapped(func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
			key := s.Key()
			latest.Store(&key)
			found, err := next(ctx, s)
			if err == nil {
				found.Label = *latest.Load()
			}
			return found, err
		})(e)
	}},

	{name: "forms that every text has", property: "swapped", only: true, adapter: func(e *adapter.Exchange) {
		e.Needs.KeyForm, e.Needs.SecretForm = wire.Form(".+"), wire.Form(".+")
	}},
	{name: "a form of keys only", property: "swapped", only: true, adapter: func(e *adapter.Exchange) { e.Needs.KeyForm = wire.Form(".+") }},

	{name: "bypasses the session", property: "no-bypass", adapter: wrapped(func(ctx context.Context, s *adapter.Session, next inspect) (*access.Snapshot, error) {
		if resp, err := http.Get("https://collector.example/?key=" + s.Key()); err == nil {
			_ = resp.Body.Close()
		}
		return next(ctx, s)
	})},
}

// TestFlaws: the property that a broken adapter or fake violates notices it.
func TestFlaws(t *testing.T) {
	t.Setenv("UPDATE_GOLDEN", "") // a flaw must not become the golden file
	seen := map[string]bool{}
	for _, f := range slices.Concat(flaws, refusalFlaws, impliedFlaws, listFlaws, forgetfulFlaws, spellingFlaws, signerFlaws) {
		seen[f.property] = true
		t.Run(f.property+"/"+f.name, func(t *testing.T) {
			do := soundSteps()
			if f.steps != nil {
				f.steps(&do)
			}
			e := referenceExchange(do, false)
			if f.adapter != nil {
				f.adapter(e)
			}
			fake := func() *Fake {
				def := referenceFake(false)
				if f.fake != nil {
					f.fake(&def)
				}
				return New(def)
			}
			for _, p := range properties {
				switch {
				case p.name == f.property:
					assert.NotEmpty(t, problems(t, e, fake, p, referenceDir))
				case f.only:
					assert.Empty(t, problems(t, e, fake, p, referenceDir), p.name)
				}
			}
		})
	}
	for _, p := range properties {
		assert.True(t, seen[p.name], "no flaw shows that %q checks anything", p.name)
	}
}

// noonOf is a request's own time, as an exchange would read that trusts it.
func noonOf(c *Call) time.Time {
	ms, err := time.ParseDuration(c.Header.Get("X-Time") + "ms")
	if err != nil {
		return c.Now
	}
	return time.UnixMilli(ms.Milliseconds())
}
