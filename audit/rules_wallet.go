package audit

import (
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// walletRules judge whose wallet a key is. They come first: what the others find of the
// key of an account's own wallet, they find because it is that key.
var walletRules = []*Rule{
	{
		ID: RuleWalletKey, Title: "Key of the main wallet", Severity: Critical, Since: "v0.1.0",
		Why: "The key of the wallet that owns an account can do everything: withdraw, approve other keys, give the " +
			"account away. It cannot be revoked, and the exchange cannot stop who copied it. A bot needs a delegated " +
			"key only, which exchanges call an agent, an API wallet or a session key.",
		Remedy: "Create a delegated key for the bot, and give the bot that one in place of this key. Move the funds to " +
			"a new wallet whose key was never on a bot's host: this key stays valid for anyone who has copied it.",
		Task: adapter.UseAgent,
		FindOut: "At the exchange, look up the key's wallet address. If it is the account's own and no " +
			"delegated key, create one for the bot; if it is delegated, attest this rule.",
		References: []string{"CWE-250", "CWE-269", "NHI5:2025"},
		Run:        walletKey,
	},
}

func walletKey(p *Pass) Verdict {
	s := p.Snapshot
	switch {
	case s.Wallet == access.MainWallet && s.Failure != nil: // its address alone shows it
		return p.fail(Critical, "The key is that of the wallet that owns the account: it can do everything").with(access.Attested)
	case s.Wallet == access.MainWallet:
		return p.fail(Critical, "The key is that of the wallet that owns the account: it can do everything")
	case s.Wallet == access.DelegatedWallet:
		return p.pass(access.Reported, "The key is a delegated one, and not that of the wallet that owns the account")
	case s.KeyKind != access.KindOfKeyUnknown && !s.KeyKind.IsWallet(),
		s.KeyKind == access.KindOfKeyUnknown && len(s.KeyKinds) > 0 && !slices.ContainsFunc(s.KeyKinds, access.KeyKind.IsWallet):
		return p.notApplicable("The key is not a wallet's")
	default:
		return p.undetermined(Critical, "Could not determine whether the key is that of the wallet that owns the account")
	}
}
