package record

import (
	"cmp"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// clock puts made-up times in place of an owner's. What is before another stays before it,
// and what is past stays past; how long ago is another number for each. What is the audit's
// own time stays as far from it as it was.
//
// First it only listens to the times that there are; settle then makes up the others.
type clock struct {
	random   *rand.Rand
	from, to time.Time // the exchange's time of the audit, and what stands for it
	heard    map[int64]time.Duration
	made     map[int64]time.Time
	Changed  int
}

// anotherNow is the time of every recorded case: so late that hardly a made-up date is by
// chance one of the owner's, and before nonces of 32 bits end.
var anotherNow = time.Date(2036, time.June, 1, 12, 0, 0, 0, time.UTC)

func newClock(seed [32]byte, from time.Time) *clock {
	seed[0]++ // not the numbers that words are made of
	return &clock{random: rand.New(rand.NewChaCha8(seed)), from: from, to: anotherNow, heard: map[int64]time.Duration{}}
}

// own is how far from the audit a time may be to be its own.
const own = 5 * time.Minute

// at gives the time in place of another.
func (c *clock) at(t time.Time) time.Time {
	distance := t.Sub(c.from)
	if distance.Abs() <= own {
		return c.to.Add(distance)
	}
	if c.made == nil {
		c.heard[t.UnixNano()] = distance
		return c.to.Add(distance)
	}
	if as, ok := c.made[t.UnixNano()]; ok {
		return as
	}
	return c.to.Add(distance) // it was heard, for everything is read twice
}

// settle makes up all times that were heard.
func (c *clock) settle() {
	c.made, c.Changed = map[int64]time.Time{}, len(c.heard)
	for _, past := range []bool{true, false} {
		var times []int64
		var distances []time.Duration
		for t, d := range c.heard {
			if d < 0 == past {
				times = append(times, t)
			}
		}
		slices.Sort(times)
		for _, t := range times {
			d := time.Duration(float64(c.heard[t].Abs()) * (0.55 + 0.8*c.random.Float64()))
			distances = append(distances, max(d, own+time.Second))
		}
		slices.Sort(distances)
		if past {
			slices.Reverse(distances)
		}
		for i, t := range times {
			d := distances[i]
			if past {
				d = -d
			}
			c.made[t] = c.like(time.Unix(0, t), c.to.Add(d), past)
		}
	}
}

// like rounds a made-up time as the original is: to days, seconds or parts of them.
func (c *clock) like(original, made time.Time, past bool) time.Time {
	const day = 24 * time.Hour
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if original.Truncate(unit).Equal(original) {
			made = made.Truncate(unit)
			break
		}
	}
	if original.Minute() == 0 && original.Second() == 0 { // midnight, somewhere
		made = original.Add(made.Sub(original).Round(day))
		for made.Before(c.to) != past {
			if past {
				made = made.Add(-day)
			} else {
				made = made.Add(day)
			}
		}
	}
	return made
}

// timeForm is what may be a time in a text.
const timeForm = `[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z| ?[-+][0-9]{2}:?[0-9]{2}\b)?)?|` +
	`[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT`

var timeParts = regexp.MustCompile(`^([0-9]{4})([-/])[0-9]{2}[-/][0-9]{2}(?:([T ])[0-9]{2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)?( ?)(Z|[-+][0-9]{2}:[0-9]{2}|[-+][0-9]{4})?)?$`)

// layoutOf is how a time is written; empty if the text is none.
func layoutOf(text string) string {
	if strings.HasSuffix(text, " GMT") {
		return "Mon, 02 Jan 2006 15:04:05 GMT"
	}
	m := timeParts.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	layout := "2006" + m[2] + "01" + m[2] + "02"
	if m[3] == "" {
		return layout
	}
	layout += m[3] + "15:04"
	if m[4] != "" {
		layout += ":05"
	}
	if n := len(m[5]); n > 0 {
		layout += "." + strings.Repeat("0", n-1)
	}
	zone := map[int]string{0: "", 1: "Z", 5: "-0700", 6: "-07:00"}[len(m[7])]
	return layout + m[6] + zone
}

// text replaces a time in a text.
func (c *clock) text(text string) (string, bool) {
	layout := layoutOf(text)
	if layout == "" {
		return "", false
	}
	t, err := time.Parse(layout, text)
	if err != nil {
		return "", false
	}
	if !plausible(t) {
		return text, never(t)
	}
	return c.at(t).In(t.Location()).Format(layout), true
}

// never reports whether a time stands for none: the first or last day that there is.
func never(t time.Time) bool {
	year, month, day := t.Date()
	first := (year == 1970 || year == 1) && t.Hour() == 0 && t.Minute() == 0
	return month == time.January && day == 1 && (first || year >= 2100) || month == time.December && day == 31 && year >= 2099
}

func plausible(t time.Time) bool { return t.Year() >= 2009 && t.Year() < 2100 }

// units are what times are counted in, by the digits of their whole numbers.
var units = map[int]time.Duration{10: time.Second, 13: time.Millisecond, 16: time.Microsecond, 19: time.Nanosecond}

// number replaces a number of seconds or parts of them since 1970.
func (c *clock) number(text string) (string, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	unit := units[len(whole)]
	n, err := strconv.ParseInt(whole, 10, 64)
	if unit == 0 || err != nil {
		return "", false
	}
	t := time.Unix(0, 0).Add(time.Duration(n) * unit).UTC()
	if unit == time.Second {
		t = time.Unix(n, 0).UTC()
	}
	if !plausible(t) || never(t) {
		return "", false
	}
	const nano = 9
	if len(fraction) > nano {
		return "", false
	}
	if fraction != "" {
		part, err := strconv.ParseInt(fraction+strings.Repeat("0", nano-len(fraction)), 10, 64)
		if err != nil || unit != time.Second {
			return "", false
		}
		t = t.Add(time.Duration(part))
	}
	made := c.at(t)
	as := strconv.FormatInt(made.UnixNano()/int64(unit), 10)
	if fraction != "" {
		as += "." + cmp.Or(nanos(made)[:len(fraction)], fraction)
	}
	return as, true
}

// nanos are the nine digits after the second.
func nanos(t time.Time) string { return strconv.Itoa(1_000_000_000 + t.Nanosecond())[1:] }
