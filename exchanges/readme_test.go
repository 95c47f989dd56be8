package exchanges_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestReadme compares the tables of the READMEs with the code. UPDATE_README=1
// rewrites them.
func TestReadme(t *testing.T) {
	t.Parallel()
	for path, tables := range map[string]map[string]string{
		"README.md":          {"exchanges": exchangesTable(), "unreported": unreportedList()},
		"../audit/README.md": {"rules": rulesTable()},
	} {
		checkTables(t, path, tables)
	}
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	require.LessOrEqual(t, strings.Count(string(text), "\n"), 200, "what is long stands in the README of the folder it is about")
}

func checkTables(t *testing.T, path string, tables map[string]string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	want := string(raw)
	for name, table := range tables {
		begin, end := "<!-- "+name+": generated -->\n", "<!-- end "+name+" -->"
		head, rest, ok := strings.Cut(want, begin)
		require.True(t, ok, "%s has no marker %q", path, begin)
		_, tail, ok := strings.Cut(rest, end)
		require.True(t, ok, "%s has no marker %q", path, end)
		want = head + begin + table + end + tail
	}
	if os.Getenv("UPDATE_README") != "" {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600))
		return
	}
	if want != string(raw) { // in one sentence, not in 70 KB
		t.Errorf("%s is not current: run UPDATE_README=1 go test ./exchanges -run TestReadme", path)
	}
}

// exchangesTable says what each exchange reports about a key.
func exchangesTable() string {
	var b strings.Builder
	b.WriteString("| exchange | rights reported | evidence | IP allowlist | its entries | created | expires | last used | main or sub | other keys | " +
		"key types | checked | confirmed by |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, e := range exchanges.All() {
		c := e.Coverage
		kinds := make([]string, len(e.Needs.Kinds))
		for i, k := range e.Needs.Kinds {
			kinds[i] = map[access.KeyKind]string{access.SharedSecret: "HMAC", access.RSAKey: "RSA", access.Ed25519Key: "Ed25519", access.ECDSAKey: "ES256", access.Secp256k1Wallet: "wallet", access.StarkWallet: "wallet", access.Ed25519Wallet: "wallet", access.SchnorrWallet: "wallet"}[k]
		}
		name := fmt.Sprintf("[%s](%s)", e.Title, e.Docs)
		if e.Closing != nil {
			name += " (closed or closing)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", name, rightsReported(c), evidence(c),
			c.Allowlist, c.AllowlistEntries, c.Created, c.Expires, c.LastUsed, c.AccountKind, c.Siblings, strings.Join(kinds, ", "), e.Checked, c.Confirmed)
	}
	return b.String()
}

// evidence says what the facts about a key are based on.
func evidence(c adapter.Coverage) string {
	words := []string{access.Reported.String()}
	if c.Inferred {
		words[0] = access.Inferred.String()
	}
	if len(c.Absent) > 0 {
		words = append(words, access.Documented.String())
	}
	return strings.Join(words, ", ")
}

// rightsReported says for how many rights it is known whether a key has them.
func rightsReported(c adapter.Coverage) string {
	open := 0
	for _, capability := range access.Capabilities() {
		if !contains(c.Reports, capability) && !contains(c.Absent, capability) {
			open++
		}
	}
	switch {
	case len(c.Reports) == 0:
		return "no"
	case len(c.Reports) == 1:
		return "can read"
	case open == 0:
		return "all"
	default:
		return fmt.Sprintf("%d of %d", len(access.Capabilities())-open, len(access.Capabilities()))
	}
}

func contains(list []access.Capability, c access.Capability) bool {
	for _, have := range list {
		if have == c {
			return true
		}
	}
	return false
}

// unreportedList says, for each exchange, which rights stay unknown.
func unreportedList() string {
	var b strings.Builder
	var silent []string
	for _, e := range exchanges.All() {
		if len(e.Coverage.Reports) == 1 {
			silent = append(silent, e.Title)
			continue
		}
		var open []string
		for _, capability := range access.Capabilities() {
			if !contains(e.Coverage.Reports, capability) && !contains(e.Coverage.Absent, capability) {
				open = append(open, "`"+string(capability)+"`")
			}
		}
		if len(open) > 0 {
			fmt.Fprintf(&b, "- %s doesn't report %s.\n", e.Title, strings.Join(open, ", "))
		}
	}
	fmt.Fprintf(&b, "- Nothing except that the key is active and can read: %s.\n", strings.Join(silent, ", "))
	return b.String()
}

func rulesTable() string {
	var b strings.Builder
	b.WriteString("| rule | about | max severity | references |\n|---|---|---|---|\n")
	for _, r := range audit.Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.ID, r.Title, r.Severity, strings.Join(r.References, ", "))
	}
	return b.String()
}
