package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// What an error of Check or Assess means. For every such error errors.Is is true
// of exactly one of these, so that a bot with open positions can decide what an
// outage means without letting anything else pass. The kinds of access.Error say
// more: errors.Is(err, access.KindIPNotAllowed).
var (
	// ErrInput: the key, its policy or the options are wrong, and the key was not
	// used: no exchange, no passphrase, a misspelt environment, capability or
	// rule, a waiver without a date. No waiver covers that.
	ErrInput = errors.New("the key cannot be audited as given")
	// ErrUnsafe: a rule failed at or above the threshold.
	ErrUnsafe = errors.New("the key is unsafe")
	// ErrUnreachable: an outage that should pass: the exchange did not answer or
	// asked to slow down, or the time limit was reached. Nothing is known to be
	// wrong with the key.
	ErrUnreachable = errors.New("the exchange could not be reached")
	// ErrNotInspected: the key could not be inspected for any other reason: it
	// was refused, this IP address was refused, the answer was not understood,
	// or the caller canceled.
	ErrNotInspected = errors.New("the key was not inspected")
	// ErrUndetermined: the key was inspected, nothing failed, and a rule at or
	// above the threshold could not be decided and was not attested.
	ErrUndetermined = errors.New("the key is not proven safe")
)

// Check inspects a key and judges it against its policy. It fails closed: the
// error is nil only if no rule failed, and none was left undetermined, at or
// above the threshold (High by default), unless attested or waived. The error is
// a *CheckError.
func Check(ctx context.Context, key Key, opts *Options) error {
	r := newRunner(opts)
	r.inUse = true
	defer r.Close()
	return r.audit(ctx, &key).Err(r.options.Threshold)
}

// Assess inspects a key, judges it, and returns the whole result, also of a key
// that passes. The result is never nil. The error is nil if the key was inspected:
// what the rules found is in the result, and Result.Err gives the judgement of
// Check. Otherwise it is Check's, a *CheckError also where a waiver accepts that the
// key could not be inspected.
func Assess(ctx context.Context, key Key, opts *Options) (*Result, error) {
	r := newRunner(opts)
	r.inUse = true
	defer r.Close()
	result := r.audit(ctx, &key)
	if result.Inspected() {
		return result, nil
	}
	return result, &CheckError{Result: result, Reasons: result.reasons(r.options.Threshold)}
}

// Err is nil if the key may be used: nothing failed and nothing was left
// undetermined at or above the threshold, unless attested or waived. Otherwise
// it is a *CheckError. No threshold is above Critical, and of one that is unset
// every finding is.
func (r *Result) Err(threshold Severity) error {
	reasons := r.reasons(threshold)
	if len(reasons) == 0 && (r.Inspected() || r.excused()) {
		return nil
	}
	return &CheckError{Result: r, Reasons: reasons}
}

// reasons are the findings that stop the key, worst first. What only follows from
// a failed inspection is no reason of its own.
func (r *Result) reasons(threshold Severity) []Finding {
	if len(r.Findings) == 0 { // a stored or hand-written result that no rule looked at
		return []Finding{{Rule: RuleNotInspected, Outcome: Undetermined, Severity: High, Message: "no rule judged the key"}}
	}
	worst := r.Worst()
	failed := slices.ContainsFunc(worst, func(f Finding) bool { return f.Rule == RuleNotInspected })
	return slices.DeleteFunc(worst, func(f Finding) bool {
		return cmp.Or(f.Severity, High) < min(threshold, Critical) || (failed && f.follows())
	})
}

// CheckError is what Check returns for a key that may not be used. It carries
// the whole Result.
type CheckError struct {
	Result *Result
	// Reasons are the findings that stopped the key, worst first.
	Reasons []Finding
}

// result is the key's, also for an error that a bot's test made by hand.
func (e *CheckError) result() *Result {
	if e.Result == nil {
		return &Result{}
	}
	return e.Result
}

// Error names the key, at most three reasons, and where to fix them.
func (e *CheckError) Error() string {
	var b strings.Builder
	b.WriteString(e.headline())
	for i, text := range e.causes() {
		if i == maxHeadlines {
			fmt.Fprintf(&b, "; and %d more", len(e.Reasons)-i)
			break
		}
		b.WriteString(map[bool]string{true: ": ", false: "; "}[i == 0] + text)
	}
	if page := e.fixAt(); page != "" {
		b.WriteString("; see " + page)
	}
	return b.String()
}

// Detail is the whole text for the person who started the bot: every reason with what to
// do about it, one paragraph each, and the page where the key can be edited.
func (e *CheckError) Detail() string {
	var b strings.Builder
	b.WriteString(sentence(e.headline()) + "\n")
	if f := e.result().facts().Failure; f != nil && len(e.Reasons) == 0 { // the rule that says so was left out
		fmt.Fprintf(&b, "\n  %s\n", sentence(f.Error()))
	}
	for _, f := range e.Reasons {
		fmt.Fprintf(&b, "\n  %s  %s: %s\n", f.mark(), f.Rule, sentence(f.Message))
		if f.Remedy != "" {
			fmt.Fprintf(&b, "    %s\n", f.Remedy)
		}
	}
	if page := e.fixAt(); page != "" {
		fmt.Fprintf(&b, "\n  The key's page: %s\n", page)
	}
	return b.String()
}

// headline says which key it is and what that means for it.
func (e *CheckError) headline() string {
	text := "key " + quoteName(e.result())
	if title := e.result().Title; title != "" {
		text += " at " + title
	}
	switch e.meaning() {
	case ErrInput:
		return text + " cannot be audited as given"
	case ErrUnreachable, ErrNotInspected:
		return text + " could not be checked"
	default:
		return text + " must not be used"
	}
}

// causes are the reasons, one sentence each without a full stop.
func (e *CheckError) causes() []string {
	failure := e.result().facts().Failure
	if failure != nil && e.meaning() != ErrUnsafe { // it is the only reason
		own := *failure
		own.Exchange = "" // named already
		if own.Kind == access.KindInput {
			return []string{own.Message}
		}
		return []string{own.Error()}
	}
	out := make([]string, len(e.Reasons))
	for i, f := range e.Reasons {
		out[i] = fmt.Sprintf("[%s] %s: %s", f.mark(), f.Rule, f.Message)
	}
	return out
}

// fixAt is the key's page, where looking at it can help.
func (e *CheckError) fixAt() string {
	failure := e.result().facts().Failure
	switch e.meaning() {
	case ErrInput, ErrUnreachable:
		return ""
	case ErrNotInspected:
		if failure != nil && slices.Contains(elsewhere, failure.Kind) {
			return ""
		}
	}
	return e.result().KeyPage
}

// elsewhere are the failures whose cause is not on the key's page.
var elsewhere = []access.Kind{access.KindCanceled, access.KindGuard, access.KindClockSkew, access.KindBanned, access.KindGeoBlocked}

// Unwrap gives the one of ErrInput, ErrUnsafe, ErrUnreachable, ErrNotInspected and
// ErrUndetermined that applies, and the inspection's own *access.Error.
func (e *CheckError) Unwrap() []error {
	if f := e.result().facts().Failure; f != nil {
		return []error{e.meaning(), f}
	}
	return []error{e.meaning()}
}

// meaning is the sentinel that applies. What is known to be wrong comes before
// what could not be looked at, so that an outage never covers it.
func (e *CheckError) meaning() error {
	failure := e.result().facts().Failure
	unsafe := func(f Finding) bool {
		return f.Outcome == Failed && f.Rule != RuleNotInspected && (failure == nil || !f.follows())
	}
	switch {
	case e.result().misused():
		return ErrInput
	case slices.ContainsFunc(e.Reasons, unsafe):
		return ErrUnsafe
	case failure != nil && transient(failure):
		return ErrUnreachable
	case failure != nil:
		return ErrNotInspected
	default:
		return ErrUndetermined
	}
}

// transient reports whether a failure is an outage that should pass by itself.
func transient(e *access.Error) bool {
	switch e.Kind {
	case access.KindUnavailable, access.KindRateLimited:
		return true
	case access.KindCanceled:
		return errors.Is(e, context.DeadlineExceeded)
	default:
		return false
	}
}
