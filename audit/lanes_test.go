package audit_test

import (
	"iter"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// hanging answers nothing until the request's time is over.
var hanging = via(func(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
})

func after(first, second iter.Seq[audit.Key]) iter.Seq[audit.Key] {
	return func(yield func(audit.Key) bool) {
		for _, keys := range []iter.Seq[audit.Key]{first, second} {
			for key := range keys {
				if !yield(key) {
					return
				}
			}
		}
	}
}

// TestAHangDelaysItsOwnKeysOnly: an exchange that hangs, or one egress that does,
// delays its own keys and no other's, although they come before the others.
func TestAHangDelaysItsOwnKeysOnly(t *testing.T) {
	slow, quick := toyExchange(func(e *adapter.Exchange) { e.Name = "slow" }), toyExchange()
	for name, hangs := range map[string]iter.Seq[audit.Key]{
		"another exchange": fleet(slow, 1000, func(k *audit.Key) { k.Name = "slow " + k.Name; k.Transport = hanging }),
		"another egress": fleet(quick, 1000, func(k *audit.Key) {
			k.Name, k.Egress, k.Transport = "slow "+k.Name, "far away", hanging
			k.Credentials.Key = "slow" + k.Credentials.Key
		}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				served, missed := 0, 0
				options := &audit.Options{Transport: &toyFake{delay: 10 * time.Millisecond}, Timeout: 30 * time.Second, Attempts: 1}
				for result := range audit.Run(t.Context(), after(hangs, fleet(quick, 1000)), options) {
					if result.Inspected() {
						served++
						assert.Less(t, time.Since(start), 10*time.Second)
					} else {
						missed++
						assert.Equal(t, access.KindCanceled, result.Snapshot.Failure.Kind, result.Snapshot.Failure.Error())
					}
				}
				assert.Equal(t, []int{1000, 1000}, []int{served, missed})
			})
		})
	}
}

// TestConcurrencyIsPerExchangeAndEgress: each lane has its own workers, and not more than it should.
func TestConcurrencyIsPerExchangeAndEgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := map[string]int{}, map[string]int{}
		counting := func(lane string) http.RoundTripper {
			return via(func(*http.Request) (*http.Response, error) {
				mu.Lock()
				now[lane]++
				most[lane] = max(most[lane], now[lane])
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				now[lane]--
				mu.Unlock()
				return reply(http.StatusOK, "ok"), nil
			})
		}
		in := func(egress string) iter.Seq[audit.Key] {
			return fleet(toyExchange(), 50, func(k *audit.Key) {
				k.Egress, k.Transport = egress, counting(egress)
				k.Credentials.Key += egress
			})
		}
		// Keys of one exchange value are in one lane for each egress.
		exchange := toyExchange()
		same := func(keys iter.Seq[audit.Key]) iter.Seq[audit.Key] {
			return func(yield func(audit.Key) bool) {
				for key := range keys {
					key.Exchange = exchange
					if !yield(key) {
						return
					}
				}
			}
		}
		results := 0
		for result := range audit.Run(t.Context(), same(after(in("tokyo"), in("paris"))), &audit.Options{Concurrency: 3}) {
			require.NotNil(t, result.Snapshot)
			assert.NotEmpty(t, result.Snapshot.Egress)
			results++
		}
		assert.Equal(t, 100, results)
		assert.Equal(t, map[string]int{"tokyo": 3, "paris": 3}, most)
	})
}

// TestABanIsForOneEgress: a ban holds for the IP address that was banned, and not for
// another one.
func TestABanIsForOneEgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exchange := toyExchange()
		asked := 0
		banned := via(func(*http.Request) (*http.Response, error) {
			asked++
			return reply(http.StatusTeapot, "banned"), nil
		})
		keys := after(
			fleet(exchange, 100, func(k *audit.Key) { k.Name, k.Egress, k.Transport = "a "+k.Name, "a", banned; k.Credentials.Key += "a" }),
			fleet(exchange, 100, func(k *audit.Key) { k.Name, k.Egress, k.Transport = "b "+k.Name, "b", &toyFake{} }),
		)
		inspected := map[string]int{}
		for result := range audit.Run(t.Context(), keys, &audit.Options{Concurrency: 1}) {
			if result.Inspected() {
				inspected[result.Snapshot.Egress]++
			}
		}
		assert.Equal(t, map[string]int{"b": 100}, inspected)
		assert.Equal(t, 1, asked, "after the ban nothing is sent from there")
	})
}

// TestEgressByNameAlone: a name alone is no other IP address: without a transport of its
// own, a key is held to the pace and the bans of all that go out directly.
func TestEgressByNameAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		banned := via(func(*http.Request) (*http.Response, error) {
			asked++
			return reply(http.StatusTeapot, "banned"), nil
		})
		exchange := limited(1, time.Second)
		keys := fleet(exchange, 4, func(k *audit.Key) { k.Egress = k.Name })
		for result := range audit.Run(t.Context(), keys, &audit.Options{Transport: banned}) {
			assert.Equal(t, access.KindBanned, result.Snapshot.Failure.Kind)
		}
		assert.Equal(t, 1, asked)
	})
}
