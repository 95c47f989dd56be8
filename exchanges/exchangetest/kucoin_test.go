package exchangetest

import (
	"io"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestKuCoinClients: the fake accepts what clients send, and refuses with the
// documented code what the exchange no longer accepts.
func TestKuCoinClients(t *testing.T) {
	t.Parallel()
	vector := kucoinVectors[3]
	for _, c := range []struct {
		name   string
		header map[string]string
		late   time.Duration
		code   string
	}{
		{name: "the exchange's own client", code: "200000"},
		{name: "a client of version 2", header: map[string]string{"KC-API-KEY-VERSION": "2"}, code: "200000"},
		{name: "partner headers", header: map[string]string{"KC-API-PARTNER": "p", "KC-API-PARTNER-SIGN": "s"}, code: "200000"},
		{name: "version 1", header: map[string]string{"KC-API-KEY-VERSION": "1"}, code: "400009"},
		{name: "no version", header: map[string]string{"KC-API-KEY-VERSION": ""}, code: "400009"},
		{name: "plain passphrase", header: map[string]string{"KC-API-PASSPHRASE": "kucoin-pass"}, code: "400004"},
		{name: "no passphrase", header: map[string]string{"KC-API-PASSPHRASE": ""}, code: "400001"},
		{name: "no signature", header: map[string]string{"KC-API-SIGN": ""}, code: "400001"},
		{name: "another signature", header: map[string]string{"KC-API-SIGN": vector.Header["KC-API-PASSPHRASE"]}, code: "400005"},
		{name: "no number", header: map[string]string{"KC-API-TIMESTAMP": "now"}, code: "400002"},
		{name: "5 s late", late: 5 * time.Second, code: "200000"},
		{name: "more than 5 s late", late: 5001 * time.Millisecond, code: "400002"},
		{name: "more than 5 s early", late: -5001 * time.Millisecond, code: "400002"},
		{name: "another key", header: map[string]string{"KC-API-KEY": "000000000000000000000000"}, code: "400003"},
	} {
		fake := KuCoin()
		fake.keys[vector.Key] = &Issued{ID: vector.Key, Secret: vector.Secret, Passphrase: vector.Passphrase}
		fake.SetClock(func() time.Time { return vector.Time.Add(c.late) })
		header := maps.Clone(vector.Header)
		maps.Copy(header, c.header)
		assert.Contains(t, answerTo(t, fake, vector.URL, header), `"code":"`+c.code+`"`, c.name)
	}
}

// TestKuCoinMask: as in the documentation.
func TestKuCoinMask(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "203.**.154", kucoinMask("203.0.113.154"))
	assert.Equal(t, "2001:**:1", kucoinMask("2001:db8::1"))
}

// answerTo is the body of a fake's answer to one request.
func answerTo(t *testing.T, fake *Fake, url string, header map[string]string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := fake.RoundTrip(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}
