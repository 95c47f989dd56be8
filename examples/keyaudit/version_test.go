package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestVersion: what a release sets is what the program says of itself, and so do the
// reports that a program reads.
func TestVersion(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "keyaudit")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "-ldflags", "-X main.released=v9.8.7 -X main.commit=0123abcd", ".")
	text, err := build.CombinedOutput()
	require.NoError(t, err, string(text))
	output := func(args ...string) string {
		text, err := exec.CommandContext(t.Context(), program, args...).Output()
		if ended := (*exec.ExitError)(nil); err != nil {
			require.ErrorAs(t, err, &ended)
			require.Equal(t, 1, ended.ExitCode(), "the demonstration has findings")
		}
		return string(text)
	}
	checked := exchanges.Checked()
	assert.Contains(t, output("version"), "keyaudit v9.8.7, commit 0123abcd, exchange map of "+checked+" ")
	assert.Equal(t, output("version"), output("--version"))

	var report struct {
		Map struct{ Version, Commit, Checked string } `json:"exchange_map"`
	}
	require.NoError(t, json.Unmarshal([]byte(output("--demo", "--format", "json")), &report))
	assert.Equal(t, struct{ Version, Commit, Checked string }{"v9.8.7", "0123abcd", checked}, report.Map)
	spaces := regexp.MustCompile(`\s`)
	for format, has := range map[string]string{
		"sarif": `"version":"9.8.7","rules"`,
		"ocsf":  `"version":"v9.8.7","feature":{"name":"exchangemap","uid":"0123abcd","version":"` + checked + `"}`,
	} {
		got := spaces.ReplaceAllString(output("--demo", "--format", format), "")
		assert.Contains(t, got, has, format)
		assert.Contains(t, got, "0123abcd", format)
	}
}
