package audit

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	maxBody    = 1 << 20 // bytes of one answer
	maxHeaders = 64 << 10
	// maxRequests bounds one attempt. The longest documented way is uid, key
	// list and server time.
	maxRequests = 6
)

// newTransport is the transport of callers who bring none. HTTPS_PROXY from
// the environment must not reroute a key, so there is no proxy.
func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  15 * time.Second,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConnsPerHost:    8,
		MaxResponseHeaderBytes: maxHeaders,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
	}
}

// Request is what an adapter asks the session to send.
type Request struct {
	Method string
	Path   string // as declared in Exchange.Calls
	// Query is sent exactly as it stands here, so that it is what was signed.
	Query  string
	Header http.Header
	Body   string
}

// Response is a bounded answer. A status that isn't 2xx is no error here: many
// venues say what is wrong in the body.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// guard is the only way out of an inspection: declared method, path and host,
// https, no redirect followed, bounded answer, bounded number of requests.
type guard struct {
	target    *target
	transport http.RoundTripper
	venue     *venue
	budget    int
	paid      int // requests whose turn was waited for
	sent      int
	untrusted bool // a certificate was refused
}

// send makes the request or refuses it. It doesn't retry.
func (g *guard) send(ctx context.Context, r Request) (*Response, *Error) {
	operation := r.Method + " " + r.Path
	refuse := func(format string, args ...any) *Error {
		return &Error{Kind: KindGuard, Operation: operation, Message: fmt.Sprintf(format, args...)}
	}
	declared := slices.ContainsFunc(g.target.exchange.Calls, func(c Call) bool {
		return c.Method == r.Method && c.Path == r.Path && strings.HasPrefix(r.Body, c.Body) && c.in(g.target.environment.Name)
	})
	switch {
	case ended(ctx) != nil:
		return nil, canceled(ctx, operation)
	case !declared:
		return nil, refuse("the adapter does not declare this call")
	case g.budget <= 0:
		return nil, refuse("too many requests for one inspection")
	case strings.ContainsAny(r.Query, "#\r\n "):
		return nil, refuse("the query is not encoded")
	}
	g.budget--

	address := g.target.base.String() + r.Path // as Plan prints it
	if r.Query != "" {
		address += "?" + r.Query
	}
	var body io.Reader
	if r.Body != "" {
		body = strings.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, address, body)
	if err != nil { // the error would print the address
		return nil, refuse("the request cannot be built")
	}
	if r.Header != nil {
		req.Header = r.Header.Clone()
	}
	for name, value := range g.target.environment.Headers {
		req.Header.Set(name, value)
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "exchangekeyaudit")
	}

	if g.paid > 0 {
		g.paid--
	} else {
		g.venue.charge(g.target.exchange.Limit)
	}
	g.sent++
	resp, err := g.transport.RoundTrip(req)
	if err != nil {
		failure := transportError(ctx, operation, err)
		g.untrusted = g.untrusted || failure.Kind == KindGuard
		return nil, failure
	}
	switch { // what a transport made by hand may forget
	case resp == nil:
		return nil, &Error{Kind: KindUnavailable, Operation: operation, Message: "the transport gave no answer"}
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	defer resp.Body.Close()    //nolint:errcheck // nothing to do about it, and the answer is already read
	if resp.StatusCode < 200 { // its body is the open connection, and reading that might never end
		return nil, &Error{Operation: operation, Status: resp.StatusCode, Message: "the venue switched the protocol"}
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return nil, &Error{
			Kind: KindGuard, Operation: operation, Status: resp.StatusCode,
			Message: "the venue answered with a redirect, which is never followed: the key would travel along",
		}
	}
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 && n < maxBody {
		buf.Grow(int(n) + bytes.MinRead)
	}
	if _, err = buf.ReadFrom(io.LimitReader(resp.Body, maxBody+1)); err != nil {
		return nil, transportError(ctx, operation, err)
	}
	if buf.Len() > maxBody {
		return nil, &Error{Operation: operation, Status: resp.StatusCode, Message: "the answer is larger than 1 MiB"}
	}
	return &Response{Status: resp.StatusCode, Header: resp.Header, Body: buf.Bytes()}, nil
}

// transportError keeps nothing of the transport's own text: it would print
// the signed address.
func transportError(ctx context.Context, operation string, err error) *Error {
	e := &Error{Kind: KindUnavailable, Operation: operation}
	var certificate *tls.CertificateVerificationError
	var dns *net.DNSError
	var op *net.OpError
	var own *Error
	switch {
	case ctx.Err() != nil:
		return canceled(ctx, operation)
	case errors.As(err, &own) && own != nil: // of a transport that knows what failed, such as a proxy
		e.Message = printable(own.Message)
	case errors.As(err, &certificate):
		e.Kind, e.Message = KindGuard, "the certificate of the venue's address is not valid: something may stand between"
	case errors.As(err, &dns):
		e.Message = "the venue's name could not be resolved"
	case errors.As(err, &op) && op.Op == "dial":
		e.Message = "no connection"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Message = "the answer broke off"
	default:
		e.Message = "the connection failed"
	}
	return e
}

// ended is why a context is over. One whose time is up is, also in the moment
// before its timer says so.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= 0 {
		return context.DeadlineExceeded
	}
	return nil
}

func canceled(ctx context.Context, operation string) *Error {
	e := &Error{Kind: KindCanceled, Operation: operation, context: ended(ctx)}
	if errors.Is(e.context, context.DeadlineExceeded) {
		e.Message = "the time limit was reached"
	}
	return e
}
