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

// withTime answers the question for the time in other words.
type withTime struct {
	*exchangetest.Fake
	answer string
}

func (c withTime) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/Time") {
		return c.Fake.RoundTrip(r)
	}
	return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(c.answer))}, nil
}

// TestNoTime: without the exchange's time the answer is none, and the key is not used. What
// says when to ask again is kept.
func TestNoTime(t *testing.T) {
	for answer, want := range map[string]access.Kind{
		`{"error":[],"result":{}}`:                access.KindUnavailable,
		`{"error":[],"result":{"unixtime":null}}`: access.KindUnavailable,
		`{"error":["EAPI:Rate limit exceeded"]}`:  access.KindRateLimited,
		`<html>`:                                  access.KindUnavailable,
	} {
		fake := exchangetest.Kraken()
		key := audit.Key{Exchange: kraken.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
		_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: withTime{fake, answer}, Attempts: 1})
		var failure *access.Error
		require.ErrorAs(t, err, &failure, answer)
		assert.Equal(t, want, failure.Kind, answer)
		assert.Empty(t, fake.Requests(), answer)
	}
}

// TestNoJSON: what is no answer of the exchange says so.
func TestNoJSON(t *testing.T) {
	failure := refused(t, exchangetest.Spec{Answer: []byte(`{"error":[],"result":`)})
	assert.Equal(t, access.KindNotUnderstood, failure.Kind)
	assert.Contains(t, failure.Message, "JSON")
}
