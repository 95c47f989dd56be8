package gemini_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/gemini"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, gemini.Exchange, exchangetest.Gemini) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, gemini.Exchange, exchangetest.Gemini) }

var noon = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

// ask inspects a key of that spec, at noon by the exchange's clock and with a local
// clock that is off by so much.
func ask(spec exchangetest.Spec, off time.Duration, unit time.Duration) (*access.Snapshot, *exchangetest.Fake, error) {
	fake := exchangetest.Gemini()
	fake.SetClock(func() time.Time { return noon })
	key := audit.Key{Exchange: gemini.Exchange, Credentials: fake.Issue(spec), Nonce: adapter.NoncePolicy{Unit: unit}}
	clock := func() time.Time { return noon.Add(off) }
	s, err := audit.Inspect(context.Background(), key, &audit.Options{Transport: fake, Clock: clock, Attempts: 3})
	return s, fake, err
}

// TestLevels: a key of one account can use that account only.
func TestLevels(t *testing.T) {
	all := []string{"isTrader", "isFundManager"}
	s, _, err := ask(exchangetest.Spec{Permissions: all, Options: map[string]string{"level": "account"}}, 0, 0)
	require.NoError(t, err)
	assert.True(t, s.Can(access.Withdraw))
	for _, c := range []access.Capability{access.TransferInternal, access.SubaccountManage} {
		assert.Equal(t, access.Grant{Capability: c, State: access.Denied, Evidence: access.Documented}, s.Grant(c))
	}
	assert.Contains(t, s.Facts, access.Fact{Name: "level", Value: "account"})
	assert.Empty(t, s.Notes)

	s, _, err = ask(exchangetest.Spec{Permissions: all}, 0, 0)
	require.NoError(t, err)
	assert.True(t, s.Can(access.TransferInternal))
	assert.Contains(t, s.Facts, access.Fact{Name: "level", Value: "master"})

	answer := []byte(`{"counterparty_id":"EXAMPLE1","isAuditor":false,"isFundManager":true,"isTrader":true,"isAccountAdmin":true}`)
	s, _, err = ask(exchangetest.Spec{Answer: answer, Options: map[string]string{"level": "account"}}, 0, 0)
	require.NoError(t, err)
	assert.Len(t, s.Contradictions, 1)
	assert.True(t, s.Can(access.SubaccountManage), "the more dangerous reading counts")
	assert.True(t, s.Can(access.TransferInternal))
}

// TestNonce: the audit uses seconds and nothing else, whatever the key's other
// clients count in.
func TestNonce(t *testing.T) { // alone: inspections of one key at a time share its nonces
	timed := exchangetest.Spec{Options: map[string]string{"nonce": "time"}}
	_, _, err := ask(timed, 0, 0)
	require.NoError(t, err)
	_, _, err = ask(timed, time.Hour, 0)
	require.NoError(t, err, "the exchange's clock counts")
	_, _, err = ask(timed, 0, time.Millisecond)
	require.ErrorIs(t, err, access.KindNonce)

	busy := exchangetest.Spec{Options: map[string]string{"nonce": strconv.FormatInt(noon.Add(-time.Hour).UnixMilli(), 10)}}
	_, fake, err := ask(busy, 0, 0)
	require.ErrorIs(t, err, access.KindNonce)
	assert.Len(t, fake.Requests(), 3, "the exchange's time, the roles, and once more with a larger nonce")
	_, _, err = ask(busy, 0, time.Millisecond)
	require.NoError(t, err, "the owner chose the unit")
}
