// Package sources reads keys for which third-party packages are needed:
// inventories in YAML ([Read]), the system's key store and files encrypted
// with age ([Schemes]), and the files of bots that encrypt their keys or use
// YAML ([Formats]). It writes nothing, never prompts for a password, and
// decrypts in memory when a key's turn comes.
//
// # References
//
//	keyring:SERVICE/USER  an entry of the system's key store: Keychain,
//	                      Credential Manager, or the Secret Service
//	age:FILE              the content of a file encrypted with age, armored or not
//	age:FILE#/POINTER     one text of the JSON in such a file
//
// age needs the environment variable NIGHTLY_AGE_IDENTITY: the path of an
// identity file from age-keygen, which only its owner may access (chmod 600). A
// relative path starts at the working directory. The content may have 1 MiB.
// Files encrypted with a passphrase, ssh keys and plugins are not supported.
//
// # Bots' files
//
//	hummingbot      the bot's folder, or its folder conf; HBOT_PASSWORD, or
//	                CONFIG_PASSWORD, is the bot's password
//	gocryptotrader  config.json, or config.dat with its password in
//	                GCT_PASSWORD; it replaces the format of that name that
//	                reads unencrypted files only
//	bbgo-yaml       bbgo.yaml, the environment variables that its sessions
//	                name, and .env.local next to it; BINANCE_US and PAPER_TRADE
//	                say which Binance is meant
//
// [Decoders] let the package inventory read TOML: Codex's config.toml and that of
// OKX's agent kit.
//
// hummingbot's keys can be listed without its password, GoCryptoTrader's
// cannot. The work that a file may require to derive a key from a password is
// limited, so that a hostile file costs a few seconds at most. Only one key is
// derived at a time, because that can take 256 MiB.
package sources

import (
	"github.com/zalando/go-keyring"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// Schemes are the further types of references, for inventory.Options.Schemes.
// Environment variables are looked up with env, as in Options.Env; nil means that
// no variable is set.
func Schemes(env func(string) string) map[string]inventory.Scheme {
	if env == nil {
		env = func(string) string { return "" }
	}
	return map[string]inventory.Scheme{
		"keyring": keyringScheme(keyring.Get),
		"age":     ageScheme(env),
	}
}

// Formats are the formats of further bots' files, for inventory.Options.Formats.
func Formats() []inventory.Format {
	s := make(slot, 1)
	return []inventory.Format{
		{Name: "hummingbot", Title: "hummingbot's encrypted connectors", Read: s.hummingbot},
		{Name: "gocryptotrader", Title: "GoCryptoTrader's config.json or config.dat", Read: s.goCryptoTrader},
		{Name: "bbgo-yaml", Title: "bbgo's bbgo.yaml", Read: readBBGO},
	}
}
