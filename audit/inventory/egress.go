package inventory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// egress is a way out: a proxy, and the connections through it. It sends the
// requests of all keys that name it. The proxy's address, which may hold a
// password, stays within functions, where nothing can print it.
type egress struct {
	name string
	// open makes the transport once, and gives it to everybody.
	open func(context.Context) (*http.Transport, error)
	shut func()
}

// newEgress is the way out through the proxy that a part names. It is fetched
// when the first key needs it.
func newEgress(name string, proxy part, s *sources) *egress {
	var transport *http.Transport
	var failed error
	turn := make(chan struct{}, 1)
	open := func(ctx context.Context) (*http.Transport, error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if transport != nil || failed != nil {
			return transport, failed
		}
		address, _, err := proxy.value(ctx, fetches{}, s)
		if err == nil {
			transport, err = throughProxy(address)
		}
		if err != nil && ctx.Err() == nil { // or else the next key may have more time
			failed = fmt.Errorf("the proxy of the egress %s: %w", show(name), err)
			err = failed
		}
		return transport, err
	}
	return &egress{name: name, open: open, shut: func() {
		turn <- struct{}{}
		defer func() { <-turn }()
		if transport != nil {
			transport.CloseIdleConnections()
		}
	}}
}

// Close closes idle connections.
func (e *egress) Close() { e.shut() }

// first makes sure that there is a way out before a key's parts are handed
// over: a proxy that is named wrongly is a mistake in the input, and nothing
// that an exchange could be asked about.
func (e *egress) first(load func(context.Context) (adapter.Credentials, error)) func(context.Context) (adapter.Credentials, error) {
	return func(ctx context.Context) (adapter.Credentials, error) {
		if _, err := e.open(ctx); err != nil {
			if ctx.Err() != nil {
				return adapter.Credentials{}, ctx.Err()
			}
			return adapter.Credentials{}, &access.Error{Kind: access.KindInput, Message: err.Error()}
		}
		return load(ctx)
	}
}

// RoundTrip sends a request through the proxy. What fails there is told by an
// *audit.Error that says nothing of the proxy but its egress; what fails at
// the exchange is told as it is.
func (e *egress) RoundTrip(r *http.Request) (*http.Response, error) {
	fail := func(kind access.Kind, text string) (*http.Response, error) {
		if r.Body != nil {
			_ = r.Body.Close() // as a RoundTripper must
		}
		return nil, &access.Error{Kind: kind, Message: text}
	}
	if r.URL.Scheme != "https" { // the proxy would read the key
		return fail(access.KindInput, "a proxy is given https only")
	}
	transport, err := e.open(r.Context())
	if err != nil {
		return fail(access.KindInput, err.Error())
	}
	resp, err := transport.RoundTrip(r)
	if err == nil {
		return resp, nil
	}
	if problem := proxyProblem(err); problem != "" {
		return fail(access.KindUnavailable, fmt.Sprintf("the proxy of the egress %s %s", show(e.name), problem))
	}
	return nil, err
}

// refusal is a proxy's answer to CONNECT that is no yes.
type refusal struct{ status int }

// Error says so in a clause.
func (r refusal) Error() string {
	switch r.status {
	case http.StatusProxyAuthRequired:
		return "refused the user or the password (HTTP 407)"
	case http.StatusForbidden, http.StatusMethodNotAllowed:
		return fmt.Sprintf("does not let the exchange be asked (HTTP %d)", r.status)
	default:
		return fmt.Sprintf("could not reach the exchange (HTTP %d)", r.status)
	}
}

// proxyProblem says what the proxy did, if it was the proxy.
func proxyProblem(err error) string {
	var refused refusal
	var op *net.OpError
	switch {
	case errors.As(err, &refused):
		return refused.Error()
	case !errors.As(err, &op):
		return ""
	case op.Op == "proxyconnect":
		return "gave no connection"
	case strings.HasPrefix(op.Op, "socks"):
		return "did not connect to the exchange"
	default:
		return ""
	}
}

var errProxy = errors.New("it is no address of a proxy: write http, https, socks5 or socks5h, then ://, user:password@ if it wants them, host:port, and nothing behind")

// throughProxy makes a transport that sends through the proxy and no other
// way. Its errors say nothing of the address, which may hold a password.
func throughProxy(address string) (*http.Transport, error) {
	proxy, err := proxyURL(address)
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy:       http.ProxyURL(proxy),
		DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
			if r.StatusCode != http.StatusOK {
				return refusal{r.StatusCode}
			}
			return nil
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  15 * time.Second,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConnsPerHost:    8,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
	}, nil
}

func proxyURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) ||
		strings.Trim(u.Path, "/") != "" || strings.ContainsAny(address, "?#") {
		return nil, errProxy
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, errProxy
		}
	}
	return u, nil
}
