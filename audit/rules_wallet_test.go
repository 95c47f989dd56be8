package audit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TestAdviceToMainWallets: the key of an account's own wallet has no rights to switch off
// and no IP allowlist: the one advice is a delegated key.
func TestAdviceToMainWallets(t *testing.T) {
	t.Parallel()
	s := harmless()
	s.KeyKind, s.IPAllowlist = access.Secp256k1Wallet, access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
	s.Grants = nil
	for _, c := range access.Capabilities() {
		s.Grants = append(s.Grants, access.Grant{Capability: c, State: access.Granted, Evidence: access.Reported, Names: []string{"user"}})
	}
	for _, wallet := range []access.Wallet{access.MainWallet, access.DelegatedWallet} {
		s.Wallet = wallet
		for _, rule := range []string{audit.RuleWithdrawal, audit.RuleKeyManagement, audit.RuleIPAllowlist} {
			f := judgedBy(t, s, audit.ReadOnly(), rule)[rule]
			assert.Equal(t, audit.Failed, f.Outcome, rule)
			assert.Equal(t, wallet == access.MainWallet, strings.HasPrefix(f.Remedy, "The key of an account's own wallet cannot be limited."), "%s: %s", rule, f.Remedy)
		}
	}
}
