package audit

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
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
	KindGeoBlocked                   // the venue refuses this place
	KindUnavailable                  // no answer, or maintenance
	KindGuard                        // the guard stopped the call
	KindCanceled                     // the caller's context ended first
)

var kindWords = []string{
	"not-understood", "bad-input", "bad-key", "bad-signature", "ip-not-allowed", "clock-skew", "nonce", "second-factor", "expired",
	"disabled", "forbidden", "ambiguous", "rate-limited", "banned", "wrong-environment", "geo-blocked", "unavailable", "guard", "canceled",
}

// String returns the kind as a word, for instance "bad-key".
func (k Kind) String() string { return enumString(kindWords, k) }

// Error is String: a Kind can be compared with errors.Is.
func (k Kind) Error() string { return k.String() }

// MarshalText writes the kind as a word.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *Kind) UnmarshalText(text []byte) error { return enumParse("kind", kindWords, text, k) }

var kindSentences = []string{
	"the answer was not understood",
	"the key cannot be audited as given",
	"the venue does not know this key",
	"the signature was refused (wrong secret or passphrase)",
	"the venue refused this address, so the key has an IP allowlist",
	"the venue refused the timestamp",
	"the venue refused the nonce: another client of this key uses larger ones",
	"a second factor is wanted",
	"the key has expired",
	"the key or its account is switched off or locked",
	"the key lacks the right to ask",
	"the venue does not say which",
	"the venue asks to slow down",
	"the venue has banned this address or key for a while",
	"the key belongs to another environment or region of the venue",
	"the venue does not serve this place",
	"the venue gave no answer",
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
	Code       string `json:"code,omitempty"`   // the venue's code, as text
	Message    string `json:"message,omitempty"`
	// Address is the address the venue refused, when it told.
	Address netip.Addr `json:"address,omitzero"`
	// RetryAfter is how long the venue asks to wait; 0 when not told.
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

var addressLike = regexp.MustCompile(`[0-9A-Za-z:.]*[.:][0-9A-Za-z:.]+`)

// takeAddress moves addresses out of the venue's words: the one it refused is
// a fact, and the others are nobody's business.
func (e *Error) takeAddress() {
	e.Message = addressLike.ReplaceAllStringFunc(e.Message, func(word string) string {
		text, addr := findAddress(word)
		if text == "" {
			return word
		}
		if !e.Address.IsValid() && (e.Kind == KindIPNotAllowed || e.Kind == KindAmbiguous) {
			e.Address = addr
		}
		return strings.Replace(word, text, "[address]", 1)
	})
}

// findAddress finds the address in a word, which may also hold a label, a port
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

// Unwrap gives the Kind and, when the caller's context ended, its error.
func (e *Error) Unwrap() []error {
	if e.context != nil {
		return []error{e.Kind, e.context}
	}
	return []error{e.Kind}
}

// Errors of Check. A bot with open positions may want to go on when the key
// could not be inspected, and never when it is unsafe.
var (
	// ErrUnsafe: a rule failed at or above the threshold.
	ErrUnsafe = errors.New("the key is unsafe")
	// ErrUndetermined: a rule at or above the threshold could not be decided
	// and nobody attested it.
	ErrUndetermined = errors.New("the key is not proven safe")
	// ErrNotInspected: the venue gave no answer that could be judged.
	ErrNotInspected = errors.New("the key was not inspected")
)

// CheckError is what Check returns for a key that may not be used. It carries
// the whole Result.
type CheckError struct {
	Result *Result
	// Reasons are the findings that stopped the key, worst first.
	Reasons []Finding
}

// Error names the key and at most three reasons.
func (e *CheckError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "key %s", quoteName(e.Result))
	if e.Result.Title != "" {
		b.WriteString(" at " + e.Result.Title)
	}
	b.WriteString(" must not be used")
	reasons := e.Reasons
	if !e.Result.Inspected() { // what else is undetermined follows from that
		reasons = slices.DeleteFunc(slices.Clone(reasons), func(f Finding) bool { return f.Outcome == Undetermined })
	}
	if f := e.Result.facts().Failure; f != nil && len(reasons) == 0 { // the rule that says so was left out
		b.WriteString(": " + f.Error())
	}
	for i, f := range reasons {
		if i == maxHeadlines {
			fmt.Fprintf(&b, "; and %d more", len(reasons)-i)
			break
		}
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		mark := f.Severity.String()
		if f.Outcome == Undetermined {
			mark += ", undetermined"
		}
		fmt.Fprintf(&b, "%s[%s] %s: %s", sep, mark, f.Rule, f.Message)
	}
	return b.String()
}

// Unwrap gives ErrUnsafe, ErrUndetermined and ErrNotInspected as they apply,
// and the inspection's own *Error.
func (e *CheckError) Unwrap() []error {
	var errs []error
	var unsafe, open bool
	for _, f := range e.Reasons {
		unsafe = unsafe || (f.Outcome == Failed && f.Rule != ruleNotInspected)
		open = open || f.Outcome == Undetermined
	}
	if unsafe {
		errs = append(errs, ErrUnsafe)
	}
	if open {
		errs = append(errs, ErrUndetermined)
	}
	if f := e.Result.facts().Failure; f != nil {
		errs = append(errs, ErrNotInspected, f)
	}
	return errs
}

const maxHeadlines = 3

func quoteName(r *Result) string {
	if r.Name != "" {
		return fmt.Sprintf("%q", r.Name)
	}
	return fmt.Sprintf("%q", r.facts().KeyID)
}
