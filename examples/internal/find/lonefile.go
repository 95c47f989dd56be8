package find

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// A file may hold nothing but a private key, or a list of them, perhaps beside their
// addresses. Its name, or that of its folder, is all that says what it is.

var (
	// secretFiles are words in the names of files that hold one secret of any kind.
	secretFiles = []string{"key", "secret", "sk", "keyfile", "keypair"}
	// walletFolders are words in the names of folders of wallets.
	walletFolders = []string{"wallet", "wallets", "signer", "signers", "private", "keystore", "hyperliquid", "solana", "agent"}
	// appFiles are words in the names of files with secrets of other things.
	appFiles = []string{"app", "flask", "django", "rails", "erlang", "laravel", "db", "database", "redis", "postgres", "server", "client", "tls", "ssl", "ca", "cert", "grpc", "swarm", "vpn", "wireguard", "wg"}
	solana   = regexp.MustCompile(`^` + b58 + `{32,44}$`)
)

// lineKeys are what may be private keys in a line of nothing but them and their addresses;
// false for any other line.
func lineKeys(line string) (keys []string, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' || strings.HasPrefix(line, "//") {
		return nil, true
	}
	if len(line) > 4*longestPart {
		return nil, false
	}
	for _, text := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t,;:|\"'", r) }) {
		switch {
		case privateForm(text):
			keys = append(keys, text)
		case isAddress(text), len(text) < 4, solana.MatchString(text):
		default:
			return nil, false
		}
	}
	return keys, true
}

// mayList reports whether a text may be a list of nothing but private keys.
func mayList[T ~string | ~[]byte](data T) bool {
	for len(data) > 0 {
		line, rest := data, data[len(data):]
		for i := range min(len(data), 4*longestPart) {
			if data[i] == '\n' {
				line, rest = data[:i], data[i+1:]
				break
			}
		}
		if len(line) >= 4*longestPart {
			return false
		}
		keys, ok := lineKeys(string(line))
		if !ok || len(keys) > 0 {
			return ok
		}
		data = rest
	}
	return false
}

// onlyKeys takes the keys of a file that holds nothing else.
func (f *file) onlyKeys() {
	if len(f.halves) > 0 || !mayList(f.text) {
		return
	}
	whose, several := f.holdsPrivate()
	if !whose {
		return
	}
	var found []*half
	line, at := f.skipped, &frame{kind: 'f'}
	for row := range strings.SplitSeq(f.text, "\n") {
		line++
		keys, ok := lineKeys(row)
		if !ok || len(found)+len(keys) > 1 && !several || len(found) > mostHalves {
			return
		}
		for _, text := range keys {
			if plausible(text, shortestPart) {
				found = append(found, &half{part: adapter.SecretPart, value: adapter.NewSecret(strings.Clone(text)), size: len(text), frame: at, line: line, column: 1, private: true})
			}
		}
	}
	f.halves = found
}

// holdsPrivate reports whether the file's name says that it holds a private key, and
// whether it says so of several.
func (f *file) holdsPrivate() (one, several bool) {
	base := f.names.read(strings.ReplaceAll(filepath.Base(f.path), ".", "_")).Words
	folder := f.names.read(filepath.Base(filepath.Dir(f.path))).Words
	if has(base, otherThings) || has(base, appFiles) {
		return false, false
	}
	several = has(base, signerWords) || has(base, ownerWords) || has(base, walletFolders) || has(base, []string{"pk", "pks", "priv", "privkey", "privkeys", "privatekey", "privatekeys"}) || has(folder, walletFolders)
	return several || has(base, secretFiles), several
}
