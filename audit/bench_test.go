package audit_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

const benchConcurrency = 8

// unlimited is Bybit without a rate, so that the library is what is measured.
func unlimited() *adapter.Exchange {
	exchange := *bybit.Exchange
	exchange.Limit = adapter.Limit{}
	return &exchange
}

func issue(fake *exchangetest.Fake, n int) []adapter.Credentials {
	out := make([]adapter.Credentials, n)
	for i := range out {
		out[i] = fake.Issue(exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: []string{"198.51.100.20"}})
	}
	return out
}

// keysOf gives n keys, going round the credentials.
func keysOf(credentials []adapter.Credentials, n int) iter.Seq[audit.Key] {
	exchange := unlimited()
	return func(yield func(audit.Key) bool) {
		for i := range n {
			key := audit.Key{
				Name: "bot-" + strconv.Itoa(i), Exchange: exchange, Policy: audit.SpotTrading(), Credentials: credentials[i%len(credentials)],
			}
			if !yield(key) {
				return
			}
		}
	}
}

// BenchmarkRun10k compares a Run with what a person would write by hand:
// workers that sign, send and read, and neither guard nor judge.
// The exchange answers at once, in this process, so nothing but work is measured.
func BenchmarkRun10k(b *testing.B) {
	fake := exchangetest.Bybit()
	compareRun(b, fake, fake)
}

// BenchmarkRun10kAway is the same with an exchange that takes 5 ms to answer, as
// one next door would.
func BenchmarkRun10kAway(b *testing.B) {
	fake := exchangetest.Bybit()
	compareRun(b, fake, away{fake})
}

// away is a transport with 5 ms between here and there.
type away struct{ http.RoundTripper }

// RoundTrip sends one request, late.
func (t away) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(5 * time.Millisecond)
	return t.RoundTripper.RoundTrip(r)
}

func compareRun(b *testing.B, fake *exchangetest.Fake, transport http.RoundTripper) {
	b.Helper()
	const n = 10_000
	credentials := issue(fake, n)
	var ours, bare time.Duration
	for b.Loop() {
		start := time.Now()
		good := 0
		for result := range audit.Run(b.Context(), keysOf(credentials, n), &audit.Options{Transport: transport, Concurrency: benchConcurrency}) {
			if result.Inspected() {
				good++
			}
		}
		ours += time.Since(start)
		require.Equal(b, n, good)
		fake.Forget()

		start = time.Now()
		require.NoError(b, byHand(b.Context(), transport, credentials))
		bare += time.Since(start)
		fake.Forget()
	}
	total := float64(n * b.N)
	b.ReportMetric(total/ours.Seconds(), "keys/s")
	b.ReportMetric(total/bare.Seconds(), "bare-keys/s")
	b.ReportMetric(bare.Seconds()/ours.Seconds(), "of-bare-rate")
}

func byHand(ctx context.Context, transport http.RoundTripper, credentials []adapter.Credentials) error {
	jobs, failed := make(chan adapter.Credentials), make(chan error, len(credentials))
	var workers sync.WaitGroup
	for range benchConcurrency {
		workers.Go(func() {
			for c := range jobs {
				if err := askByHand(ctx, transport, c); err != nil {
					failed <- err
				}
			}
		})
	}
	for _, c := range credentials {
		jobs <- c
	}
	close(jobs)
	workers.Wait()
	close(failed)
	return <-failed
}

func askByHand(ctx context.Context, transport http.RoundTripper, c adapter.Credentials) error {
	stamp := strconv.FormatInt(time.Now().UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(c.Secret.Reveal()))
	mac.Write([]byte(stamp + c.Key + "5000"))
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.bybit.com/v5/user/query-api", nil)
	if err != nil {
		return err
	}
	r.Header = http.Header{
		"X-Bapi-Api-Key": {c.Key}, "X-Bapi-Timestamp": {stamp}, "X-Bapi-Recv-Window": {"5000"},
		"X-Bapi-Sign": {hex.EncodeToString(mac.Sum(nil))},
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %d bytes", resp.StatusCode, len(body))
	}
	return err
}

// BenchmarkRunMemory streams keys and looks how much is alive: as much at the
// end as at the beginning.
func BenchmarkRunMemory(b *testing.B) {
	const n, target = 100_000, 64 << 20
	fake := exchangetest.Bybit()
	credentials := issue(fake, 256)
	var early, late uint64
	for b.Loop() {
		taken := 0
		for range audit.Run(b.Context(), keysOf(credentials, n), &audit.Options{Transport: fake, Concurrency: benchConcurrency}) {
			if taken++; taken%1000 != 0 {
				continue
			}
			fake.Forget() // the fake's own memory is not at issue
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if taken <= n/2 {
				early = max(early, m.HeapAlloc)
			} else {
				late = max(late, m.HeapAlloc)
			}
		}
		require.Equal(b, n, taken)
	}
	require.Less(b, max(early, late), uint64(target))
	b.ReportMetric(float64(max(early, late))/(1<<20), "peak-MiB")
	b.ReportMetric(float64(late)/float64(early), "second-half/first-half")
}
