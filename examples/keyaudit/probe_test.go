package main

import (
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/okx"
)

// TestProbeIsShownBeforehand: with its egress, after what the audit itself sends; and a
// demonstration sends none.
func TestProbeIsShownBeforehand(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`
egress: {lab: {proxy: "http://127.0.0.1:1", ips: [9.9.9.9]}}
keys:
  - {name: bot, exchange: okx, key: 6b1b0b0e-1111-4222-8333-0123456789ab, secret: "env:S", passphrase: "env:P", probe: lab}
`), 0o600))
	env := map[string]string{"S": "0123456789ABCDEF0123456789ABCDEF", "P": "a passphrase"}
	dry := runWith(t.Context(), env, "--keys", path, "--dry-run")
	require.Equal(t, audit.ExitClean, dry.code, dry.stderr)
	assert.Contains(t, dry.stdout, "GET  https://www.okx.com/api/v5/account/config\n")
	assert.Contains(t, dry.stdout, "GET  https://www.okx.com/api/v5/account/config, from lab\n       once, to prove that the IP allowlist refuses this egress; only if the key is restricted")
	parsed := runWith(t.Context(), env, "--keys", path, "--dry-run", "--format", "json")
	assert.Contains(t, parsed.stdout, `"egress": "lab"`)

	demo := runWith(t.Context(), env, "--demo", "--keys", path, "--all")
	assert.Regexp(t, `ip-allowlist-negative.*names no egress`, demo.stdout)
}

// counted counts what is sent through it.
type counted struct {
	http.RoundTripper
	n int
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n++
	return c.RoundTripper.RoundTrip(r)
}

// TestGateSendsNoProbe: a bot that restarts again and again passes it each time.
func TestGateSendsNoProbe(t *testing.T) {
	t.Parallel()
	fake := exchangetest.OKX()
	lab := &counted{RoundTripper: fake}
	key := audit.Key{
		Name: "bot", Exchange: okx.Exchange, Credentials: fake.Issue(exchangetest.Spec{Permissions: []string{"read_only"}, IPs: []string{"198.51.100.20"}}),
		Probe: &adapter.Probe{Transport: lab, Egress: "lab", IPs: []netip.Prefix{netip.MustParsePrefix("9.9.9.9/32")}},
	}
	key.Record.Probe = "lab"
	r := &auditRun{settings: &settings{}, fleet: fleet{options: audit.Options{Transport: fake}}}
	r.failOn = audit.Critical
	v := r.verdict(t.Context(), &key, nil)
	assert.NotContains(t, v.Message, "ip-allowlist-negative")
	assert.Zero(t, lab.n)
	assert.NotNil(t, key.Probe, "which a whole audit sends")
}
