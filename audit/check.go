package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Errors of Check. A bot with open positions may want to go on when the key
// could not be inspected, and never when it is unsafe.
var (
	// ErrUnsafe: a rule failed at or above the threshold.
	ErrUnsafe = errors.New("the key is unsafe")
	// ErrUndetermined: a rule at or above the threshold could not be decided
	// and nobody attested it.
	ErrUndetermined = errors.New("the key is not proven safe")
	// ErrNotInspected: the exchange gave no answer that could be judged.
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
