package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/find"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// sarifPlaces are the results of a SARIF log: rule, level, file and line.
func sarifPlaces(t *testing.T, log string) (out []string) {
	t.Helper()
	var parsed struct {
		Runs []struct {
			Results []struct {
				RuleID, Level string
				Message       struct{ Text string }
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(log), &parsed))
	require.Len(t, parsed.Runs, 1)
	for _, r := range parsed.Runs[0].Results {
		at := r.Locations[0].PhysicalLocation
		uri := at.ArtifactLocation.URI[strings.LastIndex(at.ArtifactLocation.URI, "/bot/")+1:]
		out = append(out, fmt.Sprintf("%s %s %s:%d", r.RuleID, r.Level, uri, at.Region.StartLine))
	}
	return out
}

// TestFindSARIF: each place is a result at its file and line, and so is what was not read.
func TestFindSARIF(t *testing.T) {
	t.Parallel()
	l := newLostKeys(t)
	l.plant()
	l.write("vault.age", "age-encryption.org/v1\n")
	got := l.run("--history", "--format", "sarif")
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	places := sarifPlaces(t, got.stdout)
	for _, want := range []string{
		"found-key error bot/zconf/.env:2", "found-key error bot/old.py:1", "found-key note bot/local.json:1", "found-key note bot/lone.env:1", "unread-files note api-keys:1",
	} {
		assert.Contains(t, places, want)
	}
	assert.Contains(t, got.stdout, "in git's history only")
	assert.Contains(t, got.stdout, "vault.age")
	assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, l.secrets))

	junit := l.run("--format", "junit")
	assert.Equal(t, audit.ExitFindings, junit.code, junit.stderr)
	assert.Contains(t, junit.stdout, `<testcase name="found-key"`)
	assert.Contains(t, junit.stdout, `<testcase name="unread-files`)
	assert.Empty(t, l.asked)
}

// TestFindAuditFormats: the report of an audit in every format, without any secret, and
// SARIF with the places and what the keys may do.
func TestFindAuditFormats(t *testing.T) {
	t.Parallel()
	l := newLostKeys(t)
	l.plant()
	for _, format := range formatNames() {
		got := l.run("--audit", "--yes-mine", "--history", "--format", format)
		assert.Equal(t, audit.ExitFindings, got.code, "%s: %s", format, got.stderr)
		assert.NotEmpty(t, got.stdout, format)
		assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, l.secrets), format)
		if format == "sarif" {
			places := sarifPlaces(t, got.stdout)
			for _, want := range []string{"found-key error bot/old.py:1", "key-in-git error bot/old.py:1", "withdrawal error bot/zconf/.env:2", "not-inspected error bot/near.py:2"} {
				assert.Contains(t, places, want)
			}
		}
	}
}

// TestFoundKeySeverity: what is not known about a place counts as the worst.
func TestFoundKeySeverity(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		place find.Found
		want  audit.Severity
	}{
		{find.Found{Both: true, Tracked: find.InGit}, audit.Critical},
		{find.Found{Both: true, Past: true, Tracked: find.NoGit}, audit.Critical},
		{find.Found{Both: true, Commit: "abc", Tracked: find.NotInGit}, audit.Critical},
		{find.Found{Both: true}, audit.Critical},
		{find.Found{Both: true, Tracked: find.NotInGit, Shared: "its group"}, audit.High},
		{find.Found{Both: true, Tracked: find.NotInGit}, audit.Low},
		{find.Found{Half: "secret", Tracked: find.InGit}, audit.High},
		{find.Found{Half: "secret", Tracked: find.NoGit, Shared: "its group"}, audit.Medium},
		{find.Found{Half: "secret", Tracked: find.NoGit}, audit.Low},
		{find.Found{Half: "key id", Tracked: find.InGit}, audit.Low},
	} {
		assert.Equal(t, test.want, foundKey(&test.place).Severity, "%+v", test.place)
	}
}

// TestPlaceRules: they say what the rules of the catalogue say.
func TestPlaceRules(t *testing.T) {
	t.Parallel()
	for _, r := range findRules() {
		got := runWith(t.Context(), nil, "explain", r.ID)
		assert.Equal(t, audit.ExitClean, got.code, got.stderr)
		assert.Contains(t, got.stdout, r.Title)
		if r.Run == nil {
			r.Run = func(*audit.Pass) audit.Verdict { return audit.Verdict{} }
		}
		assert.NoError(t, audit.ValidateRules([]*audit.Rule{r}))
	}
}
