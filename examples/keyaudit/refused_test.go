package main

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestRefusedAddressIsExplained: after the host's IP address has changed, the report says
// so, compares it with what earlier runs found, and names the entry to add.
func TestRefusedAddressIsExplained(t *testing.T) {
	t.Parallel()
	const home, away, other = "198.51.100.20", "198.51.100.77", "2001:db8::9"
	q := &quietKey{fake: exchangetest.Gate(), env: map[string]string{}}
	q.server = exchangetest.Serve(q.fake)
	t.Cleanup(q.server.Close)
	c := q.fake.Issue(exchangetest.Spec{IPs: []string{home}})
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "secret"), 0o600, c.Secret.Reveal())
	q.file = writeFile(t, filepath.Join(folder, "keys.json"), 0o600,
		fmt.Sprintf(`{"keys":[{"name":"a","exchange":"gate","key":%q,"secret":"file:secret","expected_ips":[%q]}]}`, c.Key, home))
	report := func(from string) string {
		q.fake.SetCaller(netip.MustParseAddr(from))
		got := q.run(t.Context(), "--keys", q.file, "--state", filepath.Join(folder, "state"), "--format", "markdown")
		require.NotContains(t, got.stderr, "could not", got.stderr)
		return strings.ReplaceAll(got.stdout, `\`, "")
	}
	require.NotContains(t, report(home), "refused this IP address")
	changed := report(away)
	for _, text := range []string{
		"the exchange saw the IP address 198.51.100.77 (IPv4); the previous run was accepted, so either this IP address or the allowlist has changed since.",
		"It is not one of the policy's expected_ips (198.51.100.20). Only if the bot runs there, add the entry 198.51.100.77 to the key's allowlist and to expected_ips.",
		"It is not on the allowlist that the exchange reported on ",
	} {
		assert.Contains(t, changed, text)
	}
	again := report(other)
	assert.Contains(t, again, "2001:db8::9 (IPv6); it has changed: in the previous run it saw 198.51.100.77.")
	assert.Contains(t, again, "It is not on the allowlist that the exchange reported on ", "which an earlier run found")
}
