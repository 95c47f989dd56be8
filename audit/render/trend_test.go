package render

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// trendOf is a run a day with so many critical and high failures each.
func trendOf(critical, high []int) (points []Point) {
	for i := range critical {
		points = append(points, Point{now.AddDate(0, 0, i), audit.Summary{
			Keys: 10 + i, NotInspected: i % 2,
			Failed:       map[audit.Severity]int{audit.Critical: critical[i], audit.High: high[i], audit.Low: 99},
			Undetermined: map[audit.Severity]int{audit.High: 3, audit.Medium: 99},
		}})
	}
	return points
}

// last is a report of the last of some runs, and the earlier ones.
func last(points []Point) (*audit.Report, []Point) {
	r := richReport()
	n := len(points) - 1
	r.Started, r.Summary = points[n].At, points[n].Summary
	return r, points[:n]
}

// withTrend is a page with a trend of runs; the summary is that of the last of them.
func withTrend(points []Point) string {
	r, earlier := last(points)
	return string(newHTMLTrend(earlier, r))
}

// TestNoTrend: a report without a trend, or with too little of one, is what it was.
func TestNoTrend(t *testing.T) {
	want := htmlOf(t, richReport(), HTMLOptions{})
	for _, points := range [][]Point{nil, {{}}, {{Summary: audit.Summary{Keys: 3}}}} {
		assert.Equal(t, want, htmlOf(t, richReport(), HTMLOptions{Trend: points}))
		assert.Empty(t, trendRows(points, richReport()))
	}
	assert.Empty(t, trendRows(trendOf([]int{1}, []int{1}), &audit.Report{}), "a report without a time")
}

// TestTrendHTML: the pictures are drawings alone, each has its text, and the table has every
// run, the newest first.
func TestTrendHTML(t *testing.T) {
	r := richReport()
	out := htmlOf(t, r, HTMLOptions{Trend: []Point{{r.Started.AddDate(0, 0, -1), audit.Summary{Keys: 77}}}})
	assert.Contains(t, out, fmt.Sprintf(`aria-label="Keys: 77 in the first of 2 runs, 77 at most, %d in the last"`, len(r.Results)))
	out = withTrend(trendOf([]int{0, 2, 1}, []int{4, 2, 0}))
	part := regexp.MustCompile(`(?s)<section class="trend".*?</section>`).FindString(out)
	require.NotEmpty(t, part)
	assert.Contains(t, part, fmt.Sprintf("Trend over 3 runs, %s to %s", day(now), day(now.AddDate(0, 0, 2))))
	for _, want := range []string{
		`aria-label="Failed, critical or high: 4 in the first of 3 runs, 4 at most, 1 in the last"`,
		`aria-label="Unknown, up to critical or high: 3 in the first of 3 runs, 3 at most, 3 in the last"`,
		`aria-label="Keys not inspected: 0 in the first of 3 runs, 1 at most, 0 in the last"`,
		`aria-label="Keys: 10 in the first of 3 runs, 12 at most, 12 in the last"`,
		`<small>1 critical, above it 0 high; first 4, most 4</small>`, `<small>first 3, most 3</small>`,
		`<polygon class="r-C" points="0,100 500,50 1000,75 1000,100 500,100 0,100"/>`, // the critical ones, and on them the high ones
		`<polygon class="r-H" points="0,0 500,0 1000,75 1000,75 500,50 0,100"/>`,
		`<th scope="col" class="number">Failed, critical</th><th scope="col" class="number">Failed, high</th>`,
	} {
		assert.Contains(t, part, want)
	}
	rows := regexp.MustCompile(`<tr><th scope="row">(\S+) .*?</th>(.*)</tr>`).FindAllStringSubmatch(part, -1)
	require.Len(t, rows, 3)
	assert.Equal(t, day(now.AddDate(0, 0, 2)), rows[0][1])
	assert.Equal(t, `<td class="number">1</td><td class="number">0</td><td class="number">3</td><td class="number">0</td><td class="number">12</td>`, rows[0][2])
	assert.NotRegexp(t, `(?i)<script|style=| on[a-z]+=|href=`, part)
	d := xml.NewDecoder(strings.NewReader(part))
	for {
		if _, err := d.Token(); err != nil {
			require.ErrorIs(t, err, io.EOF)
			break
		}
	}
}

// TestTrendOdd: times that do not move, or go back, and numbers that nobody expects break
// no picture.
func TestTrendOdd(t *testing.T) {
	same := trendOf([]int{1, 2, 3}, []int{0, 0, 0})
	for i := range same {
		same[i].At = now
	}
	back := trendOf([]int{1, 2, 3}, []int{0, 0, 0})
	back[0].At = now.AddDate(0, 0, 9)
	far := trendOf([]int{1, 2}, []int{0, 0})
	far[1].At = now.Add(1<<63 - 1)
	near := trendOf([]int{1, 2}, []int{0, 0})
	near[1].At = now.Add(time.Nanosecond)
	silly := trendOf([]int{-5, 1 << 62, 3}, []int{1, 1 << 62, -9})
	for _, points := range [][]Point{same, back, far, near, silly, trendOf(make([]int, 90), make([]int, 90))} {
		r, earlier := last(points)
		require.NotEmpty(t, trendRows(earlier, r))
		out := withTrend(points)
		for _, p := range regexp.MustCompile(`points="([^"]*)"`).FindAllStringSubmatch(out, -1) {
			last := -1
			pairs := strings.Fields(p[1])
			for i, pair := range pairs {
				var x int
				var y float64
				_, err := fmt.Sscanf(pair, "%d,%g", &x, &y)
				require.NoError(t, err)
				require.True(t, x >= 0 && x <= 1000 && y >= 0 && y <= 100, pair)
				if i < len(pairs)/2 {
					require.GreaterOrEqual(t, x, last)
					last = x
				}
			}
		}
	}
}

// TestTrendMarkdown: the columns say how much, whatever the number of runs, and none is
// empty that has something.
func TestTrendMarkdown(t *testing.T) {
	r, earlier := last(trendOf([]int{0, 7, 1}, []int{0, 0, 0}))
	assert.Contains(t, trendRows(earlier, r), "| | first | most | last | |\n|:--|--:|--:|--:|:--|\n| Failed, critical or high | 0 | 7 | 1 | ▁█▂ |\n| Unknown, up to critical or high | 3 | 3 | 3 | ███ |\n"+
		"| Keys not inspected | 0 | 1 | 0 | ▁█▁ |\n| Keys | 10 | 12 | 12 | ▇██ |\n")
	values := make([]int, 90)
	values[41] = 1
	line := []rune(blocks(values, 1))
	assert.Len(t, line, trendColumns)
	assert.Equal(t, '█', line[41*trendColumns/90])
	assert.Equal(t, strings.Repeat("▁", 3), blocks([]int{0, 0, 0}, 0))
	var buf bytes.Buffer
	require.NoError(t, Markdown(&buf, richReport(), MarkdownOptions{Trend: earlier}))
	assert.Contains(t, buf.String(), "\n### Trend over 3 runs, ")
	buf.Reset()
	require.NoError(t, Markdown(&buf, richReport(), MarkdownOptions{Limit: 4 << 10, Trend: earlier}))
	assert.LessOrEqual(t, buf.Len(), 4<<10)
	assert.Contains(t, buf.String(), "Omitted: the trend")
}
