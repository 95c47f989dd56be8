package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TestShare: results have in common what is equal, and nothing else.
func TestShare(t *testing.T) {
	t.Parallel()
	found := func(exchange, note string, state access.State) *access.Snapshot {
		sibling := &access.Snapshot{Inspection: access.Inspection{KeyID: "abcd…wxyz", TakenAt: time.Now()}, Answer: access.Answer{Label: note}}
		return &access.Snapshot{Inspection: access.Inspection{Exchange: exchange}, Answer: access.Answer{
			Permissions: []string{"trade"}, Grants: []access.Grant{{Capability: access.TradeSpot, State: state}}, Notes: []string{note},
			Siblings: []*access.Snapshot{sibling},
		}}
	}
	s := newShared()
	first, same := found("okx", "a", access.Granted), found("okx", "a", access.Granted)
	s.share(first)
	s.share(same)
	assert.Same(t, first.Siblings[0], same.Siblings[0])
	assert.Same(t, &first.Grants[0], &same.Grants[0])
	assert.Same(t, &first.Notes[0], &same.Notes[0])
	for _, other := range []*access.Snapshot{found("bybit", "a", access.Granted), found("okx", "b", access.Denied)} {
		whole := other.Clone()
		s.share(other)
		assert.Equal(t, whole, other)
		assert.NotSame(t, first.Siblings[0], other.Siblings[0])
		assert.NotSame(t, &first.Grants[0], &other.Grants[0])
	}
}
