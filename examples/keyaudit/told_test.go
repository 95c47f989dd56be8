package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestExchangePagesAboutKeys: the page of every exchange has a source and a date, says
// "not known" where nothing is known, and is at most 80 columns wide.
func TestExchangePagesAboutKeys(t *testing.T) {
	t.Parallel()
	for _, e := range exchanges.All() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			for _, p := range exchangeParts(e) {
				if p.lead == "notes" && len(e.Notes) == 0 {
					continue
				}
				for line := range strings.SplitSeq(p.text, "\n") {
					assert.NotEmpty(t, strings.TrimSpace(line), p.lead)
					assert.False(t, strings.HasSuffix(line, ": "), "%s has a blank: %q", p.lead, line)
				}
			}
			var out bytes.Buffer
			explainExchange(&out, e)
			page := out.String()
			for line := range strings.SplitSeq(page, "\n") {
				assert.True(t, strings.Contains(line, "://") || utf8.RuneCountInString(line) <= 80, line) // a URL is not broken
			}
			for _, has := range []string{e.Docs, e.Checked, e.KeyPage, "no IP allowlist", "idle keys", "age, expiry", "trading pairs", "sub-accounts", "kinds of key", "menu", "delete a key"} {
				assert.Contains(t, page, has)
			}
			if slices.ContainsFunc(e.Keys.Facts(), func(f adapter.KeyFact) bool { return f.Text == "" }) {
				assert.Contains(t, page, "not known")
			}

			var told toldExchange
			text, err := json.Marshal(newToldExchange(e))
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &told))
			assert.Len(t, told.Keys.Facts, len(e.Keys.Facts()))
			assert.Len(t, told.Keys.Steps, len(adapter.Tasks()))
			assert.NotContains(t, string(text), `:""`)
			_, err = time.Parse(time.DateOnly, told.Checked)
			assert.NoError(t, err)
		})
	}
}

// TestExchangePageOfOKX: what a person asks of an exchange is on its page, without a
// key.
func TestExchangePageOfOKX(t *testing.T) {
	t.Parallel()
	e, _ := exchanges.Lookup("okx")
	var out bytes.Buffer
	explainExchange(&out, e)
	flat := strings.Join(strings.Fields(out.String()), " ")
	for _, has := range []string{
		"no IP allowlist Expires after 14 days of inactivity", "age, expiry not known", "trading pairs not known",
		"menu Profile → API and connections", "set an IP allowlist: Profile → API and connections: choose the key",
		"delete a key: not known", "all this from OKX's API documentation (2026-09-02) and API FAQ (2026-08-26); checked on 2026-11-30",
	} {
		assert.Contains(t, flat, has)
	}
}
