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
		"owner", "operator", "trader", "trading", "funder", "sender", "minter", "proposer", "sequencer", "batcher", "sponsor", "treasury", "faucet", "burner", "eoa", "evm", "eth", "ethereum",
		"solana", "arbitrum", "arb", "optimism", "polygon", "matic", "bsc", "bnb", "avax", "avalanche", "starknet", "stark", "near", "sui", "aptos", "tron", "btc", "bitcoin", "cosmos", "ton",
		"hot", "bot", "validator", "liquidator", "arbitrageur", "sniper", "mainnet", "metamask", "signing", "payer", "hl", "chain", "l1", "l2", "web3", "dex", "clob",
		"hyperliquid", "dydx", "paradex", "lighter", "polymarket", "aster", "funding",
	}
	// privateWords are words for a private key.
	privateWords = []string{"key", "keys", "secret", "private", "priv", "privkey", "privatekey", "pk", "sk", "skey", "pkey", "wif", "hex"}
	// otherThings make something else of a name.
	otherThings = []string{
		"id", "ids", "hash", "hashed", "address", "addr", "pub", "public", "pubkey", "publickey", "role", "slot", "typehash", "topic", "name", "cache", "path", "file", "index", "count", "version",
		"fingerprint", "digest", "root", "tx", "txid", "transaction", "signature", "sig", "salt", "nonce", "storage", "event", "domain", "selector", "session", "prefix", "code", "message", "uri", "url",
		"alias", "label", "encryption", "encrypted", "encrypt", "aes", "mac", "jwt", "cookie", "hmac", "api", "block", "sha", "sha256", "md5", "checksum", "sum", "token", "commit", "rev", "revision",
		"etag", "object", "idempotency", "partition", "primary", "foreign", "sort", "lookup", "map", "mapping", "verify", "verification", "password", "registration", "enrollment", "license", "host",
		"ssh", "deploy", "webhook", "csrf", "proof", "leaf", "merkle", "commitment", "viewing", "view", "viewer", "type", "schema", "state", "data", "mapped", "gossip", "node", "peer", "cluster", "js", "ts", "json", "py", "go",
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
		return has(words, []string{"priv", "privkey", "privatekey", "privatekeys", "wif"}) || slices.Contains(words, "private") && len(words) <= 2
	}
}

const shortestPrivate = 51 // characters of a private key: of Bitcoin's in base58

var hex64 = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

func has(words, of []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(of, w) || slices.Contains(of, strings.TrimSuffix(w, "s")) })
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
	if len(text) < shortestPrivate || len(text) > longestPart || !privateForm(text) || s.names.read(name).Part != adapter.NoPart || !plausible(text, shortestPart) {
		return false
	}
	if says := s.names.saysPrivate(name, text); !says && (!has([]string{strings.ToLower(name)}, privateWords) || !s.names.ofWallet(in)) {
		return false
	}
	s.addPrivate(name, at, in, text, 0)
	s.private = argument{text: name, line: s.line}
	return true
}

// addPrivate takes a private key, or a phrase of so many words.
func (s *scanner) addPrivate(name string, at argument, in *frame, text string, words int) {
	s.add(&half{
		part: adapter.SecretPart, name: strings.Clone(name), value: adapter.NewSecret(strings.Clone(text)), size: len(text), frame: in, line: s.fileLine(at.line), column: at.column, private: true, words: words,
	})
}

// signs takes the private key that a function is called with. Others' arguments may stand
// before it, such as the address at Starknet's.
func (s *scanner) signs(f *frame) bool {
	call := f
	for call.kind == '(' && !s.names.callsWallet(call.name) && call.parent != nil && !has(s.names.read(call.name).Words, otherThings) {
		call = call.parent // bytes.fromhex("…") and the like
	}
	if call.kind != '(' || !s.names.callsWallet(call.name) {
		return false
	}
	for _, a := range slices.Backward(f.args) {
		if text := clean(a.text); privateForm(text) {
			s.take("private_key", a, call.parent, true)
			return true
		}
	}
	return false
}

// listsPrivate takes a list of private keys: one that is called so, or the accounts of a
// network in Hardhat's configuration.
func (s *scanner) listsPrivate(f *frame) bool {
	name := s.names.read(f.name).Words
	private := (has(name, []string{"private", "priv", "pk", "privkey"}) || has(name, signerWords)) && !has(name, otherThings)
	for at := f.parent; at != nil && !private && slices.Contains(name, "accounts"); at = at.parent {
		private = at.name == "networks"
	}
	if !private {
		return false
	}
	for _, a := range f.args {
		if text := clean(a.text); hex64.MatchString(text) || privateForm(text) && !has(name, signerWords) {
			s.take("private_key", a, f, true)
		}
	}
	return true
}

// listed takes a private key that stands in a list without brackets: after a comma on the
// line of the first, or as an item.
func (s *scanner) listed(at argument) bool {
	if len(at.text) < shortestPrivate {
		return false
	}
	text := clean(at.text)
	if len(text) > longestPart || s.top.kind == '(' || s.top.kind == '[' || !privateForm(text) {
		return false
	}
	name := s.private.text
	if s.private.line != s.line {
		list := s.top
		for list.kind == '-' && list.parent != nil {
			list = list.parent
		}
		switch name = list.name; {
		case list.kind == 'y' && s.names.saysPrivate(name, text):
		case s.alone(at, s.pos) && introduces(s.lineBefore()):
			name = "private key"
		default:
			return false
		}
	}
	return s.takesListed(name, at)
}

// takesListed takes one that stands in a list, whose name says of what.
func (s *scanner) takesListed(name string, at argument) bool {
	text := clean(at.text)
	if !plausible(text, shortestPart) {
		return false
	}
	s.addPrivate(name, at, s.top, text, 0)
	return true
}

// lineBefore is the line before this one, if it says anything.
func (s *scanner) lineBefore() string {
	before := strings.TrimRight(s.text[:s.start], " \t\r\n")
	return before[strings.LastIndexByte(before, '\n')+1:]
}

// introduces reports whether a line says that a private key follows.
func introduces(line string) bool {
	line = strings.ToLower(line)
	return len(line) < 200 && !strings.Contains(line, "hash") && !strings.Contains(line, "public") && strings.Contains(line, "key") &&
		(strings.Contains(line, "private") || strings.Contains(line, "wallet") || strings.Contains(line, "signer"))
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
	if f.names.saysPrivate(h.name, text) || f.names.signsWith(f.text, h.name) {
		return true
	}
	if has(words, otherThings) || !has(words, privateWords) {
		return false
	}
	if h.frame.wallet && h.frame.kind != 'f' {
		return true
	}
	return len(words) == 1 && f.names.ofWallet(h.frame)
}

// ofWallet reports whether what stands in a frame is of a wallet by the frame's name.
func (n *names) ofWallet(at *frame) bool {
	for ; at != nil; at = at.parent {
		if at.name != "" {
			in := n.read(at.name).Words
			return !has(in, otherThings) && (has(in, signerWords) || has(in, ownerWords))
		}
	}
	return false
}

// inSolidity reports whether a half stands on a line that declares 32 bytes: a hash.
func (f *file) inSolidity(h *half) bool {
	return walletKey.MatchString(h.value.Reveal()) && strings.Contains(f.lineOf(h.line), "bytes32")
}

// lineAt is the line that a place of the text is on.
func (f *file) lineAt(at int) int { return f.skipped + 1 + strings.Count(f.text[:at], "\n") }

// lineOf is a line of the text.
func (f *file) lineOf(n int) string {
	n -= f.skipped
	for row := range strings.SplitSeq(f.text, "\n") {
		if n--; n == 0 {
			return row
		}
	}
	return ""
}
