package access

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Kind is the reason why an inspection failed. A Kind is itself an error, so
// errors.Is(err, audit.KindRateLimited) works on everything Inspect returns.
type Kind uint8

// The kinds of failure. The zero value is an answer that this version cannot
// judge.
const (
	KindNotUnderstood    Kind = iota
	KindInput                 // the key, its credentials or the options are wrong; nothing was sent
	KindBadKey                // unknown, deleted or malformed key
	KindBadSignature          // wrong secret or passphrase
	KindIPNotAllowed          // refused because of the IP address, which proves an allowlist at most exchanges
	KindClockSkew             // the timestamp was refused
	KindNonce                 // the nonce was refused: another client of this key is ahead
	KindSecondFactor          // the key, or the request, requires a second factor
	KindExpired               // the key has expired
	KindDisabled              // the key or the account is disabled or locked
	KindForbidden             // the key lacks the right to ask
	KindAmbiguous             // one of several; see Error.Candidates
	KindRateLimited           // slow down
	KindBanned                // the IP address or key is banned for a while
	KindWrongEnvironment      // the key belongs to another environment or region
	KindGeoBlocked            // not available from this location
	KindUnavailable           // no answer, or maintenance
	KindGuard                 // the guard stopped the request
	KindCanceled              // the caller's context ended first
)

// kinds says of each kind its word, for JSON, and its sentence, for people.
var kinds = [...]struct{ word, sentence string }{
	KindNotUnderstood:    {"not-understood", "the answer could not be understood"},
	KindInput:            {"bad-input", "the key cannot be audited as given"},
	KindBadKey:           {"bad-key", "the exchange does not know this key"},
	KindBadSignature:     {"bad-signature", "the signature was refused (wrong secret or passphrase)"},
	KindIPNotAllowed:     {"ip-not-allowed", "the exchange refused this IP address"},
	KindClockSkew:        {"clock-skew", "the exchange refused the timestamp"},
	KindNonce:            {"nonce", "the exchange refused the nonce: another client of this key uses larger ones"},
	KindSecondFactor:     {"second-factor", "a second factor (OTP) is required"},
	KindExpired:          {"expired", "the key has expired"},
	KindDisabled:         {"disabled", "the key or its account is disabled or locked"},
	KindForbidden:        {"forbidden", "the key lacks the right to make this request"},
	KindAmbiguous:        {"ambiguous", "the exchange does not say why it refused"},
	KindRateLimited:      {"rate-limited", "the exchange asks to slow down"},
	KindBanned:           {"banned", "the exchange has banned this IP address or key for a while"},
	KindWrongEnvironment: {"wrong-environment", "the key belongs to another environment or region of the exchange"},
	KindGeoBlocked:       {"geo-blocked", "the exchange is not available from this location"},
	KindUnavailable:      {"unavailable", "the exchange did not answer"},
	KindGuard:            {"guard", "the guard stopped the request"},
	KindCanceled:         {"canceled", "the audit was cut short"},
}

// String returns the kind as a word, for instance "bad-key".
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k].word
	}
	return strconv.Itoa(int(k))
}

// Error is String: a Kind can be compared with errors.Is.
func (k Kind) Error() string { return k.String() }

// MarshalText writes the kind as a word.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *Kind) UnmarshalText(text []byte) error {
	for i := range kinds {
		if kinds[i].word == string(text) {
			*k = Kind(i)
			return nil
		}
	}
	return errors.New("audit: unknown kind of failure")
}

// Error is the only error an inspection returns. It carries no secret, no
// signature and no URL, and never wraps an error of another package except
// context.Canceled and context.DeadlineExceeded.
type Error struct {
	Exchange  string `json:"exchange"`
	Operation string `json:"operation,omitempty"` // method and path, without query
	Kind      Kind   `json:"kind"`
	// Candidates lists what an ambiguous refusal may mean.
	Candidates []Kind `json:"candidates,omitempty"`
	Status     int    `json:"status,omitempty"` // HTTP status, 0 when there was no answer
	Code       string `json:"code,omitempty"`   // the exchange's code, as text
	Message    string `json:"message,omitempty"`
	// Address is the IP address that the exchange names, mostly the one it saw.
	Address netip.Addr `json:"address,omitzero"`
	// Environments are the exchange's others, where the key may belong.
	Environments []string `json:"environments,omitempty"`
	// RetryAfter is how long the exchange asks to wait; 0 if it does not say.
	RetryAfter time.Duration `json:"retry_after,omitempty"`

	context error
}

// Error says in one sentence what happened.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Exchange != "" {
		b.WriteString(e.Exchange + ": ")
	}
	b.WriteString(kinds[min(int(e.Kind), len(kinds)-1)].sentence)
	if len(e.Candidates) > 0 {
		words := make([]string, len(e.Candidates))
		for i, k := range e.Candidates {
			words[i] = k.String()
		}
		fmt.Fprintf(&b, " (%s)", strings.Join(words, ", or "))
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	var parts []string
	if e.Operation != "" {
		parts = append(parts, e.Operation)
	}
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.Code != "" {
		parts = append(parts, "code "+e.Code)
	}
	if len(parts) > 0 {
		b.WriteString(" [" + strings.Join(parts, ", ") + "]")
	}
	return b.String()
}

// Canceled is the error of an inspection whose caller's context ended: its cause
// is context.Canceled or context.DeadlineExceeded.
func Canceled(operation string, cause error) *Error {
	e := &Error{Kind: KindCanceled, Operation: operation, context: cause}
	if errors.Is(cause, context.DeadlineExceeded) {
		e.Message = "the time limit was reached"
	}
	return e
}

// Unwrap gives the Kind and, when the caller's context ended, its error.
func (e *Error) Unwrap() []error {
	if e.context != nil {
		return []error{e.Kind, e.context}
	}
	return []error{e.Kind}
}
