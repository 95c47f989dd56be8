package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// searched is what a search of some folders found of a key.
func searched(paths []string, copies ...string) func(*access.Snapshot) {
	return func(s *access.Snapshot) {
		s.Search = &access.Search{Paths: paths}
		for _, file := range copies {
			s.Search.Copies = append(s.Search.Copies, access.Copy{Secret: true, File: file, Git: access.GitNone})
		}
	}
}

// TestCopiesStayFound: a copy counts until somebody searches where it lay, with the date on
// which it was found, and as long as it is a copy of the key that has the name.
func TestCopiesStayFound(t *testing.T) {
	t.Parallel()
	home := []string{"/home"}
	was := onNight(0, tradingKey("bot", keyA, 0, searched([]string{"/home", "/srv"}, "/home/a/.env", "/srv/b/.env")))
	for name, c := range map[string]struct {
		is             *audit.Result
		outcome, files string
	}{
		"nobody searched":         {tradingKey("bot", keyA, 1), "failed high", `"/home/a/.env", "/srv/b/.env"`},
		"another folder searched": {tradingKey("bot", keyA, 1, searched(home)), "failed high", `"/srv/b/.env"`},
		"all searched again":      {tradingKey("bot", keyA, 1, searched([]string{"/"})), "passed unset", ""},
		"found again":             {tradingKey("bot", keyA, 1, searched(home, "/home/a/.env")), "failed high", `"/home/a/.env", "/srv/b/.env"`},
		"all found again":         {tradingKey("bot", keyA, 1, searched([]string{"/"}, "/home/a/.env", "/srv/b/.env")), "failed high", `"/home/a/.env", "/srv/b/.env"`},
		"the key was not read":    {tradingKey("bot", keyA, 1, func(s *access.Snapshot) { s.Fingerprint, s.Failure = "", &access.Error{Kind: access.KindUnavailable} }), "failed high", `"/home/a/.env", "/srv/b/.env"`},
		"another key":             {tradingKey("bot", keyN, 1), "not-applicable unset", ""},
		"another key, searched":   {tradingKey("bot", keyN, 1, searched(home)), "passed unset", ""},
	} {
		got, message := outcome(t, audit.Compare(was, onNight(1, c.is), nil), "bot", audit.RuleSecretInFiles)
		assert.Equal(t, c.outcome, got, "%s: %s", name, message)
		for _, file := range []string{`"/home/a/.env"`, `"/srv/b/.env"`} {
			assert.Equal(t, strings.Contains(c.files, file), strings.Contains(message, file), "%s: %s", name, message)
		}
		earlier := c.files != "" && name != "all found again"
		assert.Equal(t, earlier, strings.Contains(message, "as the search of 2026-01-10 found it"), "%s: %s", name, message)
		assert.NotContains(t, message, "0001-01-01", name)
	}
	kept := was.Results[0].Snapshot.Search.Copies
	require.Len(t, kept, 2)
	assert.Equal(t, []string{"/home/a/.env", "/srv/b/.env"}, []string{kept[0].File, kept[1].File}, "the previous report stays as it was")
}

// TestCopiesFoundLongAgo: the date is that of the search, however many runs ago.
func TestCopiesFoundLongAgo(t *testing.T) {
	t.Parallel()
	report := onNight(0, tradingKey("bot", keyA, 0, searched([]string{"/srv"}, "/srv/b/.env")))
	for night := range 3 {
		report = audit.Compare(report, onNight(night+1, tradingKey("bot", keyA, night+1)), nil)
	}
	_, message := outcome(t, report, "bot", audit.RuleSecretInFiles)
	assert.Contains(t, message, "as the search of 2026-01-10 found it")
}

// TestSearchAsksForItself: what files hold is no question that the exchange would answer, so
// that an audit which failed does not answer it.
func TestSearchAsksForItself(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Failure: &access.Error{Kind: access.KindUnavailable}}}
	s.Search = &access.Search{Paths: []string{"/home"}, Unread: 1, UnreadPaths: []string{"/home/b"}}
	f := judgedBy(t, s, audit.ReadOnly(), audit.RuleNotInspected, audit.RuleSecretInFiles)[audit.RuleSecretInFiles]
	assert.Equal(t, audit.Undetermined, f.Outcome, f.Message)
	assert.Empty(t, f.See)
}

// TestReplacedIsDead: that the exchange no longer knows the key which another replaces is
// shown by a refusal of one that an audit saw working at the same place, and by nothing less.
func TestReplacedIsDead(t *testing.T) {
	t.Parallel()
	refused := func(edit func(*access.Snapshot)) func(*access.Snapshot) {
		return func(s *access.Snapshot) {
			s.Answer = access.Answer{}
			s.Failure = &access.Error{Kind: access.KindBadKey, Status: 401}
			edit(s)
		}
	}
	same := func(*access.Snapshot) {}
	for name, c := range map[string]struct {
		was, is func(*access.Snapshot)
		want    string
	}{
		"refused":                   {same, refused(same), "passed unset"},
		"refused before too":        {refused(same), refused(same), "undetermined medium"},
		"not reached":               {same, refused(func(s *access.Snapshot) { s.Failure.Status = 0 }), "failed medium"},
		"refused for another cause": {same, refused(func(s *access.Snapshot) { s.Failure.Kind = access.KindIPNotAllowed }), "failed medium"},
		"asked somewhere else":      {same, refused(func(s *access.Snapshot) { s.Environment = "test" }), "failed medium"},
		"another key":               {same, refused(func(s *access.Snapshot) { s.Fingerprint = keyB }), "failed medium"},
	} {
		replacing := func(night int) *audit.Result {
			r := tradingKey("new", keyN, night, func(s *access.Snapshot) { s.Created = firstNight.AddDate(0, -3, 0) })
			r.Record.Replaces = "old"
			return r
		}
		was := onNight(0, replacing(0), tradingKey("old", keyA, 0, c.was))
		got, message := outcome(t, audit.Compare(was, onNight(1, replacing(1), tradingKey("old", keyA, 1, c.is)), nil), "new", audit.RuleTwinKeys)
		assert.Equal(t, c.want, got, "%s: %s", name, message)
	}
}

// TestSisterIsACause: a key that an exchange does not know may be one of its sister's, which
// the advice says even where the exchange has a single site.
func TestSisterIsACause(t *testing.T) {
	t.Parallel()
	for exchange, want := range map[string]bool{"kraken": true, "krakenfutures": true, "toy": false} {
		s := &access.Snapshot{Inspection: access.Inspection{Exchange: exchange, Environment: "live", Failure: &access.Error{Kind: access.KindBadKey}}}
		advice := (&audit.Result{Snapshot: s}).Rejudge(audit.ReadOnly(), now, nil).Finding(audit.RuleNotInspected).Remedy
		assert.Equal(t, want, strings.Contains(advice, "another exchange of the brand"), advice)
		assert.NotContains(t, advice, "this run asked", "there is one site")
	}
}

// TestLatestIncidentFirst: of several incidents at a holder the latest is named first.
func TestLatestIncidentFirst(t *testing.T) {
	t.Parallel()
	incident := func(what string, year int) audit.Incident {
		return audit.Incident{Holder: "Bots Ltd", What: what, Until: time.Date(year, 5, 1, 0, 0, 0, 0, time.UTC), Source: "https://bots.example/" + what}
	}
	r := &audit.Result{
		Snapshot: &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Created: time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)}},
		Record:   audit.Record{HeldBy: []string{"Bots Ltd"}, Incidents: []audit.Incident{incident("first", 2021), incident("third", 2024), incident("second", 2023)}},
	}
	message := r.Rejudge(audit.ReadOnly(), now, ruleByID(t, audit.RuleKeyHolders)).Findings[0].Message
	assert.Regexp(t, "third.*second.*first", message)
}
