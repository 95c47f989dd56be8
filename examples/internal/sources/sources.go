// Package sources reads keys from where only third-party code can read them:
// inventories in YAML ([ReadYAML]), the system's key store, files encrypted
// with age ([Schemes]), and the files of bots that encrypt their keys or write
// YAML ([Formats]). It writes nothing, asks nobody for a password, and decrypts
// in memory when a key's turn comes.
//
// # References
//
//	keyring:SERVICE/USER  an entry of the system's key store: Keychain,
//	                      Credential Manager, or the Secret Service
//	age:FILE              what a file encrypted with age holds, armored or not
//	age:FILE#/POINTER     one text of the JSON in such a file
//
// age needs the variable NIGHTLY_AGE_IDENTITY: the path of an identity file as
// age-keygen writes it, which nobody but its owner may read (chmod 600). A
// relative path starts at the working directory. A file may hold 1 MiB. Files
// that a passphrase opens, ssh keys and plugins are not supported.
//
// # Bots' files
//
//	hummingbot      the bot's folder, or its folder conf; HBOT_PASSWORD, or
//	                CONFIG_PASSWORD, is the bot's password
//	gocryptotrader  config.json, or config.dat with its password in
//	                GCT_PASSWORD; it stands in for the format of that name that
//	                reads plain files only
//	bbgo-yaml       bbgo.yaml; the variables that its sessions name, and those
//	                of .env.local beside it; BINANCE_US and PAPER_TRADE
//	                there say which Binance is meant
//
// The keys of hummingbot are listed without its password; those of
// GoCryptoTrader cannot be. What a file asks for to derive a key from a
// password is bounded, so that a hostile one costs seconds at most, and only
// one key is derived at a time, for that can take 256 MiB.
package sources

import (
	"github.com/zalando/go-keyring"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// Schemes are the further kinds of references, for inventory.Options.Schemes.
// Variables are looked up in env, which is that of the Options too; nil means
// that there are none.
func Schemes(env func(string) string) map[string]inventory.Scheme {
	if env == nil {
		env = func(string) string { return "" }
	}
	return map[string]inventory.Scheme{
		"keyring": keyringScheme(keyring.Get),
		"age":     ageScheme(env),
	}
}

// Formats are the further bots whose files can be read, for
// inventory.Options.Formats.
func Formats() []inventory.Format {
	s := make(slot, 1)
	return []inventory.Format{
		{Name: "hummingbot", Title: "hummingbot's encrypted connectors", Read: s.hummingbot},
		{Name: "gocryptotrader", Title: "GoCryptoTrader's config.json or config.dat", Read: s.goCryptoTrader},
		{Name: "bbgo-yaml", Title: "bbgo's bbgo.yaml", Read: readBBGO},
	}
}
