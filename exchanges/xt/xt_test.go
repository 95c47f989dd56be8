package xt_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/xt"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, xt.Exchange, exchangetest.XT) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, xt.Exchange, exchangetest.XT) }

func inspect(t *testing.T, spec exchangetest.Spec, others ...exchangetest.Spec) *access.Snapshot {
	t.Helper()
	fake := exchangetest.XT()
	for _, other := range others {
		fake.Issue(other)
	}
	return exchangetest.Inspect(t, xt.Exchange, fake, spec)
}

// TestSecrets: the secrets of other keys are a finding, and are never printed.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const secret = "bd9d24b5f35b2a5e9b6d1f0c8a7e6d5c4b3a2918"
	leaks := access.Other("key-secrets")
	for shown, want := range map[string]access.State{secret: access.Granted, "": access.Unknown, "******": access.Unknown} {
		s := inspect(t, exchangetest.Spec{}, exchangetest.Spec{Label: "sibling " + secret, Options: map[string]string{"secret": shown}})
		assert.Equal(t, want, s.Grant(leaks).State, shown)
		require.Len(t, s.Siblings, 1)
		body, err := json.Marshal(s)
		require.NoError(t, err)
		if want == access.Granted {
			assert.Empty(t, exchangetest.FindCanaries(string(body), []string{secret}))
		}
	}
	s := inspect(t, exchangetest.Spec{Options: map[string]string{"secret": secret}})
	assert.Contains(t, s.Grants, access.Grant{Capability: leaks}, "its own: the list shows secrets, and there are no others yet")
	s = inspect(t, exchangetest.Spec{})
	assert.NotContains(t, s.Grants, access.Grant{Capability: leaks})
	nameless := `{"rc":0,"mc":"SUCCESS","result":[{"accessKey":"{key}","roleScopes":"QUERY","secretKey":""},{"roleScopes":"QUERY","secretKey":"` + secret + `"}]}`
	s = inspect(t, exchangetest.Spec{Answer: []byte(nameless)})
	assert.True(t, s.Can(leaks), "a secret without its key is another key's")
}

// TestUnknownWords: a list without the right to read denies nothing.
func TestUnknownWords(t *testing.T) {
	t.Parallel()
	for scopes, want := range map[string]access.State{
		"QUERY": access.Denied, "QUERY, TRADE": access.Denied, "QUERY TRADE": access.Denied,
		"": access.Unknown, "READ": access.Unknown, "TRADE": access.Unknown, "QUERY_TRADE": access.Unknown, "query": access.Unknown,
		"WITHDRAW": access.Granted, "QUERY,WITHDRAW": access.Granted,
	} {
		s := inspect(t, exchangetest.Spec{Options: map[string]string{"scopes": scopes}})
		assert.Equal(t, want, s.Grant(access.Withdraw).State, scopes)
		assert.True(t, s.Can(access.Read), scopes)
		assert.Equal(t, access.Unknown, s.Grant(access.APIKeyManage).State, scopes)
	}
}

// TestLocked: the state of a key is the one that the exchange reports.
func TestLocked(t *testing.T) {
	t.Parallel()
	s := inspect(t, exchangetest.Spec{}, exchangetest.Spec{Options: map[string]string{"lock": "1"}})
	assert.Equal(t, access.KeyActive, s.KeyState)
	require.Len(t, s.Siblings, 1)
	assert.Equal(t, access.KeyLocked, s.Siblings[0].KeyState)
}

// TestNotFound: a list that doesn't have the key exactly once says nothing about
// it.
func TestNotFound(t *testing.T) {
	t.Parallel()
	const record = `{"accessKey":"{key}","roleScopes":"QUERY","bindIps":"203.0.113.7"}`
	for _, list := range []string{
		`{"accessKey":"another","roleScopes":"QUERY","bindIps":"203.0.113.7"}`, record + "," + record,
		record + `,{"roleScopes":"QUERY,WITHDRAW","bindIps":""}`,
	} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"rc":0,"mc":"SUCCESS","result":[` + list + `]}`)})
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State, list)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State, list)
		assert.NotEmpty(t, s.Notes, list)
	}
}
