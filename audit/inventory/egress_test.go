package inventory

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// proxyStub is a proxy that requires the user u with the canary as password, and
// always connects to the fake exchange.
type proxyStub struct {
	net.Listener
	fake string

	mu      sync.Mutex
	asked   []string
	answers string // in place of a connection, if set
}

// serveProxy starts a proxy that speaks as talk does.
func serveProxy(t *testing.T, fake string, talk func(*proxyStub, net.Conn) (target string, ok bool)) *proxyStub {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxyStub{Listener: listener, fake: fake}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				target, ok := talk(p, conn)
				p.mu.Lock()
				p.asked = append(p.asked, target)
				p.mu.Unlock()
				if !ok {
					return
				}
				up, err := net.Dial("tcp", p.fake)
				if err != nil {
					return
				}
				defer up.Close()
				go func() { _, _ = io.Copy(up, conn); _ = up.Close() }()
				_, _ = io.Copy(conn, up)
			})
		}
	})
	t.Cleanup(func() { _ = listener.Close(); all.Wait() })
	return p
}

func (p *proxyStub) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// talkHTTP answers CONNECT, by RFC 9110.
func talkHTTP(p *proxyStub, conn net.Conn) (string, bool) {
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return "", false
	}
	target := r.Method + " " + r.RequestURI
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("u:"+canary))
	switch {
	case p.answers != "":
		_, _ = io.WriteString(conn, p.answers)
		return target, false
	case r.Header.Get("Proxy-Authorization") != want:
		_, _ = io.WriteString(conn, "HTTP/1.1 407 "+canary+"\r\nContent-Length: 0\r\n\r\n")
		return target, false
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	return target, true
}

// talkSOCKS answers CONNECT, by RFC 1928, to a user by RFC 1929.
func talkSOCKS(p *proxyStub, conn net.Conn) (string, bool) {
	read := func(n int) []byte {
		b := make([]byte, n)
		_, _ = io.ReadFull(conn, b)
		return b
	}
	field := func() string { return string(read(int(read(1)[0]))) }
	read(1)
	if !strings.Contains(field(), "\x02") {
		_, _ = conn.Write([]byte{5, 0xff})
		return "no user", false
	}
	_, _ = conn.Write([]byte{5, 2})
	read(1)
	if user, password := field(), field(); user != "u" || password != canary {
		_, _ = conn.Write([]byte{1, 1})
		return "wrong user", false
	}
	_, _ = conn.Write([]byte{1, 0})
	head := read(4)
	var host string
	switch head[3] {
	case 1:
		host = net.IP(read(4)).String()
	case 3:
		host = field()
	}
	port := read(2)
	target := fmt.Sprintf("%d %s:%d", head[3], host, int(port[0])<<8|int(port[1]))
	if p.answers != "" {
		_, _ = conn.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0}) // connection refused
		return target, false
	}
	_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	return target, true
}

// fakeBehind is a fake exchange that proxies reach, and a function that returns
// an inventory with one key that goes there through the given proxy.
func fakeBehind(t *testing.T) (*httptest.Server, func(proxy string) (audit.Key, *Inventory)) {
	t.Helper()
	fake := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Key") == "k" && r.Header.Get("Proxy-Authorization") == "" && r.URL.Path == "/key" {
			w.WriteHeader(http.StatusOK)
			return
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	fake.Config.ErrorLog = log.New(io.Discard, "", 0) // one test does not trust its certificate
	fake.StartTLS()
	t.Cleanup(fake.Close)
	return fake, func(proxy string) (audit.Key, *Inventory) {
		in, err := inFile(t, shared(`"egress": {"tokyo": {"proxy": "exec:[\"printenv\", \"PROXY\"]"}}`, "egress", `"tokyo"`, "base_url", `"https://example.com"`),
			Options{Env: environ(map[string]string{"S": "s3cret"}), Environ: []string{"PROXY=" + proxy}})
		require.NoError(t, err)
		// The certificate of httptest is for example.com and must be trusted explicitly.
		if transport, err := in.egresses[0].open(t.Context()); err == nil {
			transport.TLSClientConfig.RootCAs = fake.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		}
		return in.Keys[0], in
	}
}

// TestProxies sends a key through each kind of proxy, and only through it.
func TestProxies(t *testing.T) {
	t.Parallel()
	fake, through := fakeBehind(t)
	address := fake.Listener.Addr().String()
	overHTTP, overSOCKS := serveProxy(t, address, talkHTTP), serveProxy(t, address, talkSOCKS)
	for scheme, proxy := range map[string]*proxyStub{"http": overHTTP, "socks5": overSOCKS, "socks5h": overSOCKS} {
		k, in := through(scheme + "://u:" + canary + "@" + proxy.Addr().String())
		assert.Equal(t, "tokyo", k.Egress)
		before := len(proxy.requests())
		s, err := audit.Inspect(t.Context(), k, nil)
		require.NoError(t, err, scheme)
		assert.Equal(t, "tokyo", s.Egress)
		assert.Contains(t, strings.Join(proxy.requests()[before:], ""), map[bool]string{true: "CONNECT example.com:443", false: "3 example.com:443"}[scheme == "http"])
		in.Close()
	}
}

// TestOneTransport: the keys of an egress share one transport, which keeps
// connections alive.
func TestOneTransport(t *testing.T) {
	t.Parallel()
	fake, through := fakeBehind(t)
	proxy := serveProxy(t, fake.Listener.Addr().String(), talkHTTP)
	k, in := through("http://u:" + canary + "@" + proxy.Addr().String())
	first, err := in.egresses[0].open(t.Context())
	require.NoError(t, err)
	for range 3 {
		_, err := audit.Inspect(t.Context(), k, nil)
		require.NoError(t, err)
	}
	assert.Len(t, proxy.requests(), 1, "one connection")
	second, err := in.egresses[0].open(t.Context())
	require.NoError(t, err)
	assert.Same(t, first, second)
	assert.EqualValues(t, 0x0303, first.TLSClientConfig.MinVersion)
	assert.True(t, first.DisableCompression)
	assert.False(t, first.TLSClientConfig.InsecureSkipVerify)
	assert.EqualValues(t, 64<<10, first.MaxResponseHeaderBytes)
}

// TestRefusedPasswordIsNotTriedAgain: neither by the same key nor by the others of the
// egress: many attempts lock an account at the proxy.
func TestRefusedPasswordIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	fake, through := fakeBehind(t)
	for scheme, talk := range map[string]func(*proxyStub, net.Conn) (string, bool){"http": talkHTTP, "socks5": talkSOCKS} {
		proxy := serveProxy(t, fake.Listener.Addr().String(), talk)
		k, _ := through(scheme + "://u:wrong@" + proxy.Addr().String())
		for range 3 {
			s, err := audit.Inspect(t.Context(), k, &audit.Options{Attempts: 5})
			require.ErrorIs(t, err, access.KindInput, scheme)
			assert.Contains(t, err.Error(), "rejected the user name or password", scheme)
			assert.Equal(t, 1, s.Requests, scheme)
		}
		// The stub notes a connection once it has answered it.
		require.Eventually(t, func() bool { return len(proxy.requests()) > 0 }, time.Minute, time.Millisecond, scheme)
		assert.Len(t, proxy.requests(), 1, scheme)
	}
}

// TestProxyFails: a proxy's failure is reported as the proxy's, and shows neither
// its URL nor its password.
func TestProxyFails(t *testing.T) {
	t.Parallel()
	fake, through := fakeBehind(t)
	address := fake.Listener.Addr().String()
	gone := serveProxy(t, address, talkHTTP)
	_ = gone.Close()
	answering := func(talk func(*proxyStub, net.Conn) (string, bool), answer string) string {
		p := serveProxy(t, address, talk)
		p.answers = answer
		return p.Addr().String()
	}
	good := serveProxy(t, address, talkHTTP).Addr().String()
	goodSOCKS := serveProxy(t, address, talkSOCKS).Addr().String()
	for name, tc := range map[string]struct{ proxy, want string }{
		"nobody there":         {"http://u:" + canary + "@" + gone.Addr().String(), "could not be reached"},
		"nobody there, socks":  {"socks5://u:" + canary + "@" + gone.Addr().String(), "could not be reached"},
		"no such name":         {"http://u:" + canary + "@proxy.invalid:1", "could not be reached"},
		"no TLS there":         {"https://u:" + canary + "@" + good, "could not be reached"},
		"wrong password":       {"http://u:x" + canary + "@" + good, "rejected the user name or password (HTTP 407)"},
		"no password":          {"http://" + good, "rejected the user name or password (HTTP 407)"},
		"forbidden":            {"http://u:" + canary + "@" + answering(talkHTTP, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), "does not allow connections to the exchange (HTTP 403)"},
		"bad gateway":          {"http://u:" + canary + "@" + answering(talkHTTP, "HTTP/1.1 502 "+canary+"\r\nContent-Length: 0\r\n\r\n"), "could not reach the exchange (HTTP 502)"},
		"odd success":          {"http://u:" + canary + "@" + answering(talkHTTP, "HTTP/1.1 204 No\r\n\r\n"), "could not reach the exchange (HTTP 204)"},
		"socks wrong password": {"socks5://u:x" + canary + "@" + goodSOCKS, "rejected the user name or password"},
		"socks no password":    {"socks5h://" + goodSOCKS, "rejected the user name or password"},
		"socks refused":        {"socks5h://u:" + canary + "@" + answering(talkSOCKS, "no"), "did not connect to the exchange"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, _ := through(tc.proxy)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com/key", http.NoBody)
			require.NoError(t, err)
			_, err = k.Transport.RoundTrip(r)
			var typed *access.Error
			require.ErrorAs(t, err, &typed)
			kind := access.KindUnavailable
			if strings.HasPrefix(tc.want, "rejected") { // which asking again would not change
				kind = access.KindInput
			}
			assert.Equal(t, access.Error{Kind: kind, Message: `the proxy of egress "tokyo" ` + tc.want}, *typed)

			s, err := audit.Inspect(t.Context(), k, &audit.Options{Attempts: 1})
			require.ErrorIs(t, err, kind)
			assert.Empty(t, exchangetest.FindCanaries(fmt.Sprintf("%v %+v %#v", err, s, s), []string{canary}))
		})
	}
	t.Run("failures that are not the proxy's", func(t *testing.T) {
		t.Parallel()
		k, _ := through("http://u:" + canary + "@" + answering(talkHTTP, "no HTTP at all\r\n\r\n"))
		_, err := audit.Inspect(t.Context(), k, &audit.Options{Attempts: 1})
		require.ErrorIs(t, err, access.KindUnavailable)
		assert.NotContains(t, err.Error(), canary)

		k, in := through("http://u:" + canary + "@" + good)
		transport, err := in.egresses[0].open(t.Context())
		require.NoError(t, err)
		transport.TLSClientConfig.RootCAs = nil
		_, err = audit.Inspect(t.Context(), k, nil)
		require.ErrorContains(t, err, "the exchange's certificate is not valid")
	})
}

// TestProxyURL: a malformed URL is a mistake in the input, found before anything
// is sent, and reported without the URL.
func TestProxyURL(t *testing.T) {
	t.Parallel()
	_, through := fakeBehind(t)
	for _, address := range []string{
		"", canary, "ftp://u:" + canary + "@127.0.0.1:1", "http://u:" + canary + "@127.0.0.1:port", "http://u:" + canary + "@", "http://u:%zz" + canary + "@h",
		"socks5://u:" + canary + "@h:0", "http://u:" + canary + "@h:70000", "http://h/?p=" + canary, "http://h#" + canary, "http://h/" + canary, "//u:" + canary + "@h",
	} {
		k, _ := through(address)
		_, err := k.Load(t.Context())
		require.ErrorIs(t, err, access.KindInput, address)
		require.ErrorContains(t, err, `the proxy of egress "tokyo": `)
		assert.NotContains(t, err.Error(), canary)
		s, err := audit.Inspect(t.Context(), k, nil)
		require.ErrorIs(t, err, access.KindInput)
		require.ErrorContains(t, err, `the proxy of egress "tokyo": `)
		assert.Zero(t, s.Requests)
		assert.NotContains(t, err.Error(), canary)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com/key", http.NoBody)
		require.NoError(t, err)
		_, err = k.Transport.RoundTrip(r)
		require.ErrorIs(t, err, access.KindInput)
		assert.NotContains(t, err.Error(), canary)
	}
}

// TestProxyOnce: the proxy's URL is fetched once, and a key whose time ends does
// not make it fail for the others.
func TestProxyOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	o := Options{Schemes: map[string]Scheme{"safe": {Title: "the safe", Resolve: func(ctx context.Context, _ string) (string, error) {
		asked++
		return "", errors.Join(ctx.Err(), errors.New("the safe is locked"))
	}}}}
	k := one(t, goodKey("egress", `{"proxy": "safe:x"}`), o)
	assert.Equal(t, "proxy of a", k.Egress)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := k.Load(ended)
	require.ErrorIs(t, err, context.Canceled)
	for range 3 {
		_, err = k.Load(t.Context())
		require.ErrorContains(t, err, `the proxy of egress "proxy of a": the safe is locked`)
	}
	assert.LessOrEqual(t, asked, 2)
}

// TestProxyReadsNothing: an unencrypted request is not sent to a proxy.
func TestProxyReadsNothing(t *testing.T) {
	t.Parallel()
	k := one(t, goodKey("egress", `{"proxy": "http://127.0.0.1:1"}`), Options{})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/key", http.NoBody)
	require.NoError(t, err)
	_, err = k.Transport.RoundTrip(r)
	require.ErrorIs(t, err, access.KindInput)
	require.ErrorContains(t, err, "requests through a proxy must use https")
}

// TestEgressPrints: no verb shows the proxy's URL, nor the keys of its
// connections.
func TestEgressPrints(t *testing.T) {
	t.Parallel()
	fake, through := fakeBehind(t)
	proxy := serveProxy(t, fake.Listener.Addr().String(), talkHTTP)
	k, in := through("http://u:" + canary + "@" + proxy.Addr().String())
	_, err := audit.Inspect(t.Context(), k, nil)
	require.NoError(t, err)
	text := fmt.Sprintf("%v %+v %#v %v\n", k, k, k, k.Transport) + fmt.Sprintf("%v %+v %#v", in, *in, in.egresses[0])
	var diff diffs
	assert.Equal(&diff, &Inventory{Keys: []audit.Key{{}}}, in) // its diff looks into everything
	require.NotEmpty(t, diff)
	text += string(diff)
	assert.Empty(t, exchangetest.FindCanaries(text, []string{canary, url.QueryEscape(canary)}))
}

// diffs keeps what an assertion says.
type diffs string

func (d *diffs) Errorf(format string, args ...any) { *d += diffs(fmt.Sprintf(format, args...)) }
