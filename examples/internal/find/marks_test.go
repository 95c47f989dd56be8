package find

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestMarkSet: marks are found wherever they stand, once each, as one after the other finds them.
func TestMarkSet(t *testing.T) {
	t.Parallel()
	texts := []string{"abcab", "bcabc", "cabba", "aaaa", "abcabcab"}
	set := newMarkSet(texts...)
	type place struct{ at, which int }
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 5))
		var text strings.Builder
		for range r.IntN(60) {
			text.WriteByte("abc"[r.IntN(3)])
		}
		want, got := []place{}, []place{}
		for which, mark := range texts {
			for at := range text.Len() {
				if strings.HasPrefix(text.String()[at:], mark) {
					want = append(want, place{at, which})
				}
			}
		}
		for at, which := range set.in([]byte(text.String())) {
			got = append(got, place{at, which})
		}
		assert.ElementsMatch(t, want, got, text.String())
	}
}
