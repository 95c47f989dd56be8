package audit_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

type word interface {
	comparable
	fmt.Stringer
	encoding.TextMarshaler
}

// enumeration checks that the words of one type are what they were, in order,
// survive JSON, and that other words are refused.
func enumeration[T word](t *testing.T, at func(uint8) T, words ...string) {
	t.Helper()
	for i, text := range words {
		v := at(uint8(i))
		assert.Equal(t, text, v.String())
		encoded, err := json.Marshal(v)
		require.NoError(t, err)
		assert.Equal(t, `"`+text+`"`, string(encoded))
		var back T
		require.NoError(t, json.Unmarshal(encoded, &back))
		assert.Equal(t, v, back)
	}
	beyond := at(uint8(len(words)))
	assert.Equal(t, fmt.Sprint(len(words)), beyond.String(), "%T has a value without a word, or a word too many", beyond)
	for _, bad := range []string{`"never heard of"`, `"` + fmt.Sprint(len(words)) + `"`, `1`, `""`} {
		var back T
		require.Error(t, json.Unmarshal([]byte(bad), &back), bad)
		assert.Equal(t, at(0), back, "a word nobody knows leaves the cautious value")
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	enumeration(t, func(i uint8) access.State { return access.State(i) }, "unknown", "denied", "granted")
	enumeration(t, func(i uint8) access.Evidence { return access.Evidence(i) }, "none", "reported", "refused", "inferred", "attested", "documented")
	enumeration(t, func(i uint8) audit.Outcome { return audit.Outcome(i) }, "undetermined", "failed", "passed", "not-applicable")
	enumeration(t, func(i uint8) audit.Severity { return audit.Severity(i) }, "unset", "info", "low", "medium", "high", "critical")
	enumeration(t, func(i uint8) access.AllowlistState { return access.AllowlistState(i) }, "unknown", "unrestricted", "restricted", "deny-all", "off")
	enumeration(t, func(i uint8) access.Disclosure { return access.Disclosure(i) }, "hidden", "masked", "complete")
	enumeration(t, func(i uint8) access.KeyKind { return access.KeyKind(i) }, "unknown", "shared-secret", "ed25519", "rsa", "ecdsa", "secp256k1-wallet", "ed25519-wallet", "stark-wallet", "schnorr-wallet")
	enumeration(t, func(i uint8) access.Wallet { return access.Wallet(i) }, "unknown", "delegated", "main")
	enumeration(t, func(i uint8) access.KeyState { return access.KeyState(i) }, "unknown", "active", "disabled", "locked", "pending", "expired", "unclear")
	enumeration(t, func(i uint8) access.AccountKind { return access.AccountKind(i) }, "unknown", "main", "sub")
	enumeration(t, func(i uint8) access.Kind { return access.Kind(i) },
		"not-understood", "bad-input", "bad-key", "bad-signature", "ip-not-allowed", "clock-skew", "nonce", "second-factor", "expired", "disabled",
		"forbidden", "ambiguous", "rate-limited", "banned", "wrong-environment", "geo-blocked", "unavailable", "guard", "canceled")

	assert.Equal(t, []string{"no", "partly", "yes"}, []string{adapter.Never.String(), adapter.Sometimes.String(), adapter.Always.String()})
	assert.Equal(t, "ed25519", adapter.Ed25519.String())
	assert.Equal(t, "none", adapter.Algorithm(0).String())
}

// TestZeroValues: what nobody set is never the good answer.
func TestZeroValues(t *testing.T) {
	t.Parallel()
	assert.Equal(t, access.Unknown, access.Grant{}.State)
	assert.Equal(t, access.NoEvidence, access.Grant{}.Evidence)
	assert.Equal(t, audit.Undetermined, audit.Verdict{}.Outcome)
	assert.Equal(t, audit.Undetermined, audit.Finding{}.Outcome)
	assert.Equal(t, access.AllowlistUnknown, access.IPAllowlist{}.State)
	assert.Equal(t, access.NotDisclosed, access.IPAllowlist{}.Disclosed)
	assert.Equal(t, access.KeyStateUnknown, access.Snapshot{}.KeyState)
	assert.Equal(t, access.AccountUnknown, access.Account{}.Kind)
	assert.Equal(t, access.KindNotUnderstood, access.Error{}.Kind)
	assert.Equal(t, adapter.Never, adapter.Coverage{}.Allowlist)
}

func kinds() []access.Kind {
	var out []access.Kind
	for k := access.Kind(0); k <= access.KindCanceled; k++ {
		out = append(out, k)
	}
	return slices.Clip(out)
}
