package inventory

import (
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Beside an exchange's keys people keep what opens their wallets. It is no key of an exchange,
// is worth more than one, and is named.

const (
	holdsSeed   = " holds a wallet's seed, which opens everything in the wallet and is not audited here: give it to no program"
	holdsWallet = " holds a wallet's private key: list it in an inventory, if its exchange is supported"
)

var (
	// seedPhrase has the twelve words or more of a seed.
	seedPhrase = regexp.MustCompile(`^(?i:[a-z]{3,8}[ _,-]+){11,24}(?i:[a-z]{3,8})$`)
	// extended is a wallet's extended private key.
	extended = regexp.MustCompile(`^[xyztuv]prv[1-9A-HJ-NP-Za-km-z]{107}$`)
	// entropy is a seed in another form than words.
	entropy = regexp.MustCompile(`^(?:0x)?[0-9A-Fa-f]{32,128}$|^[A-Za-z0-9+=]{20,}$`)
	// walletForms are those of private keys, besides walletKey: Solana's, as bytes and in
	// base 58, and Bitcoin's.
	walletForms = regexp.MustCompile(`^\[\s*\d{1,3}(?:\s*,\s*\d{1,3}){31,63}\s*\]$|^[1-9A-HJ-NP-Za-km-z]{86,88}$|^[5KL][1-9A-HJ-NP-Za-km-z]{50,51}$`)
)

// seedNames are words for a wallet's seed.
var seedNames = []string{"mnemonic", "mnemonics", "seed", "seeds", "seedphrase", "seedwords", "recovery", "entropy"}

// isSeed reports whether a variable holds a wallet's seed: by its form, or by its name where the
// value may be one.
func isSeed(v Variable, n *variableName) bool {
	value := strings.Trim(strings.TrimSpace(v.Value.Reveal()), `"'`)
	named := slices.ContainsFunc(n.words, func(word string) bool { return slices.Contains(seedNames, word) })
	switch {
	case seedPhrase.MatchString(value):
		return named || strings.Count(value, " ")%3 == 2 // 12, 15, 18, 21 or 24 words
	case extended.MatchString(value):
		return true
	default:
		return named && entropy.MatchString(value) && placeholder("secret", value) == ""
	}
}

// otherWallet is the variable that holds the seed or the private key of a wallet which is no
// known exchange's, and what it holds; nil if none does.
func (k *variableKey) otherWallet() (p *namedPart, holds string) {
	services := slices.ContainsFunc(k.name().words, func(word string) bool { return slices.Contains(otherServices, word) })
	for _, parts := range k.parts[adapter.KeyPart : adapter.SecretPart+1] {
		for i := range parts {
			p := &parts[i]
			value := strings.Trim(strings.TrimSpace(p.Value.Reveal()), `"'`)
			switch {
			case isSeed(Variable{Value: p.Value}, &p.name):
				return p, holdsSeed
			case services:
			case walletKey.MatchString(value), p.name.long && (walletKey.MatchString("0x"+value) || walletForms.MatchString(value)):
				return p, holdsWallet
			}
		}
	}
	return nil, ""
}
