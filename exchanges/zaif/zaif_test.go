package zaif_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/zaif"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, zaif.Exchange, exchangetest.Zaif) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, zaif.Exchange, exchangetest.Zaif) }

var now = time.Date(2026, time.June, 1, 12, 0, 0, 123_456_780, time.UTC)

func ask(options map[string]string, permissions ...string) (*access.Snapshot, *exchangetest.Fake, error) {
	fake := exchangetest.Zaif()
	fake.SetClock(func() time.Time { return now })
	key := audit.Key{Exchange: zaif.Exchange, Credentials: fake.Issue(exchangetest.Spec{Options: options, Permissions: permissions})}
	s, err := audit.Inspect(context.Background(), key, &audit.Options{
		Transport: fake, Clock: func() time.Time { return now }, Attempts: 3,
	})
	return s, fake, err
}

// TestNonce: the decimals keep the audit ahead of a client that called in the same
// second, and the audit uses no larger unit.
func TestNonce(t *testing.T) { // alone: inspections of one key at a time share its nonces
	seconds := strconv.FormatInt(now.Unix(), 10)
	_, _, err := ask(map[string]string{"nonce": seconds + ".12"})
	require.NoError(t, err)
	_, fake, err := ask(map[string]string{"nonce": seconds + ".13"})
	require.ErrorIs(t, err, access.KindNonce)
	assert.Len(t, fake.Requests(), 3, "the exchange's time, the rights, and once more with a larger nonce")
	_, _, err = ask(map[string]string{"nonce": strconv.FormatInt(now.UnixMilli(), 10)})
	require.ErrorIs(t, err, access.KindNonce)
}

// TestSecondAttempt: an audit begins with the second before, and one that sends a
// second request within a second uses this one as far as it has gone.
func TestSecondAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := exchangetest.Zaif()
		fake.SetClock(func() time.Time { return now })
		recorded := &recorder{RoundTripper: fake}
		key := audit.Key{Exchange: zaif.Exchange, Credentials: fake.Issue(exchangetest.Spec{
			Faults: []exchangetest.Fault{{Failure: "maintenance"}},
		})}
		_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: recorded, Clock: func() time.Time { return now }, Attempts: 2})
		require.NoError(t, err)
		seconds := now.Unix()
		assert.Equal(t, []string{
			fmt.Sprintf("method=get_info2&nonce=%d.00000000", seconds-1), fmt.Sprintf("method=get_info2&nonce=%d.12345678", seconds),
		}, recorded.bodies)
	})
}

// recorder keeps the bodies that are sent.
type recorder struct {
	http.RoundTripper
	bodies []string
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.GetBody != nil {
		if body, err := request.GetBody(); err == nil {
			text, _ := io.ReadAll(body) // of a string in memory
			r.bodies = append(r.bodies, string(text))
		}
	}
	return r.RoundTripper.RoundTrip(request)
}

// TestSpellings: rights are numbers or booleans, and an older answer lacks one,
// which is then unknown.
func TestSpellings(t *testing.T) {
	s, _, err := ask(map[string]string{"flags": "bool"}, "withdraw")
	require.NoError(t, err)
	assert.True(t, s.Can(access.Withdraw))
	assert.Equal(t, access.Denied, s.Grant(access.TradeSpot).State)
	assert.Equal(t, access.Denied, s.Grant(access.Other("personal-data")).State)

	s, _, err = ask(map[string]string{"edition": "old"})
	require.NoError(t, err)
	assert.Equal(t, access.Unknown, s.Grant(access.Other("personal-data")).State)
}
