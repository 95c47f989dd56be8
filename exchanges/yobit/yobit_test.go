package yobit_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/yobit"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, yobit.Exchange, exchangetest.YoBit) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, yobit.Exchange, exchangetest.YoBit) }

// TestNonce: a nonce that would make the key unusable is never sent, and after one
// that is too low the audit doesn't try again.
func TestNonce(t *testing.T) {
	noon := time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)
	ask := func(spec exchangetest.Spec, policy adapter.NoncePolicy) (*exchangetest.Fake, error) {
		fake := exchangetest.YoBit()
		fake.SetClock(func() time.Time { return noon })
		key := audit.Key{Exchange: yobit.Exchange, Credentials: fake.Issue(spec), Nonce: policy}
		opts := &audit.Options{Transport: fake, Clock: func() time.Time { return noon }, Attempts: 3}
		_, err := audit.Inspect(context.Background(), key, opts)
		return fake, err
	}
	fake, err := ask(exchangetest.Spec{}, adapter.NoncePolicy{Unit: time.Millisecond})
	require.ErrorIs(t, err, access.KindInput)
	for _, r := range fake.Requests() {
		assert.NotEqual(t, "/tapi", r.Path)
	}
	busy := exchangetest.Spec{Options: map[string]string{"nonce": strconv.FormatInt(noon.Add(time.Hour).Unix(), 10)}}
	fake, err = ask(busy, adapter.NoncePolicy{})
	require.ErrorIs(t, err, access.KindNonce)
	assert.Len(t, fake.Requests(), 3, "the exchange's time, the rights, and once more with a larger nonce")
}
