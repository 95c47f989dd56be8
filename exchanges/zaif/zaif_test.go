package zaif_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/zaif"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, zaif.Exchange, exchangetest.Zaif) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, zaif.Exchange, exchangetest.Zaif) }

var now = time.Date(2026, time.June, 1, 12, 0, 0, 123_456_780, time.UTC)

func ask(options map[string]string, permissions ...string) (*audit.Snapshot, *exchangetest.Venue, error) {
	venue := exchangetest.Zaif()
	venue.SetClock(func() time.Time { return now })
	key := audit.Key{Exchange: zaif.Exchange, Credentials: venue.Issue(exchangetest.Spec{Options: options, Permissions: permissions})}
	s, err := audit.Inspect(context.Background(), key, &audit.Options{
		Transport: venue, Clock: func() time.Time { return now }, Attempts: 3,
	})
	return s, venue, err
}

// TestNonce: the decimals keep the audit ahead of a client that called in the
// same second, and no larger unit is tried.
func TestNonce(t *testing.T) {
	t.Parallel()
	seconds := strconv.FormatInt(now.Unix(), 10)
	_, _, err := ask(map[string]string{"nonce": seconds + ".12"})
	require.NoError(t, err)
	_, venue, err := ask(map[string]string{"nonce": seconds + ".13"})
	require.ErrorIs(t, err, audit.KindNonce)
	assert.Len(t, venue.Requests(), 2, "the venue's clock, and the rights once")
	_, _, err = ask(map[string]string{"nonce": strconv.FormatInt(now.UnixMilli(), 10)})
	require.ErrorIs(t, err, audit.KindNonce)
}

// TestSpellings: rights come as numbers or as booleans, and an older answer
// has one less, of which nothing is known then.
func TestSpellings(t *testing.T) {
	t.Parallel()
	s, _, err := ask(map[string]string{"flags": "bool"}, "withdraw")
	require.NoError(t, err)
	assert.True(t, s.Can(audit.Withdraw))
	assert.Equal(t, audit.Denied, s.Grant(audit.TradeSpot).State)
	assert.Equal(t, audit.Denied, s.Grant(audit.Other("personal-data")).State)

	s, _, err = ask(map[string]string{"edition": "old"})
	require.NoError(t, err)
	assert.Equal(t, audit.Unknown, s.Grant(audit.Other("personal-data")).State)
}
