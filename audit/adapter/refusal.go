package adapter

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

var addressLike = regexp.MustCompile(`[0-9A-Za-z:.]*[.:][0-9A-Za-z:.]+`)

// takeAddress moves IP addresses out of the exchange's words: the first is a fact,
// whatever the refusal means, and the others are not kept.
func takeAddress(e *access.Error) {
	e.Message = addressLike.ReplaceAllStringFunc(e.Message, func(word string) string {
		text, addr := findAddress(word)
		if text == "" {
			return word
		}
		if !e.Address.IsValid() {
			e.Address = addr
		}
		return strings.Replace(word, text, "[IP address]", 1)
	})
}

// findAddress finds the IP address in a word, which may also hold a label, a port
// and the full stop of a sentence: "ip:203.0.113.7:443.".
func findAddress(word string) (text string, addr netip.Addr) {
	word = strings.Trim(word, ".")
	_, unlabelled, _ := strings.Cut(word, ":")
	candidates := append(
		[]string{word, strings.TrimSuffix(word, ":"), unlabelled, strings.TrimSuffix(unlabelled, ":")},
		strings.Split(word, ":")...,
	)
	for _, text := range candidates {
		text = strings.Trim(text, ".")
		addr, err := netip.ParseAddr(text)
		if err == nil && !addr.IsUnspecified() && strings.ContainsAny(text, "0123456789") { // Abc::Def is a name
			return text, addr.Unmap()
		}
	}
	return "", netip.Addr{}
}

// transportError keeps nothing of the transport's own text: it would print
// the signed URL.
func transportError(ctx context.Context, err error) *access.Error {
	e := &access.Error{Kind: access.KindUnavailable}
	var certificate *tls.CertificateVerificationError
	var dns *net.DNSError
	var op *net.OpError
	var own *access.Error
	switch {
	case ctx.Err() != nil:
		return canceled(ctx, "")
	case errors.As(err, &own) && own != nil: // of a transport that knows what failed, such as a proxy; of the key it knows nothing
		e.Message = access.Printable(own.Message)
		if own.Kind == access.KindInput { // it is set up wrongly, which is no outage
			e.Kind = own.Kind
		}
	case err.Error() == http.StatusText(http.StatusProxyAuthRequired): // as net/http has it
		return proxyRefusal()
	case errors.As(err, &certificate):
		e.Kind, e.Message = access.KindGuard, "the exchange's certificate is not valid: the connection may be intercepted"
	case errors.As(err, &dns):
		e.Message = "the exchange's host name could not be resolved"
	case errors.As(err, &op) && op.Op == "dial":
		e.Message = "no connection"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Message = "the connection closed before the full response arrived"
	default:
		e.Message = "the connection failed"
	}
	return e
}

// proxyRefusal is that of a proxy that does not accept the user name or password.
// Asking again could lock the account at the proxy.
func proxyRefusal() *access.Error {
	return &access.Error{
		Kind: access.KindInput, Status: http.StatusProxyAuthRequired, Message: "the proxy rejected the user name or password (HTTP 407)",
	}
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

func canceled(ctx context.Context, operation string) *access.Error {
	return access.Canceled(operation, ended(ctx))
}

// failure brings any error into form, as a copy. A foreign one's text may hold
// the URL or the secret.
func failure(ctx context.Context, err error) *access.Error {
	var typed *access.Error
	switch {
	case errors.As(err, &typed) && typed != nil:
		own := *typed
		return &own
	case ctx.Err() != nil:
		return canceled(ctx, "")
	default:
		return &access.Error{Message: "the adapter failed without saying why"}
	}
}

func inputError(e *Exchange, problems []string) *access.Error {
	err := &access.Error{Kind: access.KindInput, Message: strings.Join(problems, "; ")}
	if e != nil {
		err.Exchange = e.Title
	}
	return err
}

// BansAddress reports whether the exchange refuses this IP address for a while,
// or may do so and doesn't speak of the key.
func BansAddress(e *access.Error) bool {
	if e.Kind == access.KindAmbiguous && slices.Contains(e.Candidates, access.KindBanned) {
		return !slices.ContainsFunc(e.Candidates, func(k access.Kind) bool {
			return !slices.Contains([]access.Kind{access.KindBanned, access.KindGeoBlocked, access.KindRateLimited, access.KindUnavailable}, k)
		})
	}
	return e.Kind == access.KindBanned
}
