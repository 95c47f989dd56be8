package inventory

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func TestStdin(t *testing.T) {
	t.Parallel()
	k := one(t, goodKey("secret", `"stdin"`), Options{Stdin: strings.NewReader(" s3cret\n")})
	c, err := k.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "s3cret", c.Secret.Reveal())
	assert.Equal(t, access.Storage{Part: "secret", In: "standard input"}, stored(c))
	_, err = k.Load(t.Context())
	assert.ErrorContains(t, err, "secret: standard input was already used and is no longer available")
}

// TestStdinShared: several keys, and a proxy, share one document, which is read
// when the first needs it and dropped when the last has it.
func TestStdinShared(t *testing.T) {
	t.Parallel()
	reads := 0
	in, err := inFile(t, `{"keys": [
		{"name": "a", "exchange": "bybit", "key": "stdin#/a/0", "secret": "stdin#/a/1", "egress": {"proxy": "stdin#/proxy"}},
		{"name": "b", "exchange": "bybit", "key": "public", "secret": "stdin#/b"}
	]}`, Options{Stdin: readerFunc(func(p []byte) (int, error) {
		reads++
		return copy(p, `{"a": ["ka", "sa"], "b": 42, "proxy": "http://127.0.0.1:1"}`), io.EOF
	})})
	require.NoError(t, err)
	assert.Zero(t, reads)
	a, err := in.Keys[0].Load(t.Context())
	require.NoError(t, err)
	b, err := in.Keys[1].Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"ka", "sa", "public", "42"}, []string{a.Key, a.Secret.Reveal(), b.Key, b.Secret.Reveal()})
	assert.Equal(t, 1, reads)
	_, err = in.Keys[1].Load(t.Context())
	assert.ErrorContains(t, err, "is no longer available")
}

func TestStdinFails(t *testing.T) {
	t.Parallel()
	for want, from := range map[string]io.Reader{
		"standard input cannot be read":               iotest.ErrReader(io.ErrClosedPipe),
		"standard input is too large":                 strings.NewReader(strings.Repeat(canary, maxSecret)),
		"the value is empty (source: standard input)": strings.NewReader("\n"),
	} {
		_, err := loadSecret(t, `"stdin"`, Options{Stdin: from})
		require.ErrorContains(t, err, "secret: "+want)
		assert.NotContains(t, err.Error(), canary)
	}
	_, err := loadSecret(t, `"stdin#/a"`, Options{Stdin: strings.NewReader(canary)})
	assert.ErrorContains(t, err, "the JSON is malformed at line 1, column 1 (source: standard input)")
}

// TestStdinWaits: a key whose time ends stops waiting for input.
func TestStdinWaits(t *testing.T) {
	t.Parallel()
	from, to := io.Pipe()
	k := one(t, goodKey("secret", `"stdin"`), Options{Stdin: from})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := k.Load(ctx)
	require.ErrorIs(t, err, context.Canceled)
	go func() {
		_, _ = io.WriteString(to, "late")
		_ = to.Close()
	}()
	c, err := k.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "late", c.Secret.Reveal())
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
