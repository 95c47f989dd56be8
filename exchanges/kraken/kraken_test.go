package kraken_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/kraken"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, kraken.Exchange, exchangetest.Kraken) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, kraken.Exchange, exchangetest.Kraken) }

var noon = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

// ask inspects a key of that spec at noon.
func ask(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) *access.Snapshot {
	t.Helper()
	fake := exchangetest.Kraken()
	fake.SetClock(func() time.Time { return noon })
	return exchangetest.Inspect(t, kraken.Exchange, fake, spec, change...)
}

// refused is the failure of a key of that spec at noon.
func refused(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) *access.Error {
	t.Helper()
	fake := exchangetest.Kraken()
	fake.SetClock(func() time.Time { return noon })
	_, err := exchangetest.TryInspect(t, kraken.Exchange, fake, spec, change...)
	var failure *access.Error
	require.ErrorAs(t, err, &failure)
	return failure
}

func TestSpellings(t *testing.T) {
	specs := []exchangetest.Spec{
		{Permissions: []string{"query-funds"}, Options: map[string]string{"queryFrom": "1700000000", "nonceWindow": "15"}},
		{
			Permissions: []string{"modify-trades"}, Label: "bot", IPs: []string{"198.51.100.20"}, LastUsed: noon.Add(-time.Hour),
			Created: noon.Add(-2 * time.Hour), Changed: noon.Add(-time.Hour), Expires: noon.Add(time.Hour), Options: map[string]string{},
		},
	}
	for _, spec := range specs {
		camel := ask(t, spec)
		spec.Options["spelling"] = "snake"
		snake := ask(t, spec)
		assert.Equal(t, camel, snake)
	}
}

func TestSecondFactor(t *testing.T) {
	for _, otp := range []string{"123456", "static p&ss=word+"} {
		spec := exchangetest.Spec{OTP: otp}
		ask(t, spec)
		failure := refused(t, spec, func(k *audit.Key) { k.Credentials.OTP = adapter.Secret{} })
		assert.Equal(t, []access.Kind{access.KindBadSignature, access.KindSecondFactor}, failure.Candidates)
	}
}

// TestNonce: after a client that counts microseconds, milliseconds are too low. The
// audit says so, and changes the unit only if the owner does.
func TestNonce(t *testing.T) { // alone: inspections of one key at a time share its nonces
	spec := exchangetest.Spec{Options: map[string]string{"nonce": strconv.FormatInt(noon.UnixMicro()-2, 10)}}
	failure := refused(t, spec)
	assert.Equal(t, access.KindNonce, failure.Kind)
	s := ask(t, spec, func(k *audit.Key) { k.Nonce.Unit = time.Microsecond })
	assert.Contains(t, fmt.Sprint(s.Notes), "microseconds")
	s = ask(t, exchangetest.Spec{})
	assert.Empty(t, s.Notes)

	ahead := exchangetest.Spec{Options: map[string]string{"nonce": strconv.FormatInt(noon.UnixMilli()+5, 10), "nonceWindow": "10"}}
	s = ask(t, ahead)
	assert.Equal(t, []access.Fact{{Name: "nonceWindow", Value: "10"}}, s.Facts)
}

func TestWaits(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"EService:Throttled: " + strconv.FormatInt(noon.Unix()+7, 10):    7 * time.Second,
		"EService:Throttled:" + strconv.FormatInt(noon.Unix()+7, 10):     7 * time.Second,
		"EService: Throttled: " + strconv.FormatInt(noon.Unix()+7, 10):   7 * time.Second,
		"EService:Throttled: " + strconv.FormatInt(noon.Unix()-7, 10):    0,
		"EService:Throttled: " + strconv.FormatInt(noon.UnixMilli(), 10): 0, // not the documented unit
		"EService:Throttled: soon":                                       0,
		"EService:Throttled":                                             0,
		"EAPI:Rate limit exceeded":                                       0,
	} {
		reply := exchangetest.Reply{Body: fmt.Sprintf(`{"error":[%q]}`, text)}
		failure := refused(t, exchangetest.Spec{Faults: []exchangetest.Fault{{Reply: &reply}}})
		assert.Equal(t, access.KindRateLimited, failure.Kind, text)
		assert.Equal(t, want, failure.RetryAfter, text)
	}
	failure := refused(t, exchangetest.Spec{Faults: []exchangetest.Fault{{Failure: "temporary lockout"}}})
	assert.Equal(t, 15*time.Minute, failure.RetryAfter)
}

// TestNotUnderstood: answers that could hide something.
func TestNotUnderstood(t *testing.T) {
	for name, answer := range map[string]string{
		"another key":    `{"error":[],"result":{"apiKey":"another","permissions":[]}}`,
		"both spellings": `{"error":[],"result":{"ipAllowlist":["203.0.113.7"],"ip_allowlist":[]}}`,
		"a warning":      `{"error":["WGeneral:Something"],"result":{"permissions":[]}}`,
		"no error list":  `{"result":{"permissions":[]}}`,
		"flags":          `{"error":[],"result":{"permissions":{"funds_query":true}}}`,
	} {
		failure := refused(t, exchangetest.Spec{Answer: []byte(answer)})
		assert.Equal(t, access.KindNotUnderstood, failure.Kind, name)
	}
}

// TestLastUse: the audit's own request doesn't count as use.
func TestLastUse(t *testing.T) {
	s := ask(t, exchangetest.Spec{LastUsed: noon})
	assert.True(t, s.LastUsed.IsZero())
	s = ask(t, exchangetest.Spec{LastUsed: noon.Add(-time.Hour)})
	assert.Equal(t, noon.Add(-time.Hour), s.LastUsed)
}

// TestCheck: a spot bot with an IP allowlist passes, and one that can withdraw
// fails.
func TestCheck(t *testing.T) {
	fake := exchangetest.Kraken()
	key := audit.Key{Name: "bot", Exchange: kraken.Exchange, Policy: audit.SpotTrading()}
	key.Policy.Attestations = []audit.Attestation{{ // the exchange reports neither the right nor whose account it is
		Rule: audit.RuleInternalTransfer, Statement: "looked at the key's page", By: "owner", At: time.Now().Add(-time.Hour), Until: time.Now().Add(time.Hour),
	}}
	spec := exchangetest.Spec{Permissions: []string{"query-funds", "modify-trades"}, IPs: []string{"198.51.100.20"}}
	key.Credentials = fake.Issue(spec)
	require.NoError(t, audit.Check(context.Background(), key, &audit.Options{Transport: fake}))
	spec.Permissions = append(spec.Permissions, "withdraw-funds")
	key.Credentials = fake.Issue(spec)
	require.ErrorIs(t, audit.Check(context.Background(), key, &audit.Options{Transport: fake}), audit.ErrUnsafe)
}
