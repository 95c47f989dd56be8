package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// sarifRun is what a reader of SARIF makes of a log.
type sarifRun struct {
	Tool struct {
		Driver struct {
			Name, Version string
			Rules         []struct {
				ID               string
				ShortDescription struct{ Text string }
				Help             struct{ Text, Markdown string }
				Properties       struct {
					Tags     []string
					Severity string `json:"security-severity"`
				}
				DefaultConfiguration struct{ Level string }
			}
			Notifications []struct{ ID string }
		}
	}
	Invocations []struct {
		ExecutionSuccessful        bool
		ToolExecutionNotifications []struct {
			Descriptor struct {
				ID    string
				Index int
			}
			Level   string
			Message struct{ Text string }
		}
	}
	Properties map[string]int
	Results    []sarifRead
}

type sarifRead struct {
	RuleID    string
	RuleIndex int
	Level     string
	Kind      string
	Rank      float64
	Message   struct{ Text string }
	Locations []struct {
		PhysicalLocation struct {
			ArtifactLocation struct{ URI string }
			Region           struct{ StartLine, StartColumn int }
		}
		LogicalLocations []struct{ Name, FullyQualifiedName string }
	}
	PartialFingerprints map[string]string
	BaselineState       string
	Suppressions        *[]struct{ Kind, Status, Justification string }
	Properties          map[string]string
}

func readSARIF(tb testing.TB, r *audit.Report, o SARIFOptions) sarifRun {
	tb.Helper()
	var buf bytes.Buffer
	require.NoError(tb, SARIF(&buf, r, o))
	var log struct {
		Version string
		Runs    []sarifRun
	}
	require.NoError(tb, json.Unmarshal(buf.Bytes(), &log))
	assert.Equal(tb, "2.1.0", log.Version)
	require.Len(tb, log.Runs, 1)
	return log.Runs[0]
}

// one is a report of some keys that was not compared.
func one(results ...*audit.Result) *audit.Report { return &audit.Report{Results: results} }

// versioned is a report of a program that says its version.
func versioned(r *audit.Report) *audit.Report { r.Version = "v0.1.0"; return r }

func TestSARIFResults(t *testing.T) {
	run := readSARIF(t, richReport(), SARIFOptions{})
	worst := run.Results[0]
	assert.Equal(t, "withdrawal", worst.RuleID)
	assert.Equal(t, "error", worst.Level)
	assert.Equal(t, "new", worst.BaselineState)
	assert.Equal(t, `grid-bot-eth (Bybit live, key 8Kd0…x9Qa): the key can withdraw funds (permission "Wallet.Withdraw", only to saved addresses). `+
		`What to do: Edit the key and switch the withdrawal right off, or create a new key without it and delete this one.`, worst.Message.Text)
	assert.Equal(t, map[string]string{"outcome": "failed", "severity": "critical", "evidence": "reported", "policy": "spot-trading", "owner": "Ada Lovelace"}, worst.Properties)

	seen := map[string]bool{}
	for i, result := range run.Results {
		assert.Equal(t, run.Tool.Driver.Rules[result.RuleIndex].ID, result.RuleID)
		require.Len(t, result.Locations, 1)
		place := result.Locations[0].PhysicalLocation
		assert.NotEmpty(t, place.ArtifactLocation.URI)
		assert.Positive(t, place.Region.StartLine)
		assert.Empty(t, result.Kind, "GitHub and editors use the level")
		require.NotNil(t, result.Suppressions, "without a list a reader can't tell what is suppressed")
		last := i > 0 && len(*run.Results[i-1].Suppressions) > 0
		if suppressed := len(*result.Suppressions) > 0; !suppressed {
			assert.False(t, last, "waived ones come last")
		}
		id := result.PartialFingerprints["primaryLocationLineHash"]
		assert.False(t, seen[id], "two results share an identity: %s", result.Message.Text)
		seen[id] = true
	}
	for _, rule := range run.Tool.Driver.Rules {
		assert.NotEmpty(t, rule.Help.Text, rule.ID)
		assert.Contains(t, rule.Properties.Tags, "security")
	}
}

func TestSARIFRule(t *testing.T) {
	run := readSARIF(t, versioned(one(worstKey())), SARIFOptions{})
	rule, withdrawal := run.Tool.Driver.Rules[0], ruleBook(nil)["withdrawal"]
	assert.Equal(t, "0.1.0", run.Tool.Driver.Version)
	assert.Equal(t, withdrawal.Title, rule.ShortDescription.Text)
	assert.Equal(t, "9.5", rule.Properties.Severity)
	assert.Equal(t, "error", rule.DefaultConfiguration.Level)
	assert.Contains(t, rule.Properties.Tags, "external/cwe/cwe-250")
	assert.Contains(t, rule.Help.Markdown, "**What to do:** "+markdown(withdrawal.Remedy))

	var references []string
	for i := range 30 {
		references = append(references, fmt.Sprintf("CWE-%d", i))
	}
	own := &audit.Rule{ID: "own", Title: "Own [x](y)", Why: "Why.", Remedy: "Do.", Severity: audit.Low, References: references}
	run = readSARIF(t, one(judged("x", finding("own", audit.Failed, audit.Low, 0, "m", ""))), SARIFOptions{Rules: []*audit.Rule{own, nil}})
	assert.Len(t, run.Tool.Driver.Rules[0].Properties.Tags, 20)
	assert.Equal(t, `Own \[x\](y)`, run.Tool.Driver.Rules[0].ShortDescription.Text)
	assert.Equal(t, "2.5", run.Tool.Driver.Rules[0].Properties.Severity)
}

// TestSARIFOnlyWhatIsOpen: only what passed or doesn't apply has no result.
func TestSARIFOnlyWhatIsOpen(t *testing.T) {
	clean := readSARIF(t, one(cleanKey("x"), attestedKey(), judged("y", finding("r", audit.NotApplicable, 0, 0, "m", ""))), SARIFOptions{})
	assert.Empty(t, clean.Results)
	assert.NotNil(t, clean.Results, "an empty list closes alerts, a missing one is no log of results")
	assert.True(t, clean.Invocations[0].ExecutionSuccessful)
	assert.Empty(t, clean.Invocations[0].ToolExecutionNotifications)

	for name, result := range map[string]*audit.Result{"refused": refusedKey(), "unnamed": unnamedKey(), "not judged": unjudgedKey()} {
		run := readSARIF(t, one(result), SARIFOptions{})
		assert.NotEmpty(t, run.Results, name)
		assert.False(t, run.Invocations[0].ExecutionSuccessful, name)
		require.Len(t, run.Invocations[0].ToolExecutionNotifications, 1, name)
		note := run.Invocations[0].ToolExecutionNotifications[0]
		assert.Equal(t, "error", note.Level)
		assert.Equal(t, "key-not-inspected", note.Descriptor.ID)
		assert.Equal(t, note.Descriptor.ID, run.Tool.Driver.Notifications[note.Descriptor.Index].ID)
		assert.Equal(t, 1, run.Properties["keysNotInspected"])
	}
}

func TestSARIFLevels(t *testing.T) {
	for _, c := range []struct {
		outcome  audit.Outcome
		severity audit.Severity
		level    string
		rank     float64
	}{
		{audit.Failed, audit.Critical, "error", 95},
		{audit.Failed, audit.High, "error", 80},
		{audit.Failed, audit.Medium, "warning", 55},
		{audit.Failed, audit.Low, "note", 25},
		{audit.Failed, audit.Info, "note", 5},
		{audit.Failed, 0, "error", 80},
		{audit.Undetermined, audit.Critical, "note", 95},
		{audit.Undetermined, audit.High, "note", 80},
		{audit.Undetermined, audit.Medium, "note", 55},
		{audit.Undetermined, 0, "note", 80},
	} {
		run := readSARIF(t, one(judged("x", finding("r", c.outcome, c.severity, 0, "m", ""))), SARIFOptions{})
		require.Len(t, run.Results, 1)
		assert.Equal(t, c.level, run.Results[0].Level, "%s %s", c.outcome, c.severity)
		assert.InDelta(t, c.rank, run.Results[0].Rank, 0)
		assert.Equal(t, c.outcome != audit.Failed, strings.Contains(run.Results[0].Message.Text, "undetermined: "))
	}
}

// TestSARIFFoldsWhatIsUnknown: all that is unknown about a key is one note with an
// identity of its own, which says that a failure that became unknown is not fixed.
func TestSARIFFoldsWhatIsUnknown(t *testing.T) {
	unknown := func(rule string, s audit.Severity) audit.Finding {
		return finding(rule, audit.Undetermined, s, 0, "could not determine it", "Look.")
	}
	accepted := unknown("accepted", audit.Critical)
	accepted.Waived = "accepted"
	key := judged("x", unknown("low", audit.Low), finding("bad", audit.Failed, audit.Low, 0, "m", ""), unknown("clock", audit.Medium), unknown("high", audit.High), accepted)
	run := readSARIF(t, one(key, judged("y", unknown("high", audit.High))), SARIFOptions{})
	require.Len(t, run.Results, 4)
	first := run.Results[0]
	assert.Equal(t, "unknown-facts note high undetermined", strings.Join([]string{first.RuleID, first.Level, first.Properties["severity"], first.Properties["outcome"]}, " "))
	assert.Contains(t, first.Message.Text, "x (Bybit testnet, key Ab12…Yz89): undetermined: high: high; medium: clock; low: low. What to do: ")
	assert.Contains(t, first.Message.Text, "is not fixed because it is unknown now")
	assert.Equal(t, "unknown-facts", run.Results[1].RuleID)
	assert.NotEqual(t, first.PartialFingerprints, run.Results[1].PartialFingerprints)
	assert.Equal(t, "bad", run.Results[2].RuleID)
	assert.Equal(t, "accepted", run.Results[3].RuleID)
	rule := run.Tool.Driver.Rules[first.RuleIndex]
	assert.Equal(t, "note", rule.DefaultConfiguration.Level)
	assert.Empty(t, rule.Properties.Severity, "GitHub would show the note as a security problem of that severity")

	refused := readSARIF(t, one(refusedKey(), unjudgedKey()), SARIFOptions{})
	for _, result := range refused.Results {
		if result.RuleID == ruleNotInspected {
			assert.Equal(t, "error", result.Level, "nothing is known of such a key")
		}
	}
}

// TestSARIFIdentity: a finding keeps its identity whatever else changes, and has
// another one with another rule or key.
func TestSARIFIdentity(t *testing.T) {
	id := func(change func(*audit.Result)) string {
		r := judged("x", finding("r", audit.Failed, audit.High, access.Reported, "m", "remedy"))
		change(r)
		results := readSARIF(t, one(r), SARIFOptions{}).Results
		i := slices.IndexFunc(results, func(result sarifRead) bool { return result.RuleID != ruleNotInspected })
		require.GreaterOrEqual(t, i, 0)
		return results[i].PartialFingerprints["primaryLocationLineHash"]
	}
	usual := id(func(*audit.Result) {})
	for name, change := range map[string]func(*audit.Result){
		"message":         func(r *audit.Result) { r.Findings[0].Message = "another" },
		"remedy":          func(r *audit.Result) { r.Findings[0].Remedy = "" },
		"severity":        func(r *audit.Result) { r.Findings[0].Severity = audit.Low },
		"waived":          func(r *audit.Result) { r.Findings[0].Waived = "accepted" },
		"rotated":         func(r *audit.Result) { r.Snapshot.KeyID, r.Snapshot.Fingerprint = "other", "other" },
		"policy":          func(r *audit.Result) { r.Policy = "other" },
		"place":           func(r *audit.Result) { r.Record.Source = audit.Source{File: "other", Line: 9} },
		"exchange's name": func(r *audit.Result) { r.Title = "other" },
		"refused":         func(r *audit.Result) { r.Snapshot.Failure = &access.Error{} },
	} {
		assert.Equal(t, usual, id(change), name)
	}
	for name, change := range map[string]func(*audit.Result){
		"rule":        func(r *audit.Result) { r.Findings[0].Rule = "s" },
		"name":        func(r *audit.Result) { r.Name = "y" },
		"exchange":    func(r *audit.Result) { r.Exchange = "okx" },
		"environment": func(r *audit.Result) { r.Snapshot.Environment = "live" },
	} {
		assert.NotEqual(t, usual, id(change), name)
	}
}

func TestSARIFLimit(t *testing.T) {
	var results []*audit.Result
	for i := range 40 {
		s := []audit.Severity{audit.Low, audit.Critical, audit.Medium, audit.High}[i%4]
		results = append(results, judged(fmt.Sprintf("bot-%d", i), finding("r", audit.Failed, s, 0, "m", "")))
	}
	whole := readSARIF(t, one(results...), SARIFOptions{})
	assert.Len(t, whole.Results, 40)
	assert.Equal(t, 0, whole.Properties["resultsOmitted"])
	assert.Empty(t, whole.Invocations[0].ToolExecutionNotifications)

	cut := readSARIF(t, one(results...), SARIFOptions{Limit: 15})
	require.Len(t, cut.Results, 15)
	assert.Equal(t, "critical", cut.Results[9].Properties["severity"])
	assert.Equal(t, "high", cut.Results[14].Properties["severity"])
	assert.Equal(t, map[string]int{"keys": 40, "keysNotInspected": 0, "results": 15, "resultsOmitted": 25}, cut.Properties)
	require.Len(t, cut.Invocations[0].ToolExecutionNotifications, 1)
	assert.Equal(t, "25 of 40 results were omitted, the least severe ones. GitHub may close their alerts. The JSON report has them all.",
		cut.Invocations[0].ToolExecutionNotifications[0].Message.Text)
}

// TestSARIFGitHub: no more than GitHub accepts, whatever the limit.
func TestSARIFGitHub(t *testing.T) {
	findings := make([]audit.Finding, 100)
	for i := range findings {
		findings[i] = finding(fmt.Sprintf("rule-%d", i), audit.Failed, audit.Low, 0, "m", "")
	}
	var results []*audit.Result
	for i := range 260 {
		results = append(results, judged(fmt.Sprintf("bot-%d", i), findings...))
	}
	run := readSARIF(t, one(results...), SARIFOptions{Limit: 1 << 20})
	assert.Len(t, run.Results, 25_000)
	assert.Equal(t, 1000, run.Properties["resultsOmitted"])
	assert.Contains(t, run.Invocations[0].ToolExecutionNotifications[0].Message.Text, "GitHub displays 5000 of 25000.")
}

func TestSARIFPlaces(t *testing.T) {
	root := t.TempDir()
	at := func(source audit.Source, root string) (string, int, int) {
		r := judged("a b/..", finding("r", audit.Failed, audit.High, 0, "m", ""))
		r.Record.Source = source
		place := readSARIF(t, one(r), SARIFOptions{Root: root}).Results[0].Locations[0].PhysicalLocation
		return place.ArtifactLocation.URI, place.Region.StartLine, place.Region.StartColumn
	}
	for name, c := range map[string]struct {
		source audit.Source
		root   string
		uri    string
		line   int
		column int
	}{
		"relative":        {audit.Source{File: "fleet/keys.json", Line: 12, Column: 5}, "", "fleet/keys.json", 12, 5},
		"no line":         {audit.Source{File: "keys.json"}, "", "keys.json", 1, 0},
		"odd line":        {audit.Source{File: "keys.json", Line: -4, Column: -1}, "", "keys.json", 1, 0},
		"no file":         {audit.Source{Format: "environment", Line: 3}, "", "api-keys/bybit/testnet/a%20b%2F..", 1, 0},
		"spaces, percent": {audit.Source{File: "my keys/100%é#?.json"}, "", "my%20keys/100%25%C3%A9%23%3F.json", 1, 0},
		"a scheme":        {audit.Source{File: "javascript:alert(1)"}, "", "./javascript:alert%281%29", 1, 0},
		"terminal":        {audit.Source{File: "a\x1b[31m\u202e"}, "", "a%1B%5B31m%E2%80%AE", 1, 0},
		"beneath root":    {audit.Source{File: filepath.Join(root, "fleet", "keys.json")}, root, "fleet/keys.json", 1, 0},
		"beside root":     {audit.Source{File: filepath.Join(filepath.Dir(root), "x.json")}, root, "file://" + filepath.ToSlash(filepath.Join(filepath.Dir(root), "x.json")), 1, 0},
		"relative, root":  {audit.Source{File: "fleet/keys.json"}, root, "fleet/keys.json", 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			uri, line, column := at(c.source, c.root)
			assert.Equal(t, c.uri, uri)
			assert.Equal(t, c.line, line)
			assert.Equal(t, c.column, column)
		})
	}
	nowhere := judged("..", finding("r", audit.Failed, audit.High, 0, "m", ""))
	place := readSARIF(t, one(nowhere), SARIFOptions{}).Results[0].Locations[0]
	assert.Equal(t, "api-keys/bybit/testnet/-", place.PhysicalLocation.ArtifactLocation.URI)
	assert.Equal(t, "bybit/testnet/…42/..", place.LogicalLocations[0].FullyQualifiedName)
}

func TestSARIFSuppression(t *testing.T) {
	run := readSARIF(t, one(waivedKey()), SARIFOptions{})
	require.Len(t, run.Results, 1)
	require.Len(t, *run.Results[0].Suppressions, 1)
	got := (*run.Results[0].Suppressions)[0]
	assert.Equal(t, "external accepted", got.Kind+" "+got.Status)
	assert.Equal(t, "accepted until 2027-03-01: sweeps profits to the cold sub-account every day", got.Justification)
}

func TestSARIFFleet(t *testing.T) {
	vanished := finding("key-vanished", audit.Failed, audit.Medium, 0, "the key a is gone", "Look.")
	other := vanished
	other.Message = "the key b is gone"
	run := readSARIF(t, &audit.Report{Findings: []audit.Finding{vanished, other, passed("x", "m")}}, SARIFOptions{})
	require.Len(t, run.Results, 2)
	assert.Equal(t, "the key a is gone. What to do: Look.", run.Results[0].Message.Text)
	assert.Equal(t, "api-keys", run.Results[0].Locations[0].PhysicalLocation.ArtifactLocation.URI)
	assert.NotEqual(t, run.Results[0].PartialFingerprints, run.Results[1].PartialFingerprints)
}
