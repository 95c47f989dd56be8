package inventory

import (
	"cmp"
	"slices"
)

// elsewhere are words after a part's name with which the value only leads to the
// part, and what the variable does then.
var elsewhere = map[string]string{
	"file": "names a file", "path": "names a file", "arn": "names a secret that is kept elsewhere", "ref": "names a secret that is kept elsewhere",
	"vault": "names a secret that is kept elsewhere", "encrypted": "is encrypted", "enc": "is encrypted", "ciphertext": "is encrypted",
}

// notPart are words after a part's name with which the value is no part:
// BYBIT_API_KEY_VERSION.
var notPart = []string{
	"index", "version", "name", "label", "hash", "type", "count", "length", "expiry", "expires", "created", "date", "note", "comment", "prefix",
	"suffix", "header", "url", "permissions", "permission", "whitelist", "encoding", "format", "rotation", "ttl", "days", "age", "salt", "iv",
	"enabled", "required", "ring", "rotated", "fingerprint", "algorithm", "alias", "description", "owner", "size",
}

// realWords are words for real money, in names and values.
var realWords = []string{"live", "real", "prod", "production", "mainnet", "realmoney"}

// variableTestWords are further words for test networks, and what they mean.
var variableTestWords = map[string]string{
	"testing": "test", "simulation": "simulated", "simulate": "simulated", "sim": "simulated", "papertrading": "paper", "papertrade": "paper",
	"vst": "simulated", "paptrading": "demo", // BingX's and Bitget's own words
}

// devWords may mean a test network, or a developer's own live key.
var devWords = []string{"dev", "devnet", "develop", "development", "preprod", "nonprod", "qa", "sit"}

// testWord is the word for a test network that a variable's word stands for; empty
// if it is none.
func testWord(word string) string {
	word = cmp.Or(variableTestWords[word], word)
	if slices.Contains(testWords, word) {
		return word
	}
	return ""
}

// ordinaryWords are names of exchanges that are words of other things, too. They
// count only in names whose other words are known: GATE_KEEPER_API_KEY.
var ordinaryWords = []string{"gate", "gemini", "woo", "xt", "apex", "extended", "lighter", "vertex", "derive", "pacifica", "defx", "orderly"}

// plainWords are words that people put around an exchange's name.
var plainWords = []string{
	"my", "bot", "main", "sub", "account", "acct", "acc", "user", "trading", "trade", "trader", "api", "the", "exchange", "ex", "key", "keys", "v", "v1", "v2",
	"v3", "v4", "v5", "com", "cex", "primary", "secondary", "master", "default", "new", "old", "read", "readonly", "ro", "rw", "a", "b", "c", "grid", "arb",
	"desk", "app", "cfg", "config", "env", "creds", "credentials", "secrets", "ccxt", "open", "first", "second", "freqtrade", "mcp",
}

// otherProducts are words beside an exchange's name with which the key is for
// something else: COINBASE_COMMERCE_API_KEY.
var otherProducts = []string{
	"commerce", "pay", "payment", "payments", "wallet", "web3", "dex", "onchain", "onchainkit", "paymaster", "scan", "chain", "nft", "card", "webhook", "rates", "rate",
	"news", "faucet", "rpc", "grpc", "indexer", "explorer", "node", "oauth", "bank", "clone", "mock", "keeper", "session", "cookie", "encryption", "signing", "affiliate", "referral", "io",
}

// otherServices are words in the names of other services' keys.
var otherServices = []string{
	"telegram", "discord", "slack", "twitter", "google", "aws", "azure", "openai", "anthropic", "smtp", "mail", "email", "ftp", "db", "database", "redis", "mysql",
	"postgres", "jwt", "csrf", "stripe", "github", "gitlab", "sentry", "datadog", "cloudflare", "s3", "minio", "vapid", "pusher", "recaptcha", "algolia", "mailgun",
	"sendgrid", "twilio", "ssl", "tls", "ssh", "gpg", "pgp", "django", "flask", "rails", "firebase", "supabase", "alchemy", "infura",
}

// regionWords name a country's site, or the main one, and how environments call
// it.
var regionWords = map[string][]string{
	"eu": {"eu", "eea"}, "europe": {"eu", "eea"}, "eea": {"eea", "eu"}, "us": {"us"}, "usa": {"us"}, "uk": {"uk"}, "tr": {"tr"}, "turkey": {"tr"},
	"turkiye": {"tr"}, "au": {"au"}, "aus": {"au"}, "australia": {"au"}, "jp": {"jp"}, "japan": {"jp"}, "sg": {"sg"}, "singapore": {"sg"}, "hk": {"hk"}, "hongkong": {"hk"},
	"kr": {"kr"}, "korea": {"kr"}, "th": {"th"}, "thailand": {"th"}, "nl": {"nl"}, "netherlands": {"nl"}, "kz": {"kz"}, "kazakhstan": {"kz"}, "uae": {"ae"},
	"georgia": {"ge"}, "indonesia": {"id"}, "br": {"br"}, "brazil": {"br"}, "canada": {"ca"}, "india": {"in"}, "global": {"global", ""}, "international": {"global", ""},
}
