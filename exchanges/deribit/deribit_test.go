package deribit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/deribit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, deribit.Exchange, exchangetest.Deribit) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, deribit.Exchange, exchangetest.Deribit) }

func inspect(t *testing.T, spec exchangetest.Spec, siblings ...exchangetest.Spec) *access.Snapshot {
	t.Helper()
	fake := exchangetest.Deribit()
	for _, sibling := range siblings {
		sibling.Label = "sibling"
		fake.Issue(sibling)
	}
	return exchangetest.Inspect(t, deribit.Exchange, fake, spec)
}

// TestScopes: for a key that may not read account data, the scope of its token is
// all that is reported.
func TestScopes(t *testing.T) {
	t.Parallel()
	const u, d, g = access.Unknown, access.Denied, access.Granted
	for _, c := range []struct {
		scope                                       string
		read, trade, withdraw, internal, addresses  access.State
		account                                     access.AccountKind
		unmapped                                    []string
		label                                       string
		subaccounts, keys, blockTrade, rfq, custody access.State
	}{
		{scope: "connection mainaccount trade:read_write", read: g, trade: g, withdraw: d, internal: d, addresses: d, account: access.MainAccount, subaccounts: d, keys: d, blockTrade: d, rfq: d, custody: d},
		{scope: "connection mainaccount trade:read wallet:read_write", read: g, trade: d, withdraw: g, internal: g, addresses: g, account: access.MainAccount, subaccounts: d, keys: d, blockTrade: d, rfq: d, custody: d},
		{scope: "connection trade:read wallet:read_write", read: g, trade: d, withdraw: d, internal: g, addresses: g, account: access.SubAccount, subaccounts: d, keys: d, blockTrade: d, rfq: d, custody: d},
		{scope: "account:none wallet:none trade:none", read: d, trade: d, withdraw: d, internal: d, addresses: d, account: access.SubAccount, subaccounts: d, keys: d, blockTrade: d, rfq: d, custody: d},
		{scope: "trade:read trade:read_write trade:none", read: g, trade: g, withdraw: d, internal: d, addresses: d, account: access.SubAccount, subaccounts: d, keys: d, blockTrade: d, rfq: d, custody: d},
		{scope: "block_trade:read_write block_rfq:read_write custody:read_write", read: g, trade: d, withdraw: d, internal: d, addresses: d, account: access.SubAccount, subaccounts: d, keys: d, blockTrade: g, rfq: g, custody: g},
		{scope: "session:x name:bot expires:60 ip:* trade:read", read: g, trade: d, withdraw: d, internal: d, addresses: d, account: access.SubAccount, label: "bot", subaccounts: d, keys: d, blockTrade: d, rfq: d, custody: d},
		// What is unknown may be anything in its area.
		{scope: "mainaccount trade:read wallet:send", read: g, trade: d, withdraw: u, internal: u, addresses: u, account: access.MainAccount, unmapped: []string{"wallet:send"}, subaccounts: d, keys: d, blockTrade: d, rfq: d, custody: d},
		{scope: "mainaccount trade:read wallet", read: g, trade: d, withdraw: u, internal: u, addresses: u, account: access.MainAccount, unmapped: []string{"wallet"}, subaccounts: d, keys: d, blockTrade: d, rfq: d, custody: d},
		{scope: "trade:read teleport", read: g, trade: d, withdraw: d, internal: d, addresses: d, account: access.SubAccount, unmapped: []string{"teleport"}, subaccounts: d, keys: d, blockTrade: d, rfq: d, custody: d},
		// A scope without any area denies nothing.
		{scope: "connection mainaccount", account: access.MainAccount},
		{scope: ""},
	} {
		s := inspect(t, exchangetest.Spec{Options: map[string]string{"scope": c.scope, "account": "none"}})
		for capability, want := range map[access.Capability]access.State{
			access.Read: c.read, access.TradeSpot: c.trade, access.TradeOptions: c.trade, access.Withdraw: c.withdraw, access.TransferExternal: c.withdraw,
			access.TransferInternal: c.internal, access.WithdrawAddresses: c.addresses, access.SubaccountManage: c.subaccounts, access.APIKeyManage: c.keys,
			access.Other("block-trade"): c.blockTrade, access.Other("rfq"): c.rfq, access.Other("custody"): c.custody,
		} {
			assert.Equal(t, want, s.Grant(capability).State, "%q: %s", c.scope, capability)
		}
		assert.Equal(t, c.account, s.Account.Kind, c.scope)
		assert.Equal(t, c.unmapped, s.Unmapped, c.scope)
		assert.Equal(t, c.label, s.Label, c.scope)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State, c.scope)
		assert.Equal(t, 1, s.Requests, c.scope)
	}
}

// TestList: the list is optional. If the exchange refuses it, the rest still
// counts.
func TestList(t *testing.T) {
	t.Parallel()
	restricted := []string{"198.51.100.20"}
	for name, spec := range map[string]exchangetest.Spec{
		"a second factor":         {IPs: restricted, Options: map[string]string{"challenge": "1"}},
		"a second factor refused": {IPs: restricted, Faults: []exchangetest.Fault{{}, {Failure: "second factor"}}},
		"a scope too small":       {IPs: restricted, Faults: []exchangetest.Fault{{}, {Failure: "scope insufficient"}}},
	} {
		spec.Permissions = []string{"trade:read_write"}
		s := inspect(t, spec)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State, name)
		assert.Equal(t, access.Granted, s.Grant(access.TradeFutures).State, name)
		assert.Equal(t, access.Denied, s.Grant(access.Withdraw).State, name)
		assert.Len(t, s.Notes, 1, name)
	}
	_, err := exchangetest.TryInspect(t, deribit.Exchange, exchangetest.Deribit(), exchangetest.Spec{Faults: []exchangetest.Fault{{}, {Failure: "rate limited"}}})
	require.ErrorIs(t, err, access.KindRateLimited)
	_, err = exchangetest.TryInspect(t, deribit.Exchange, exchangetest.Deribit(), exchangetest.Spec{Faults: []exchangetest.Fault{{}, {Failure: "maintenance"}}})
	require.ErrorIs(t, err, access.KindUnavailable)
}

// TestSiblings: the other keys are shown masked. That their secrets can be read is
// a fact about this key.
func TestSiblings(t *testing.T) {
	t.Parallel()
	other := exchangetest.Spec{Permissions: []string{"wallet:read_write"}, Disabled: true}
	s := inspect(t, exchangetest.Spec{}, other)
	require.Len(t, s.Siblings, 1)
	assert.Equal(t, access.Granted, s.Siblings[0].Grant(access.Withdraw).State)
	assert.Equal(t, access.AllowlistUnrestricted, s.Siblings[0].IPAllowlist.State)
	assert.Equal(t, access.KeyDisabled, s.Siblings[0].KeyState)
	assert.Equal(t, access.Granted, s.Grant(access.Other("key-secrets")).State)
	assert.Equal(t, access.Denied, s.Grant(access.Withdraw).State)

	s = inspect(t, exchangetest.Spec{Options: map[string]string{"secrets": "hidden"}}, other)
	require.Len(t, s.Siblings, 1)
	assert.Equal(t, access.Unknown, s.Grant(access.Other("key-secrets")).State)

	s = inspect(t, exchangetest.Spec{}) // a key knows its own secret
	assert.Equal(t, access.Unknown, s.Grant(access.Other("key-secrets")).State)
}

// TestEnabled: a key that gets an answer isn't switched off; any other state that
// the list has is passed on.
func TestEnabled(t *testing.T) {
	t.Parallel()
	for enabled, want := range map[string]access.KeyState{"true": access.KeyActive, "false": access.KeyActive, "null": access.KeyUnclear} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"result":[{"client_id":"{key}","max_scope":"account:read","enabled":` + enabled + `}]}`)})
		assert.Equal(t, want, s.KeyState, enabled)
		assert.Equal(t, enabled == "false", s.Contradictions != nil, enabled)
	}
}

// TestFingerprints: a secret beside a public key is that key's fingerprint; beside
// an empty public key it is a secret.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]access.State{`"-----BEGIN PUBLIC KEY-----"`: access.Unknown, `""`: access.Granted, `null`: access.Granted} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"result":[{"client_id":"{key}","max_scope":"account:read"},` +
			`{"client_id":"Ef56Gh78","client_secret":"d41d8cd98f00b204e9800998ecf8427e","public_key":` + public + `,"max_scope":"trade:read"}]}`)})
		assert.Equal(t, want, s.Grant(access.Other("key-secrets")).State, public)
	}
}

// echo puts everything it has received into the names of the keys and into a
// refusal.
type echo struct {
	next     http.RoundTripper
	refuse   bool
	received []string
}

func (e *echo) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := e.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Result struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
		} `json:"result"`
	}
	e.received = append(e.received, string(sent), r.Header.Get("Authorization"))
	if json.Unmarshal(body, &answer) == nil {
		e.received = append(e.received, answer.Result.Access, answer.Result.Refresh)
	}
	if strings.HasSuffix(r.URL.Path, "list_api_keys") {
		words, _ := json.Marshal(strings.Join(e.received, " "))
		body = bytes.ReplaceAll(body, []byte(`"sibling"`), words)
		if e.refuse {
			body = fmt.Appendf(nil, `{"jsonrpc":"2.0","error":{"code":13021,"message":%s}}`, words)
		}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// TestSecrecy: neither tokens nor signatures nor other keys' secrets get into a
// snapshot, not even if the exchange repeats them.
func TestSecrecy(t *testing.T) {
	t.Parallel()
	for _, refuse := range []bool{false, true} {
		fake := exchangetest.Deribit()
		echoing := &echo{next: fake, refuse: refuse}
		for range 2 {
			fake.Issue(exchangetest.Spec{Label: "sibling"})
		}
		key := audit.Key{Exchange: deribit.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: echoing, Attempts: 1})
		require.NoError(t, err)
		stored, err := json.Marshal(s)
		require.NoError(t, err)
		canaries := fake.Canaries()
		for _, text := range echoing.received {
			for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(` "=,:{}`, r) }) {
				if len(part) >= 40 {
					canaries = append(canaries, part)
				}
			}
		}
		require.GreaterOrEqual(t, len(canaries), 7)
		assert.Empty(t, exchangetest.FindCanaries(string(stored), canaries))
	}
}

// TestCheck: a key that may withdraw fails; one that trades on a sub-account and
// has an IP allowlist passes.
func TestCheck(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Deribit()
	policy := audit.Trading()
	for _, rule := range []string{audit.RuleKeyAge, audit.RuleKeyExpiry} { // the exchange reports neither
		policy.Attestations = append(policy.Attestations, audit.Attestation{
			Rule: rule, Statement: "checked on the key's page", By: "owner", At: time.Now().Add(-time.Hour), Until: time.Now().Add(time.Hour),
		})
	}
	key := audit.Key{Name: "bot", Exchange: deribit.Exchange, Policy: policy}
	spec := exchangetest.Spec{Permissions: []string{"trade:read_write", "wallet:read"}, IPs: []string{"198.51.100.20"}, SubAccount: true}
	key.Credentials = fake.Issue(spec)
	require.NoError(t, audit.Check(t.Context(), key, &audit.Options{Transport: fake}))
	spec.Permissions, spec.SubAccount = []string{"trade:read_write", "wallet:read_write"}, false
	key.Credentials = fake.Issue(spec)
	require.ErrorIs(t, audit.Check(t.Context(), key, &audit.Options{Transport: fake}), audit.ErrUnsafe)
}
