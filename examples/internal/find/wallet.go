package find

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// At exchanges whose keys are wallets, and wherever else somebody trades on a chain, a
// private key alone is the whole key: no key id belongs to it, and no exchange need be
// named beside it.

var (
	// walletMarked are private keys that say so themselves: Ethereum's, of which Starknet's
	// have no leading zeros, and those of NEAR and Orderly.
	walletMarked = regexp.MustCompile(`^(?:0x[0-9a-fA-F]{61,64}|ed25519:` + b58 + `{43,88})$`)
	// walletKey are those of them that cannot be a key id: those of NEAR and Orderly can be
	// public keys.
	walletKey = regexp.MustCompile(`^0x[0-9a-fA-F]{61,64}$`)
	// walletPlain have a form that many other things have: the name must say more.
	walletPlain = regexp.MustCompile(`^(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{80}|[0-9a-fA-F]{128}|` + b58 + `{86,88}|[5KL]` + b58 + `{50,51})$`)
	// walletAddress is what Ethereum's wallets are known by.
	walletAddress = regexp.MustCompile(`^0x[0-9a-fA-F]{40}$`)
)

const b58 = `[1-9A-HJ-NP-Za-km-z]`

// isAddress reports whether a text is the address of a wallet on Ethereum.
func isAddress(text string) bool { return len(text) == 42 && walletAddress.MatchString(text) }

// holdsAddress reports whether a name, in small letters, is that of a wallet's address.
func (n *names) holdsAddress(name string) bool {
	return strings.Contains(name, "address") || strings.Contains(name, "wallet") || strings.Contains(name, "account")
}

// walletCalls are functions whose argument is a wallet's private key, in small letters
// without separators, whatever they are members of: of ethers, viem, eth-account, alloy,
// go-ethereum, web3j, Foundry and Solana's clients.
var walletCalls = []string{
	"wallet", "privatekeytoaccount", "privatekeytoaddress", "fromkey", "fromprivatekey", "hextoecdsa", "credentialscreate", "localwalletfromstr", "privatekeysignerfromstr", "privatekeysignerfrom",
	"walletadd", "startbroadcast", "fromsecretkey", "frombase58string", "ethereumprivatekey", "ecpaircreate", "localwallet", "privatekeysigner", "ethkeynew", "account", "accountsaccount",
}

// callsWallet reports whether a function is one of them.
func (n *names) callsWallet(function string) bool {
	parts := strings.FieldsFunc(function, func(r rune) bool { return strings.ContainsRune(".:>", r) })
	for i := range parts {
		if i >= len(parts)-2 && slices.Contains(walletCalls, n.fold(strings.Join(parts[i:], ""))) {
			return true
		}
	}
	return false
}

// signsWith reports whether a function that takes a wallet's private key is called with the
// variable.
func (n *names) signsWith(text, name string) bool {
	for from := 0; len(name) > 1; {
		at := strings.Index(text[from:], "("+name)
		if at < 0 {
			return false
		}
		at += from
		from = at + 1 + len(name)
		called := strings.TrimRightFunc(text[max(0, at-longestName):at], unicode.IsSpace)
		begin := 1 + strings.LastIndexFunc(called, func(r rune) bool {
			return !strings.ContainsRune("._:>", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})
		if from < len(text) && strings.IndexByte("), \n", text[from]) >= 0 && n.callsWallet(called[begin:]) {
			return true
		}
	}
	return false
}

// isWallet reports whether a half is a wallet's private key, by its form and by its names.
func (f *file) isWallet(h *half) bool {
	if f.isPrivate(h) {
		return true
	}
	if h.part != adapter.SecretPart || h.positional {
		return false
	}
	text, private := h.value.Reveal(), f.callsPrivate(h.name) && !f.besidePrivate(h) || variablePK(h)
	at := f.walletExchange(h) != ""
	switch {
	case walletMarked.MatchString(text):
		return at || private || strings.Contains(f.names.fold(h.name), "secretkey")
	case walletPlain.MatchString(text):
		return (!h.prose || strings.Contains(f.names.fold(h.name), "privatekey")) && (at || private && !f.named(h).foreign)
	default:
		return false
	}
}

// variablePK reports whether a half is the value of a variable called pk.
func variablePK(h *half) bool {
	return strings.EqualFold(h.name, "pk") && (h.frame.kind == 'f' || h.variable && strings.IndexByte("{(", h.frame.kind) < 0)
}

// callsPrivate reports whether a name says private key. "pk" alone is a public key, or a
// table's primary one, as often, unless it is a variable's name.
func (f *file) callsPrivate(name string) bool {
	folded := f.names.fold(name)
	return strings.Contains(folded, "privatekey") || strings.Contains(folded, "privkey") || name == "PK" ||
		len(folded) > 2 && slices.Contains(f.names.read(name).Words, "pk")
}

// besidePrivate reports whether pk is a public key in a half's name, because the same name
// with sk, or in Pk1 and Pr1 with pr, has the private one: test vectors call them so.
func (f *file) besidePrivate(h *half) bool {
	if len(h.name) < 3 || !strings.EqualFold(h.name[:2], "pk") {
		return false
	}
	for _, first := range []string{"sk", "Sk", "SK", "pr", "Pr"} {
		if strings.Contains(f.text, `"`+first+h.name[2:]+`"`) {
			return true
		}
	}
	return false
}

// walletExchange is the exchange, of those whose keys are wallets, that the names around a
// half say; empty if they say none. "Wallet" beside its name makes no other service of it.
func (f *file) walletExchange(h *half) string {
	if own := f.names.read(h.name); own.Wallet {
		return own.Exchange
	}
	if at := f.named(h).exchange; f.names.read(at).Wallet {
		return at
	}
	return ""
}

// walletOf is the evidence for a wallet's private key that nothing else makes a key.
func (f *file) walletOf(h *half) (evidence, bool) {
	if h.taken || h.words == 0 && !random(h.value.Reveal()) {
		return evidence{}, false
	}
	if v := f.named(h); v.exchange != "" {
		return v.evidence, true
	}
	if at := f.walletExchange(h); at != "" {
		return evidence{at, Named, "named by " + inventory.Show(h.name)}, true
	}
	if e, ok := f.walletNear(h.line); ok {
		return e, true
	}
	if h.words > 0 {
		return evidence{"", Unknown, looksLikePhrase(h.words)}, true
	}
	return evidence{"", Unknown, "it has the form of a wallet's private key, and its name says the same"}, true
}

// walletNear is the exchange near a line, if its keys are wallets.
func (f *file) walletNear(line int) (evidence, bool) {
	e, _, ok := f.near(line)
	return e, ok && f.names.read(e.exchange).Wallet
}

// ofWallet reports whether a secret is a wallet's, and an id not its address: the two are
// no key.
func ofWallet(id, secret *half) bool {
	return walletMarked.MatchString(secret.value.Reveal()) && !walletAddress.MatchString(id.value.Reveal())
}
