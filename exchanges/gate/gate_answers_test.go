package gate_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/gate"
)

// answering is a key for which the two calls have these answers.
func answering(detail, keys string) exchangetest.Spec {
	return exchangetest.Spec{Answer: []byte(keys), Faults: []exchangetest.Fault{{Reply: &exchangetest.Reply{Body: detail}}}}
}

const anyDetail = `{"user_id":1,"ip_whitelist":["198.51.100.20"]}`

// TestTwoLists: if the two calls disagree about the IP allowlist, the wider one counts.
func TestTwoLists(t *testing.T) {
	for _, c := range []struct {
		detail, keys string
		want         access.AllowlistState
		disputed     bool
	}{
		{`["198.51.100.20"]`, `["198.51.100.20"]`, access.AllowlistRestricted, false},
		{`["198.51.100.20"]`, `[]`, access.AllowlistUnrestricted, true},
		{`["198.51.100.20"]`, `["198.51.100.21"]`, access.AllowlistRestricted, true},
		{`["198.51.100.20"]`, `["somewhere"]`, access.AllowlistUnknown, true},
		{`["198.51.100.20"]`, `null`, access.AllowlistUnknown, false}, // the other may be wider
		{`[]`, `["198.51.100.20"]`, access.AllowlistUnrestricted, true},
		{`null`, `["198.51.100.20"]`, access.AllowlistUnknown, false},
		{`null`, `[]`, access.AllowlistUnrestricted, false},
		{`[]`, `null`, access.AllowlistUnrestricted, false},
		{`null`, `null`, access.AllowlistUnknown, false},
		{`["198.51.100.20","198.51.100.21"]`, `["198.51.100.21","198.51.100.20"]`, access.AllowlistRestricted, false},
	} {
		s := inspect(t, answering(`{"user_id":1,"ip_whitelist":`+c.detail+`}`, `[{"key":"{key}","perms":[{"name":"spot"}],"ip_whitelist":`+c.keys+`}]`))
		assert.Equal(t, c.want, s.IPAllowlist.State, "%s and %s", c.detail, c.keys)
		assert.Equal(t, c.disputed, len(s.Contradictions) == 1, "%s and %s", c.detail, c.keys)
	}
}

// TestNoPermissions: a list without entries is incomplete, and the answer proves the
// right to read.
func TestNoPermissions(t *testing.T) {
	for _, perms := range []string{`[]`, `null`, `[{"name":"7"}]`, `[{}]`} {
		s := inspect(t, answering(anyDetail, `[{"key":"{key}","perms":`+perms+`}]`))
		assert.True(t, s.Can(access.Read), perms)
		assert.Equal(t, access.Unknown, s.Grant(access.TradeSpot).State, perms)
	}
}

// TestShortestPrefix: eight characters recognise a key, and fewer may be any.
func TestShortestPrefix(t *testing.T) {
	for mask, want := range map[string]access.State{"zzzzzzzz****": access.Granted, "zzzzzzz*****": access.Unknown, "****": access.Unknown} {
		s := inspect(t, answering(anyDetail, `[{"key":"{key}","perms":[{"name":"spot"}]},{"key":"`+mask+`","perms":[{"name":"futures"}]}]`))
		assert.Equal(t, want, s.Grant(access.TradeSpot).State, mask)
		if assert.Len(t, s.Siblings, 1, mask) {
			assert.Equal(t, want == access.Granted, s.Siblings[0].KeyID != "", mask)
		}
	}
}

// TestNeverUsed: a last use of a small number is none.
func TestNeverUsed(t *testing.T) {
	for at, reported := range map[string]bool{"0": false, "946771200": false, "946771201": true, "null": false} {
		s := inspect(t, answering(anyDetail, `[{"key":"{key}","perms":[{"name":"spot"}],"last_access":`+at+`}]`))
		assert.Equal(t, reported, !s.LastUsed.IsZero(), at)
	}
}

// TestPairs: an entry of nothing but spaces is no pair.
func TestPairs(t *testing.T) {
	s := inspect(t, answering(`{"user_id":1,"currency_pairs":[" ","BTC_USDT",""]}`, `[{"key":"{key}"}]`))
	assert.Equal(t, []string{"BTC_USDT"}, s.PairAllowlist.Pairs)
}

// TestNotUnderstood: an answer without its account, or with a member of another type than
// documented, is none, and a list without a key is no list.
func TestNotUnderstood(t *testing.T) {
	own := `[{"key":"{key}","perms":[{"name":"spot"}]}]`
	for _, c := range [][2]string{
		{`{}`, own},
		{`{"user_id":null}`, own},
		{`{"user_id":{}}`, own},
		{`[]`, own},
		{`ok`, own},
		{`{"user_id":1,"ip_whitelist":"198.51.100.20"}`, own},
		{`{"user_id":1,"currency_pairs":true}`, own},
		{anyDetail, `[]`},
		{anyDetail, `ok`},
		{anyDetail, `[{"key":"{key}","perms":"spot"}]`},
		{anyDetail, `[{"key":"{key}","created_at":"soon"}]`},
		{anyDetail, `[{"key":"{key}","ip_whitelist":true}]`},
		{anyDetail, `[{"key":"{key}","last_access":"soon"}]`},
	} {
		_, err := exchangetest.TryInspect(t, gate.Exchange, exchangetest.Gate(), answering(c[0], c[1]))
		require.ErrorIs(t, err, access.KindNotUnderstood, "%s and %s", c[0], c[1])
	}
}

// TestLabel: a label makes an answer a refusal, whatever the status.
func TestLabel(t *testing.T) {
	_, err := exchangetest.TryInspect(t, gate.Exchange, exchangetest.Gate(), answering(`{"label":"INVALID_KEY","user_id":1}`, `[]`))
	require.ErrorIs(t, err, access.KindBadKey)
	for _, status := range []int{400, 500} { // nor does its absence make a refusal an answer
		spec := exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: &exchangetest.Reply{Status: status, Body: anyDetail}}}}
		_, err := exchangetest.TryInspect(t, gate.Exchange, exchangetest.Gate(), spec)
		require.Error(t, err, status)
	}
}

// TestServerTime: if the answer that refused the timestamp has no date, the audit
// asks for the exchange's time, and no answer to that is taken for one.
func TestServerTime(t *testing.T) {
	for body, works := range map[string]bool{
		"": true, `{}`: false, `ok`: false, `{"server_time":"soon"}`: false, `{"label":"TOO_BUSY"}`: false, dropped: false,
	} {
		fake := exchangetest.Gate()
		fake.SetClock(func() time.Time { return time.Now().Add(-time.Hour) })
		key := audit.Key{Exchange: gate.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
		_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: undated{fake, body}, Attempts: 1})
		if works {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, access.KindClockSkew, body)
	}
}

const dropped = "the connection breaks"

// undated removes the Date header from every answer, and may answer with another time.
type undated struct {
	http.RoundTripper
	time string
}

func (u undated) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := u.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if r.URL.Path == "/api/v4/spot/time" && u.time == dropped {
		return nil, io.ErrUnexpectedEOF
	}
	if r.URL.Path == "/api/v4/spot/time" && u.time != "" {
		resp = reply(resp, u.time)
	}
	resp.Header.Del("Date")
	return resp, nil
}

func reply(to *http.Response, body string) *http.Response {
	to.Body, to.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return to
}
