package find

import (
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// 64 hexadecimal digits are a hash as often as a private key. What they are called decides:
// after a wallet that somebody signs with, and by no word that makes something else of it.

var (
	// signerWords are words for wallets that a program signs with.
	signerWords = []string{"signer", "wallet", "agent", "deployer", "relayer", "keeper", "executor"}
	// ownerWords are words for wallets, and for much else: a word for a key must stand beside them.
	ownerWords = []string{
		"owner", "operator", "trader", "trading", "funder", "sender", "minter", "proposer", "sequencer", "batcher", "sponsor", "treasury", "faucet", "burner", "eoa", "evm", "eth", "ethereum", "sol",
		"solana", "arbitrum", "arb", "optimism", "polygon", "matic", "bsc", "bnb", "avax", "avalanche", "starknet", "stark", "near", "sui", "aptos", "tron", "btc", "bitcoin", "cosmos", "ton",
		"hot", "bot", "validator", "liquidator", "arbitrageur", "sniper", "mainnet", "metamask", "signing", "payer", "hl", "chain", "l1", "l2", "web3", "dex",
		"hyperliquid", "dydx", "paradex", "lighter", "polymarket", "aster", "funding",
	}
	// privateWords are words for a private key.
	privateWords = []string{"key", "keys", "secret", "private", "priv", "privkey", "privatekey", "pk", "sk", "skey", "pkey", "hex"}
	// otherThings make something else of a name.
	otherThings = []string{
		"id", "ids", "hash", "hashed", "address", "addr", "pub", "public", "pubkey", "publickey", "role", "slot", "typehash", "topic", "name", "cache", "path", "file", "index", "count", "version",
		"fingerprint", "digest", "root", "tx", "txid", "transaction", "signature", "sig", "salt", "nonce", "storage", "event", "domain", "selector", "session", "prefix", "code", "message", "uri", "url",
		"alias", "label", "encryption", "encrypted", "encrypt", "aes", "mac", "jwt", "cookie", "hmac", "api", "block", "sha", "sha256", "md5", "checksum", "sum", "token", "commit", "rev", "revision",
		"etag", "object", "idempotency", "partition", "primary", "foreign", "sort", "lookup", "map", "mapping", "verify", "verification", "password", "registration", "enrollment", "license", "host",
		"ssh", "deploy", "webhook", "csrf", "proof", "leaf", "merkle", "commitment", "viewing", "view", "viewer", "type", "schema", "state", "data", "mapped", "gossip", "node", "peer", "cluster",
	}
)

// saysPrivate reports whether a name says that 64 hexadecimal digits, or another form of a
// private key, are one.
func (n *names) saysPrivate(name, text string) bool {
	words := n.read(name).Words
	if has(words, otherThings) {
		return false
	}
	key := has(words, privateWords)
	switch {
	case has(words, signerWords):
		return key || hex64.MatchString(text)
	case has(words, ownerWords):
		return key
	default:
		return has(words, []string{"priv", "privkey", "privatekey", "privatekeys"}) || slices.Contains(words, "private") && len(words) <= 2
	}
}

var hex64 = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

func has(words, of []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(of, w) })
}

// privateForm reports whether a text has a form of wallets' private keys.
func privateForm(text string) bool {
	return walletMarked.MatchString(text) || walletPlain.MatchString(text)
}

// takesPrivate takes a wallet's private key whose name says no part of an exchange's key.
func (s *scanner) takesPrivate(name string, at argument, in *frame) bool {
	text := clean(at.text)
	if s.kind.secret && isPhraseName(name) {
		return s.takesPhrase(name, at, in)
	}
	if len(text) < 50 || len(text) > longestPart || !privateForm(text) || s.names.read(name).Part != adapter.NoPart || !s.names.saysPrivate(name, text) || !plausible(text, shortestPart) {
		return false
	}
	s.add(&half{
		part: adapter.SecretPart, name: strings.Clone(name), value: adapter.NewSecret(strings.Clone(text)), size: len(text), frame: in, line: s.base + at.line, column: at.column, private: true,
	})
	s.private = argument{text: name, line: s.line}
	return true
}

// signs takes the private key that a function is called with. Others' arguments may stand
// before it, such as the address at Starknet's.
func (s *scanner) signs(f *frame) bool {
	if len(f.args) == 0 || !s.names.callsWallet(f.name) {
		return false
	}
	for _, a := range slices.Backward(f.args) {
		if text := clean(a.text); privateForm(text) {
			s.take("private_key", a, f.parent, true)
			return true
		}
	}
	return false
}

// listsPrivate takes a list of private keys: one that is called so, or the accounts of a
// network in Hardhat's configuration.
func (s *scanner) listsPrivate(f *frame) bool {
	name := s.names.read(f.name).Words
	private := has(name, []string{"private", "priv", "pk", "pks", "privkeys"}) && !has(name, otherThings)
	for at := f.parent; at != nil && !private && slices.Contains(name, "accounts"); at = at.parent {
		private = at.name == "networks"
	}
	if !private {
		return false
	}
	for _, a := range f.args {
		if text := clean(a.text); privateForm(text) {
			s.take("private_key", a, f, true)
		}
	}
	return true
}

// listed takes a private key that stands in a list without brackets: after a comma on the
// line of the first, or as an item.
func (s *scanner) listed(at argument) bool {
	text := clean(at.text)
	if len(text) < 50 || len(text) > longestPart || s.top.kind == '(' || s.top.kind == '[' || !privateForm(text) {
		return false
	}
	name := s.private.text
	if s.private.line != s.line {
		list := s.top
		for list.kind == '-' && list.parent != nil {
			list = list.parent
		}
		if name = list.name; list.kind != 'y' || !s.names.saysPrivate(name, text) {
			return false
		}
	}
	return s.takesPrivate(name, at, s.top)
}

// isPrivate reports whether the names of a half, or of what it stands in, say that it is a
// wallet's private key.
func (f *file) isPrivate(h *half) bool {
	text := h.value.Reveal()
	if h.private {
		return true
	}
	if h.positional || !privateForm(text) || f.inSolidity(h) || f.named(h).foreign {
		return false
	}
	words := f.names.read(h.name).Words
	if f.names.saysPrivate(h.name, text) {
		return true
	}
	if has(words, otherThings) || !has(words, privateWords) {
		return false
	}
	if h.frame.wallet && h.frame.kind != 'f' {
		return true
	}
	for at := h.frame; at != nil; at = at.parent {
		if at.name != "" && at.kind != '(' {
			in := f.names.read(at.name).Words
			return !has(in, otherThings) && (has(in, signerWords) || has(in, ownerWords)) && len(words) == 1
		}
	}
	return false
}

// inSolidity reports whether a half stands on a line that declares 32 bytes: a hash.
func (f *file) inSolidity(h *half) bool {
	return walletKey.MatchString(h.value.Reveal()) && strings.Contains(f.lineOf(h.line), "bytes32")
}

// lineOf is a line of the text.
func (f *file) lineOf(n int) string {
	for row := range strings.SplitSeq(f.text, "\n") {
		if n--; n == 0 {
			return row
		}
	}
	return ""
}
