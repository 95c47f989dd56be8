package render

import (
	_ "embed" // the trend's part of the page
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// The trend of the last runs, as pictures without scripts, and as a table.

var (
	//go:embed html/trend.html
	htmlTrendSource string

	htmlTrendTemplate = template.Must(template.New("trend").Parse(htmlTrendSource))
)

// htmlTrend is what the template shows.
type htmlTrend struct {
	Title  string
	Panels []htmlPanel
	Parts  []string // heads of the table
	Rows   []htmlTrendRow
}

// htmlPanel is one number over all runs.
type htmlPanel struct {
	Name, Range, Alt string
	Last             int
	Areas            []htmlArea
}

// htmlArea is the polygon of a part. A part stands on those before it.
type htmlArea struct{ Class, Points string }

// htmlTrendRow is a run in the table.
type htmlTrendRow struct {
	At     string
	Values []int
}

// The size of a picture in its own units.
const htmlTrendWidth, htmlTrendHeight = 1000, 100

// newHTMLTrend is the section about the trend; empty if there are too few runs.
func newHTMLTrend(earlier []Point, r *audit.Report) template.HTML {
	points := inTime(earlier, r)
	if points == nil {
		return ""
	}
	t := htmlTrend{Title: trendTitle(points), Rows: make([]htmlTrendRow, len(points))}
	for i := range points {
		t.Rows[i].At = stamp(points[len(points)-1-i].At)
	}
	for _, s := range trendSeries {
		t.Panels = append(t.Panels, newHTMLPanel(&s, points))
		for _, part := range s.parts {
			name := s.name
			if len(s.parts) > 1 {
				name = "Failed, " + part.name
			}
			t.Parts = append(t.Parts, name)
			for i := range points {
				t.Rows[i].Values = append(t.Rows[i].Values, part.in(&points[len(points)-1-i]))
			}
		}
	}
	var b strings.Builder
	_ = htmlTrendTemplate.Execute(&b, t) // a Builder takes everything
	return template.HTML(b.String())     //nolint:gosec // a template has escaped it
}

func newHTMLPanel(s *series, points []Point) htmlPanel {
	values, most := s.values(points)
	first, last := values[0], values[len(values)-1]
	p := htmlPanel{Name: s.name, Last: last, Range: fmt.Sprintf("first %d, most %d", first, most)}
	p.Alt = fmt.Sprintf("%s: %d in the first of %d runs, %d at most, %d in the last", s.name, first, len(points), most, last)
	below := make([]int, len(points))
	if len(s.parts) > 1 { // colours say nothing to some, and nothing on paper
		var now []string
		for i := range s.parts {
			now = append(now, fmt.Sprintf("%d %s", s.parts[i].in(&points[len(points)-1]), s.parts[i].name))
		}
		p.Range = strings.Join(now, ", above it ") + "; " + p.Range
	}
	for _, part := range s.parts {
		top := make([]int, len(points))
		for i := range points {
			top[i] = below[i] + part.in(&points[i])
		}
		if most > 0 {
			p.Areas = append(p.Areas, htmlArea{part.class, htmlPolygon(points, below, top, most)})
		}
		below = top
	}
	return p
}

// htmlPolygon is the area between two lines of numbers.
func htmlPolygon(points []Point, below, top []int, most int) string {
	begin := points[0].At
	whole := points[len(points)-1].At.Sub(begin)
	var b strings.Builder
	at := func(i, n int) {
		x := htmlTrendWidth * i / (len(points) - 1)
		if whole > 0 {
			x = int(htmlTrendWidth * (points[i].At.Sub(begin) / time.Millisecond) / max(whole/time.Millisecond, 1))
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(x) + "," + strconv.FormatFloat(htmlTrendHeight*(1-float64(n)/float64(most)), 'f', -1, 32))
	}
	for i := range points {
		at(i, top[i])
	}
	for i := len(points) - 1; i >= 0; i-- {
		at(i, below[i])
	}
	return b.String()
}
