package main

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// asked is the gate's answer to a program.
func (d *doorway) asked(t *testing.T, args ...string) answer {
	t.Helper()
	got := d.check(t, append(args, "--format", "json")...)
	assert.Empty(t, got.stderr)
	assert.Equal(t, 1, strings.Count(got.stdout, "\n"))
	assert.Empty(t, exchangetest.FindCanaries(got.stdout, d.Canaries()))
	for _, must := range []string{`"ok":`, `"exit_code":`, `"reasons":[`, `"keys":[`} { // never null, never left out
		assert.Contains(t, got.stdout, must)
	}
	var a answer
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &a))
	assert.Equal(t, got.code, a.Code)
	assert.Equal(t, got.code == 0, a.OK)
	assert.Equal(t, a.OK, len(a.Reasons) == 0, a.Reasons)
	return a
}

// TestAnswer: what a program is told of one key, in every case that audit.Check keeps apart.
func TestAnswer(t *testing.T) {
	t.Parallel()
	unknown := exchangetest.Spec{Permissions: spotKey.Permissions, Faults: []exchangetest.Fault{{Failure: exchangetest.FailUnknownKey, Times: -1}}}
	for name, tc := range map[string]struct {
		change  func(*testing.T, *doorway)
		code    int
		meaning string
		rules   []string
		reason  string
	}{
		"safe":         {func(*testing.T, *doorway) {}, audit.ExitClean, "safe", nil, ""},
		"can withdraw": {func(t *testing.T, d *doorway) { t.Helper(); d.holds(t, withdrawKey) }, audit.ExitFindings, "unsafe", []string{"withdrawal"}, `key "bot": withdrawal: The key can withdraw funds`},
		"refused":      {func(t *testing.T, d *doorway) { t.Helper(); d.holds(t, unknown) }, audit.ExitNotAssessed, "not-inspected", []string{"not-inspected"}, "API key is invalid"},
		"outage":       {func(_ *testing.T, d *doorway) { d.down = true }, exitUnreachable, "unreachable", []string{"not-inspected"}, "the exchange did not answer"},
		"misspelt":     {func(_ *testing.T, d *doorway) { d.extra = `, "environment": "nowhere"` }, audit.ExitUsage, "", nil, "nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoorway(t)
			tc.change(t, d)
			got := d.asked(t)
			assert.Equal(t, tc.code, got.Code)
			assert.Contains(t, strings.Join(got.Reasons, "\n"), tc.reason)
			if tc.meaning == "" {
				assert.Empty(t, got.Keys)
				return
			}
			require.Len(t, got.Keys, 1)
			key := got.Keys[0]
			assert.Equal(t, []any{"bot", "bybit", tc.meaning, got.OK, time.Time{}}, []any{key.Name, key.Exchange, key.Meaning, key.OK, key.Remembered})
			var rules []string
			for _, f := range key.Findings {
				rules = append(rules, f.Rule)
				assert.NotEmpty(t, f.Remedy)
			}
			for _, rule := range tc.rules {
				assert.Contains(t, rules, rule)
			}
			assert.Equal(t, tc.rules == nil, rules == nil)
		})
	}
}

// TestAnswerInAnOutage: an earlier good result lets the bot start, and is not called safe.
func TestAnswerInAnOutage(t *testing.T) {
	t.Parallel()
	d := newDoorway(t)
	d.asked(t)
	found := d.now
	d.down, d.now = true, d.now.Add(time.Hour)
	got := d.asked(t)
	assert.Equal(t, audit.ExitClean, got.Code)
	assert.Equal(t, "unreachable", got.Keys[0].Meaning)
	assert.WithinDuration(t, found, got.Keys[0].Remembered, 0)
}

// TestAnswerUnwiped: a program is told of a good result that could not be wiped out.
func TestAnswerUnwiped(t *testing.T) {
	t.Parallel()
	d := newDoorway(t)
	d.asked(t)
	d.blockWiping(t)
	d.policy = "read-only"
	assert.Contains(t, strings.Join(d.asked(t).Reasons, "\n"), "could not be wiped out")
}

// TestAnswerOfMany: the worst key first, and its exit code.
func TestAnswerOfMany(t *testing.T) {
	t.Parallel()
	got := answerOf([]verdict{
		{Name: "a", OK: true},
		{Name: "b", code: exitUnreachable, Message: "b is away"},
		{Name: "c", code: audit.ExitFindings, Findings: []audit.Finding{{Rule: "r", Message: "m"}}},
		{Name: "d", code: audit.ExitUsage, Message: "d is wrong"},
		{Name: "e", code: audit.ExitNotAssessed, Message: "e is unknown"},
	})
	var names []string
	for _, key := range got.Keys {
		names = append(names, key.Name)
	}
	assert.Equal(t, []string{"c", "d", "e", "b", "a"}, names)
	assert.Equal(t, []string{`key "c": r: m`, "d is wrong", "e is unknown", "b is away"}, got.Reasons)
	assert.Equal(t, audit.ExitFindings, got.Code)
	assert.False(t, got.OK)
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// TestAnswerThatCannotBeWritten is not exit code 0.
func TestAnswerThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	a := app{stdout: brokenPipe{}, stderr: io.Discard}
	assert.Equal(t, exitUnwritten, a.announce(answerOf([]verdict{{Name: "a", OK: true}}), "json"))
}

// TestAnswerOfSkippedKeys: a key that no adapter can audit stops the bot by name.
func TestAnswerOfSkippedKeys(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context(), map[string]string{"FOO_API_KEY": "abcdefgh", "FOO_API_SECRET": "ijklmnopqrst"}, "check", "--format", "json")
	var a answer
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &a), got.stdout)
	assert.Equal(t, audit.ExitNotAssessed, got.code)
	require.Len(t, a.Keys, 1)
	assert.Equal(t, "not-inspected", a.Keys[0].Meaning)
	assert.Contains(t, a.Reasons[0], "match no exchange")
}
