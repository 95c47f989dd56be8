package adapter_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// sends is an Inspect that sends some requests and is content with any answer.
func sends(requests ...adapter.Request) func(context.Context, *adapter.Session) (*access.Snapshot, error) {
	return func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
		for _, r := range requests {
			if _, err := s.Do(ctx, r); err != nil {
				return nil, err
			}
		}
		return &access.Snapshot{}, nil
	}
}

func sendingKey(requests ...adapter.Request) *adapter.Target {
	return toyKey(func(k *adapter.Target) { k.Exchange.Inspect = sends(requests...) })
}

func TestGuardRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		request     adapter.Request
		environment string
		want        string
	}{
		"another path":           {request: adapter.Request{Method: "GET", Path: "/withdraw"}, want: "does not declare this call"},
		"another method":         {request: adapter.Request{Method: "POST", Path: "/key"}, want: "does not declare this call"},
		"no method":              {request: adapter.Request{Path: "/key"}, want: "does not declare this call"},
		"method in lower case":   {request: adapter.Request{Method: "get", Path: "/key"}, want: "does not declare this call"},
		"a longer path":          {request: adapter.Request{Method: "GET", Path: "/key/"}, want: "does not declare this call"},
		"a way up":               {request: adapter.Request{Method: "GET", Path: "/key/../withdraw"}, want: "does not declare this call"},
		"an address":             {request: adapter.Request{Method: "GET", Path: "https://evil.example/key"}, want: "does not declare this call"},
		"query in the path":      {request: adapter.Request{Method: "GET", Path: "/key?a=b"}, want: "does not declare this call"},
		"another environment":    {request: adapter.Request{Method: "POST", Path: "/sim"}, want: "does not declare this call"},
		"query with a space":     {request: adapter.Request{Method: "GET", Path: "/key", Query: "a=b c"}, want: "the query is not encoded"},
		"query with a fragment":  {request: adapter.Request{Method: "GET", Path: "/key", Query: "a=#b"}, want: "the query is not encoded"},
		"query with line breaks": {request: adapter.Request{Method: "GET", Path: "/key", Query: "a=b\r\nHost: evil.example"}, want: "the query is not encoded"},
		"query with a control":   {request: adapter.Request{Method: "GET", Path: "/key", Query: "a=\x00b"}, want: "the request cannot be built"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := &toyFake{}
			s, err := inspectToy(t, sendingKey(c.request), fake)
			require.ErrorIs(t, err, access.KindGuard)
			assert.Contains(t, err.Message, c.want)
			assert.Zero(t, fake.count())
			assert.Zero(t, s.Requests)
		})
	}
	fake := &toyFake{}
	key := sendingKey(adapter.Request{Method: "POST", Path: "/sim"})
	key.Environment = "test"
	_, err := inspectToy(t, key, fake)
	require.Nil(t, err, "declared for this environment")
	assert.Equal(t, "test.toy.example", fake.seen[0].URL.Host)
}

func TestGuardBudget(t *testing.T) {
	fake := &toyFake{}
	s, err := inspectToy(t, sendingKey(slices.Repeat([]adapter.Request{{Method: "GET", Path: "/key"}}, 20)...), fake)
	require.ErrorIs(t, err, access.KindGuard)
	assert.Contains(t, err.Message, "too many requests for one inspection")
	assert.Equal(t, 6, fake.count())
	assert.Equal(t, 6, s.Requests)
}

func TestRequestIsWhatWasSigned(t *testing.T) {
	const query = "a=%2F%7e&b=x+y&&c&d=%zz&=e'(),;:@!*~\"<>[]{}|\\^`é?&t=1%20"
	fake := &toyFake{}
	key := sendingKey(
		adapter.Request{Method: "GET", Path: "/key", Query: query, Header: http.Header{"X-Key": {"a", "b"}, "X-Simulated": {"0"}}},
		adapter.Request{Method: "POST", Path: "/sim", Body: `{"a":"b c"}`, Header: http.Header{"User-Agent": {"adapter"}}},
		adapter.Request{Method: "GET", Path: "/key", Query: "?"},
	)
	key.Environment = "test"
	_, err := inspectToy(t, key, fake)
	require.Nil(t, err)
	require.Len(t, fake.seen, 3)
	first, second := fake.seen[0], fake.seen[1]
	assert.Equal(t, query, first.URL.RawQuery)
	assert.Equal(t, "/key?"+query, first.URL.RequestURI())
	assert.Equal(t, "/key", first.URL.Path)
	assert.Nil(t, first.Body)
	assert.Equal(t, []string{"a", "b"}, first.Header["X-Key"])
	assert.Equal(t, []string{"1"}, first.Header["X-Simulated"], "the environment's own header wins")
	assert.Equal(t, "exchangekeyaudit", first.Header.Get("User-Agent"))
	assert.Empty(t, second.URL.RawQuery)
	body, readErr := io.ReadAll(second.Body)
	require.NoError(t, readErr)
	assert.JSONEq(t, `{"a":"b c"}`, string(body))
	assert.Equal(t, "adapter", second.Header.Get("User-Agent"))
	assert.Equal(t, "/key??", fake.seen[2].URL.RequestURI())
}

// TestGuardLeavesTheHeaderAlone: the exchange's own header stays the adapter's: the
// guard works on a copy.
func TestGuardLeavesTheHeaderAlone(t *testing.T) {
	header := http.Header{"X-Key": {"a"}}
	_, err := inspectToy(t, sendingKey(adapter.Request{Method: "GET", Path: "/key", Header: header}), &toyFake{})
	require.Nil(t, err)
	assert.Equal(t, http.Header{"X-Key": {"a"}}, header)
}

// served inspects the toy at a real server on loopback, by the library's own
// transport.
func served(t *testing.T, handler http.HandlerFunc) (*access.Snapshot, *access.Error) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return inspectToy(t, toyKey(func(k *adapter.Target) { k.BaseURL = server.URL }), nil)
}

func TestRedirectIsNotFollowed(t *testing.T) {
	reached := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer reached.Close()
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
		asked := 0
		s, err := served(t, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.Header().Set("Location", reached.URL+"/key")
			w.WriteHeader(status)
		})
		require.ErrorIs(t, err, access.KindGuard)
		assert.Equal(t, status, err.Status)
		assert.Contains(t, err.Message, "redirect")
		assert.Equal(t, 1, asked)
		assert.Equal(t, 1, s.Requests)
	}
}

func TestAnswerIsBounded(t *testing.T) {
	const limit = 1 << 20
	write := func(n int, length bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if length {
				w.Header().Set("Content-Length", strconv.Itoa(n))
			}
			_, _ = w.Write(bytes.Repeat([]byte{'x'}, n))
		}
	}
	for _, length := range []bool{true, false} {
		_, err := served(t, write(limit, length))
		require.Nil(t, err, "1 MiB is taken")
		_, err = served(t, write(limit+1, length))
		require.ErrorIs(t, err, access.KindNotUnderstood)
		assert.Equal(t, "the answer is larger than 1 MiB", err.Message)
	}
	_, err := served(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Long", strings.Repeat("x", 100<<10)) })
	require.ErrorIs(t, err, access.KindUnavailable, "a header of more than 64 KiB")
}

// TestGzipBomb: a transport of the caller's own may unpack: what is bounded is what
// comes out.
func TestGzipBomb(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(make([]byte, 16<<20))
	require.NoError(t, w.Close())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}))
	defer server.Close()
	_, err := inspectToy(t, toyKey(func(k *adapter.Target) { k.BaseURL = server.URL }), &http.Transport{})
	require.ErrorIs(t, err, access.KindNotUnderstood)
	assert.Equal(t, "the answer is larger than 1 MiB", err.Message)
}

func TestBrokenAnswers(t *testing.T) {
	hijack := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, text)
			if strings.Contains(text, " 101 ") { // stays open for good
				go func() { _, _ = io.Copy(io.Discard, conn); _ = conn.Close() }()
				return
			}
			_ = conn.Close()
		}
	}
	for name, c := range map[string]struct {
		answer string
		kind   access.Kind
		want   string
	}{
		"nothing":            {"", access.KindUnavailable, "the connection closed before the full response arrived"},
		"short body":         {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", access.KindUnavailable, "the connection closed before the full response arrived"},
		"broken chunk":       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", access.KindUnavailable, "the connection closed before the full response arrived"},
		"bad chunk":          {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", access.KindUnavailable, "the connection failed"},
		"not HTTP":           {"SSH-2.0-OpenSSH\r\n\r\n", access.KindUnavailable, "the connection failed"},
		"a switched line":    {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", access.KindNotUnderstood, "the exchange switched the protocol"},
		"error without body": {"HTTP/1.1 500 Oops\r\n\r\n", access.KindNotUnderstood, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := served(t, hijack(c.answer))
			if c.want == "" {
				require.Nil(t, err, "the toy takes any answer for a good one")
				return
			}
			require.ErrorIs(t, err, c.kind)
			assert.Equal(t, c.want, err.Message)
		})
	}
}

// TestHandWrittenTransport: what a hand-written transport may forget must not crash a
// bot.
func TestHandWrittenTransport(t *testing.T) {
	_, err := inspectToy(t, toyKey(), via(func(*http.Request) (*http.Response, error) { return nil, nil })) //nolint:nilnil // that is the point
	require.ErrorIs(t, err, access.KindUnavailable)
	_, err = inspectToy(t, toyKey(), via(func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: http.StatusOK}, nil }))
	require.Nil(t, err)
	assert.PanicsWithValue(t, "the caller's own bug", func() {
		_, _ = inspectToy(t, toyKey(), via(func(*http.Request) (*http.Response, error) { panic("the caller's own bug") }))
	})
}

// TestTransportErrorsSayNothing: whatever goes wrong on the way, no text shows the
// signed URL, the signature, the key or a proxy's password.
func TestTransportErrorsSayNothing(t *testing.T) {
	refused := httptest.NewServer(http.NotFoundHandler())
	refused.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	gone := func(r *http.Request) error {
		return fmt.Errorf("Get %q: %w", r.URL.String()+" user:canary@proxy "+r.Header.Get("X-Key"), errors.New("oops"))
	}
	for name, c := range map[string]struct {
		base      string
		transport http.RoundTripper
		kind      access.Kind
		want      string
	}{
		"refused":             {base: refused.URL, kind: access.KindUnavailable, want: "no connection"},
		"unknown certificate": {base: untrusted.URL, kind: access.KindGuard, want: "the exchange's certificate is not valid: the connection may be intercepted"},
		"http at an https port": {
			base: strings.Replace(untrusted.URL, "https://", "http://", 1), kind: access.KindNotUnderstood, want: "",
		},
		"no such name": {
			transport: via(func(r *http.Request) (*http.Response, error) {
				return nil, fmt.Errorf("%w: %w", gone(r), &net.OpError{Op: "dial", Err: &net.DNSError{Name: "user:canary@" + r.URL.String()}})
			}),
			kind: access.KindUnavailable, want: "the exchange's host name could not be resolved",
		},
		"proxy": {
			transport: via(func(r *http.Request) (*http.Response, error) {
				return nil, &net.OpError{Op: "proxyconnect", Err: gone(r)}
			}),
			kind: access.KindUnavailable, want: "the connection failed",
		},
		"anything": {
			transport: via(func(r *http.Request) (*http.Response, error) { return nil, gone(r) }),
			kind:      access.KindUnavailable, want: "the connection failed",
		},
		"body": {
			transport: via(func(r *http.Request) (*http.Response, error) {
				resp := reply(http.StatusOK, "")
				resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), failing{gone(r)}))
				return resp, nil
			}),
			kind: access.KindUnavailable, want: "the connection failed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := inspectToy(t, toyKey(func(k *adapter.Target) { k.BaseURL = c.base }), c.transport)
			if c.want == "" { // a plain 400, which the toy takes for good
				require.Nil(t, err)
				return
			}
			require.ErrorIs(t, err, c.kind)
			assert.Equal(t, c.want, err.Message)
			assert.Equal(t, "GET /key", err.Operation)
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", *err, *s.Failure)} {
				for _, secret := range []string{"canary", "signature=", "t=1", toyID, toySecret, "http://", "https://"} {
					assert.NotContains(t, text, secret)
				}
			}
			var foreign *net.OpError
			require.NotErrorAs(t, error(err), &foreign, "a foreign error is never wrapped")
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestGuardHoldsTheBody: where one path serves reads and writes, what the body
// asks for is declared as well.
func TestGuardHoldsTheBody(t *testing.T) {
	for body, allowed := range map[string]bool{
		"method=getInfo&nonce=1": true, "method=Trade&nonce=1": false, "method=getInfoAndTrade": false, "nonce=1&method=getInfo&": false, "": false,
	} {
		fake := &toyFake{}
		key := sendingKey(adapter.Request{Method: http.MethodPost, Path: "/tapi", Body: body})
		key.Exchange.Calls = append(key.Exchange.Calls, adapter.Call{Method: http.MethodPost, Path: "/tapi", Body: "method=getInfo&", Why: "the key's rights", When: "asked for"})
		_, err := inspectToy(t, key, fake)
		if allowed {
			require.Nil(t, err, body)
			continue
		}
		require.ErrorIs(t, err, access.KindGuard, body)
		assert.Zero(t, fake.count(), body)
	}
}

// TestGuardComparesWhatIsSent: what an exchange value declares is checked against
// the request as it will be sent, so that a value that nobody validated leads
// nowhere else either.
func TestGuardComparesWhatIsSent(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]adapter.Request{
		"another host":            {Method: "GET", Path: "@evil.example/x"},
		"another port":            {Method: "GET", Path: ":8443/x"},
		"a longer host":           {Method: "GET", Path: ".evil.example/x"},
		"a query":                 {Method: "GET", Path: "/key?withdraw=1"},
		"a fragment":              {Method: "GET", Path: "/key#x"},
		"a path without slash":    {Method: "GET", Path: "key"},
		"a write":                 {Method: "PUT", Path: "/key"},
		"a deletion":              {Method: "DELETE", Path: "/key"},
		"a method override":       {Method: "POST", Path: "/key", Header: http.Header{"X-Http-Method-Override": {"DELETE"}}},
		"another method override": {Method: "POST", Path: "/key", Header: http.Header{"x-method-override": {"PUT"}}},
		"another path by header":  {Method: "GET", Path: "/key", Header: http.Header{"X-Original-URL": {"/withdraw"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &toyFake{}
			key := sendingKey(request)
			key.Exchange.Calls = append(key.Exchange.Calls, adapter.Call{Method: request.Method, Path: request.Path, Why: "a mistake"})
			_, err := inspectToy(t, key, fake)
			require.NotNil(t, err)
			require.ErrorIs(t, err, access.KindGuard)
			assert.Zero(t, fake.count(), "it was sent")
		})
	}
}
