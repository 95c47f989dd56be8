package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// TestOneAbsentSecret: a secret that is not where it should be costs its own key: that
// one is named with the reason, in a dry run too, and the others are audited.
func TestOneAbsentSecret(t *testing.T) {
	t.Parallel()
	for name, where := range map[string]string{
		"variable": "env:NOT_SET", "file": "file:not-there", "empty file": "file:empty", "pointer": "file:not-there.json#/a",
		"credential": "credential:none",
	} {
		s := newTestbed(t)
		s.env["CREDENTIALS_DIRECTORY"] = t.TempDir()
		writeFile(t, filepath.Join(s.folder, "empty"), 0o600, "")
		keys := s.keyFile(t, s.entry("good", "spot-trading", spotKey),
			`{"name":"lost","exchange":"bybit","base_url":"`+s.server.URL+`","key":"k-7f2a91c4","secret":"`+where+`","policy":"spot-trading"}`)
		got := runWith(t.Context(), s.env, "--keys", keys, "--format", "json", "--fail-on", "critical")
		assert.Equal(t, audit.ExitNotAssessed, got.code, name)
		assert.Contains(t, got.stderr, "what needs it is not audited", name)
		report, err := render.ReadJSON(strings.NewReader(got.stdout))
		require.NoError(t, err, name)
		require.Len(t, report.Results, 2, name)
		assert.True(t, report.Results[0].Inspected(), name)
		assert.Equal(t, "lost", report.Results[1].Name, name)
		require.ErrorIs(t, report.Results[1].Snapshot.Failure, access.KindInput, name)
		assert.Len(t, s.Requests(), 1, name)

		dry := runWith(t.Context(), s.env, "--keys", keys, "--dry-run")
		assert.Contains(t, dry.stderr, "what needs it is not audited", name)
		assert.Contains(t, dry.stdout, "lost", name)
	}
}
