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

// TestKinds: an unknown kind of account is passed on as a fact, and is neither main
// nor sub-account. What the key may do stays unknown.
func TestKinds(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]access.AccountKind{
		"master": access.MainAccount, "spot": access.SubAccount, "contract": access.SubAccount, "MASTER": access.AccountUnknown, "broker": access.AccountUnknown,
	} {
		s := exchangetest.Inspect(t, toobit.Exchange, exchangetest.Toobit(), exchangetest.Spec{Options: map[string]string{"type": kind}})
		assert.Equal(t, want, s.Account.Kind, kind)
		assert.Equal(t, []access.Fact{{Name: "accountType", Value: kind}}, s.Facts)
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State)
	}
}

// TestServerTime: if the answer that refused the timestamp has no date, the audit
// asks for the exchange's time.
func TestServerTime(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Toobit()
	fake.SetClock(func() time.Time { return time.Now().Add(-time.Hour) })
	key := audit.Key{Exchange: toobit.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
	_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: undated{fake}})
	require.NoError(t, err)
	assert.Len(t, fake.Requests(), 3)
}

// undated removes the Date header from every answer.
type undated struct{ http.RoundTripper }

func (u undated) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := u.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Header.Del("Date")
	}
	return resp, err
}
