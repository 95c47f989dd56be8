package inventory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// egress sends the requests of all keys that name it through one proxy. The
// proxy's URL, which may contain a password, stays inside closures, where
// nothing can print it.
type egress struct {
	name string
	ips  []netip.Prefix // from which it sends, as its owner says
	// open creates the transport on its first call, and returns it.
	open      func(context.Context) (*http.Transport, error)
	closeIdle func()
	// refused is what a proxy that rejected the password said: the next key would
	// have the same one, and many attempts lock an account.
	refused atomic.Pointer[access.Error]
}

// newEgress is an egress through the proxy whose URL is in a part. The part is
// fetched when the first key needs it.
func newEgress(name string, proxy part, s *sources) *egress {
	var transport *http.Transport
	var failed error
	lock := make(chan struct{}, 1) // not a mutex, so that waiting ends with the context
	open := func(ctx context.Context) (*http.Transport, error) {
		select {
		case lock <- struct{}{}:
			defer func() { <-lock }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if transport != nil || failed != nil {
			return transport, failed
		}
		address, _, err := proxy.value(ctx, fetchCache{}, s)
		if err == nil {
			transport, err = proxyTransport(address)
		}
		if err != nil && ctx.Err() == nil { // otherwise the next key may have more time
			failed = fmt.Errorf("the proxy of egress %s: %w", show(name), err)
			err = failed
		}
		return transport, err
	}
	return &egress{name: name, open: open, closeIdle: func() {
		lock <- struct{}{}
		defer func() { <-lock }()
		if transport != nil {
			transport.CloseIdleConnections()
		}
	}}
}

// Close closes idle connections.
func (e *egress) Close() { e.closeIdle() }

// loadFunc is the type of audit.Key.Load.
type loadFunc = func(context.Context) (adapter.Credentials, error)

// beforeLoad opens the egress before a key's parts are loaded: a malformed
// proxy URL is a mistake in the input, and must not look like a failure of the
// exchange.
func (e *egress) beforeLoad(load loadFunc) loadFunc {
	return func(ctx context.Context) (adapter.Credentials, error) {
		if _, err := e.open(ctx); err != nil {
			if ctx.Err() != nil {
				return adapter.Credentials{}, ctx.Err()
			}
			return adapter.Credentials{}, inputError(err.Error())
		}
		return load(ctx)
	}
}

// RoundTrip sends a request through the proxy. A failure of the proxy is
// reported as an *access.Error that names its egress and nothing else of it. A
// failure of the exchange is returned as it is.
func (e *egress) RoundTrip(r *http.Request) (*http.Response, error) {
	fail := func(kind access.Kind, text string) (*http.Response, error) {
		if r.Body != nil {
			_ = r.Body.Close() // as a RoundTripper must
		}
		return nil, &access.Error{Kind: kind, Message: text}
	}
	if r.URL.Scheme != "https" { // the proxy could read the key
		return fail(access.KindInput, "requests through a proxy must use https")
	}
	if refused := e.refused.Load(); refused != nil {
		return fail(refused.Kind, refused.Message)
	}
	transport, err := e.open(r.Context())
	if err != nil {
		return fail(access.KindInput, err.Error())
	}
	resp, err := transport.RoundTrip(r)
	if err == nil {
		return resp, nil
	}
	if problem, kind := proxyProblem(err); problem != "" {
		problem = fmt.Sprintf("the proxy of egress %s %s", show(e.name), problem)
		if kind == access.KindInput {
			e.refused.Store(&access.Error{Kind: kind, Message: problem})
		}
		return fail(kind, problem)
	}
	return nil, err
}

// connectRefused is the answer of a proxy that refuses CONNECT.
type connectRefused struct{ status int }

// Error returns a clause about the proxy.
func (r connectRefused) Error() string {
	switch r.status {
	case http.StatusProxyAuthRequired:
		return "rejected the user name or password (HTTP 407)"
	case http.StatusForbidden, http.StatusMethodNotAllowed:
		return fmt.Sprintf("does not allow connections to the exchange (HTTP %d)", r.status)
	default:
		return fmt.Sprintf("could not reach the exchange (HTTP %d)", r.status)
	}
}

// proxyProblem returns a clause about the proxy if the error is its fault, and what
// kind of failure it is. A refused password is a mistake in the input: asking again
// could lock the account at the proxy.
func proxyProblem(err error) (problem string, kind access.Kind) {
	var refused connectRefused
	var op *net.OpError
	switch {
	case errors.As(err, &refused) && refused.status == http.StatusProxyAuthRequired:
		return refused.Error(), access.KindInput
	case errors.As(err, &refused):
		return refused.Error(), access.KindUnavailable
	case !errors.As(err, &op):
		return "", 0
	case op.Op == "proxyconnect":
		return "could not be reached", access.KindUnavailable
	case strings.HasPrefix(op.Op, "socks") && strings.Contains(op.Error(), "authentication"):
		return "rejected the user name or password", access.KindInput
	case strings.HasPrefix(op.Op, "socks"):
		return "did not connect to the exchange", access.KindUnavailable
	default:
		return "", 0
	}
}

var errProxy = errors.New("malformed proxy URL: " +
	"write http, https, socks5 or socks5h, then ://host:port, or ://user:password@host:port")

// proxyTransport returns a transport that sends through the proxy only. Its
// errors do not show the URL, which may contain a password.
func proxyTransport(address string) (*http.Transport, error) {
	proxy, err := parseProxyURL(address)
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy:       http.ProxyURL(proxy),
		DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
			if r.StatusCode != http.StatusOK {
				return connectRefused{r.StatusCode}
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

func parseProxyURL(address string) (*url.URL, error) {
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
