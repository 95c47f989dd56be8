package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestCheckWithoutKeysSaysHow: a bot's gate without a key says where else keys may be.
func TestCheckWithoutKeysSaysHow(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"check"}, {"--from", "env="}} {
		got := runWith(t.Context(), nil, args...)
		assert.Equal(t, audit.ExitUsage, got.code, args)
		said := got.stdout + got.stderr
		assert.Contains(t, said, "no environment variable is named like BYBIT_API_KEY and BYBIT_API_SECRET", args)
		for _, want := range []string{"--from BOT=FILE", "--keys FILE"} {
			assert.Contains(t, said, want, args)
		}
	}
}

// TestDemoSearchSaysWhatItLookedFor: a demonstration without keys looks for its own, which
// nobody's files have, and says so; with keys it looks for those.
func TestDemoSearchSaysWhatItLookedFor(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	got := runWith(t.Context(), nil, "--demo", "--search", folder)
	assert.Contains(t, got.stderr, "--search: 0 copies of the demonstration's invented keys found in ")
	got = runWith(t.Context(), nil, "--demo", "--from", "jesse=samples/jesse/api-keys.csv", "--search", folder)
	assert.Contains(t, got.stderr, "--search: 0 copies found in ")
	assert.Equal(t, 1, strings.Count(got.stderr, "--search: "))
}
