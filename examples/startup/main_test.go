package main

import (
	"bytes"
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestGuardIsShort: what a bot's author copies stays short enough to copy.
func TestGuardIsShort(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "guard.go", nil, parser.ParseComments)
	require.NoError(t, err)
	var guards []*ast.FuncDecl
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			guards = append(guards, f)
		}
	}
	require.Len(t, guards, 1, "guard.go holds the guard and nothing else")
	lines := 1 + files.Position(guards[0].End()).Line - files.Position(guards[0].Pos()).Line
	assert.LessOrEqual(t, lines, 10)
	assert.Contains(t, guards[0].Doc.Text(), "copy it")
}

func TestDemo(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run(t.Context(), []string{"-demo"}, &stdout, &stderr))
	assert.Empty(t, stderr.String())
	refused, passed, ok := strings.Cut(stdout.String(), "Second start")
	require.True(t, ok)
	for _, want := range []string{
		"Not trading: the key of grid-bot at Bybit is not safe to use.", "critical  withdrawal: the key can withdraw funds", "critical  ip-allowlist: ",
		"switch the withdrawal right off", "bind it to the address the bot runs from", "Edit the key at https://www.bybit.com/",
	} {
		assert.Contains(t, refused, want)
	}
	assert.NotContains(t, refused, "buy")
	for _, want := range []string{"The key is fit for spot trading.", "  buy\n", "  sell\n", "Stopped."} {
		assert.Contains(t, passed, want)
	}
	fake := exchangetest.Bybit() // gives the same two keys again
	var keys []string
	for range 2 {
		c := fake.Issue(exchangetest.Spec{})
		keys = append(keys, c.Key, c.Secret.Reveal())
	}
	assert.Empty(t, exchangetest.FindCanaries(stdout.String(), keys))
}

// TestRefusals: without a key, with half a one, and with one the exchange doesn't
// know, the bot doesn't trade and says what to do.
func TestRefusals(t *testing.T) {
	fake := exchangetest.Bybit()
	unknown := fake.Issue(exchangetest.Spec{})
	fake.Revoke(unknown)
	for name, tc := range map[string]struct {
		key, secret string
		want        []string
	}{
		"no key":      {"", "", []string{"Not trading: ", "set BYBIT_API_KEY", "set BYBIT_API_SECRET"}},
		"half a key":  {unknown.Key, "", []string{"Not trading: ", "set BYBIT_API_SECRET"}},
		"unknown key": {unknown.Key, unknown.Secret.Reveal(), []string{"could not be looked at", "high      not-inspected: Bybit: the exchange does not know this key", "Check that the key"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("BYBIT_API_KEY", tc.key)
			t.Setenv("BYBIT_API_SECRET", tc.secret)
			_, err := guard(t.Context(), "BYBIT", &audit.Options{Transport: fake})
			require.Error(t, err)
			var out bytes.Buffer
			refuse(&out, err)
			for _, want := range tc.want {
				assert.Contains(t, out.String(), want)
			}
			assert.Empty(t, exchangetest.FindCanaries(out.String(), []string{unknown.Secret.Reveal()}))
		})
	}
	t.Setenv("BYBIT_API_KEY", "")
	var stdout, stderr bytes.Buffer
	assert.Equal(t, exitRefused, run(t.Context(), nil, &stdout, &stderr))
	assert.Empty(t, stdout.String())
	assert.Contains(t, stderr.String(), "set BYBIT_API_KEY")
	assert.Equal(t, exitUsage, run(t.Context(), []string{"-tomorrow"}, &stdout, &stderr))
}

// log is a buffer that the test may read while the bot writes.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// since returns what was written after the last call.
func (l *log) since() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// TestWatching: a right that somebody adds while the bot runs stops it from
// opening positions, an exchange that doesn't answer doesn't, and when the right is
// gone it goes on.
func TestWatching(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := exchangetest.Bybit()
		spec := exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: []string{"198.51.100.20"}, SubAccount: true}
		key := audit.Key{Name: "grid-bot", Exchange: bybit.Exchange, Policy: audit.SpotTrading(), Credentials: fake.Issue(spec)}
		ctx, stop := context.WithCancel(t.Context())
		var out log
		var running sync.WaitGroup
		running.Go(func() { newBot(&out).trade(ctx, key, &audit.Options{Transport: fake}, time.Minute) })

		nextLook := func() string {
			time.Sleep(90 * time.Minute)
			synctest.Wait()
			return out.since()
		}
		assert.Contains(t, nextLook(), "  buy\n")

		fake.Change(key.Credentials, func(s *exchangetest.Spec) { s.Permissions = append(s.Permissions, "Wallet.Withdraw") })
		text := nextLook()
		assert.Contains(t, text, "The key has changed. No new positions.\nNot trading: ")
		assert.Contains(t, text, "withdrawal: the key can withdraw funds")
		text = nextLook()
		assert.Contains(t, text, "holding: the key is no longer safe")
		assert.NotContains(t, text, "  buy\n")

		fake.Change(key.Credentials, func(s *exchangetest.Spec) { s.Permissions = []string{"Spot.SpotTrade"} })
		nextLook()
		assert.NotContains(t, nextLook(), "holding")

		fake.Inject(exchangetest.Fault{Drop: true, Times: -1})
		text = nextLook() + nextLook()
		assert.Contains(t, text, "could not be looked at again; trading on")
		assert.NotContains(t, text, "holding")

		stop()
		running.Wait()
		assert.Contains(t, out.since(), "Stopped.")
	})
}

// TestJudge: an unsafe key halts the bot even when the error says more.
func TestJudge(t *testing.T) {
	t.Parallel()
	b := newBot(&log{})
	b.judge(errors.Join(audit.ErrNotInspected, audit.ErrUndetermined))
	require.NoError(t, b.halted)
	b.judge(errors.Join(audit.ErrNotInspected, audit.ErrUnsafe))
	require.Error(t, b.halted)
	b.judge(errors.Join(audit.ErrNotInspected, audit.ErrUndetermined))
	require.Error(t, b.halted, "what is not known again doesn't clear what was found")
	b.judge(nil)
	require.NoError(t, b.halted)
	b.judge(audit.ErrUndetermined)
	require.Error(t, b.halted)
}
