package store

import (
	"bytes"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// manyKeys are results of any number of keys in one run. In each run one key in fifty
// differs from what it was in the first.
func manyKeys(from []*audit.Result, n, night int) iter.Seq[*audit.Result] {
	return func(yield func(*audit.Result) bool) {
		order := rand.New(rand.NewPCG(uint64(night), 5))
		at := noon.AddDate(0, 0, night)
		step := 7919
		start := order.IntN(n)
		for j := range n {
			i := (start + j*step) % n
			r := *from[i%len(from)]
			s := *r.Snapshot
			vary := rand.New(rand.NewPCG(uint64(i), 9))
			r.Name, r.Record.Source.Line = fmt.Sprintf("bot-%07d", i), i+2
			s.TakenAt, s.KeyID, s.Fingerprint = at, fmt.Sprintf("k%03d…%04d", vary.IntN(1000), vary.IntN(10000)), fmt.Sprintf("%016x", vary.Uint64())
			s.Account.ID = fmt.Sprintf("%04d…%04d", i/4%10000, i/40000)
			s.Label = fmt.Sprint("grid ", i)
			s.IPAllowlist = access.NewIPAllowlist([]string{fmt.Sprintf("8.8.%d.%d", vary.IntN(256), vary.IntN(256))})
			if night > 0 && (i+night)%50 == 0 {
				s.IPAllowlist = access.NewIPAllowlist(nil)
			}
			if len(s.Siblings) > 3 {
				s.Siblings = s.Siblings[:3]
			}
			s.Siblings = slices.Clone(s.Siblings)
			for k, sibling := range s.Siblings {
				own := *sibling
				own.TakenAt = at
				if own.Fingerprint != "" {
					own.Fingerprint = fmt.Sprintf("%016x", rand.New(rand.NewPCG(uint64(i-i%4+(i+k+1)%4), 9)).Uint64())
				}
				s.Siblings[k] = &own
			}
			r.Snapshot, r.Findings = &s, nil
			if !yield(&r) {
				return
			}
		}
	}
}

// BenchmarkRuns is a fleet of BENCH_KEYS keys, 20,000 if unset, in BENCH_RUNS runs, 3 if
// unset: a first one, and later ones in which one key in fifty has changed. What takes
// place in each is said of the first, the second and the last.
func BenchmarkRuns(b *testing.B) {
	n, nights := number("BENCH_KEYS", 20_000), number("BENCH_RUNS", 3)
	from := samples(b, 20)
	s := newStore(b)
	b.ReportMetric(peakMiB(), "before-MiB")
	size := int64(0)
	for night := range nights {
		head := headAt(noon.AddDate(0, 0, night))
		_, err := s.Begin(b.Context(), head, false)
		require.NoError(b, err)
		put := time.Now()
		for r := range manyKeys(from, n, night) {
			require.NoError(b, s.Put(b.Context(), r))
		}
		require.NoError(b, s.Flush(b.Context()))
		putting, compare, changed := time.Since(put), time.Now(), 0
		_, err = finish(b.Context(), s, head, func(r *audit.Result) {
			if r.Changed() {
				changed++
			}
		})
		require.NoError(b, err)
		info, err := os.Stat(s.path)
		require.NoError(b, err)
		if night < 2 || night == nights-1 {
			b.ReportMetric(float64(n)/putting.Seconds(), fmt.Sprintf("put%d/s", night))
			b.ReportMetric(float64(n)/time.Since(compare).Seconds(), fmt.Sprintf("compare%d/s", night))
			b.ReportMetric(float64(changed), fmt.Sprintf("changed%d", night))
			b.ReportMetric(float64(info.Size()-size)/float64(n), fmt.Sprintf("B/key%d", night))
		}
		size = info.Size()
	}
	at := time.Now()
	for i := range asked {
		_, err := s.History(b.Context(), fmt.Sprintf("bot-%07d", i*(n/asked)))
		require.NoError(b, err)
	}
	b.ReportMetric(time.Since(at).Seconds()*1000/asked, "ms/history")
	at = time.Now()
	_, err := s.Verify(b.Context(), "")
	require.NoError(b, err)
	b.ReportMetric(float64(nights*n)/time.Since(at).Seconds(), "verified/s")
	b.ReportMetric(peakMiB(), "peak-MiB")
}

const asked = 20 // histories

// BenchmarkLines is the same as JSON Lines, held in memory for the comparison, as it was
// before there was a state.
func BenchmarkLines(b *testing.B) {
	n := number("BENCH_KEYS", 20_000)
	from := samples(b, 20)
	b.ReportMetric(peakMiB(), "before-MiB")
	var last *audit.Report
	for night := range 2 {
		var file bytes.Buffer
		written := headAt(noon.AddDate(0, 0, night))
		for r := range manyKeys(from, n, night) {
			written.Results = append(written.Results, r.Rejudge(r.JudgedBy, written.Started, nil))
		}
		at := time.Now()
		lines := render.NewJSONLines(&file)
		require.NoError(b, lines.Start(written))
		for _, r := range written.Results {
			require.NoError(b, lines.Result(r))
		}
		require.NoError(b, lines.End(written))
		b.ReportMetric(float64(n)/time.Since(at).Seconds(), fmt.Sprintf("put%d/s", night))
		b.ReportMetric(float64(file.Len())/float64(n), "B/key")
		at = time.Now()
		report, err := render.ReadReport(&file)
		require.NoError(b, err)
		audit.Compare(last, report, nil)
		b.ReportMetric(float64(n)/time.Since(at).Seconds(), fmt.Sprintf("compare%d/s", night))
		last = report
	}
	b.ReportMetric(peakMiB(), "peak-MiB")
}

func number(name string, usual int) int {
	if n, _ := strconv.Atoi(os.Getenv(name)); n > 0 {
		return n
	}
	return usual
}

// peakMiB is the most memory that the process had, as far as the system says.
func peakMiB() float64 {
	text, _ := os.ReadFile("/proc/self/status")
	var kib float64
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kib); err == nil {
			return kib / 1024
		}
	}
	return 0
}
