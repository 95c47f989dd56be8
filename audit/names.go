package audit

// The rules of the catalogue, for policies and for results.
const (
	RuleWithdrawal           = "withdrawal"
	RuleExternalTransfer     = "external-transfer"
	RuleWithdrawalAddresses  = "withdrawal-addresses"
	RuleAddressBook          = "address-book"
	RuleInternalTransfer     = "internal-transfer"
	RuleKeyManagement        = "key-management"
	RuleSubaccountManagement = "subaccount-management"
	RuleOffBookDealing       = "off-book-dealing"
	RuleLockUp               = "lock-up"
	RuleOtherKeysSecrets     = "other-keys-secrets" //nolint:gosec // the name of a rule
	RuleIPAllowlist          = "ip-allowlist"
	RuleIPAllowlistWidth     = "ip-allowlist-width"
	RuleIPAllowlistEntries   = "ip-allowlist-entries"
	RuleIPAllowlistExpected  = "ip-allowlist-expected"
	RuleIPAllowlistVendor    = "ip-allowlist-vendor"
	RuleIPAllowlistNegative  = "ip-allowlist-negative"
	RuleExcessPermission     = "excess-permission"
	RuleMissingPermission    = "missing-permission"
	RuleBlindTrading         = "blind-trading"
	RulePairAllowlist        = "pair-allowlist"
	RuleSecondChannel        = "second-channel"
	RuleKeyScopes            = "key-scopes"
	RuleKeyAge               = "key-age"
	RuleKeyExpiry            = "key-expiry"
	RuleExchangeExpiry       = "exchange-expiry"
	RuleKeyState             = "key-state"
	RuleIdleKey              = "idle-key"
	RuleUnexpectedUse        = "unexpected-use"
	RuleNeverExpires         = "never-expires"
	RuleMainAccount          = "main-account"
	RuleWalletKey            = "wallet-key"
	RuleWeakKey              = "weak-key"
	RuleOwnership            = "ownership"
	RuleWrongEnvironment     = "wrong-environment"
	RuleKeyFileMode          = "key-file-mode"
	RulePlainSecret          = "plain-secret"
	RuleSecretInFiles        = "secret-in-files"
	RuleKeyHolders           = "key-holders"
	RuleInsecureTransport    = "insecure-transport"
	RuleUnknownPermission    = "unknown-permission"
	RuleContradiction        = "contradiction"
	RuleClock                = "clock"
	RuleAttestation          = "attestation"
	RuleAccountState         = "account-state"
	RuleNotInspected         = "not-inspected"
	RuleSharedKey            = "shared-key"
	RuleUnlistedKey          = "unlisted-key"
	RuleStrongerSibling      = "stronger-sibling"
	RuleTwinKeys             = "twin-keys"
	RuleGainedPermission     = "gained-permission"
	RuleLostPermission       = "lost-permission"
	RuleAllowlistWidened     = "allowlist-widened"
	RuleKeyAppeared          = "key-appeared"
	RuleKeyVanished          = "key-vanished"
	RuleFactsLost            = "facts-lost"
	RuleFactsChanged         = "facts-changed"
	RuleNewVocabulary        = "new-vocabulary"
	RuleRotated              = "rotated"
	RuleChangedAfterCreation = "changed-after-creation"
)

// currentRule is the ID of a rule that a policy may still name by a former one.
func currentRule(name string) string {
	if id, ok := RenamedRules()[name]; ok {
		return id
	}
	return name
}

// RenamedRules lists former IDs of rules with the current ones. Attestations
// and waivers may name either.
func RenamedRules() map[string]string { return map[string]string{"venue-expiry": RuleExchangeExpiry} }
