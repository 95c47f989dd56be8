package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// messageOf is the message about a report.
func messageOf(r *audit.Report, code int, names, changesOnly bool) (title, text string) {
	n := news{names: names, changesOnly: changesOnly && r.Baseline != nil}
	for _, result := range r.Results {
		n.add(result)
	}
	return n.message(r, code)
}

// TestMessageOfManyKeys: a message names those that changed first, counts the keys that
// it has no room for, and keeps few of them.
func TestMessageOfManyKeys(t *testing.T) {
	t.Parallel()
	n := news{names: true}
	const keys = 5000
	for i := range keys {
		n.add(&audit.Result{Name: fmt.Sprintf("bot %d", i), Title: "X", Findings: []audit.Finding{
			{Rule: "withdrawal", Outcome: audit.Failed, Severity: audit.Critical, New: i == keys-1},
		}})
	}
	assert.LessOrEqual(t, len(n.keys), mostNamed)
	_, text := n.message(&audit.Report{}, audit.ExitFindings)
	assert.Contains(t, text, "Severe: withdrawal (5000)\nbot 4999 at X: withdrawal\nbot 0 at X")
	_, rest, _ := strings.Cut(text, "\nand ")
	var more int
	_, err := fmt.Sscanf(rest, "%d more lines", &more)
	require.NoError(t, err)
	assert.Equal(t, keys, strings.Count(text, "\nbot ")+more)
}
