package upbit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/upbit"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, upbit.Exchange, exchangetest.Upbit) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, upbit.Exchange, exchangetest.Upbit) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) (*access.Snapshot, *exchangetest.Fake, error) {
	t.Helper()
	fake := exchangetest.Upbit()
	fake.Issue(exchangetest.Spec{SubAccount: true, Permissions: []string{"make_orders"}, Expires: ends})
	s, err := exchangetest.TryInspect(t, upbit.Exchange, fake, spec, change...)
	return s, fake, err
}

var ends = time.Now().Add(40 * 24 * time.Hour).UTC().Truncate(time.Second)

// TestOtherKeys: to a key that doesn't manage pockets the exchange reports only the
// dates. What it doesn't report is not judged.
func TestOtherKeys(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]exchangetest.Spec{
		"main pocket": {Permissions: []string{"view_account", "withdraw"}, Expires: ends, Options: map[string]string{"pockets": "no"}},
		"sub-pocket":  {Permissions: []string{"view_account", "withdraw"}, Expires: ends, SubAccount: true},
	} {
		s, fake, err := inspect(t, spec)
		require.NoError(t, err, name)
		assert.Len(t, fake.Requests(), 2, name)
		for _, c := range upbit.Exchange.Coverage.Reports {
			assert.Equal(t, access.Unknown, s.Grant(c).State, "%s: %s", name, c)
		}
		assert.Equal(t, ends, s.Expires, name)
		assert.Equal(t, access.AccountUnknown, s.Account.Kind, name)
		assert.Equal(t, access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Documented, Mandatory: true}, s.IPAllowlist, name)
		assert.Contains(t, s.Notes[0], "check the key's page", name)
		require.Len(t, s.Siblings, 1, name)
		assert.Equal(t, ends, s.Siblings[0].Expires, name)
	}
}

// TestSecondCall: if it fails, the inspection fails; the rest doesn't become a
// snapshot.
func TestSecondCall(t *testing.T) {
	t.Parallel()
	for failure, want := range map[string]access.Kind{
		"rate limited": access.KindRateLimited, "server error": access.KindUnavailable, "permission missing": access.KindForbidden,
	} {
		_, fake, err := inspect(t, exchangetest.Spec{
			Options: map[string]string{"pockets": "no"}, Faults: []exchangetest.Fault{{}, {Failure: failure}},
		})
		require.ErrorIs(t, err, want)
		assert.Len(t, fake.Requests(), 2)
	}
	_, fake, err := inspect(t, exchangetest.Spec{Faults: []exchangetest.Fault{{Failure: "server error"}}})
	require.ErrorIs(t, err, access.KindUnavailable)
	assert.Len(t, fake.Requests(), 1)
}

// TestPockets: the calling key's pocket is the main one.
func TestPockets(t *testing.T) {
	t.Parallel()
	s, _, err := inspect(t, exchangetest.Spec{})
	require.NoError(t, err)
	assert.Equal(t, access.MainAccount, s.Account.Kind)
	require.Len(t, s.Siblings, 1)
	assert.Equal(t, access.SubAccount, s.Siblings[0].Account.Kind)
	assert.True(t, s.Siblings[0].Can(access.TradeSpot))
	assert.False(t, s.Can(access.TradeSpot))
}

// TestNotListed: that the exchange answers with the list proves the right that this
// needs.
func TestNotListed(t *testing.T) {
	t.Parallel()
	const entry = `{"access_key":"{key}","permissions":["view_account"],"allowed_ips":["203.0.113.7"]}`
	for _, keys := range []string{``, entry + `,` + entry, `{"permissions":["view_account"]}`} {
		s, _, err := inspect(t, exchangetest.Spec{Answer: []byte(`[{"uuid":"x","keys":[` + keys + `]}]`)})
		require.NoError(t, err)
		assert.Equal(t, access.Inferred, s.Grant(access.SubaccountManage).Evidence)
		assert.True(t, s.Can(access.TransferInternal))
		assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State)
		assert.NotEmpty(t, s.Notes)
	}
	_, _, err := inspect(t, exchangetest.Spec{Answer: []byte(`[]`)}) // what lists no key at all proves nothing
	require.ErrorIs(t, err, access.KindNotUnderstood)
}

// TestContradiction: a key that gets the list manages pockets, whatever the list
// says about it; then what else the list omits isn't denied.
func TestContradiction(t *testing.T) {
	t.Parallel()
	answer := `[{"uuid":"x","keys":[{"access_key":"{key}","permissions":["view_account"],"allowed_ips":["203.0.113.7"]}]}]`
	s, _, err := inspect(t, exchangetest.Spec{Answer: []byte(answer)})
	require.NoError(t, err)
	assert.Len(t, s.Contradictions, 1)
	assert.True(t, s.Can(access.SubaccountManage))
	assert.True(t, s.Can(access.TransferInternal))
	assert.True(t, s.Can(access.Read))
	assert.Equal(t, access.Grant{Capability: access.Withdraw}, s.Grant(access.Withdraw))
}

// TestElsewhere: at the other sites only the answer itself proves something.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	for _, environment := range []string{"sg", "id", "th"} {
		s, fake, err := inspect(t, exchangetest.Spec{Permissions: []string{"view_account"}}, exchangetest.At(environment))
		require.NoError(t, err)
		assert.Equal(t, access.Inferred, s.Grant(access.Read).Evidence)
		for _, c := range access.Capabilities()[1:] { // the documentation is that of Korea
			assert.Equal(t, access.Unknown, s.Grant(c).State, c)
		}
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State)
		require.Len(t, fake.Requests(), 1)
		assert.True(t, strings.HasPrefix(fake.Requests()[0].Host, environment))
	}
	_, _, err := inspect(t, exchangetest.Spec{Permissions: []string{"make_orders"}}, exchangetest.At("sg"))
	require.ErrorIs(t, err, access.KindForbidden)
	s, _, err := inspect(t, exchangetest.Spec{Options: map[string]string{"balance": "none"}}, exchangetest.At("sg"))
	require.NoError(t, err, "an empty account is an account too")
	assert.True(t, s.Can(access.Read))
	s, _, err = inspect(t, exchangetest.Spec{IPs: []string{"203.0.113.7"}}, exchangetest.At("sg"))
	require.ErrorIs(t, err, access.KindIPNotAllowed)
	assert.Equal(t, access.AllowlistRestricted, s.IPAllowlist.State)
}
