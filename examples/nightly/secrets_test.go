package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

func TestReferences(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "secret.key"), 0o600, "  from a file\n")
	env := func(name string) string { return map[string]string{"NAME": " from the environment\n"}[name] }
	for text, want := range map[string]string{
		"env:NAME":        "from the environment",
		"file:secret.key": "from a file",
		"file:" + filepath.Join(folder, "secret.key"): "from a file",
		"plain-id": "plain-id",
	} {
		r, err := parseReference(text, folder)
		require.NoError(t, err)
		require.NoError(t, r.check(env))
		got, err := r.read(env)
		require.NoError(t, err)
		assert.Equal(t, want, got, text)
	}
	got, err := reference{}.read(env)
	require.NoError(t, err)
	assert.Empty(t, got, "a part the key doesn't have")
}

// TestOpenSecretFiles: a file that others can read, or change, is refused.
func TestOpenSecretFiles(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Log("rights are not in the mode there: every file is taken")
		return
	}
	folder := t.TempDir()
	for _, mode := range []os.FileMode{0o400, 0o600, 0o700} {
		_, err := reference{fromFile, writeFile(t, filepath.Join(folder, "good"), mode, canary)}.read(nil)
		require.NoError(t, err, "%o", mode)
		require.NoError(t, os.Remove(filepath.Join(folder, "good")))
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o666} {
		path := writeFile(t, filepath.Join(folder, "bad.key"), mode, canary)
		err := reference{fromFile, path}.check(nil)
		require.ErrorContains(t, err, `bad.key" is open to others (mode 0`, "%o", mode)
		require.ErrorContains(t, err, "chmod 600")
		_, err = reference{fromFile, path}.read(nil)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), canary)
	}
	require.ErrorContains(t, reference{fromFile, writeFile(t, filepath.Join(folder, "empty"), 0o600, "")}.check(nil), "is empty")
	require.ErrorContains(t, reference{fromFile, writeFile(t, filepath.Join(folder, "big"), 0o600, strings.Repeat("x", maxSecret+1))}.check(nil), "too large")
}

// TestLazy: secrets are fetched when the key's turn comes, and a file that went
// away meanwhile is told by name.
func TestLazy(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	c := s.Issue(spotKey)
	writeFile(t, filepath.Join(s.folder, "secret.key"), 0o600, c.Secret.Reveal())
	s.env["ID"] = c.Key
	path := s.keyFile(t, `{"name":"a","exchange":"bybit","key":"env:ID","secret":"file:secret.key"}`)
	keys, problems := readKeyFile(path, func(name string) string { return s.env[name] })
	require.Empty(t, problems)
	require.Len(t, keys, 1)
	assert.Empty(t, keys[0].Credentials.Key)
	assert.True(t, keys[0].Credentials.Secret.IsZero())

	got, err := keys[0].Load(t.Context())
	require.NoError(t, err)
	assert.True(t, got.Secret.Equal(c.Secret))
	assert.Equal(t, c.Key, got.Key)

	require.NoError(t, os.Remove(filepath.Join(s.folder, "secret.key")))
	delete(s.env, "ID")
	_, err = keys[0].Load(t.Context())
	require.ErrorIs(t, err, audit.KindInput)
	require.ErrorContains(t, err, `key: the environment variable "ID" is not set; secret: the file "`)
	require.ErrorContains(t, err, "does not exist")
}

func TestShow(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"binanse", "GRID_EU_1_BYBIT_SECRET", "grid-eu-1-trading-bot-2", "withdrawalwithdrawalwithdrawal", ""} {
		assert.Equal(t, `"`+word+`"`, show(word))
	}
	for _, word := range []string{canary, "xx " + canary, strings.ToLower(canary), "b8dd0b4c-7a3f-4e32-9a3c-8d2f1c0b7e61", strings.Repeat("ab ", 40)} {
		assert.NotContains(t, show(word), word)
	}
}

func TestEditDistance(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"binanse", "binance", 1}, {"flaw", "lawn", 2}} {
		assert.Equal(t, tc.want, editDistance(tc.a, tc.b), "%s %s", tc.a, tc.b)
	}
}

// TestPolicies reads every field of a policy.
func TestPolicies(t *testing.T) {
	t.Parallel()
	read := func(policy string) audit.Policy {
		path := writeFile(t, filepath.Join(t.TempDir(), "keys.json"), 0o600, with("policy", policy, "nonce_unit", `"us"`, "environment", `"testnet"`))
		keys, problems := readKeyFile(path, func(string) string { return "value" })
		require.Empty(t, problems)
		require.Len(t, keys, 1)
		assert.Equal(t, "testnet", keys[0].Environment)
		assert.EqualValues(t, 1000, keys[0].Nonce.Unit)
		return keys[0].Policy
	}
	for name, preset := range audit.Presets() {
		assert.Equal(t, preset, read(`"`+name+`"`))
		assert.Equal(t, preset, read(`{"preset": "`+name+`"}`))
	}
	assert.Equal(t, audit.Policy{Name: "custom"}, read(`{}`))
	p := read(`{
		"max_age_days": 30, "expiry_notice_days": 10, "needs": ["read", "trade.spot"], "allows": ["other:earn"], "preset": "read-only",
		"expected_ips": ["198.18.0.10", "2001:db8::/64"],
		"attestations": [{"rule": "ip-allowlist", "statement": "looked", "by": "ann", "at": "2026-11-01", "until": "2027-01-01T12:00:00+02:00"}],
		"waivers": [{"rule": "key-age", "reason": "audit freeze", "until": "2027-02-01"}]
	}`)
	assert.Equal(t, "read-only, extended", p.Name)
	assert.Equal(t, []audit.Capability{"read", "trade.spot"}, p.Needs)
	assert.Equal(t, []audit.Capability{"other:earn"}, p.Allows)
	assert.Equal(t, "720h0m0s", p.MaxAge.String())
	assert.Equal(t, "240h0m0s", p.ExpiryNotice.String())
	require.Len(t, p.ExpectedIPs, 2)
	assert.Equal(t, "198.18.0.10/32", p.ExpectedIPs[0].String())
	require.Len(t, p.Attestations, 1)
	assert.Equal(t, "2027-01-01T10:00:00Z", p.Attestations[0].Until.UTC().Format("2006-01-02T15:04:05Z07:00"))
	assert.Equal(t, "ann", p.Attestations[0].By)
	require.Len(t, p.Waivers, 1)
	assert.Equal(t, "audit freeze", p.Waivers[0].Reason)

	// A key without a policy may only read.
	path := writeFile(t, filepath.Join(t.TempDir(), "keys.json"), 0o600, with())
	keys, problems := readKeyFile(path, func(string) string { return "value" })
	require.Empty(t, problems)
	assert.Equal(t, audit.ReadOnly(), keys[0].Policy)
}
