package inventory

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestURLsAreNotShown: a URL in the wrong place may contain a password.
func TestURLsAreNotShown(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"http://user:hunter2@proxy:8080", "user:hunter2@proxy", "socks5h://proxy", "https://hooks.example/T0K3N"} {
		assert.NotContains(t, show(word), "hunter2")
		assert.Equal(t, "(not shown: it may be a secret)", show(word), word)
	}
	for _, word := range []string{"grid-eu-1", "user@example.com", "a:b", "C:\\keys", "keys.json:3:1"} {
		assert.NotContains(t, show(word), "not shown", word)
	}
}

// TestCommandInOneItem: a whole command line in one item shows none of its
// arguments.
func TestCommandInOneItem(t *testing.T) {
	t.Parallel()
	c := &commands{folder: t.TempDir()}
	for _, line := range []string{"no-such-op --token=hunter2", "no-such-curl -u u:hunter2", "no-such-op read op://vault/hunter2"} {
		err := c.check(commandName([]string{line}))
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "hunter2")
		assert.Contains(t, err.Error(), "write each argument as a separate item")
	}
}

// TestCommandLeavesNoChildren: the children of a command end with it, also when
// it succeeds.
func TestCommandLeavesNoChildren(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // there are no process groups
	}
	folder := t.TempDir()
	c := &commands{folder: folder, slots: make(chan struct{}, 1)}
	d, err := c.fetch(t.Context(), source{name: commandName([]string{"sh", "-c", "(sleep 1; touch alive) >/dev/null 2>&1 & echo value"})})
	require.NoError(t, err)
	assert.Equal(t, "value", strings.TrimSpace(d.text))
	time.Sleep(1500 * time.Millisecond)
	assert.NoFileExists(t, filepath.Join(folder, "alive"))
}

// TestUnterminatedComments: megabytes of them are read once.
func TestUnterminatedComments(t *testing.T) {
	t.Parallel()
	text := bytes.Repeat([]byte("/* "), 4<<20)
	assert.Equal(t, text, stripJSONC(text))
}

// TestFreqtradeAddsItself: one file under many names is one file, and the number
// of files is limited.
func TestFreqtradeAddsItself(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(names []string) string {
		text := fmt.Sprintf(`{"exchange": {"name": "bybit", "key": "k", "secret": "s"}, "add_config_files": [%s]}`, strings.Join(names, ","))
		path := filepath.Join(folder, "config.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	var same []string
	for n := range 200 {
		same = append(same, fmt.Sprintf("%q", strings.Repeat("./", n)+"config.json"))
	}
	in, err := From("freqtrade", write(same), withVariables())
	require.NoError(t, err)
	assert.Len(t, in.Keys, 1)

	var many []string
	for n := range 100 {
		name := fmt.Sprintf("%d.json", n)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(`{}`), 0o600))
		many = append(many, fmt.Sprintf("%q", name))
	}
	_, err = From("freqtrade", write(many), withVariables())
	require.ErrorContains(t, err, "adds more than 64 files")
}

// TestOfflineWithEgress: a key that cannot be loaded has no Load.
func TestOfflineWithEgress(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"egress": {"e": {"proxy": "env:NONE"}}, "keys": [{"name": "b", "from": "octobot=/none.json#x", "egress": "e"}]}`), 0o600))
	o := withVariables()
	o.Offline = true
	in, err := Read(path, o)
	require.NoError(t, err)
	require.Len(t, in.Keys, 1)
	assert.Nil(t, in.Keys[0].Load)
}
