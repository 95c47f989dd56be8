package render

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func markdownOf(t *testing.T, r *audit.Report, o MarkdownOptions) string {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, Markdown(&buf, r, o))
	return buf.String()
}

// fleet is a report of many keys, each with a long finding.
func fleet(n int) *audit.Report {
	r := &audit.Report{}
	for i := range n {
		message := strings.Repeat("very long ", 200)
		result := judged(fmt.Sprintf("bot-%05d", i), finding("a", audit.Failed, audit.High, access.Reported, message, "do"), finding("b", audit.Failed, audit.Low, access.Reported, message, "do"))
		r.Results = append(r.Results, result, cleanKey(fmt.Sprintf("clean-%05d", i)))
	}
	for _, result := range r.Results {
		r.Summary.Add(result)
	}
	return r
}

func TestMarkdownKeepsToLimit(t *testing.T) {
	for name, c := range map[string]struct {
		keys, limit, most int
		left              string
	}{
		"fits":           {3, 0, 1 << 20, ""},
		"default":        {1000, 0, 1<<20 - 16<<10, "Omitted: "},
		"least":          {10, 1, 4 << 10, "Omitted: "},
		"inside a key":   {2, 4700, 4700, "Omitted: the worst findings, 1 finding and 2 whole keys."},
		"clean ones":     {2, 7550, 7550, "Omitted: 0 findings"},
		"a pull request": {200, 65536, 65536, "Omitted: "},
	} {
		t.Run(name, func(t *testing.T) {
			report := fleet(c.keys)
			out := markdownOf(t, report, MarkdownOptions{Limit: c.limit})
			assert.LessOrEqual(t, len(out), c.most)
			assert.Contains(t, out, c.left)
			assert.Equal(t, c.left == "", !strings.Contains(out, "Omitted"))
			assert.Equal(t, strings.Count(out, "<details>"), strings.Count(out, "</details>"))
			_, sections, _ := strings.Cut(out, "\n### HIGH")
			shown := strings.Count(sections, "| do |")
			var left, keys int
			if _, rest, ok := strings.Cut(out, "Omitted: "); ok {
				rest = strings.NewReplacer("the worst findings, ", "", "findings", "finding", "keys", "key").Replace(rest)
				_, err := fmt.Sscanf(rest, "%d finding and %d whole key.", &left, &keys)
				require.NoError(t, err)
			}
			if _, rest, ok := strings.Cut(out, "\nAnd "); ok {
				var more int
				_, err := fmt.Sscanf(rest, "%d more keys that are no worse", &more)
				require.NoError(t, err)
				keys += more
			}
			assert.Equal(t, 2*c.keys, shown+left)
			headings := strings.Count(out, "\n### HIGH") + strings.Count(out, "\n- ")
			assert.Equal(t, 2*c.keys, headings+keys)
		})
	}
}

// TestMarkdownSummary: every key has a line, and only the worst have more.
func TestMarkdownSummary(t *testing.T) {
	report := bigFleet(60)
	out := markdownOf(t, report, MarkdownOptions{Summary: true})
	assert.Less(t, len(out), len(markdownOf(t, report, MarkdownOptions{})))
	assert.Equal(t, markdownKeys, strings.Count(out, "\n### CRITICAL: "))
	assert.Contains(t, out, "<summary>20 further keys with findings</summary>")
	assert.Contains(t, out, "for read-only; UNKNOWN: "+openKey().Headlines()[0].Text)
	for _, r := range report.Results {
		assert.Contains(t, out, r.Name)
	}
	assert.NotContains(t, out, "Omitted")
}

func TestMarkdownShowsWhatChanged(t *testing.T) {
	out := markdownOf(t, richReport(), MarkdownOptions{Threshold: audit.Critical})
	assert.Contains(t, out, "### Changed since 2026-11-21 09:30 UTC (11 keys then)")
	assert.Contains(t, out, "- grid-bot-eth: new critical: withdrawal; high: unknown-permission · newly unknown medium: clock\n")
	assert.Contains(t, out, "- arbitrage-2: resolved ip-allowlist, key-age\n")
	assert.Contains(t, out, "| medium, new | key-vanished | the key old-hedger")
	assert.Contains(t, out, " Exit code 1: something failed at critical or above.")

	same := &audit.Report{Results: []*audit.Result{cleanKey("a")}, Baseline: &audit.Baseline{Started: now, Keys: 1}}
	same.Recount()
	assert.Contains(t, markdownOf(t, same, MarkdownOptions{}), "### Changed since 2026-11-22 09:30 UTC (1 key then)\n\nNothing.\n")
	same.Baseline = nil
	assert.NotContains(t, markdownOf(t, same, MarkdownOptions{}), "Changed")
}
