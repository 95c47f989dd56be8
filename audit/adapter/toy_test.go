package adapter_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Toy is an exchange that takes every key and says nothing about it.
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
		Needs:    adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
		Coverage: adapter.Coverage{Reports: access.Capabilities(), Confirmed: "made up"},
		Inspect:  toyInspect,
	}
	for _, edit := range edits {
		edit(e)
	}
	return e
}

// toyInspect sends a signed request and is content with any answer.
func toyInspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := strconv.FormatInt(s.Now().UnixMilli(), 10)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp)
	if err != nil {
		return nil, err
	}
	query := "t=" + stamp + "&signature=" + hex.EncodeToString(signature)
	return sends(adapter.Request{Method: http.MethodGet, Path: "/key", Query: query, Header: http.Header{"X-Key": {s.Key()}}})(ctx, s)
}

func toyKey(edits ...func(*adapter.Target)) *adapter.Target {
	k := &adapter.Target{Exchange: toyExchange(), Credentials: adapter.Credentials{Key: toyID, Secret: adapter.NewSecret(toySecret)}}
	for _, edit := range edits {
		edit(k)
	}
	return k
}

// inspect inspects one key.
func inspect(ctx context.Context, key *adapter.Target, o adapter.Options) (*access.Snapshot, error) {
	i := adapter.NewInspector(o)
	defer i.Close()
	return i.Inspect(ctx, key)
}

// inspectToy inspects a key once, by some transport.
func inspectToy(t *testing.T, key *adapter.Target, transport http.RoundTripper) (*access.Snapshot, *access.Error) {
	t.Helper()
	s, err := inspect(t.Context(), key, adapter.Options{Transport: transport, Attempts: 1})
	if err == nil {
		return s, nil
	}
	var failure *access.Error
	require.ErrorAs(t, err, &failure)
	return s, failure
}

// toyFake answers "ok" and keeps what it got.
type toyFake struct {
	mu   sync.Mutex
	seen []*http.Request
}

func (f *toyFake) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, r)
	return reply(http.StatusOK, "ok"), nil
}

func (f *toyFake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.seen)
}

func reply(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		TLS: &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{}}}, // as a verified connection has it
	}
}

// via is a transport made of a function.
type via func(*http.Request) (*http.Response, error)

func (f via) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func pemOf(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
