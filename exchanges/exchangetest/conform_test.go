package exchangetest

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// The reference is a made-up exchange with a bit of everything that real ones
// have: two calls, two kinds of keys, a passphrase, a host that is signed. The
// steps of its adapter can be replaced one by one, so that each property of the
// suite meets an adapter that violates it.

// steps are the replaceable parts of the reference adapter.
type steps struct {
	context   func(context.Context) context.Context // of the requests
	signing   func(context.Context) context.Context
	text      func(stamp, key, host, path string) string
	algorithm func(access.KeyKind) adapter.Algorithm
	dress     func(http.Header)
	decode    func([]byte) (wire.Object, error)
	state     func(wire.Object) access.KeyState
	rights    func(held wire.Object) map[string]access.State
	allowlist func(access.IPAllowlist, wire.Object) access.IPAllowlist
	tries     int
	refusal   func(*adapter.Session, *access.Error) error
	after     func(*adapter.Session, *access.Snapshot)
}

func soundSteps() steps {
	return steps{
		context: func(ctx context.Context) context.Context { return ctx },
		signing: func(ctx context.Context) context.Context { return ctx },
		text:    func(stamp, key, host, path string) string { return stamp + key + host + path },
		algorithm: func(kind access.KeyKind) adapter.Algorithm {
			if kind == access.Ed25519Key {
				return adapter.Ed25519
			}
			return adapter.HMACSHA256
		},
		dress:  func(http.Header) {},
		decode: wire.Parse,
		state:  func(account wire.Object) access.KeyState { return account.State("state", referenceStates) },
		rights: func(account wire.Object) map[string]access.State {
			held, ok := account.Strings("rights")
			if !ok {
				return nil
			}
			return referenceRights.Listed(held)
		},
		allowlist: func(list access.IPAllowlist, _ wire.Object) access.IPAllowlist { return list },
		tries:     1,
		refusal:   func(_ *adapter.Session, err *access.Error) error { return err },
		after:     func(*adapter.Session, *access.Snapshot) {},
	}
}

var referenceRights = rights.Table{
	"spot.trade":     rights.For(access.TradeSpot),
	"futures.trade":  rights.For(access.TradeFutures),
	"funds.withdraw": rights.For(access.Withdraw),
}

var referenceStates = map[string]access.KeyState{"on": access.KeyActive, "off": access.KeyDisabled}

var referenceCodes = wire.Failures{
	wire.Is(access.KindBadKey, "bad_key"),
	wire.Is(access.KindBadSignature, "bad_sign"),
	wire.Is(access.KindClockSkew, "clock"),
	wire.Is(access.KindNonce, "nonce"),
	wire.OneOf(access.KindIPNotAllowed, access.KindGeoBlocked).For("address"),
	wire.Is(access.KindExpired, "expired"),
}

// referenceExchange is the adapter, made of its steps.
func referenceExchange(do steps, nonce bool) *adapter.Exchange {
	window := 5 * time.Second
	if nonce {
		window = 0
	}
	return &adapter.Exchange{
		Name: "reference", Title: "Reference", Docs: "https://reference.example/docs", KeyPage: "https://reference.example/keys", Checked: "2026-06-01",
		Environments: []adapter.Environment{
			{Name: "live", URLs: []string{"https://api.reference.example"}},
			{Name: "test", URLs: []string{"https://test.reference.example"}, Test: true, Headers: map[string]string{"X-Play": "1"}},
		},
		Calls: []adapter.Call{
			{Method: "GET", Path: "/account", Why: "rights and dates"},
			{Method: "GET", Path: "/allowlist", Why: "IP allowlist"},
			{Method: "GET", Path: "/time", Why: "the exchange's clock", When: "the timestamp was refused"},
		},
		Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret, access.Ed25519Key}, Passphrase: true, Nonce: nonce},
		Coverage: adapter.Coverage{
			Reports:   []access.Capability{access.Read, access.TradeSpot, access.TradeFutures, access.Withdraw},
			Absent:    []access.Capability{access.APIKeyManage},
			Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Expires: adapter.Always, AccountKind: adapter.Always,
			Confirmed: "invention",
		},
		Limit: adapter.Limit{Requests: 1, Per: time.Second}, ClockWindow: window,
		Inspect: func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
			account, err := do.ask(ctx, s, "/account", nonce)
			if err != nil {
				return nil, err
			}
			allowlist, err := do.ask(ctx, s, "/allowlist", nonce)
			if err != nil {
				return nil, err
			}
			return do.parse(s, account, allowlist)
		},
		ServerTime: func(ctx context.Context, s *adapter.Session) (time.Time, error) {
			resp, err := s.Do(ctx, adapter.Request{Method: "GET", Path: "/time"})
			if err != nil {
				return time.Time{}, err
			}
			body, _ := wire.Parse(resp.Body)
			at, ok := body.Millis("time")
			if !ok {
				return time.Time{}, wire.NotUnderstood(resp, body.Err())
			}
			return at, nil
		},
	}
}

func (do *steps) ask(ctx context.Context, s *adapter.Session, path string, nonce bool) (wire.Object, error) {
	stamp := strconv.FormatInt(s.Now().UnixMilli(), 10)
	if nonce {
		stamp = strconv.FormatUint(s.Nonce(), 10)
	}
	signature, err := s.Sign(do.signing(ctx), do.algorithm(s.KeyKind()), do.text(stamp, s.Key(), s.Host(), path))
	if err != nil {
		return wire.Object{}, err
	}
	header := http.Header{
		"X-Key": {s.Key()}, "X-Time": {stamp}, "X-Pass": {s.Passphrase()}, "X-Sign": {base64.StdEncoding.EncodeToString(signature)},
	}
	do.dress(header)
	for try := 1; ; try++ {
		resp, err := s.Do(do.context(ctx), adapter.Request{Method: "GET", Path: path, Header: header})
		var refusal *access.Error
		if err == nil {
			body, err := do.decode(resp.Body)
			ok, present := body.Bool("ok")
			if err == nil && ok && present && resp.Status == http.StatusOK {
				return body, nil
			}
			code, _ := body.Text("code")
			message, _ := body.Text("message")
			if refusal = referenceCodes.Refusal(resp, code, message); refusal.Kind == access.KindNotUnderstood && message == "" {
				refusal.Message = "not as documented"
			}
		} else {
			errors.As(err, &refusal)
		}
		if try >= do.tries {
			return wire.Object{}, do.refusal(s, refusal)
		}
	}
}

func (do *steps) parse(s *adapter.Session, body, allowlist wire.Object) (*access.Snapshot, error) {
	account, _ := body.Object("account")
	snap := &access.Snapshot{Answer: access.Answer{Grants: []access.Grant{{Capability: access.Read, State: access.Granted, Evidence: access.Inferred}}}}
	snap.Label, _ = account.Text("label")
	if main, ok := account.Bool("main"); ok {
		snap.Account.Kind = access.AccountKindOf(main)
	}
	snap.KeyState = do.state(account)
	snap.Created, _ = account.Millis("created")
	snap.Expires, _ = account.Millis("expires")
	if states := do.rights(account); states != nil {
		referenceRights.Apply(snap, states)
	}
	if ips, ok := allowlist.Strings("ips"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(ips)
	}
	snap.IPAllowlist = do.allowlist(snap.IPAllowlist, allowlist)
	if body.Err() != nil || allowlist.Err() != nil {
		return nil, do.refusal(s, &access.Error{Status: http.StatusOK, Message: "not as documented"})
	}
	do.after(s, snap)
	return snap, nil
}

const referenceDir = "testdata/reference"

// TestReference: the sound adapter passes every property.
func TestReference(t *testing.T) {
	for name, nonce := range map[string]bool{"timestamps": false, "nonces": true} {
		for _, p := range properties {
			t.Run(name+"/"+p.name, func(t *testing.T) {
				dir := referenceDir
				if nonce {
					dir += "-nonce"
				}
				found := problems(t, referenceExchange(soundSteps(), nonce), func() *Fake { return New(referenceFake(nonce)) }, p, dir)
				assert.Empty(t, found)
				assert.NotEmpty(t, p.why)
			})
		}
	}
}

// TestDefaultTransportRestored: the suite restores http.DefaultTransport.
func TestDefaultTransportRestored(t *testing.T) {
	before := http.DefaultTransport
	problems(t, referenceExchange(soundSteps(), false), func() *Fake { return New(referenceFake(false)) }, properties[0], referenceDir)
	require.Same(t, before, http.DefaultTransport)
}

func TestFindCanaries(t *testing.T) {
	const secret = "c4n4ry+/secret=with odd\"signs"
	pem := pemOf(ed25519.NewKeyFromSeed(make([]byte, 32)))
	for name, text := range map[string]string{
		"plain":            "the secret is " + secret,
		"one half":         "it begins with " + secret[:len(secret)/2],
		"hexadecimal":      fmt.Sprintf("%x", secret),
		"upper case":       fmt.Sprintf("%X", secret),
		"percent-encoded":  url.QueryEscape(secret),
		"quoted":           fmt.Sprintf("%q", secret),
		"base64":           base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64url":        base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"inside base64":    base64.StdEncoding.EncodeToString([]byte("me:" + secret + "@home")),
		"encoded base64":   url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(secret))),
		"a line of a key":  strings.Split(pem, "\n")[1],
		"a key as in JSON": strings.ReplaceAll(pem, "\n", `\n`),
	} {
		assert.NotEmpty(t, FindCanaries(text, []string{secret, pem}), name)
	}
	for _, text := range []string{"", "nothing", secret[:6], "-----BEGIN PRIVATE KEY-----"} {
		assert.Empty(t, FindCanaries(text, []string{secret, pem, "", "ab"}), text)
	}
}

func TestTeleport(t *testing.T) {
	for name, want := range map[string]string{
		"Spot.SpotTrade": "Spot.Teleport", "enableWithdrawals": "enableTeleport", "WITHDRAW": "TELEPORT", "trade": "teleport",
		"trade:read_write": "trade:read_teleport", "query-funds": "query-teleport", "Can Trade": "Can Teleport",
	} {
		assert.Equal(t, want, teleport(name))
	}
}

func TestAltered(t *testing.T) {
	for _, text := range []string{"a", "0123456789abcdef", "AbC/+9zZ==", "%2Fx", "{}", ""} {
		changed := altered(text, len(text)/2)
		assert.NotEqual(t, text, changed)
	}
	assert.Equal(t, "%2Fy", altered("%2Fx", 1), "an escape stays whole")
}

// TestVariants: every member of every object, once.
func TestVariants(t *testing.T) {
	body := []byte(`{"a":{"b":1},"c":[{"d":"x"},2]}`)
	var got []string
	for path, changed := range variants(body, missing) {
		got = append(got, path+" "+string(changed))
	}
	assert.Equal(t, []string{
		`a {"c":[{"d":"x"},2]}`, `a {"a":null,"c":[{"d":"x"},2]}`, `a.b {"a":{},"c":[{"d":"x"},2]}`, `a.b {"a":{"b":null},"c":[{"d":"x"},2]}`,
		`c {"a":{"b":1}}`, `c {"a":{"b":1},"c":null}`, `c[0].d {"a":{"b":1},"c":[{},2]}`, `c[0].d {"a":{"b":1},"c":[{"d":null},2]}`,
	}, got)
	assert.Equal(t, body, parseNode(body).bytes(), "what was not changed is written as it was")
	assert.Nil(t, parseNode([]byte(`{"a":`)))
	assert.Nil(t, parseNode([]byte(`{} {}`)))
}
