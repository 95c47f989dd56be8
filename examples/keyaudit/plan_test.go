package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestDryRunEndsAsAnAudit: a dry run of keys of which something is missing ends as an audit
// of them does, and says so.
func TestDryRunEndsAsAnAudit(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	good := s.entry("good", "spot-trading", spotKey)
	lost := `{"name":"lost","exchange":"bybit","base_url":"` + s.server.URL + `","key":"k-7f2a91c4","secret":"env:NOT_SET","policy":"spot-trading"}`
	half := "env=" + writeFile(t, filepath.Join(s.folder, "half.env"), 0o600, "KRAKEN_API_KEY=aK7x0Qm3Zr9LpT2wVb8N\n")
	whole := s.keyFile(t, good)
	holed := writeFile(t, filepath.Join(s.folder, "holed.json"), 0o600, `{"keys":[`+good+","+lost+`]}`)
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"all there":          {[]string{"--keys", whole}, audit.ExitClean, ""},
		"a secret is absent": {[]string{"--keys", holed}, audit.ExitNotAssessed, "keyaudit: 1 key cannot be audited: this ends with exit code 3, as an audit would\n"},
		"of another key":     {[]string{"--keys", holed, "--only", "name=good"}, audit.ExitClean, ""},
		"half a key":         {[]string{"--keys", whole, "--from", half}, audit.ExitNotAssessed, "keyaudit: 1 key cannot be audited: "},
		"two of three":       {[]string{"--keys", holed, "--from", half}, audit.ExitNotAssessed, "keyaudit: 2 keys cannot be audited: "},
		"no other":           {[]string{"--from", half}, audit.ExitNotAssessed, "keyaudit: no key would be audited\n"},
	} {
		asked := runWith(t.Context(), s.env, append(test.args, "--fail-on", "critical")...)
		assert.Equal(t, test.code, asked.code, "%s: %s", name, asked.stdout)
		dry := runWith(t.Context(), s.env, append(test.args, "--dry-run")...)
		assert.Equal(t, test.code, dry.code, name)
		if test.says == "" {
			assert.NotContains(t, dry.stderr, "exit code", name)
		} else {
			assert.Contains(t, dry.stderr, test.says, name)
		}
	}
	dry := runWith(t.Context(), s.env, "--keys", holed, "--dry-run")
	assert.Contains(t, dry.stdout, "\nlost: not audited: \"secret\": the environment variable \"NOT_SET\" is not set\n")
}
