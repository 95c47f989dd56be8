package store

import (
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

// BenchmarkRuns is a fleet of BENCH_KEYS keys, 20,000 if unset: a first run, and later
// ones in which one key in fifty has changed.
func BenchmarkRuns(b *testing.B) {
	n, _ := strconv.Atoi(os.Getenv("BENCH_KEYS"))
	if n == 0 {
		n = 20_000
	}
	from := samples(b, 20)
	s := newStore(b)
	var sizes [3]int64
	b.ReportMetric(peakMiB(), "before-MiB")
	for night := range 3 {
		head := headAt(noon.AddDate(0, 0, night))
		_, err := s.Begin(b.Context(), head, false)
		require.NoError(b, err)
		at := time.Now()
		for r := range manyKeys(from, n, night) {
			require.NoError(b, s.Put(b.Context(), r))
		}
		require.NoError(b, s.Flush(b.Context()))
		b.ReportMetric(float64(n)/time.Since(at).Seconds(), fmt.Sprintf("put%d/s", night))
		at = time.Now()
		changed := 0
		_, err = finish(b.Context(), s, head, func(r *audit.Result) {
			if r.Changed() {
				changed++
			}
		})
		require.NoError(b, err)
		b.ReportMetric(float64(n)/time.Since(at).Seconds(), fmt.Sprintf("compare%d/s", night))
		b.ReportMetric(float64(changed), fmt.Sprintf("changed%d", night))
		info, err := os.Stat(s.path)
		require.NoError(b, err)
		sizes[night] = info.Size()
	}
	at := time.Now()
	_, err := s.Verify(b.Context(), "")
	require.NoError(b, err)
	b.ReportMetric(float64(3*n)/time.Since(at).Seconds(), "verified/s")
	b.ReportMetric(float64(sizes[0])/float64(n), "B/key-first")
	b.ReportMetric(float64(sizes[2]-sizes[1])/float64(n), "B/key-later")
	b.ReportMetric(peakMiB(), "peak-MiB")
	if os.Getenv("BENCH_TABLES") != "" {
		err := each(b.Context(), s.reader, func(scan func(...any) error) error {
			var name string
			var size int
			err := scan(&name, &size)
			b.Log(name, float64(size)/float64(n))
			return err
		}, "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC")
		b.Log(err)
	}
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
