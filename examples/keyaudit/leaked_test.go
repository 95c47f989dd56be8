package main

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestLeakedKeysAreCritical: by the key id, the secret, both, or a hash of one, in every
// form of a list.
func TestLeakedKeysAreCritical(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(id, secret string) string{
		"key id":            func(id, _ string) string { return id },
		"secret":            func(_, secret string) string { return "abcdefgh12345678\n" + secret },
		"pair":              func(id, secret string) string { return id + ":" + secret },
		"CSV":               func(id, secret string) string { return "exchange,key,secret\nbybit," + id + ",\"" + secret + "\"" },
		"SHA-256":           func(_, secret string) string { return sha256Text(secret) },
		"SHA-256 of the id": func(id, _ string) string { return strings.ToUpper(sha256Text(id)) },
		"SHA-256 in mixed letters": func(_, secret string) string {
			sum := sha256Text(secret)
			return strings.ToUpper(sum[:20]) + sum[20:]
		},
		"SHA-512":             func(_, secret string) string { return fmt.Sprintf("%x", sha512.Sum512([]byte(secret))) },
		"SHA-256 with a line": func(_, secret string) string { return "sha256:" + sha256Text(secret+"\n") },
		"SHA-256 and a count": func(_, secret string) string { return sha256Text(secret) + ":42" },
		"gitleaks":            func(_, secret string) string { return `[{"RuleID": "g", "Secret": "` + secret + `", "File": "a"}]` },
		"gitleaks's line": func(_, secret string) string {
			return `[{"RuleID": "g", "Secret": "something-else", "Match": "S=` + secret + `"}]`
		},
		"TruffleHog": func(id, secret string) string {
			return `{"SourceMetadata":{},"Raw":"` + id + `","RawV2":"` + id + secret + `"}`
		},
		"Kingfisher": func(_, secret string) string {
			return `{"findings":[{"rule":{},"finding":{"snippet":"` + secret + `"}}]}`
		},
		"detect-secrets": func(_, secret string) string {
			return `{"results":{"a":[{"hashed_secret":"` + sha1Text(secret) + `"}]}}`
		},
	} {
		h := newHunted(t)
		c := h.held["maker"]
		path := h.put(t, "leaked.txt", write(c.Key, c.Secret.Reveal())+"\n")
		got, ran := h.searched(t, "--leaked", path)
		assert.Equal(t, "failed critical", ofCopies(got["maker"]), "%s: %s", name, got["maker"].Finding(audit.RuleSecretInFiles).Message)
		assert.Contains(t, got["maker"].Finding(audit.RuleSecretInFiles).Message, "on a list of leaked keys", name)
		assert.Equal(t, "passed", ofCopies(got["grid"]), name)
		assert.Equal(t, audit.ExitFindings, ran.code)
	}
}

// TestListsThatAreNotUnderstood: nothing is sent if none of a list is, and no key is called
// clean if some is not.
func TestListsThatAreNotUnderstood(t *testing.T) {
	t.Parallel()
	h := newHunted(t)
	for _, path := range []string{filepath.Join(h.tree, "missing"), h.tree, h.put(t, "empty", ""), h.put(t, "prose", "there is nothing to see here\n"), h.put(t, "a.json", `{"a": 1}`)} {
		got := h.run(t.Context(), t, "--leaked", path)
		assert.Equal(t, audit.ExitUsage, got.code, path)
		assert.Contains(t, got.stderr, "--leaked: ", path)
		assert.Empty(t, h.fakes["bybit"].Requests(), "nothing was sent")
	}
	path := h.put(t, "some.txt", "abcdefgh12345678\n?\nAb***\n")
	got, ran := h.searched(t, "--leaked", path)
	assert.Equal(t, "undetermined critical", ofCopies(got["grid"]))
	assert.Contains(t, got["grid"].Finding(audit.RuleSecretInFiles).Message, "1 of 3 entries not understood, 1 of 3 entries redacted (line 2, 3)")
	assert.Contains(t, ran.stderr, "3 entries compared, but 1 of 3")

	output := h.put(t, "list.txt", "abcdefgh12345678\n")
	refused := h.run(t.Context(), t, "--leaked", output, "--output", output)
	assert.Equal(t, audit.ExitUsage, refused.code, "a list is not overwritten")
}

func sha256Text(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

func sha1Text(text string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(text))) }
