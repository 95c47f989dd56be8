package lbank_test

import (
	"encoding/base64"
	"encoding/pem"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/lbank"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, lbank.Exchange, exchangetest.LBank) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, lbank.Exchange, exchangetest.LBank) }

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, lbank.Exchange, exchangetest.LBank(), spec)
}

// TestRSASecret: the exchange issues the private key without PEM armour.
func TestRSASecret(t *testing.T) {
	fake := exchangetest.LBank()
	credentials := fake.Issue(exchangetest.Spec{Kind: access.RSAKey, Permissions: []string{"enableReading"}})
	block, _ := pem.Decode([]byte(credentials.Secret.Reveal()))
	require.NotNil(t, block)
	credentials.Secret = adapter.NewSecret(base64.StdEncoding.EncodeToString(block.Bytes))
	s, err := audit.Inspect(t.Context(), audit.Key{Exchange: lbank.Exchange, Credentials: credentials}, &audit.Options{Transport: fake, Attempts: 1})
	require.NoError(t, err)
	assert.Equal(t, access.RSAKey, s.KeyKind)
	assert.True(t, s.Can(access.Read))
}

// TestEnvelopes: with and without an envelope, and with either form of it.
func TestEnvelopes(t *testing.T) {
	for _, options := range []map[string]string{nil, {"edition": "bare"}, {"bool": "1"}} {
		s := inspect(t, exchangetest.Spec{Permissions: []string{"enableReading", "enableSpotTrading"}, Options: options})
		assert.True(t, s.Can(access.TradeSpot), options)
		assert.Equal(t, access.Denied, s.Grant(access.Withdraw).State, options)
	}
}

// TestUndocumentedFlags: they can grant, but deny nothing.
func TestUndocumentedFlags(t *testing.T) {
	for members, want := range map[string]access.State{
		``: access.Unknown,
		`,"enableFuturesTrading":true,"enableTransfer":true`:   access.Granted,
		`,"enableFuturesTrading":false,"enableTransfer":false`: access.Unknown,
		`,"enableFuturesTrading":null,"enableTransfer":null`:   access.Unknown,
	} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"enableReading":true,"ipRestrict":true` + members + `}`)})
		assert.Equal(t, want, s.Grant(access.TradeFutures).State, members)
		assert.Equal(t, want, s.Grant(access.TransferInternal).State, members)
	}
}

// TestTransferFlag: whether the flag for transfers includes other users is not
// documented, so it denies nothing about them.
func TestTransferFlag(t *testing.T) {
	for members, want := range map[string]access.State{
		`"enableWithdrawals":false`:                        access.Unknown,
		`"enableWithdrawals":false,"enableTransfer":null`:  access.Unknown,
		`"enableWithdrawals":false,"enableTransfer":false`: access.Denied,
		`"enableWithdrawals":false,"enableTransfer":true`:  access.Unknown,
		`"enableWithdrawals":true,"enableTransfer":true`:   access.Granted,
	} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"enableReading":true,"ipRestrict":true,` + members + `}`)})
		assert.Equal(t, want, s.Grant(access.TransferExternal).State, members)
	}
}

// TestEnvelope: whatever the answer has of the envelope must say that the call
// succeeded.
func TestEnvelope(t *testing.T) {
	for _, envelope := range []string{`"result":"false"`, `"result":false,"error_code":0`, `"result":"true","error_code":10999`, `"error_code":"10999"`, `"error_code":null`} {
		_, err := exchangetest.TryInspect(t, lbank.Exchange, exchangetest.LBank(), exchangetest.Spec{Answer: []byte(`{` + envelope + `,"data":{"enableReading":true}}`)})
		require.ErrorIs(t, err, access.KindNotUnderstood, envelope)
	}
}

// TestDeadline: keys without an IP allowlist expire after 30 days.
func TestDeadline(t *testing.T) {
	created := time.Date(2026, 5, 1, 2, 3, 4, 0, time.UTC)
	s := inspect(t, exchangetest.Spec{Created: created})
	require.Len(t, s.Deadlines, 1)
	assert.Equal(t, created.Add(30*24*time.Hour), s.Deadlines[0].At)
	assert.True(t, s.Expires.IsZero(), "the exchange doesn't report it")

	s = inspect(t, exchangetest.Spec{Created: created, IPs: []string{"198.51.100.20"}})
	assert.Empty(t, s.Deadlines)
}
