package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func TestErrorIsItsKind(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		var err error = &access.Error{Exchange: "Toy", Kind: kind}
		for _, wrapped := range []error{err, fmt.Errorf("bot: %w", err), errors.Join(errors.New("x"), err)} {
			require.ErrorIs(t, wrapped, kind)
			var typed *access.Error
			require.ErrorAs(t, wrapped, &typed)
			assert.Equal(t, kind, typed.Kind)
			var as access.Kind
			require.ErrorAs(t, wrapped, &as)
			assert.Equal(t, kind, as)
			for _, other := range kinds() {
				if other != kind {
					require.NotErrorIs(t, wrapped, other)
				}
			}
			require.NotErrorIs(t, wrapped, context.Canceled)
		}
		assert.Equal(t, kind.String(), kind.Error())
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	seen := map[string]access.Kind{}
	for _, kind := range kinds() {
		text := (&access.Error{Kind: kind}).Error()
		assert.Greater(t, len(text), 15, kind)
		assert.NotContains(t, seen, text, kind)
		seen[text] = kind
	}
	for want, err := range map[string]*access.Error{
		"the answer could not be understood":                             {},
		"Toy: the key has expired":                                       {Exchange: "Toy", Kind: access.KindExpired},
		"Toy: the exchange asks to slow down: wait":                      {Exchange: "Toy", Kind: access.KindRateLimited, Message: "wait"},
		"the exchange does not say why it refused (bad-key, or expired)": {Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBadKey, access.KindExpired}},
		"the exchange did not answer [GET /key]":                         {Kind: access.KindUnavailable, Operation: "GET /key"},
		"the exchange did not answer [HTTP 503]":                         {Kind: access.KindUnavailable, Status: 503},
		"the exchange did not answer: x [GET /key, HTTP 503, code 7]":    {Kind: access.KindUnavailable, Message: "x", Operation: "GET /key", Status: 503, Code: "7"},
	} {
		assert.Equal(t, want, err.Error())
	}
	assert.NotEmpty(t, (&access.Error{Kind: 250}).Error(), "also for a kind of the future")
}

func TestErrorInJSON(t *testing.T) {
	t.Parallel()
	whole := full().Failure
	text, err := json.Marshal(whole)
	require.NoError(t, err)
	var back access.Error
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, whole, &back)
	assert.Equal(t, whole.Error(), back.Error())
	text, err = json.Marshal(&access.Error{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"exchange":"","kind":"not-understood"}`, string(text))
}

// TestContextErrors: callers who cancel get their own error back, and so do those
// who set a time limit.
func TestContextErrors(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, stop := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer stop()
	for _, c := range []struct {
		ctx     context.Context
		is, not error
		message string
	}{
		{canceled, context.Canceled, context.DeadlineExceeded, "the audit was cut short"},
		{late, context.DeadlineExceeded, context.Canceled, "the time limit was reached"},
	} {
		_, err := audit.Inspect(c.ctx, toyKey(), &audit.Options{Transport: &toyFake{}})
		require.ErrorIs(t, err, access.KindCanceled)
		require.ErrorIs(t, err, c.is)
		require.NotErrorIs(t, err, c.not)
		require.ErrorContains(t, err, c.message)
		err = audit.Check(c.ctx, toyKey(), &audit.Options{Transport: &toyFake{}})
		require.ErrorIs(t, err, map[bool]error{true: audit.ErrUnreachable, false: audit.ErrNotInspected}[c.is == context.DeadlineExceeded]) //nolint:errorlint // sentinels of the table
		require.ErrorIs(t, err, c.is, "also through Check")
	}
}

func TestCheckError(t *testing.T) {
	t.Parallel()
	f := func(rule string, o audit.Outcome, s audit.Severity) audit.Finding {
		return audit.Finding{Rule: rule, Outcome: o, Severity: s, Message: "because of " + rule}
	}
	failed, open := f("one", audit.Failed, audit.Critical), f("two", audit.Undetermined, audit.High)
	for _, c := range []struct {
		result *audit.Result
		want   string
		is     []error
	}{
		{result("bot", failed), `key "bot" at Toy must not be used: [critical] one: because of one`, []error{audit.ErrUnsafe}},
		{result("bot", open), `key "bot" at Toy must not be used: [high, undetermined] two: because of two`, []error{audit.ErrUndetermined}},
		{result("bot", open, failed), `key "bot" at Toy must not be used: [critical] one: because of one; [high, undetermined] two: because of two`, []error{audit.ErrUnsafe}},
		{
			result("bot", failed, failed, failed, failed, open),
			`key "bot" at Toy must not be used: [critical] one: because of one; [critical] one: because of one; [critical] one: because of one; and 2 more`,
			[]error{audit.ErrUnsafe},
		},
		{
			notInspected("bot", open), // what else is open follows from that
			`key "bot" at Toy could not be checked: the exchange did not answer`, []error{audit.ErrUnreachable, access.KindUnavailable},
		},
		{
			notInspected("bot", failed),
			`key "bot" at Toy must not be used: [critical] one: because of one; [high] not-inspected: no answer`,
			[]error{audit.ErrUnsafe, access.KindUnavailable},
		},
		{notInspected("bot"), `key "bot" at Toy could not be checked: the exchange did not answer`, []error{audit.ErrUnreachable, access.KindUnavailable}},
		{
			&audit.Result{Snapshot: &access.Snapshot{Inspection: access.Inspection{KeyID: "toyK…cdef"}}, Findings: []audit.Finding{failed}},
			`key "toyK…cdef" must not be used: [critical] one: because of one`,
			[]error{audit.ErrUnsafe},
		},
		{
			result("a\x1b\"b", failed), `key "a\x1b\"b" at Toy must not be used: [critical] one: because of one`, []error{audit.ErrUnsafe},
		},
	} {
		err := c.result.Err(audit.High)
		require.EqualError(t, err, c.want)
		for _, kind := range []error{audit.ErrInput, audit.ErrUnsafe, audit.ErrUnreachable, audit.ErrUndetermined, audit.ErrNotInspected, access.KindUnavailable} {
			want := false
			for _, is := range c.is {
				want = want || errors.Is(kind, is)
			}
			assert.Equal(t, want, errors.Is(err, kind), "%s: %v", c.want, kind)
		}
		var typed *audit.CheckError
		require.ErrorAs(t, fmt.Errorf("start: %w", err), &typed)
		assert.Same(t, c.result, typed.Result)
		var failure *access.Error
		assert.Equal(t, !c.result.Inspected(), errors.As(err, &failure))
	}
}

// TestOneMeaning: whatever was found, and however the inspection ended, the error
// means exactly one thing, and there is one unless everything that matters is
// settled.
func TestOneMeaning(t *testing.T) {
	t.Parallel()
	rules := []string{"withdrawal", audit.RuleNotInspected}
	n := 0
	for kind := -1; kind < len(kinds()); kind++ {
		for outcome := range audit.Outcome(5) {
			for severity := range audit.Severity(8) {
				for _, waived := range []string{"", "accepted"} {
					for _, threshold := range []audit.Severity{0, audit.Info, audit.High, audit.Critical, 200} {
						r := result("bot")
						if kind >= 0 {
							r.Snapshot.Failure = &access.Error{Kind: access.Kind(kind)}
						}
						f := audit.Finding{Rule: rules[n%2], Outcome: outcome, Severity: severity, Waived: waived}
						r.Findings = []audit.Finding{f}
						n++
						open := outcome != audit.Passed && outcome != audit.NotApplicable && waived == ""
						stops := open && (severity == 0 || severity >= threshold || severity >= audit.Critical) && (severity != 0 || threshold <= audit.High)
						accepted := kind < 0 || (waived != "" && f.Rule == audit.RuleNotInspected && access.Kind(kind) != access.KindInput)
						err := r.Err(threshold)
						require.Equal(t, stops || !accepted, err != nil, "%d %v at %s: %v", kind, f, threshold, err)
						if err == nil {
							continue
						}
						meant := 0
						for _, meaning := range meanings {
							if errors.Is(err, meaning) {
								meant++
							}
						}
						require.Equal(t, 1, meant, "%v", err)
						require.NotEmpty(t, err.(*audit.CheckError).Detail()) //nolint:errorlint,forcetypeassert // documented
					}
				}
			}
		}
	}
}

// TestHandMadeCheckError: a bot's own tests may make one of nothing.
func TestHandMadeCheckError(t *testing.T) {
	t.Parallel()
	err := &audit.CheckError{}
	require.EqualError(t, err, `key "" could not be checked: the answer could not be understood: there is no snapshot`)
	meansOnly(t, err, audit.ErrNotInspected)
	assert.NotEmpty(t, err.Detail())
}
