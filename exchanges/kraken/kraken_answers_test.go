package kraken_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/kraken"
)

// TestOnlySuccess: what looks like an answer counts with the status of one and with
// both members of the envelope.
func TestOnlySuccess(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
	}{
		{201, `{"error":[],"result":{"permissions":[]}}`},
		{206, `{"error":[],"result":{"permissions":[]}}`},
		{400, `{"error":[],"result":{"permissions":[]}}`},
		{200, `{"error":[]}`},
		{200, `{"error":[],"result":null}`},
		{200, `{"error":[],"result":[]}`},
		{200, `{"error":null,"result":{"permissions":[]}}`},
		{200, `{"error":"","result":{"permissions":[]}}`},
	} {
		reply := exchangetest.Reply{Status: c.status, Body: c.body}
		failure := refused(t, exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: &reply}}})
		assert.Equal(t, access.KindNotUnderstood, failure.Kind, "%d %s", c.status, c.body)
	}
}

// TestWrongTypes: a member of another type than documented could say anything, so the
// answer is none.
func TestWrongTypes(t *testing.T) {
	for _, member := range []string{
		`"apiKeyName":[]`, `"iban":{}`, `"permissions":"none"`, `"ipAllowlist":""`, `"createdTime":"soon"`, `"modifiedTime":true`,
		`"validUntil":"never"`, `"lastUsed":[]`, `"nonceWindow":{}`, `"queryFrom":"ever"`, `"nonce":true`, `"apiKey":{}`,
	} {
		failure := refused(t, exchangetest.Spec{Answer: []byte(`{"error":[],"result":{` + member + `}}`)})
		assert.Equal(t, access.KindNotUnderstood, failure.Kind, member)
	}
}

// TestLongWait: an end that is a day away is none that the exchange gives.
func TestLongWait(t *testing.T) {
	for wait, want := range map[time.Duration]time.Duration{24*time.Hour - time.Second: 24*time.Hour - time.Second, 24 * time.Hour: 0} {
		reply := exchangetest.Reply{Body: `{"error":["EService:Throttled: ` + strconv.FormatInt(noon.Add(wait).Unix(), 10) + `"]}`}
		failure := refused(t, exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: &reply}}})
		assert.Equal(t, want, failure.RetryAfter, wait)
	}
}

// noTime answers the question for the time without it.
type noTime struct{ *exchangetest.Fake }

func (c noTime) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/Time") {
		return c.Fake.RoundTrip(r)
	}
	return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"error":[],"result":{}}`))}, nil
}

// TestNoTime: without the exchange's time the answer is none, and the key is not used.
func TestNoTime(t *testing.T) {
	fake := exchangetest.Kraken()
	key := audit.Key{Exchange: kraken.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
	_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: noTime{fake}, Attempts: 1})
	require.Error(t, err)
	assert.Empty(t, fake.Requests())
}
