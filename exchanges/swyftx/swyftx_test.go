package swyftx_test

import (
	"cmp"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/swyftx"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, swyftx.Exchange, exchangetest.Swyftx) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, swyftx.Exchange, exchangetest.Swyftx) }

func inspect(t *testing.T, spec exchangetest.Spec, id string) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, swyftx.Exchange, exchangetest.Swyftx(), spec, func(key *audit.Key) {
		key.Credentials.Key = cmp.Or(id, key.Credentials.Key)
	})
}

// TestBoth: a scope is off if both calls say so, and on if one does.
func TestBoth(t *testing.T) {
	t.Parallel()
	const on = `{"app.account.read":{"state":1},"app.orders.delete":{"state":0},"app.funds.withdraw":{"state":1}}`
	const off = `{"app.account.read":{"state":1},"app.orders.delete":{"state":0},"app.funds.withdraw":{"state":0}}`
	for _, test := range []struct {
		scopes, listed string
		want           access.State
		contradicts    bool
	}{
		{off, "app.account.read", access.Denied, false},
		{off, "app.account.read app.funds.withdraw", access.Granted, false},
		{off, "app.account.read,app.funds.withdraw", access.Granted, false},
		{on, "app.account.read", access.Granted, true},
		{on, "app.account.read app.funds.withdraw", access.Granted, false},
		{off, "", access.Unknown, false},
		{off, "read trade", access.Unknown, false},
		{off, "app.orders.delete app.*", access.Unknown, false},
		{off, "app.orders.delete app.funds.*", access.Unknown, false},
		{off, "app.orders.delete app.funds", access.Unknown, false},
		{off, "app.orders.delete+app.funds.withdraw", access.Unknown, false},
		{off, "app.orders.delete/app.funds.withdraw", access.Unknown, false},
		{on, "", access.Granted, false},
		{`{"app.funds.withdraw":{"state":2},"app.x":{"state":0}}`, "app.account.read", access.Unknown, false},
		{`{"app.money.send":{"state":0}}`, "app.account.read", access.Unknown, false},
	} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(test.scopes), Options: map[string]string{"scope": test.listed}}, "")
		assert.Equal(t, test.want, s.Grant(access.Withdraw).State, test)
		assert.Equal(t, test.contradicts, len(s.Contradictions) > 0, test)
		assert.NotEqual(t, access.Denied, s.Grant(access.TradeSpot).State, "no scope that places orders was reported")
	}
}

// TestNotListed: without the identifier, or the list, no scope is known to be off.
func TestNotListed(t *testing.T) {
	t.Parallel()
	held := exchangetest.Spec{Permissions: []string{"app.orders.create"}}
	for name, s := range map[string]*access.Snapshot{
		"other identifier":       inspect(t, held, "another"),
		"refused":                inspect(t, exchangetest.Spec{Permissions: held.Permissions, Options: map[string]string{"list": "scope missing"}}, ""),
		"refused, in more words": inspect(t, exchangetest.Spec{Permissions: held.Permissions, Options: map[string]string{"list": "scope of keys missing"}}, ""),
	} {
		assert.True(t, s.Can(access.TradeSpot), name)
		assert.True(t, s.Can(access.Read), name)
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, name)
		assert.Len(t, s.Notes, 1, name)
	}
}

// TestFamilies: the beginning of a scope shows what it is for.
func TestFamilies(t *testing.T) {
	t.Parallel()
	for scope, want := range map[string]access.Capability{
		"app.recurring-orders.create": access.TradeSpot, "app.address.add": access.WithdrawAddresses, "app.api.revoke": access.APIKeyManage,
		"app.address.read": access.Read, "app.orders.update": access.TradeSpot,
	} {
		s := inspect(t, exchangetest.Spec{Permissions: []string{scope}}, "")
		assert.True(t, s.Can(want), scope)
		assert.Empty(t, s.Unmapped, scope)
		assert.Equal(t, access.Denied, s.Grant(access.Withdraw).State, scope)
	}
}

// TestToken: the token is as powerful as the key, and is never printed.
func TestToken(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Swyftx()
	key := audit.Key{Exchange: swyftx.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
	echoing := &echo{RoundTripper: fake}
	_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: echoing, Attempts: 1})
	require.ErrorIs(t, err, access.KindForbidden)
	require.NotEmpty(t, echoing.token)
	assert.Empty(t, exchangetest.FindCanaries(err.Error(), []string{echoing.token}))
}

// echo refuses tokens, with a message that repeats them.
type echo struct {
	http.RoundTripper
	token string
}

func (e *echo) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := e.RoundTripper.RoundTrip(req)
	if token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); ok && err == nil {
		e.token, resp.StatusCode, resp.ContentLength = token, http.StatusForbidden, -1
		resp.Body = io.NopCloser(strings.NewReader(`{"error":{"error":"Forbidden","message":"no scope for ` + token + `"}}`))
	}
	return resp, err
}
