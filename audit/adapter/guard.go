package adapter

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const (
	maxBody    = 1 << 20 // bytes of one answer
	maxHeaders = 64 << 10
	// maxRequests bounds one attempt. The longest documented sequence is uid, key
	// list and server time.
	maxRequests = 6
)

// NewTransport is the transport of callers who bring none. HTTPS_PROXY from
// the environment must not reroute a key, so there is no proxy. An HTTP/1
// connection serves one request: net/http prints what comes unasked over one that
// waits for the next to the standard logger, and that may hold an echo of the key.
// HTTP/2 connections are not kept by that count, and serve on.
func NewTransport() *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  15 * time.Second,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConnsPerHost:    -1, // see above
		MaxResponseHeaderBytes: maxHeaders,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
	}
}

// Do sends one declared request and returns the bounded answer. It is the only
// way out of an inspection: declared method, path and host, https, no redirect
// followed, bounded answer, bounded number of requests. It doesn't retry.
func (s *Session) Do(ctx context.Context, r Request) (*Response, error) {
	answer, err := s.roundTrip(ctx, &r)
	if err != nil {
		refusal := failure(ctx, err)
		refusal.Operation = r.Method + " " + s.declaredPath(&r)
		return nil, refusal
	}
	return answer, nil
}

// roundTrip checks, builds, sends and reads. Its errors are *Error.
func (s *Session) roundTrip(ctx context.Context, r *Request) (*Response, error) {
	if ended(ctx) != nil {
		return nil, canceled(ctx, "")
	}
	if problem := s.refuses(r); problem != "" {
		return nil, &access.Error{Kind: access.KindGuard, Message: problem}
	}
	s.attempt.budget--
	req, err := s.build(ctx, r)
	if err != nil { // another error would print the URL
		message := "the request cannot be built"
		if errors.Is(err, errElsewhere) {
			message = err.Error()
		}
		return nil, &access.Error{Kind: access.KindGuard, Message: message}
	}
	before := s.clock()
	resp, err := s.send(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing to do about it, and the answer is already read
	answer, err := read(ctx, resp)
	if err != nil {
		return nil, err
	}
	s.attempt.status, s.attempt.header, s.seenClock = resp.StatusCode, resp.Header, clockFrom(resp.Header, before, s.clock())
	return answer, edgeRefusal(answer)
}

// refuses says why a request may not be sent, or nothing.
func (s *Session) refuses(r *Request) string {
	declared := slices.ContainsFunc(s.calls(), func(c *Call) bool {
		return c.Method == r.Method && s.follows(c, r.Path) && strings.HasPrefix(r.Body, c.Body)
	})
	switch {
	case !declared:
		return "the adapter does not declare this call"
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		return "no read has the method " + strconv.Quote(r.Method)
	case s.probing && (r.Path != s.exchange.Probe || s.sent > 0):
		s.wentOn = s.sent > 0
		return "a probe sends one request"
	case s.attempt.budget <= 0:
		return "too many requests for one inspection"
	case strings.ContainsAny(r.Query, "#\r\n "):
		return "the query is not encoded"
	default:
		return ""
	}
}

// follows reports whether a path is the declared one: with the wallet address of the key or
// of its account in its place.
func (s *Session) follows(c *Call, path string) bool {
	return c.Path == path && !strings.Contains(path, walletInPath) || slices.ContainsFunc([]string{s.Key(), s.Account()}, func(wallet string) bool {
		return wallet != "" && strings.Contains(c.Path, walletInPath) && strings.Replace(c.Path, walletInPath, wallet, 1) == path
	})
}

// declaredPath is the path as it is declared, for errors: it names no wallet.
func (s *Session) declaredPath(r *Request) string {
	for _, c := range s.calls() {
		if c.Method == r.Method && s.follows(c, r.Path) {
			return c.Path
		}
	}
	return r.Path
}

func (s *Session) build(ctx context.Context, r *Request) (*http.Request, error) {
	address := s.base.String() + r.Path // as Plan prints it
	if r.Query != "" {
		address += "?" + r.Query
	}
	var body io.Reader
	if r.Body != "" {
		body = strings.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, address, body)
	if err != nil {
		return nil, err
	}
	if r.Header != nil {
		req.Header = r.Header.Clone()
	}
	for name, value := range s.environment.Headers {
		req.Header.Set(name, value)
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "exchangekeyaudit")
	}
	if !s.leadsTo(req, r.Path) {
		return nil, errElsewhere
	}
	return req, nil
}

var errElsewhere = errors.New("the request leads elsewhere than to the declared call")

// overrides are headers by which some servers take a request for one of another
// method, or for another path.
var overrides = []string{
	"X-Http-Method-Override", "X-Http-Method", "X-Method-Override", "X-Original-Url", "X-Rewrite-Url", "X-Original-Uri", "X-Forwarded-Host", "X-Forwarded-Prefix",
}

// leadsTo reports whether a request as it will be sent is the declared call at this
// site: a path may change what comes before it.
func (s *Session) leadsTo(req *http.Request, path string) bool {
	u := req.URL
	for name := range req.Header {
		if slices.Contains(overrides, http.CanonicalHeaderKey(name)) {
			return false
		}
	}
	return u.Scheme == s.base.Scheme && u.Host == s.base.Host && u.User == nil && u.Opaque == "" && u.Fragment == "" &&
		u.EscapedPath() == s.base.EscapedPath()+path && (req.Host == "" || req.Host == s.base.Host)
}

// send sends the request, on a turn that was waited for or at once.
func (s *Session) send(req *http.Request) (*http.Response, error) {
	if s.attempt.paid > 0 {
		s.attempt.paid--
	} else {
		s.pace.charge(s.exchange.Limit)
	}
	s.sent++
	resp, err := s.transport.RoundTrip(req)
	switch { // what a hand-written transport may forget
	case err != nil:
		refusal := transportError(req.Context(), err)
		s.untrusted = s.untrusted || refusal.Kind == access.KindGuard
		return nil, refusal
	case resp == nil:
		return nil, &access.Error{Kind: access.KindUnavailable, Message: "the transport gave no answer"}
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	switch {
	case s.base.Scheme != "https":
	case resp.TLS == nil:
		s.unseen = true
	case len(resp.TLS.VerifiedChains) == 0:
		s.unchecked = true
	}
	return resp, nil
}

// read reads a bounded answer.
func read(ctx context.Context, resp *http.Response) (*Response, error) {
	if resp.StatusCode < 200 { // its body is the open connection, and reading that might never end
		return nil, &access.Error{Status: resp.StatusCode, Message: "the exchange switched the protocol"}
	}
	if resp.StatusCode == http.StatusProxyAuthRequired {
		return nil, proxyRefusal()
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return nil, &access.Error{
			Kind: access.KindGuard, Status: resp.StatusCode,
			Message: "the exchange answered with a redirect, which is never followed: the key would travel along",
		}
	}
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 && n < maxBody {
		buf.Grow(int(n) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(io.LimitReader(resp.Body, maxBody+1)); err != nil {
		return nil, transportError(ctx, err)
	}
	if buf.Len() > maxBody {
		return nil, &access.Error{Status: resp.StatusCode, Message: "the answer is larger than 1 MiB"}
	}
	return &Response{Status: resp.StatusCode, Header: resp.Header, Body: buf.Bytes()}, nil
}
