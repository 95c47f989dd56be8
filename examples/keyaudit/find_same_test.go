package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/find"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// addressed is a key with all that says where it is sent, and with what.
func addressed(t *testing.T, k *audit.Key) string {
	t.Helper()
	c, err := k.Load(t.Context())
	require.NoError(t, err, k.Name)
	id := c.Key
	if id == "" {
		id = c.Account
	}
	return fmt.Sprintf("%s to %s %s, passphrase %q, secret %q", id, k.Exchange.Name, k.Environment, c.Passphrase.Reveal(), c.Secret.Reveal())
}

// TestFindAuditReadsAsTheBots: a bot's file gives a search the keys that it gives the bot's
// own importer: for the same exchange and environment, with the same passphrase.
func TestFindAuditReadsAsTheBots(t *testing.T) {
	t.Parallel()
	for bot, sample := range sampleBots {
		if bot == "gct" || bot == "hummingbot" { // encrypted
			continue
		}
		a := app{env: func(string) string { return "" }, read: &inputs{}}
		in, err := inventory.From(bot, sample.path, a.options())
		require.NoError(t, err, bot)
		var want []string
		wallets := 0
		for i := range in.Keys {
			switch at := addressed(t, &in.Keys[i]); {
			case strings.HasPrefix(at, "made-up-"): // no form of a key's
			case in.Keys[i].Exchange.Needs.Wallet != nil || strings.HasPrefix(at, "0x"): // which a search never sends, and names
				wallets++
			default:
				want = append(want, at)
			}
		}
		folder := sample.path
		if info, err := os.Stat(folder); err == nil && !info.IsDir() {
			folder = filepath.Dir(folder)
		}
		report, err := find.Find(t.Context(), find.Options{Paths: []string{folder}, Exchanges: exchanges.All()})
		require.NoError(t, err, bot)
		var got, not []string
		for _, c := range report.Candidates(exchanges.All()) {
			if c.Wallet {
				wallets--
			}
			if c.Not != "" {
				not = append(not, fmt.Sprintf("%s %s: %s", c.Audit.Name, c.Key, c.Not))
				continue
			}
			got = append(got, addressed(t, &c.Audit))
		}
		slices.Sort(want)
		slices.Sort(got)
		assert.Equal(t, want, got, "%s: %q", bot, not)
		assert.Zero(t, wallets, "%s: wallets", bot)
	}
}
