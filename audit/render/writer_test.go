package render

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// formats are all formats as Writers, each with the function that writes a whole report.
var formats = []struct {
	name  string
	open  func(w io.Writer, temp string) Writer
	whole func(io.Writer, *audit.Report) error
}{
	{
		"text", func(w io.Writer, _ string) Writer { return NewText(w, TextOptions{ByOwner: true}) },
		func(w io.Writer, r *audit.Report) error { return Text(w, r, TextOptions{ByOwner: true}) },
	},
	{
		"all", func(w io.Writer, _ string) Writer { return NewText(w, TextOptions{All: true}) },
		func(w io.Writer, r *audit.Report) error { return Text(w, r, TextOptions{All: true}) },
	},
	{
		"changes", func(w io.Writer, _ string) Writer { return NewText(w, TextOptions{Changes: true}) },
		func(w io.Writer, r *audit.Report) error { return Text(w, r, TextOptions{Changes: true}) },
	},
	{
		"markdown", func(w io.Writer, _ string) Writer { return NewMarkdown(w, MarkdownOptions{}) },
		func(w io.Writer, r *audit.Report) error { return Markdown(w, r, MarkdownOptions{}) },
	},
	{
		"summary", func(w io.Writer, _ string) Writer { return NewMarkdown(w, MarkdownOptions{Summary: true}) },
		func(w io.Writer, r *audit.Report) error { return Markdown(w, r, MarkdownOptions{Summary: true}) },
	},
	{"json", func(w io.Writer, _ string) Writer { return NewJSON(w) }, JSON},
	{
		"jsonl", func(w io.Writer, _ string) Writer { return NewJSONLines(w) },
		func(w io.Writer, r *audit.Report) error { return NewJSONLines(w).Report(r) },
	},
	{
		"csv", func(w io.Writer, temp string) Writer { return NewCSV(w, CSVOptions{BOM: true, Temp: temp}) },
		func(w io.Writer, r *audit.Report) error { return CSV(w, r, CSVOptions{BOM: true}) },
	},
	{
		"sarif", func(w io.Writer, temp string) Writer { return NewSARIF(w, SARIFOptions{Limit: 700, Temp: temp}) },
		func(w io.Writer, r *audit.Report) error { return SARIF(w, r, SARIFOptions{Limit: 700}) },
	},
	{"junit", func(w io.Writer, temp string) Writer { return NewJUnit(w, JUnitOptions{Temp: temp}) }, JUnit},
	{
		"ocsf", func(w io.Writer, _ string) Writer { return NewOCSF(w, OCSFOptions{}) },
		func(w io.Writer, r *audit.Report) error { return OCSF(w, r, OCSFOptions{}) },
	},
	{
		"compliance", func(w io.Writer, _ string) Writer { return NewOCSF(w, OCSFOptions{Class: Compliance}) },
		func(w io.Writer, r *audit.Report) error { return OCSF(w, r, OCSFOptions{Class: Compliance}) },
	},
	{
		"prometheus", func(w io.Writer, temp string) Writer {
			return NewPrometheus(w, PrometheusOptions{PerKey: true, Temp: temp})
		},
		func(w io.Writer, r *audit.Report) error { return Prometheus(w, r, PrometheusOptions{PerKey: true}) },
	},
	{
		"html", func(w io.Writer, _ string) Writer { return NewHTML(w, HTMLOptions{}) },
		func(w io.Writer, r *audit.Report) error { return HTML(w, r, HTMLOptions{}) },
	},
}

// made are n results in the order of reports, each made when its turn comes, of every
// state and with the findings of all rules. Some names are used twice.
func made(n int) iter.Seq[*audit.Result] {
	kinds := bigFleet(6).Results
	return func(yield func(*audit.Result) bool) {
		random := rand.New(rand.NewPCG(uint64(n), 1)) // the same in every run
		for i := range n {
			r := *kinds[random.IntN(len(kinds))]
			s := *r.Snapshot
			s.KeyID = fmt.Sprintf("%04x…%04x", random.IntN(1<<16), random.IntN(1<<16))
			s.Grants = slices.Clone(s.Grants)
			r.Snapshot, r.Name = &s, fmt.Sprintf("bot-%07d", i-i%50/49) // two of 50 have one name
			r.Record.Owner = fmt.Sprintf("desk %d", random.IntN(30))
			r.Findings = slices.Clone(r.Findings)
			for j := range r.Findings {
				f := &r.Findings[j]
				f.Message = fmt.Sprintf("%s (%d)", f.Message, random.IntN(1000))
				f.New = open(*f) && random.IntN(20) == 0
			}
			if random.IntN(20) == 0 {
				r.Resolved = []string{"label", "key-age"}
			}
			if !yield(&r) {
				return
			}
		}
	}
}

// around is what a report has besides its results.
func around(s audit.Summary) (before, after *audit.Report) {
	r := richReport()
	before = &audit.Report{Schema: r.Schema, Version: r.Version, Started: r.Started, Finished: r.Finished, Baseline: r.Baseline}
	last := *before
	last.Findings, last.Summary = r.Findings, s
	return before, &last
}

// TestStreamedIsWhole: a report is the same whether its results come one by one or are
// all there.
func TestStreamedIsWhole(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 21, 130, 2000} {
		results := slices.Collect(made(n))
		slices.SortStableFunc(results, func(a, b *audit.Result) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Exchange, b.Exchange),
				strings.Compare(a.Snapshot.Environment, b.Snapshot.Environment), strings.Compare(a.Snapshot.KeyID, b.Snapshot.KeyID))
		})
		var summary audit.Summary
		for _, r := range results {
			summary.Add(r)
		}
		before, after := around(summary)
		all := *after
		all.Results = results
		for _, f := range formats {
			var streamed, whole bytes.Buffer
			w := f.open(&streamed, t.TempDir())
			require.NoError(t, w.Start(before))
			for _, r := range results {
				require.NoError(t, w.Result(r))
			}
			require.NoError(t, w.End(after))
			require.NoError(t, f.whole(&whole, &all))
			if !bytes.Equal(whole.Bytes(), streamed.Bytes()) {
				t.Errorf("%s of %d keys differs", f.name, n)
			}
		}
	}
}

// TestMemoryDoesNotGrow: however many the keys are, all formats together hold little.
// The page holds the keys that it shows.
func TestMemoryDoesNotGrow(t *testing.T) { holdsLittle(t, 20_000) }

func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		holdsLittle(b, 200_000)
	}
}

func holdsLittle(tb testing.TB, keys int) {
	tb.Helper()
	var writers []Writer
	before, after := around(audit.Summary{})
	temp := tb.TempDir()
	for _, f := range formats {
		if f.name != "html" {
			w := f.open(io.Discard, temp)
			require.NoError(tb, w.Start(before))
			writers = append(writers, w)
		}
	}
	var most, start uint64
	sample := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	start = sample()
	n := 0
	for r := range made(keys) {
		after.Summary.Add(r)
		for _, w := range writers {
			require.NoError(tb, w.Result(r))
		}
		if n++; n%10_000 == 0 {
			most = max(most, sample())
		}
	}
	for _, w := range writers {
		require.NoError(tb, w.End(after))
		most = max(most, sample())
	}
	tb.Logf("%d keys: %d MiB", keys, (most-start)>>20)
	assert.Less(tb, (most-min(start, most))>>20, uint64(64))
	left, err := os.ReadDir(temp)
	require.NoError(tb, err)
	assert.Empty(tb, left, "temporary files")
}

// TestKeysBeyondTheWorst: what people read names the worst keys and counts the others,
// none of which is worse.
func TestKeysBeyondTheWorst(t *testing.T) {
	t.Parallel()
	r := &audit.Report{Started: now, Finished: now}
	for i := range htmlMostCards + 10 {
		key := cleanKey(fmt.Sprintf("bot-%05d", i))
		if i%10 == 0 {
			key = judged(key.Name, finding("key-age", audit.Failed, audit.Low, access.Reported, "too old", ""))
		}
		if i == 9990 {
			key = judged("the last but worst", finding("withdrawal", audit.Failed, audit.Critical, access.Reported, "can withdraw", ""))
		}
		key.Record.Owner = []string{"a", "b"}[i%2]
		r.Results = append(r.Results, key)
	}
	r.Recount()
	text := textOf(t, r, TextOptions{})
	assert.Contains(t, text, "the last but worst")
	assert.Contains(t, text, "✓ 9009 clean")
	var shown, more int
	_, rest, _ := strings.Cut(text, "\nand ")
	_, err := fmt.Sscanf(rest, "%d more: %d LOW", &more, new(int))
	require.NoError(t, err)
	shown = strings.Count(text, "LOW  ")
	assert.Equal(t, 1000, shown+more, "each LOW key is shown or counted")

	all := textOf(t, r, TextOptions{All: true})
	assert.Contains(t, all, "and 9010 more keys that are no worse; the CSV report has them all")
	assert.Equal(t, mostKeys-1, strings.Count(all, "LOW  "))
	owners := textOf(t, r, TextOptions{ByOwner: true})
	assert.Contains(t, owners, "a: 5005 keys, 1 CRITICAL, 1000 LOW, 4004 clean")
	assert.Contains(t, markdownOf(t, r, MarkdownOptions{}), "And 9010 more keys that are no worse (1 LOW, 9009 clean); the CSV report has them all.")

	page := htmlOf(t, r, HTMLOptions{})
	assert.Equal(t, htmlMostCards, strings.Count(page, `<noscript class="card">`))
	assert.Contains(t, page, "These are the worst 10000 of 10010 keys. The others are no worse (10 clean); the CSV report has them all.")
	assert.Contains(t, page, `viewBox="0 0 10010 1"`)
}

// TestWriterOrder: a step out of its turn is an error, and the first error is the last word.
func TestWriterOrder(t *testing.T) {
	t.Parallel()
	for _, f := range formats {
		if f.name == "jsonl" { // may begin without Start
			continue
		}
		w := f.open(io.Discard, t.TempDir())
		require.ErrorIs(t, w.Result(cleanKey("a")), errWriterOrder, f.name)
		require.ErrorIs(t, w.Start(&audit.Report{}), errWriterOrder, f.name)

		w = f.open(io.Discard, t.TempDir())
		require.NoError(t, w.Start(&audit.Report{}), f.name)
		require.ErrorIs(t, w.Result(nil), errNoResult, f.name)
		require.ErrorIs(t, w.End(&audit.Report{}), errNoResult, f.name)
	}
}

// TestWriterThrowsAway: what a report that failed has kept is gone.
func TestWriterThrowsAway(t *testing.T) {
	t.Parallel()
	w := NewCSV(brokenWriter{}, CSVOptions{Temp: t.TempDir()})
	before, after := around(audit.Summary{})
	require.NoError(t, w.Start(before))
	rows := &w.(*checking).Writer.(*csvWriter).rows
	for r := range made(5000) {
		require.NoError(t, w.Result(r))
	}
	require.NotNil(t, rows.file, "it was too much for memory")
	require.ErrorIs(t, w.End(after), io.ErrShortWrite)
	assert.Nil(t, rows.file)
	assert.Nil(t, rows.records)
}
