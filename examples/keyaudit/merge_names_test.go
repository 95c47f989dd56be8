package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// alike are two hosts, each of which has a key that it calls main.
func alike(t *testing.T) *fleetOfHosts {
	t.Helper()
	f := &fleetOfHosts{newEmptyFirm(t), map[string][]string{"tokyo": {"main"}, "london": {"main-2"}}}
	for _, name := range []string{"main", "main-2"} {
		f.issue(name, "bybit", "spot-trading", exchangetest.Spec{Permissions: []string{"Spot.SpotTrade", "Wallet.Withdraw"}, IPs: []string{"198.51.100.20"}, Created: f.now.AddDate(0, 0, -9), Expires: f.now.AddDate(0, 0, 60)})
	}
	f.entries["main-2"]["name"] = "main"
	return f
}

// TestMergeOfKeysThatAreAlike: two hosts' keys of one name are told apart wherever both are
// named.
func TestMergeOfKeysThatAreAlike(t *testing.T) {
	t.Parallel()
	f := alike(t)
	reports := f.audited(t, "tokyo", "london")
	for _, format := range formatNames() {
		got := f.command(t, append([]string{"merge", "--format", format}, reports...)...)
		require.Equal(t, audit.ExitFindings, got.code, "%s: %s", format, got.stderr)
		named := regexp.MustCompile(`"host": ?"(tokyo|london)"|\b(tokyo|london)/main\b`).FindAllString(got.stdout, -1)
		if format == "prometheus" { // which names no key
			assert.NotContains(t, got.stdout, `"main"`)
			continue
		}
		assert.Condition(t, func() bool {
			has := func(host string) bool {
				return slices.ContainsFunc(named, func(name string) bool { return strings.Contains(name, host) })
			}
			return has("tokyo") && has("london")
		}, format)
	}
	text := f.command(t, append([]string{"merge"}, reports...)...).stdout
	_, text, _ = strings.Cut(text, "Worst first")
	first, _, _ := strings.Cut(strings.Join(strings.Fields(text), " "), "→")
	assert.Regexp(t, "london/main, tokyo/main|tokyo/main, london/main", first)
	var sarif struct {
		Runs []struct {
			Results []struct {
				PartialFingerprints map[string]string
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(f.command(t, append([]string{"merge", "--format", "sarif"}, reports...)...).stdout), &sarif))
	seen := map[string]bool{}
	for _, r := range sarif.Runs[0].Results {
		for _, id := range r.PartialFingerprints {
			assert.False(t, seen[id], "two findings with one identity")
			seen[id] = true
		}
	}
}

// TestHistoryOfKeysThatAreAlike: each of two hosts' keys of one name has a history of its
// own, in whatever order their reports are named.
func TestHistoryOfKeysThatAreAlike(t *testing.T) {
	t.Parallel()
	f := alike(t)
	state := filepath.Join(f.folder, "many.db")
	merge := func(hosts ...string) {
		got := f.command(t, append([]string{"merge", "--state", state, "--format", "json"}, f.audited(t, hosts...)...)...)
		require.Equal(t, audit.ExitFindings, got.code, got.stderr)
		f.now = f.now.AddDate(0, 0, 1)
	}
	list := func() string { return f.command(t, "history", "--state", state).stdout }
	for range 3 {
		merge("tokyo", "london")
	}
	before := list()
	for _, host := range []string{"tokyo", "london"} {
		assert.Equal(t, 1, strings.Count(before, "\n"+host+"/main "))
	}
	merge("london", "tokyo")
	assert.Equal(t, before, list(), "nothing has changed")
	f.change("main", func(s *exchangetest.Spec) { s.Permissions = append(s.Permissions, "Wallet.AccountTransfer") })
	merge("london", "tokyo")

	both := f.command(t, "history", "--state", state, "main").stdout
	assert.Contains(t, both, "main: bybit live, on the host tokyo, key ")
	assert.Contains(t, both, "main: bybit live, on the host london, key ")
	for host, gained := range map[string]bool{"tokyo": true, "london": false} {
		own := f.command(t, "history", "--state", state, host+"/main")
		assert.Equal(t, audit.ExitClean, own.code, own.stderr)
		assert.Equal(t, 1, strings.Count(own.stdout, "on the host "), host)
		assert.Contains(t, own.stdout, "on the host "+host)
		assert.Equal(t, gained, strings.Contains(own.stdout, "gained-permission"), host)
		var told []toldHistory
		require.NoError(t, json.Unmarshal([]byte(f.command(t, "history", "--state", state, "--format", "json", host+"/main").stdout), &told))
		require.Len(t, told, 1)
		assert.Equal(t, host, told[0].Host)
	}
	none := f.command(t, "history", "--state", state, "paris/main")
	assert.Equal(t, audit.ExitUsage, none.code)
	assert.Contains(t, none.stderr, `history: unknown key "paris/main"`)
	one := f.command(t, "forget", "--state", state, "tokyo/main", "--yes")
	assert.Equal(t, audit.ExitUsage, one.code)
	assert.Contains(t, one.stderr, `forget: keys of one name are forgotten together, whatever host they are on: write "main"`)
}
