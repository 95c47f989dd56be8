package adapter

import (
	"slices"
	"strings"
)

// Part is one of the texts that a key consists of.
type Part uint8

// The parts. The zero value is none.
const (
	NoPart Part = iota
	KeyPart
	SecretPart
	PassphrasePart
	OTPPart // a second factor of the key itself
	KeyPassphrasePart
	AccountPart // the account for which a wallet's key trades
)

// ofWallets are the exchanges whose keys are wallets.
var ofWallets = []string{
	"hyperliquid", "aster", "derive", "apex", "defx", "dydx", "extended", "injective", "lighter", "nado", "orderly", "pacifica", "paradex", "polymarket",
}

// PartName is a name that exchanges, their clients and bots have for a part.
type PartName struct {
	Name string // as the end of a variable's name: API_KEY
	Part Part
	// Weak: the name may also mean something else, so it counts only where no
	// other name of the part is used.
	Weak bool
	// Of are the exchanges that have the name for the part; empty means any.
	Of []string
}

// PartNames returns the names, the usual ones first. Case, underscores, hyphens
// and blanks do not matter in them.
func PartNames() []PartName {
	return slices.Concat([]PartName{
		{Name: "API_KEY", Part: KeyPart},
		{Name: "KEY", Part: KeyPart},
		{Name: "API_KEY_ID", Part: KeyPart}, // Alpaca's client
		{Name: "KEY_ID", Part: KeyPart},
		{Name: "ACCESS_KEY", Part: KeyPart}, // Upbit, HTX, WhiteBIT
		{Name: "API_ACCESS_KEY", Part: KeyPart},
		{Name: "ACCESS_KEY_ID", Part: KeyPart},
		{Name: "ACCESS_ID", Part: KeyPart}, // CoinEx
		{Name: "APP_KEY", Part: KeyPart, Weak: true, Of: []string{"xt"}},
		{Name: "CONNECT_KEY", Part: KeyPart, Weak: true, Of: []string{"bithumb"}},
		{Name: "CLIENT_ID", Part: KeyPart, Weak: true, Of: []string{"deribit"}}, // elsewhere the customer's number
		{Name: "API_KEY_NAME", Part: KeyPart, Weak: true, Of: []string{"coinbase"}},
		{Name: "KEY_NAME", Part: KeyPart, Weak: true, Of: []string{"coinbase"}}, // elsewhere a label
		{Name: "API_PUBLIC_KEY", Part: KeyPart, Weak: true},
		{Name: "PUBLIC_KEY", Part: KeyPart, Weak: true}, // may also be half of an asymmetric key

		{Name: "API_SECRET", Part: SecretPart},
		{Name: "SECRET", Part: SecretPart},
		{Name: "SECRET_KEY", Part: SecretPart},
		{Name: "API_PRIVATE_KEY", Part: SecretPart},
		{Name: "PRIVATE_KEY", Part: SecretPart}, // Kraken, Coinbase; Ed25519 and RSA keys
		{Name: "API_SECRET_KEY", Part: SecretPart},
		{Name: "API_KEY_SECRET", Part: SecretPart},
		{Name: "KEY_SECRET", Part: SecretPart},
		{Name: "API_KEY_PRIVATE_KEY", Part: SecretPart},
		{Name: "ACCESS_SECRET", Part: SecretPart},
		{Name: "ACCESS_KEY_SECRET", Part: SecretPart},
		{Name: "ACCESS_SECRET_KEY", Part: SecretPart},
		{Name: "SECRET_ACCESS_KEY", Part: SecretPart},
		{Name: "API_SECRET_B64", Part: SecretPart}, // Coinbase Exchange's client
		{Name: "SECRET_B64", Part: SecretPart},
		{Name: "B64_SECRET", Part: SecretPart},
		{Name: "PRIVATE_KEY_PEM", Part: SecretPart},
		{Name: "PRIVATE_PEM", Part: SecretPart},
		{Name: "PEM_KEY", Part: SecretPart},
		{Name: "SIGNING_KEY", Part: SecretPart, Weak: true, Of: []string{"coinbaseprime"}},
		{Name: "CLIENT_SECRET", Part: SecretPart, Weak: true, Of: []string{"deribit"}},

		{Name: "API_PASSPHRASE", Part: PassphrasePart},
		{Name: "PASSPHRASE", Part: PassphrasePart},
		{Name: "API_PASSWORD", Part: PassphrasePart},
		{Name: "API_KEY_PASSPHRASE", Part: PassphrasePart},
		{Name: "API_PASS", Part: PassphrasePart},
		{Name: "PASSWORD", Part: PassphrasePart, Weak: true}, // ccxt; may also be that of the account
		{Name: "PASSWD", Part: PassphrasePart, Weak: true},
		{Name: "PASS", Part: PassphrasePart, Weak: true},
		{Name: "API_MEMO", Part: PassphrasePart, Of: []string{"bitmart"}},
		{Name: "MEMO", Part: PassphrasePart, Of: []string{"bitmart"}},
		{Name: "UID", Part: PassphrasePart, Weak: true, Of: []string{"bitmart"}}, // ccxt

		{Name: "API_OTP", Part: OTPPart},
		{Name: "OTP", Part: OTPPart, Weak: true},

		{Name: "PRIVATE_KEY_PASSPHRASE", Part: KeyPassphrasePart},
		{Name: "PRIVATE_KEY_PASSWORD", Part: KeyPassphrasePart},
		{Name: "PEM_PASSPHRASE", Part: KeyPassphrasePart},
		{Name: "PEM_PASSWORD", Part: KeyPassphrasePart},

		{Name: "ACCOUNT_ID", Part: AccountPart, Of: []string{"orderly"}},
		{Name: "ACCOUNT_INDEX", Part: AccountPart, Of: []string{"lighter"}},
	}, wallets(SecretPart, false, "SESSION_PRIVATE_KEY", "SESSION_KEY_PRIVATE_KEY", "AGENT_PRIVATE_KEY", "AGENT_WALLET_PRIVATE_KEY", "WALLET_PRIVATE_KEY",
		"API_WALLET_PRIVATE_KEY", "SIGNER_PRIVATE_KEY", "ACCOUNT_PRIVATE_KEY", "STARK_PRIVATE_KEY", "L2_PRIVATE_KEY", "PRIVATE_KEY_HEX"),
		wallets(SecretPart, true, "PK", "SESSION_KEY", "MNEMONIC", "WALLET_MNEMONIC", "SEED_PHRASE", "SECRET_PHRASE", "MNEMONIC_PHRASE"), // words, of which an adapter says that they are none
		wallets(AccountPart, false, "ACCOUNT_ADDRESS", "WALLET_ADDRESS", "MAIN_ADDRESS", "USER_ADDRESS", "MAIN_WALLET_ADDRESS", "MASTER_ADDRESS", "GRANTER_ADDRESS",
			"CHAIN_ADDRESS", "FUNDER", "FUNDER_ADDRESS"),
		wallets(AccountPart, true, "ADDRESS"))
}

// wallets are names of parts at exchanges whose keys are wallets.
func wallets(part Part, weak bool, names ...string) []PartName {
	out := make([]PartName, len(names))
	for i, name := range names {
		out[i] = PartName{Name: name, Part: part, Weak: weak, Of: ofWallets}
	}
	return out
}

// Fold is a name in the form in which names are compared: without case and
// separators.
func Fold(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("_-. ", r) {
			return -1
		}
		return r
	}, strings.ToLower(name))
}
