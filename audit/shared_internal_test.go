package audit

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TestShared: what is equal is kept once, and nothing else is.
func TestShared(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	taken := func(minutes int, siblings ...*access.Snapshot) *access.Snapshot {
		return &access.Snapshot{
			Inspection: access.Inspection{
				Exchange:    "toy",
				Environment: "live",
				TakenAt:     at.Add(time.Duration(minutes) * time.Minute),
			},
			Answer: access.Answer{
				Permissions: []string{"trade"},
				Grants:      []access.Grant{{Capability: access.TradeSpot, State: access.Granted, Evidence: access.Reported}},
				Notes:       []string{"a note"},
				Siblings:    siblings,
			},
		}
	}
	sibling := func(minutes int) *access.Snapshot {
		s := taken(minutes)
		s.KeyID, s.Fingerprint = "abcd…wxyz", "0123456789abcdef"
		return s
	}
	var all shared
	first, second := taken(0, sibling(0)), taken(1, sibling(1))
	all.among(first)
	all.among(second)
	assert.Same(t, first.Siblings[0], second.Siblings[0])
	assert.Same(t, &first.Grants[0], &second.Grants[0])
	assert.Same(t, &first.Notes[0], &second.Notes[0])

	third := taken(2, sibling(2))
	third.Grants[0].State, third.Notes = access.Denied, []string{"another note"}
	third.Siblings[0].Grants[0].State = access.Denied
	all.among(third)
	assert.Equal(t, access.Denied, third.Grants[0].State)
	assert.Equal(t, []string{"another note"}, third.Notes)
	assert.Equal(t, access.Denied, third.Siblings[0].Grants[0].State)
	assert.Equal(t, access.Granted, first.Siblings[0].Grants[0].State)

	other := taken(3, sibling(3))
	other.Environment = "test"
	all.among(other)
	assert.NotSame(t, first.Siblings[0], other.Siblings[0], "another account")

	for i := range 2 * mostShared {
		s := taken(i)
		s.Permissions = []string{strconv.Itoa(i)}
		all.among(s)
	}
	assert.LessOrEqual(t, len(all.grants), mostShared+1, "what is remembered is bounded")
}
