package audit_test

import (
	"iter"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// TestOrderOfKeysCostsNoTime: a fleet whose inventory lists one exchange after the
// other takes as long as its slowest exchange, like the same keys in turn. So a
// caller need not mix its keys.
func TestOrderOfKeysCostsNoTime(t *testing.T) {
	t.Parallel()
	const exchanges, keysEach = 8, 300 // at one request per second, 300 s per exchange
	var grouped, inTurn []audit.Key
	for e := range exchanges {
		exchange := toyExchange(func(x *adapter.Exchange) {
			x.Name, x.Limit = "toy"+strconv.Itoa(e), adapter.Limit{Requests: 1, Per: time.Second}
		})
		grouped = slices.AppendSeq(grouped, fleet(exchange, keysEach, func(k *audit.Key) { k.Name = exchange.Name + k.Name }))
	}
	for i := range grouped {
		inTurn = append(inTurn, grouped[i%exchanges*keysEach+i/exchanges])
	}
	duration := func(keys iter.Seq[audit.Key]) (took time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			began, inspected := time.Now(), 0
			for result := range audit.Run(t.Context(), keys, &audit.Options{Transport: &toyFake{delay: 10 * time.Millisecond}}) {
				if result.Inspected() {
					inspected++
				}
			}
			took = time.Since(began)
			assert.Equal(t, exchanges*keysEach, inspected)
		})
		return took
	}
	slowest := keysEach * time.Second
	assert.InDelta(t, slowest, duration(slices.Values(inTurn)), float64(2*time.Second))
	assert.InDelta(t, slowest, duration(slices.Values(grouped)), float64(2*time.Second))
}
