package audit_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func TestParseHours(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"22:00-06:00": "22:00-06:00", " 00:00-24:00 ": "00:00-24:00", "sat,SUNDAY,Sat 08:30-09:15": "Sat,Sun 08:30-09:15", "Mon  22:00-24:00": "Mon 22:00-24:00",
	} {
		h, err := audit.ParseHours(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, h.String())
		again, err := audit.ParseHours(h.String())
		require.NoError(t, err)
		assert.Equal(t, h, again)
		var stored audit.Hours
		written, err := json.Marshal(h)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(written, &stored))
		assert.Equal(t, h, stored)
	}
	for _, text := range []string{"", "22:00", "22:00-", "-06:00", "22:00-22:00", "24:00-06:00", "24:00-24:00", "22-06", "25:00-06:00", "22:60-23:00", "Su 22:00-06:00", ", 22:00-06:00", "Sat,Sun", "Sat 22:00-06:00 UTC", "22:00-06:00-07:00"} {
		_, err := audit.ParseHours(text)
		require.Error(t, err, text)
		require.Error(t, (&audit.Hours{}).UnmarshalText([]byte(text)), text)
	}
}

// TestHoursOverMidnight: what begins on a day ends on the next.
func TestHoursOverMidnight(t *testing.T) {
	t.Parallel()
	const friday = 20 // of November 2026
	for _, c := range []struct {
		hours    string
		day      int
		at       string
		expected bool
	}{
		{"Fri 22:00-06:00", friday, "21:59:59", false},
		{"Fri 22:00-06:00", friday, "22:00:00", true},
		{"Fri 22:00-06:00", friday + 1, "05:59:59", true},
		{"Fri 22:00-06:00", friday + 1, "06:00:00", false},
		{"Fri 22:00-06:00", friday, "05:00:00", false},
		{"Fri 22:00-06:00", friday + 1, "23:00:00", false},
		{"Sat 00:00-24:00", friday, "23:59:59", false},
		{"Sat 00:00-24:00", friday + 1, "00:00:01", true},
		{"Sat 00:00-24:00", friday + 1, "23:59:59", true},
		{"Sat 00:00-24:00", friday + 2, "00:00:01", false},
		{"08:00-09:00", friday, "08:59:59", true},
		{"08:00-09:00", friday, "09:00:00", false},
	} {
		at, err := time.Parse(time.TimeOnly, c.at)
		require.NoError(t, err)
		h, err := audit.ParseHours(c.hours)
		require.NoError(t, err)
		s := harmless()
		s.LastUsed = at.AddDate(2026, 10, c.day-1)
		found := judgedBy(t, s, audit.Policy{Off: []audit.Hours{h}}, "unexpected-use")["unexpected-use"]
		assert.Equal(t, c.expected, found.Outcome == audit.Failed, "%s at %s: %s", c.hours, s.LastUsed, found.Message)
	}
}

// TestUseByThePreviousAudit is no use of the bot's: nothing later is known, and nothing
// is said for it.
func TestUseByThePreviousAudit(t *testing.T) {
	t.Parallel()
	h, err := audit.ParseHours("00:00-24:00")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		used time.Duration
		want audit.Outcome
	}{
		"as it began": {0, audit.NotApplicable}, "within its minute": {time.Minute - time.Second, audit.NotApplicable},
		"while it may have waited": {10*time.Minute - time.Second, audit.Undetermined}, "after it": {10 * time.Minute, audit.Failed},
		"before it": {-time.Second, audit.Undetermined}, "between the audits before it": {-20 * time.Hour, audit.Undetermined}, "before them all": {-72 * time.Hour, audit.Failed},
	} {
		first, second, third := tradingKey("bot", "aaaabbbb", 0), tradingKey("bot", "aaaabbbb", 1), tradingKey("bot", "aaaabbbb", 2, func(s *access.Snapshot) {
			s.LastUsed = firstNight.AddDate(0, 0, 1).Add(c.used)
		})
		third.JudgedBy.Off = []audit.Hours{h}
		report := audit.Compare(audit.Compare(onNight(0, first), onNight(1, second), nil), onNight(2, third), nil)
		f := report.Results[0].Finding(audit.RuleUnexpectedUse)
		assert.Equal(t, c.want, f.Outcome, "%s: %s", name, f.Message)
	}
}
