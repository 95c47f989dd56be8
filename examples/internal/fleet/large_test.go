//go:build unix

package fleet

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// BenchmarkFleet is a run over a large fleet at all exchanges by three worker processes, in
// which workers and the server are killed and workers are paused, at random moments:
//
//	FLEET_KEYS=20000 FLEET_KILLS=20 go test ./internal/fleet -run '^$' -bench Fleet -benchtime 1x
//
// Fakes are many accounts, each with an egress of its own, so that the exchanges' pace is not
// what is measured. FLEET_SEED draws the same moments again. With FLEET_KILLS=0 nothing happens,
// and the rate is compared with that of one process over the same keys.
func BenchmarkFleet(b *testing.B) {
	n, kills, seed := number("FLEET_KEYS", 2000), number("FLEET_KILLS", 2), number("FLEET_SEED", int(rand.Int32()))
	for b.Loop() {
		b.Logf("FLEET_SEED=%d", seed)
		f := newFirm(b, map[string]string{"a": "tokyo", "b": "tokyo", "c": "london"})
		p := f.processes(f.giveLarge(n))
		r := f.run(20 * time.Minute)
		r.Lease, p.run = 9*time.Second, r // a request may take a third of it, and the fakes are busy
		began := time.Now()
		require.NoError(b, r.Connect(b.Context()))
		done, accidents := 0, p.accidents(n, kills, rand.New(rand.NewPCG(uint64(seed), 0)))
		got := f.gathered(r, func(Answer) {
			done++
			for _, happen := range accidents[done] {
				happen()
			}
		})
		took := time.Since(began)
		r.Close()
		inspected := 0
		for key, a := range got {
			if assert.NotNil(b, a.Snapshot, "%s: %s%s", key, a.Refused, a.Missing) && assert.Nil(b, a.Snapshot.Failure, "%s: %v", key, a.Snapshot.Failure) {
				inspected++
			}
			assert.True(b, strings.HasPrefix(key, a.Worker+"-"), key)
		}
		assert.Equal(b, n, inspected)
		assert.Empty(b, f.asking.overlaps, &f.log)
		assert.Len(b, f.asking.asked, n)
		assert.LessOrEqual(b, f.asking.again(), p.inFlight, "asked about twice: those that were in flight, and no others")
		b.ReportMetric(float64(n)/took.Seconds(), "keys/s")
		b.ReportMetric(float64(total(f.asking.requests)), "requests")
		b.ReportMetric(float64(f.asking.again()), "again")
		b.ReportMetric(float64(p.inFlight), "in-flight")
		if kills == 0 { // and the same keys by one process
			began = time.Now()
			alone := child(b, "alone", slices.Collect(maps.Values(p.hosts)))
			_ = alone.Wait()
			assert.Zero(b, alone.ProcessState.ExitCode(), "a key was not inspected")
			b.ReportMetric(time.Since(began).Seconds()/took.Seconds(), "of-one-process")
		}
	}
}

// number is what the environment says, or what is usual.
func number(variable string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	return usual
}

func total(of map[string]int) (n int) {
	for _, each := range of {
		n += each
	}
	return n
}

// giveLarge spreads keys over the workers, all exchanges, and twenty accounts at each.
func (f *firm) giveLarge(n int) map[string]*childHost {
	const accounts = 20
	hosts := map[string]*childHost{}
	sets := map[string][][]*exchangetest.Fake{}
	names := []string{"a", "b", "c"}
	for _, worker := range names {
		hosts[worker] = &childHost{Worker: f.workers[worker]}
		for i := range accounts {
			fakes := exchangetest.All()
			for _, fake := range fakes {
				fake.SetCaller(caller)
				fake.SetAccount(i)
			}
			sets[worker] = append(sets[worker], fakes)
			hosts[worker].Fakes = append(hosts[worker].Fakes, f.asking.serve(f.t, worker, fakes))
		}
	}
	for i := range n {
		worker := names[i%3]
		account := i / 3 % accounts
		fakes := sets[worker][account]
		f.fakes = fakes[i/3/accounts%len(fakes):][:1]
		f.give(worker, 1)
		k := &f.keys[worker][len(f.keys[worker])-1]
		k.Egress = fmt.Sprintf("exit-%d", account)
		hosts[worker].Keys = append(hosts[worker].Keys, newChildKey(*k, account))
	}
	return hosts
}
