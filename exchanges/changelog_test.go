package exchanges_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestChangelog: CHANGELOG.md names every exchange, rule and bot, so that none is
// added without a line in it.
func TestChangelog(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../CHANGELOG.md")
	require.NoError(t, err)
	names := map[string]string{}
	for _, e := range exchanges.All() {
		names[e.Name] = "exchange"
	}
	for _, r := range audit.Rules() {
		names[r.ID] = "rule"
	}
	for _, f := range inventory.Formats() {
		names[f.Name] = "bot"
	}
	for name, what := range names {
		assert.Contains(t, string(text), "`"+name+"`",
			"CHANGELOG.md does not name the %s %s: add a line under Unreleased", what, name)
	}
}
