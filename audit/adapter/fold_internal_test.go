package adapter

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestFoldedText: the short way for ordinary texts gives what folding with positions
// gives, whatever stands where.
func TestFoldedText(t *testing.T) {
	t.Parallel()
	parts := []string{"a", "Z", "4", "+/=", " ", "\t", "\x7f", "%41", "%", `\u0041`, `\`, "&#x41;", "&amp;", "&", "é", "\u212a", "\u200b", "\xff"}
	for _, first := range parts {
		for _, second := range parts {
			for _, third := range parts {
				text := first + second + third
				var want strings.Builder
				for _, u := range fold(text) {
					want.WriteByte(u.b)
				}
				assert.Equal(t, want.String(), foldedText(text), "%q", text)
			}
		}
	}
}
