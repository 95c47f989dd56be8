package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Hours is a time of the day, in UTC, on some days of the week: "22:00-06:00",
// "Sat,Sun 00:00-24:00". One that ends before it begins ends on the next day.
type Hours struct {
	Days     []time.Weekday // on which it begins; every day if empty
	From, To time.Duration  // since midnight
}

var errHours = errors.New(`write hours as 22:00-06:00 or Sat,Sun 00:00-24:00, in UTC`)

// ParseHours reads what String writes.
func ParseHours(text string) (Hours, error) {
	var h Hours
	days, times, both := strings.Cut(strings.TrimSpace(text), " ")
	if !both {
		days, times = "", days
	}
	for name := range strings.SplitSeq(days, ",") {
		day, known := weekday(name)
		if days != "" && !known {
			return Hours{}, errHours
		}
		if days != "" && !slices.Contains(h.Days, day) {
			h.Days = append(h.Days, day)
		}
	}
	from, to, both := strings.Cut(strings.TrimSpace(times), "-")
	var ok [2]bool
	h.From, ok[0] = timeOfDay(from)
	h.To, ok[1] = timeOfDay(to)
	if !both || !ok[0] || !ok[1] || h.From == h.To || h.From == day {
		return Hours{}, errHours
	}
	return h, nil
}

// weekday reads the first three letters of a day's name, or all of it.
func weekday(name string) (time.Weekday, bool) {
	name = strings.ToLower(name)
	for d := time.Sunday; d <= time.Saturday; d++ {
		if whole := strings.ToLower(d.String()); name == whole || name == whole[:3] {
			return d, true
		}
	}
	return 0, false
}

// timeOfDay reads 06:00 and, as the end of a day, 24:00.
func timeOfDay(text string) (time.Duration, bool) {
	if text == "24:00" {
		return day, true
	}
	at, err := time.Parse("15:04", text)
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, err == nil
}

// String writes the hours as a policy has them.
func (h Hours) String() string {
	clock := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60) }
	days := make([]string, len(h.Days))
	for i, d := range h.Days {
		days[i] = d.String()[:min(3, len(d.String()))]
	}
	return strings.TrimSpace(strings.Join(days, ",") + " " + clock(h.From) + "-" + clock(h.To))
}

// MarshalText is String.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is ParseHours.
func (h *Hours) UnmarshalText(text []byte) (err error) {
	*h, err = ParseHours(string(text))
	return err
}

// contain reports whether a time is one of them.
func (h Hours) contain(at time.Time) bool {
	at = at.UTC()
	since := at.Sub(at.Truncate(day))
	begins := func(d time.Weekday) bool { return len(h.Days) == 0 || slices.Contains(h.Days, d) }
	if h.From < h.To {
		return begins(at.Weekday()) && since >= h.From && since < h.To
	}
	return (begins(at.Weekday()) && since >= h.From) || (begins(at.Add(-day).Weekday()) && since < h.To)
}
