package find

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestSentences: the full stop that ends a sentence is no part of a key, and what was left
// out of one is none.
func TestSentences(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"My Bybit API key is {id}. The API secret is {secret}.\n": 1,
		"Bybit API key: {id}.\nBybit API secret: {secret}.\n":     1,
		"Bybit API key: {id}.\nBybit API secret: {secret}.":       1,
		"Bybit API key: {id}...\nBybit API secret: {secret}...\n": 0,
		"Bybit API key: {id}.local\nBybit API secret: {secret}.x": 0,
	} {
		folder := t.TempDir()
		write(t, folder, "notes.md", parts.Replace(text))
		both := 0
		for _, c := range look(t, Options{Paths: []string{folder}}).Candidates(exchanges.All()) {
			if c.Not == "" {
				both++
				assert.Equal(t, parts.Replace("{id}"), c.Place.ID.Reveal())
				assert.Equal(t, parts.Replace("{secret}"), c.Place.Secret.Reveal())
			}
		}
		assert.Equal(t, want, both, text)
	}
}
