package find

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOwnFiles: what keyaudit wrote is known as that only as it wrote it.
func TestOwnFiles(t *testing.T) {
	t.Parallel()
	head := "SQLite format 3\x00" + string(make([]byte, 52))
	state := head + "kaud" + string(make([]byte, 4000))
	text := "{\n  \"schema\": 1,\n  \"exchange\": \"bybit\",\n  \"apiKey\": \"672b662c4c0ccc358f\",\n  \"apiSecret\": \"9fK2mQ7xT4vB8nL1pR6sW3zY5cD0gHjE\"\n}\n"
	sum := sha256.Sum256([]byte(text))
	name := "bybit-" + hex.EncodeToString(sum[:4]) + ".json"
	root := t.TempDir()
	write(t, root, name, text)
	r := look(t, Options{Paths: []string{root}})
	assert.Empty(t, r.Found)
	assert.Zero(t, r.Unread())
	assert.Equal(t, []string{name}, r.skipped(SkippedOwn))

	for path, other := range map[string]string{name: text + " ", "bybit-00000000.json": text, "case.json": text} {
		root := t.TempDir()
		write(t, root, path, other)
		assert.Equal(t, []string{path}, look(t, Options{Paths: []string{root}}).paths(), path)
	}
	for _, other := range []string{head + "none" + state[72:], state[1:]} {
		assert.NotEqual(t, SkippedOwn, container([]byte(other)))
	}
	assert.Equal(t, SkippedOwn, container([]byte(state)))
}

// TestEncryptedIsNamedWithWhatReadsIt: of the bots whose encrypted keys keyaudit reads, the
// files are named with the way to do so.
func TestEncryptedIsNamedWithWhatReadsIt(t *testing.T) {
	t.Parallel()
	samples := filepath.Join("..", "..", "keyaudit", "samples")
	r := look(t, Options{Paths: []string{filepath.Join(samples, "hummingbot")}})
	assert.Len(t, r.skipped(SkippedHummingbot), 4, "one for each connector")
	assert.Equal(t, 4, r.Unread())
	for why, says := range map[Why]string{SkippedHummingbot: "--from hummingbot=FOLDER", SkippedGCT: "--from gocryptotrader=FILE"} {
		assert.Contains(t, why, says)
	}
	sealed, err := os.ReadFile(filepath.Join(samples, "gct", "config.dat"))
	require.NoError(t, err)
	require.True(t, isBinary(sealed))
	root := t.TempDir()
	write(t, root, "config.dat", string(sealed))
	assert.Equal(t, []string{"config.dat"}, look(t, Options{Paths: []string{root}}).skipped(SkippedGCT), "although it is binary")
	write(t, root, "notes.txt", "see THORS-HAMMER")
	for staged, left := range map[bool]int{true: 0, false: 1} {
		c := newCheckout(t)
		write(t, c.folder, "config.dat", string(sealed))
		c.git("add", "-f", ".")
		assert.Equal(t, left, look(t, Options{Paths: []string{c.folder}, Staged: staged}).Unread(), "what is encrypted may be committed")
	}
}

// TestDeepestPath: a path in a message in a message is no text in base64, whatever names it.
func TestDeepestPath(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, root, "a.txt", `{"exchange": "x", "fingerprint": "bce314bec1741bca", "message": "see {\"what\": \"a text with {\\\"secret_env\\\": \\\"/home/trading/samples/env/of/the/first/bot\\\"}\"}"}`)
	assert.Zero(t, look(t, Options{Paths: []string{root}}).Unread())
}
