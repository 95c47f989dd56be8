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
	enumeration(t, func(i uint8) audit.State { return audit.State(i) }, "unknown", "denied", "granted")
	enumeration(t, func(i uint8) audit.Evidence { return audit.Evidence(i) }, "none", "told", "refused", "inferred", "declared", "documented")
	enumeration(t, func(i uint8) audit.Outcome { return audit.Outcome(i) }, "undetermined", "failed", "passed", "not-applicable")
	enumeration(t, func(i uint8) audit.Severity { return audit.Severity(i) }, "unset", "info", "low", "medium", "high", "critical")
	enumeration(t, func(i uint8) audit.AllowlistState { return audit.AllowlistState(i) }, "unknown", "unrestricted", "restricted", "deny-all", "off")
	enumeration(t, func(i uint8) audit.Disclosure { return audit.Disclosure(i) }, "hidden", "masked", "complete")
	enumeration(t, func(i uint8) audit.KeyKind { return audit.KeyKind(i) }, "unknown", "shared-secret", "ed25519", "rsa", "ecdsa")
	enumeration(t, func(i uint8) audit.KeyState { return audit.KeyState(i) }, "unknown", "active", "disabled", "locked", "pending", "expired", "unclear")
	enumeration(t, func(i uint8) audit.AccountKind { return audit.AccountKind(i) }, "unknown", "main", "sub")
	enumeration(t, func(i uint8) audit.Kind { return audit.Kind(i) },
		"not-understood", "bad-input", "bad-key", "bad-signature", "ip-not-allowed", "clock-skew", "nonce", "second-factor", "expired", "disabled",
		"forbidden", "ambiguous", "rate-limited", "banned", "wrong-environment", "geo-blocked", "unavailable", "guard", "canceled")

	assert.Equal(t, []string{"no", "partly", "yes"}, []string{audit.Never.String(), audit.Sometimes.String(), audit.Always.String()})
	assert.Equal(t, "ed25519", audit.Ed25519.String())
	assert.Equal(t, "none", audit.Algorithm(0).String())
}

// TestZeroValues: what nobody set is never the good answer.
func TestZeroValues(t *testing.T) {
	t.Parallel()
	assert.Equal(t, audit.Unknown, audit.Grant{}.State)
	assert.Equal(t, audit.NoEvidence, audit.Grant{}.Evidence)
	assert.Equal(t, audit.Undetermined, audit.Verdict{}.Outcome)
	assert.Equal(t, audit.Undetermined, audit.Finding{}.Outcome)
	assert.Equal(t, audit.AllowlistUnknown, audit.IPAllowlist{}.State)
	assert.Equal(t, audit.NotDisclosed, audit.IPAllowlist{}.Disclosed)
	assert.Equal(t, audit.KeyStateUnknown, audit.Snapshot{}.KeyState)
	assert.Equal(t, audit.AccountUnknown, audit.Account{}.Kind)
	assert.Equal(t, audit.KindNotUnderstood, audit.Error{}.Kind)
	assert.Equal(t, audit.Never, audit.Coverage{}.Allowlist)
}

func kinds() []audit.Kind {
	var out []audit.Kind
	for k := audit.Kind(0); k <= audit.KindCanceled; k++ {
		out = append(out, k)
	}
	return slices.Clip(out)
}
