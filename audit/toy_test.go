package audit_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Toy is the smallest exchange that can be audited. Its answers are words: a kind
// of failure, with candidates after a colon, or anything else for a harmless
// key. The time call answers with Unix seconds.
const (
	toyID     = "toyKey0123456789abcdef"
	toySecret = "toySecretCanary0123456789"
)

func toyExchange(edits ...func(*adapter.Exchange)) *adapter.Exchange {
	e := &adapter.Exchange{
		Name: "toy", Title: "Toy", Docs: "https://toy.example/docs", KeyPage: "https://toy.example/keys", Checked: "2026-11-22",
		Environments: []adapter.Environment{
			{Name: "live", URLs: []string{"https://api.toy.example", "https://api2.toy.example"}},
			{Name: "test", URLs: []string{"https://test.toy.example"}, Headers: map[string]string{"X-Simulated": "1"}, Test: true},
		},
		Calls: []adapter.Call{
			{Method: http.MethodGet, Path: "/key", Why: "what the key may do"},
			{Method: http.MethodGet, Path: "/time", Why: "the exchange's time", When: "the timestamp was refused"},
			{Method: http.MethodPost, Path: "/sim", Why: "only for the test network", When: "asked for", Environments: []string{"test"}},
		},
		Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
		Coverage:    adapter.Coverage{Reports: access.Capabilities(), Confirmed: "made up"},
		ClockWindow: 5 * time.Second,
		Inspect:     toyInspect,
		ServerTime:  toyTime,
	}
	for _, edit := range edits {
		edit(e)
	}
	return e
}

func toyInspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := strconv.FormatInt(s.Now().UnixMilli(), 10)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp)
	if err != nil {
		return nil, err
	}
	query := "t=" + stamp + "&signature=" + hex.EncodeToString(signature)
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: "/key", Query: query, Header: http.Header{"X-Key": {s.Key()}}})
	if err != nil {
		return nil, err
	}
	if refusal := toyRefusal(resp); refusal != nil {
		return nil, refusal
	}
	return harmless(), nil
}

func toyRefusal(r *adapter.Response) *access.Error {
	word, candidates, _ := strings.Cut(string(r.Body), ":")
	e := &access.Error{Status: r.Status, Code: word}
	if known := e.Kind.UnmarshalText([]byte(word)) == nil; !known {
		return nil
	}
	for candidate := range strings.SplitSeq(candidates, ",") {
		var kind access.Kind
		if kind.UnmarshalText([]byte(candidate)) == nil {
			e.Candidates = append(e.Candidates, kind)
		}
	}
	return e
}

func toyTime(ctx context.Context, s *adapter.Session) (time.Time, error) {
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: "/time"})
	if err != nil {
		return time.Time{}, err
	}
	if refusal := toyRefusal(resp); refusal != nil {
		return time.Time{}, refusal
	}
	seconds, err := strconv.ParseInt(string(resp.Body), 10, 64)
	if err != nil {
		return time.Time{}, errors.New("a foreign error with " + toySecret)
	}
	return time.Unix(seconds, 0), nil
}

// harmless is what a key that may only read looks like.
func harmless() *access.Snapshot {
	s := &access.Snapshot{
		Answer: access.Answer{
			IPAllowlist:  access.NewIPAllowlist([]string{"8.8.8.8"}),
			NeverExpires: true,
			Created:      time.Now().Truncate(48 * time.Hour),
			Account:      access.Account{Kind: access.SubAccount},
		},
	}
	for _, c := range access.Capabilities() {
		s.Grants = append(s.Grants, access.Grant{Capability: c, State: access.StateOf(c == access.Read), Evidence: access.Reported})
	}
	return s
}

func toyKey(edits ...func(*audit.Key)) audit.Key {
	k := audit.Key{
		Name: "bot", Exchange: toyExchange(), Policy: audit.ReadOnly(),
		Credentials: adapter.Credentials{Key: toyID, Secret: adapter.NewSecret(toySecret)},
	}
	for _, edit := range edits {
		edit(&k)
	}
	return k
}

// toyFake answers in-process with the words of its script, one per request,
// and then always "ok". It keeps what it got and when.
type toyFake struct {
	mu     sync.Mutex
	script []string
	// header is sent along with every refusal.
	header map[string]string
	// clock is that of the Date it sends, ours if nil; and then it answers for the
	// time in words.
	clock func() time.Time
	// undated leaves the Date out.
	undated bool
	// delay is how long an answer takes.
	delay time.Duration
	seen  []*http.Request
	at    []time.Time
}

func (v *toyFake) RoundTrip(r *http.Request) (*http.Response, error) {
	v.mu.Lock()
	v.seen, v.at = append(v.seen, r), append(v.at, time.Now())
	word, refused := "ok", false
	switch {
	case r.URL.Path == "/time" && v.clock != nil:
		word = strconv.FormatInt(v.clock().Unix(), 10)
	case len(v.script) > 0:
		word, v.script, refused = v.script[0], v.script[1:], true
	}
	v.mu.Unlock()
	if v.delay > 0 {
		select {
		case <-time.After(v.delay):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	resp := reply(http.StatusOK, word)
	if refused {
		for name, value := range v.header {
			resp.Header.Set(name, value)
		}
	}
	if !v.undated && resp.Header.Get("Date") == "" {
		clock := time.Now
		if v.clock != nil {
			clock = v.clock
		}
		resp.Header.Set("Date", clock().UTC().Format(http.TimeFormat))
	}
	return resp, nil
}

// paths lists what was asked.
func (v *toyFake) paths() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := []string{}
	for _, r := range v.seen {
		out = append(out, r.URL.Path)
	}
	return out
}

func (v *toyFake) count() int { return len(v.paths()) }

func reply(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		TLS: &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{}}}, // as a verified connection has it
	}
}

// via is a transport made of a function.
type via func(*http.Request) (*http.Response, error)

func (f via) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// inspectToy inspects a key by some transport and demands an error of a kind.
func inspectToy(t *testing.T, key audit.Key, transport http.RoundTripper) (*access.Snapshot, *access.Error) {
	t.Helper()
	s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: transport, Attempts: 1})
	if err == nil {
		return s, nil
	}
	var failure *access.Error
	require.ErrorAs(t, err, &failure)
	return s, failure
}

// withSnapshot is an Inspect that asks as usual and edits what it found.
func withSnapshot(edit func(*access.Snapshot)) func(context.Context, *adapter.Session) (*access.Snapshot, error) {
	return func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
		found, err := toyInspect(ctx, s)
		if err == nil {
			edit(found)
		}
		return found, err
	}
}

// refusing is an Inspect that asks as usual and is refused.
func refusing(refusal *access.Error) func(context.Context, *adapter.Session) (*access.Snapshot, error) {
	return func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
		if _, err := toyInspect(ctx, s); err != nil {
			return nil, err
		}
		return nil, refusal
	}
}
