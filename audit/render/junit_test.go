package render

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// junitRead is what a reader of JUnit XML makes of a file.
type junitRead struct {
	Tests    int     `xml:"tests,attr"`
	Failures int     `xml:"failures,attr"`
	Errors   int     `xml:"errors,attr"`
	Time     float64 `xml:"time,attr"`
	Suites   []struct {
		Name       string  `xml:"name,attr"`
		Tests      int     `xml:"tests,attr"`
		Failures   int     `xml:"failures,attr"`
		Errors     int     `xml:"errors,attr"`
		Skipped    int     `xml:"skipped,attr"`
		Time       float64 `xml:"time,attr"`
		Timestamp  string  `xml:"timestamp,attr"`
		Properties []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"properties>property"`
		Cases []junitCase `xml:"testcase"`
	} `xml:"testsuite"`
}

type junitCase struct {
	Name    string `xml:"name,attr"`
	Class   string `xml:"classname,attr"`
	Time    string `xml:"time,attr"`
	Failure *struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	} `xml:"failure"`
	Error *struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	} `xml:"error"`
	Skipped *string `xml:"skipped"`
}

func readJUnit(tb testing.TB, r *audit.Report) junitRead {
	tb.Helper()
	var buf bytes.Buffer
	require.NoError(tb, JUnit(&buf, r))
	var out junitRead
	require.NoError(tb, xml.Unmarshal(buf.Bytes(), &out))
	return out
}

func TestJUnitCases(t *testing.T) {
	read := readJUnit(t, one(judged("bot",
		passed("a", "fine"),
		finding("b", audit.Failed, audit.High, access.Reported, "bad", "fix it"),
		finding("c", audit.Undetermined, audit.Low, 0, "who knows", ""),
		finding("d", audit.NotApplicable, 0, 0, "no matter", ""),
		audit.Finding{Rule: "e", Outcome: audit.Failed, Severity: audit.Low, Message: "known", Waived: "accepted until 2027-03-01: a reason"},
		finding("f", audit.Outcome(9), 0, 0, "odd", ""),
	)))
	require.Len(t, read.Suites, 1)
	suite := read.Suites[0]
	assert.Equal(t, "bybit.testnet.bot", suite.Name)
	assert.Equal(t, []int{5, 1, 2, 1}, []int{suite.Tests, suite.Failures, suite.Errors, suite.Skipped})
	assert.Equal(t, "2026-11-22T09:30:00", suite.Timestamp)
	require.Len(t, suite.Cases, 5)
	for i, c := range suite.Cases {
		assert.Equal(t, []string{"a", "b", "c", "e", "f"}[i], c.Name)
		assert.Equal(t, "bybit.testnet.bot", c.Class)
		assert.Equal(t, "0", c.Time)
	}
	a, b, c, e, f := suite.Cases[0], suite.Cases[1], suite.Cases[2], suite.Cases[3], suite.Cases[4]
	assert.True(t, a.Failure == nil && a.Error == nil && a.Skipped == nil)
	require.NotNil(t, b.Failure)
	assert.Equal(t, "high", b.Failure.Type)
	assert.Equal(t, "bad", b.Failure.Message)
	assert.Equal(t, "bot (Bybit testnet, key Ab12…Yz89): bad\nWhat to do: fix it\nEvidence: reported", b.Failure.Text)
	require.NotNil(t, c.Error)
	assert.Equal(t, "low, undetermined", c.Error.Type)
	assert.Equal(t, "undetermined: who knows", c.Error.Message)
	require.NotNil(t, e.Skipped)
	assert.True(t, strings.HasPrefix(*e.Skipped, "accepted until 2027-03-01: a reason\n"), *e.Skipped)
	require.NotNil(t, f.Error)
	assert.Equal(t, "high, undetermined", f.Error.Type)
}

func TestJUnitNotInspected(t *testing.T) {
	for name, result := range map[string]*audit.Result{"refused": refusedKey(), "unnamed": unnamedKey(), "not judged": unjudgedKey()} {
		suite := readJUnit(t, one(result)).Suites[0]
		assert.Positive(t, suite.Errors, name)
		i := slices.IndexFunc(suite.Cases, func(c junitCase) bool { return c.Name == "not-inspected" })
		require.GreaterOrEqual(t, i, 0, name)
		assert.NotNil(t, suite.Cases[i].Error, name)
	}
}

func TestJUnitCounts(t *testing.T) {
	read := readJUnit(t, richReport())
	assert.InDelta(t, 4, read.Time, 0)
	var tests, failures, errors int
	for _, suite := range read.Suites {
		var failed, errored, skipped int
		for _, c := range suite.Cases {
			if c.Failure != nil {
				failed++
			}
			if c.Error != nil {
				errored++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		assert.Equal(t, []int{len(suite.Cases), failed, errored, skipped}, []int{suite.Tests, suite.Failures, suite.Errors, suite.Skipped}, suite.Name)
		tests, failures, errors = tests+len(suite.Cases), failures+failed, errors+errored
	}
	assert.Equal(t, []int{tests, failures, errors}, []int{read.Tests, read.Failures, read.Errors})
	assert.Len(t, read.Suites, len(richReport().Results)+1)
}

// TestJUnitNames: GitLab ignores a second case of the same class and name.
func TestJUnitNames(t *testing.T) {
	r := richReport()
	r.Results = append(r.Results, worstKey(), worstKey())
	vanished := r.Findings[0]
	vanished.Message = "the key another (Deribit live) was in the previous report"
	r.Findings = append(r.Findings, vanished)
	seen := map[string]bool{}
	for _, suite := range readJUnit(t, r).Suites {
		for _, c := range suite.Cases {
			id := c.Class + "\x00" + c.Name
			assert.False(t, seen[id], "duplicate: %q", id)
			seen[id] = true
		}
	}
}

func TestJUnitFleet(t *testing.T) {
	read := readJUnit(t, &audit.Report{Findings: []audit.Finding{finding("key-vanished", audit.Failed, audit.Medium, 0, "the key a is gone", "Look.")}})
	require.Len(t, read.Suites, 1)
	assert.Equal(t, "report", read.Suites[0].Name)
	require.Len(t, read.Suites[0].Cases, 1)
	assert.Equal(t, "key-vanished: the key a is gone", read.Suites[0].Cases[0].Name)
	assert.Equal(t, "medium", read.Suites[0].Cases[0].Failure.Type)
}

func TestJUnitProperties(t *testing.T) {
	got := map[string]string{}
	for _, p := range readJUnit(t, one(worstKey())).Suites[0].Properties {
		got[p.Name] = p.Value
	}
	assert.Equal(t, map[string]string{
		"key": "grid-bot-eth (Bybit live, key 8Kd0…x9Qa)", "policy": "spot-trading", "owner": "Ada Lovelace", "source": "fleet/keys.json:12",
	}, got)
}
