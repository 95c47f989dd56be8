package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestFindWallet: a wallet's private key is a finding of its own, in every format; it is
// the whole key, and is never sent.
func TestFindWallet(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	secret := "0x" + strings.Repeat("3f2a9c1e77ab4c3d", 4)
	file := writeFile(t, filepath.Join(folder, "config.json"), 0o600, `{"exchange": {"name": "hyperliquid", "walletAddress": "0x`+strings.Repeat("9d8e7f6a", 5)+`", "privateKey": "`+secret+`"}}`)
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"hyperliquid: a wallet's private key\n", "anyone who has it can sign for the wallet"}},
		{[]string{"--format", "json"}, []string{`"exchange": "hyperliquid"`, `"half": "secret"`, `"wallet": true`}},
		{[]string{"--format", "sarif"}, []string{"a wallet's private key: named by the field", "move everything to a new wallet"}},
		{[]string{"--audit", "--dry-run"}, []string{"a wallet's private key, which a search never sends"}},
	} {
		got := runWith(t.Context(), nil, append([]string{"find", file}, c.args...)...)
		assert.Equal(t, audit.ExitFindings, got.code, "%v: %s", c.args, got.stderr)
		for _, want := range c.want {
			assert.Contains(t, got.stdout, want, c.args)
		}
		assert.NotContains(t, got.stdout+got.stderr, secret[2:12], c.args)
	}
}
