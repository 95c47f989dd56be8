package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// Point is what one run found, for the trend of a report.
type Point struct {
	At      time.Time
	Summary audit.Summary
}

// series is one number over all runs.
type series struct {
	name  string
	parts []seriesPart // that add up to it
}

// seriesPart is a part of a series. Its class is its colour in HTML.
type seriesPart struct {
	class, name string
	of          func(*audit.Summary) int
}

// trendSeries are what a trend shows.
var trendSeries = []series{
	{"Failed, critical or high", []seriesPart{
		{"C", "critical", func(s *audit.Summary) int { return s.Failed[audit.Critical] }},
		{"H", "high", func(s *audit.Summary) int { return s.Failed[audit.High] }},
	}},
	{"Unknown, up to critical or high", []seriesPart{
		{"u", "unknown", func(s *audit.Summary) int { return s.Undetermined[audit.Critical] + s.Undetermined[audit.High] }},
	}},
	{"Keys not inspected", []seriesPart{{"m", "not inspected", func(s *audit.Summary) int { return s.NotInspected }}}},
	{"Keys", []seriesPart{{"k", "keys", func(s *audit.Summary) int { return s.Keys }}}},
}

// in is the number of a part in one run. A summary may come from elsewhere: what no run
// can have found does not break a picture.
func (p *seriesPart) in(at *Point) int { return min(max(p.of(&at.Summary), 0), 1e7) }

func (s *series) of(p *Point) (n int) {
	for i := range s.parts {
		n += s.parts[i].in(p)
	}
	return n
}

// values are the numbers of a series, and the largest.
func (s *series) values(points []Point) (all []int, most int) {
	all = make([]int, len(points))
	for i := range points {
		all[i] = s.of(&points[i])
		most = max(most, all[i])
	}
	return all, most
}

// inTime are the points in the order of time, with that of the report; none if they are
// too few to show a trend.
func inTime(earlier []Point, r *audit.Report) []Point {
	points := append(slices.Clone(earlier), Point{r.Started, r.Summary})
	points = slices.DeleteFunc(points, func(p Point) bool { return p.At.IsZero() })
	if len(points) < 2 {
		return nil
	}
	slices.SortStableFunc(points, func(a, b Point) int { return a.At.Compare(b.At) })
	return points
}

// trendTitle says which runs a trend is of.
func trendTitle(points []Point) string {
	return fmt.Sprintf("Trend over %d runs, %s to %s", len(points), day(points[0].At), day(points[len(points)-1].At))
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// trendBlocks are the columns of a trend in text, from nothing to the most.
var trendBlocks = []rune("▁▂▃▄▅▆▇█")

const trendColumns = 30 // at most

// blocks is a series as a line of columns. Of several runs in one column, the largest
// number counts.
func blocks(values []int, most int) string {
	var b strings.Builder
	columns := min(len(values), trendColumns)
	most = max(most, 1)
	for i := range columns {
		n := slices.Max(values[i*len(values)/columns : (i+1)*len(values)/columns])
		b.WriteRune(trendBlocks[(n*(len(trendBlocks)-1)+most-1)/most]) // rounded up: the least shows
	}
	return b.String()
}

// trendRows are a trend as a table; empty if there are too few runs.
func trendRows(earlier []Point, r *audit.Report) string {
	points := inTime(earlier, r)
	if points == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n| | first | most | last | |\n|:--|--:|--:|--:|:--|\n", trendTitle(points))
	for _, s := range trendSeries {
		values, most := s.values(points)
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %s |\n", s.name, values[0], most, values[len(values)-1], blocks(values, most))
	}
	return b.String()
}
