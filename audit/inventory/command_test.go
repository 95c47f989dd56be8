//go:build unix

package inventory

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// script is a reference to a shell script with one argument.
func script(text, argument string, more ...string) string {
	return fmt.Sprintf(`{"exec": ["sh", "-c", %q, "script", %q]%s}`, text, argument, strings.Join(more, ""))
}

func TestCommand(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`echo " s3cret "; echo noise >&2`:     "s3cret",
		`printf %s "$1"`:                      "a b\"c",
		`cat; echo no input`:                  "no input",
		`head -c 65536 /dev/zero | tr '\0' x`: strings.Repeat("x", 65536),
		`echo "$MARK$HOME"`:                   "marked",
	} {
		c, err := loadSecret(t, script(text, `a b"c`), Options{Environ: []string{"MARK=marked", "PATH=" + os.Getenv("PATH")}})
		require.NoError(t, err, text)
		assert.Equal(t, want, c.Secret.Reveal())
		assert.Equal(t, access.Storage{Part: "secret", In: "command"}, stored(c))
	}
	c, err := loadSecret(t, script(`echo "$PATH"; pwd`, ""), Options{})
	require.NoError(t, err)
	path, folder, _ := strings.Cut(c.Secret.Reveal(), "\n")
	assert.Equal(t, os.Getenv("PATH"), path, "the program's environment")
	assert.FileExists(t, filepath.Join(folder, "keys.json"))
}

func TestCommandFails(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`exit 7`:        `the command "sh" failed with exit code 7`,
		`kill -9 $$`:    `the command "sh" could not be run to completion`,
		`yes ` + canary: `the command "sh" printed more than 64 KiB`,
		`trap "" PIPE; while :; do echo ` + canary + ` 2>/dev/null; done`: `the command "sh" printed more than 64 KiB`,
		`echo " "`:                        `the value is empty (source: command)`,
		`echo ` + canary + `; sleep 1000`: `the command "sh" took longer than 1s`,
		`sleep 1000 & echo ` + canary:     `the command "sh" left a process running that keeps its output open`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			limit := `, "timeout": 100`
			if strings.Contains(want, "1s") {
				limit = `, "timeout": 1`
			}
			_, err := loadSecret(t, script(text, canary, limit), Options{})
			require.ErrorIs(t, err, access.KindInput)
			require.ErrorContains(t, err, "secret: "+want)
			assert.NotContains(t, err.Error(), canary)
		})
	}
}

// TestChildren: processes that a command has started end with it, whether the
// command takes too long, is cancelled, or leaves them running.
func TestChildren(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"too long":    `sleep 1000 >"$1" & wait`,
		"left behind": `sleep 1000 3>"$1" &`,
		"cancelled":   `sleep 1000 >"$1" & wait`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pipe := filepath.Join(t.TempDir(), "pipe")
			require.NoError(t, syscall.Mkfifo(pipe, 0o600))
			k := one(t, goodKey("secret", script(text, pipe, `, "timeout": `, map[bool]string{true: "1", false: "100"}[name == "too long"])), Options{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error)
			go func() {
				_, err := k.Load(ctx)
				done <- err
			}()
			child, err := os.Open(pipe) // waits for the child
			require.NoError(t, err)
			defer child.Close()
			if name == "cancelled" {
				cancel()
			}
			_, err = io.Copy(io.Discard, child) // until the child ends
			require.NoError(t, err)
			err = <-done
			require.Error(t, err)
			if name == "cancelled" {
				assert.ErrorIs(t, err, context.Canceled)
			}
		})
	}
}

// TestCommandsAtATime: loading many keys at once runs only a few commands at
// once.
func TestCommandsAtATime(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	k := one(t, goodKey("secret", script(`mkdir "$1/$$" && ls "$1" | wc -l && sleep 0.05; rmdir "$1/$$"`, folder)), Options{})
	var all sync.WaitGroup
	var running [12]string
	for i := range running {
		all.Go(func() {
			c, err := k.Load(t.Context())
			running[i] = fmt.Sprint(c.Secret.Reveal(), err)
		})
	}
	all.Wait()
	for _, n := range running {
		assert.Contains(t, []string{"1<nil>", "2<nil>", "3<nil>", "4<nil>"}, strings.ReplaceAll(n, " ", ""))
	}
}

// TestCommandWaits: a key whose time ends before its command's turn stops
// waiting.
func TestCommandWaits(t *testing.T) {
	t.Parallel()
	o := Options{}
	s := newSources(filepath.Join(t.TempDir(), "keys.json"), &o)
	busy, release := context.WithCancel(t.Context())
	defer release()
	r, _, err := s.parse(`exec:["sleep", "1000"]`)
	require.NoError(t, err)
	var all sync.WaitGroup
	defer all.Wait()
	defer release()
	for range 4 {
		all.Go(func() { _, _ = r.scheme.fetch(busy, r.source) })
	}
	ctx, cancel := context.WithCancel(t.Context())
	all.Go(func() {
		_, err := r.scheme.fetch(ctx, r.source)
		assert.ErrorIs(t, err, context.Canceled)
	})
	cancel()
}
