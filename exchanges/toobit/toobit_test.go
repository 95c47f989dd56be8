package toobit_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/toobit"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, toobit.Exchange, exchangetest.Toobit) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, toobit.Exchange, exchangetest.Toobit) }

// TestKinds: a kind that nobody knows is shown as it is, and is neither. What
// the key may do stays unknown.
func TestKinds(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]access.AccountKind{
		"master": access.MainAccount, "spot": access.SubAccount, "contract": access.SubAccount, "MASTER": access.AccountUnknown, "broker": access.AccountUnknown,
	} {
		fake := exchangetest.Toobit()
		key := audit.Key{Exchange: toobit.Exchange, Credentials: fake.Issue(exchangetest.Spec{Options: map[string]string{"type": kind}})}
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
		require.NoError(t, err, kind)
		assert.Equal(t, want, s.Account.Kind, kind)
		assert.Equal(t, []access.Fact{{Name: "accountType", Value: kind}}, s.Facts)
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State)
	}
}

// TestServerTime: when the answer that refused the timestamp has no date, the
// exchange's clock is asked for.
func TestServerTime(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Toobit()
	fake.SetClock(func() time.Time { return time.Now().Add(-time.Hour) })
	key := audit.Key{Exchange: toobit.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
	_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: undated{fake}})
	require.NoError(t, err)
	assert.Len(t, fake.Requests(), 3)
}

// undated takes the Date header off every answer.
type undated struct{ http.RoundTripper }

func (u undated) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := u.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Header.Del("Date")
	}
	return resp, err
}
