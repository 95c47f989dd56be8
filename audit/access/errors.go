package access

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Kind is the reason why an inspection failed. A Kind is itself an error, so
// errors.Is(err, audit.KindRateLimited) works on everything Inspect returns.
type Kind uint8

// The kinds of failure.
const (
	KindNotUnderstood    Kind = iota // an answer this version cannot judge; the zero value
	KindInput                        // the key, its credentials or the options are wrong; nothing was sent
	KindBadKey                       // unknown, deleted or malformed key
	KindBadSignature                 // wrong secret or passphrase
	KindIPNotAllowed                 // refused because of the address: so an allowlist exists
	KindClockSkew                    // the timestamp was refused
	KindNonce                        // the nonce was refused: a client of this key is ahead
	KindSecondFactor                 // the key or the fact wants a second factor
	KindExpired                      // the key has expired
	KindDisabled                     // the key or the account is switched off or locked
	KindForbidden                    // the key lacks the right to ask
	KindAmbiguous                    // one of several; see Error.Candidates
	KindRateLimited                  // slow down
	KindBanned                       // the address or key is banned for a while
	KindWrongEnvironment             // the key belongs to another environment or region
	KindGeoBlocked                   // the exchange refuses this place
	KindUnavailable                  // no answer, or maintenance
	KindGuard                        // the guard stopped the call
	KindCanceled                     // the caller's context ended first
)

var kindWords = []string{
	"not-understood", "bad-input", "bad-key", "bad-signature", "ip-not-allowed", "clock-skew", "nonce", "second-factor", "expired",
	"disabled", "forbidden", "ambiguous", "rate-limited", "banned", "wrong-environment", "geo-blocked", "unavailable", "guard", "canceled",
}

// String returns the kind as a word, for instance "bad-key".
func (k Kind) String() string { return FormatWord(kindWords, k) }

// Error is String: a Kind can be compared with errors.Is.
func (k Kind) Error() string { return k.String() }

// MarshalText writes the kind as a word.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *Kind) UnmarshalText(text []byte) error { return ParseWord("kind", kindWords, text, k) }

var kindSentences = []string{
	"the answer was not understood",
	"the key cannot be audited as given",
	"the exchange does not know this key",
	"the signature was refused (wrong secret or passphrase)",
	"the exchange refused this address, so the key has an IP allowlist",
	"the exchange refused the timestamp",
	"the exchange refused the nonce: another client of this key uses larger ones",
	"a second factor is wanted",
	"the key has expired",
	"the key or its account is switched off or locked",
	"the key lacks the right to ask",
	"the exchange does not say which",
	"the exchange asks to slow down",
	"the exchange has banned this address or key for a while",
	"the key belongs to another environment or region of the exchange",
	"the exchange does not serve this place",
	"the exchange gave no answer",
	"the guard stopped the call",
	"the audit was cut short",
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
	// Address is the address the exchange refused, when it told.
	Address netip.Addr `json:"address,omitzero"`
	// Environments are the exchange's others, where the key may belong.
	Environments []string `json:"environments,omitempty"`
	// RetryAfter is how long the exchange asks to wait; 0 when not told.
	RetryAfter time.Duration `json:"retry_after,omitempty"`

	context error
}

// Error says in one sentence what happened.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Exchange != "" {
		b.WriteString(e.Exchange + ": ")
	}
	b.WriteString(kindSentences[min(int(e.Kind), len(kindSentences)-1)])
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
