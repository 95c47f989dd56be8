package main

import (
	"bytes"
	"context"
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

// TestGuardIsShort: what bot authors copy stays short.
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
	require.Len(t, guards, 1, "guard.go has the guard and nothing else")
	lines := 1 + files.Position(guards[0].End()).Line - files.Position(guards[0].Pos()).Line
	assert.LessOrEqual(t, lines, 10)
	assert.Contains(t, guards[0].Doc.Text(), "copy it")
}

func TestDemo(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run(t.Context(), []string{"--demo"}, &stdout, &stderr))
	assert.Empty(t, stderr.String())
	refused, passed, ok := strings.Cut(stdout.String(), "Second start")
	require.True(t, ok)
	assert.Contains(t, refused, "Not trading. "+refusal(t).Detail())
	for _, want := range []string{`Key "grid-bot" at Bybit must not be used`, "  critical  withdrawal: ", "  critical  ip-allowlist: ", "https://www.bybit.com/"} {
		assert.Contains(t, refused, want)
	}
	assert.NotContains(t, refused, "buy")
	for _, want := range []string{"The key is safe for spot trading.", "  buy\n", "  sell\n", "Stopped."} {
		assert.Contains(t, passed, want)
	}
	fake := exchangetest.Bybit() // issues the same two keys again
	var keys []string
	for range 2 {
		c := fake.Issue(exchangetest.Spec{})
		keys = append(keys, c.Key, c.Secret.Reveal())
	}
	assert.Empty(t, exchangetest.FindCanaries(stdout.String(), keys))
}

// refusal is why the demonstration's first key is refused.
func refusal(t *testing.T) *audit.CheckError {
	t.Helper()
	fake := exchangetest.Bybit()
	key := audit.Key{Name: "grid-bot", Exchange: bybit.Exchange, Policy: audit.SpotTrading(), Credentials: fake.Issue(dangerous())}
	var check *audit.CheckError
	require.ErrorAs(t, audit.Check(t.Context(), key, &audit.Options{Transport: fake}), &check)
	return check
}

// TestRefusals: without a key, with half of one, and with one that the exchange does
// not know, the bot does not trade and says what to do.
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
		"unknown key": {unknown.Key, unknown.Secret.Reveal(), []string{"could not be checked", "not-inspected: Bybit: ", "does not know this key"}},
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

// log is a buffer that the test can read while the bot writes.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// since returns what was written since the previous call.
func (l *log) since() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// TestWatching: a right that is added while the bot runs stops it from opening
// positions, and it continues when the right is removed. An exchange that does not
// answer does not stop it.
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

		nextCheck := func() string {
			time.Sleep(90 * time.Minute)
			synctest.Wait()
			return out.since()
		}
		assert.Contains(t, nextCheck(), "  buy\n")

		fake.Change(key.Credentials, func(s *exchangetest.Spec) { s.Permissions = append(s.Permissions, "Wallet.Withdraw") })
		text := nextCheck()
		assert.Contains(t, text, "The key has changed. No new positions.\nNot trading. ")
		assert.Contains(t, text, "  critical  withdrawal: ")
		text = nextCheck()
		assert.Contains(t, text, "holding: the key is no longer safe")
		assert.NotContains(t, text, "  buy\n")

		fake.Change(key.Credentials, func(s *exchangetest.Spec) { s.Permissions = []string{"Spot.SpotTrade"} })
		nextCheck()
		assert.NotContains(t, nextCheck(), "holding")

		fake.Inject(exchangetest.Fault{Drop: true, Times: -1})
		text = nextCheck() + nextCheck()
		assert.Contains(t, text, "could not be reached. Trading continues")
		assert.NotContains(t, text, "holding")

		stop()
		running.Wait()
		assert.Contains(t, out.since(), "Stopped.")
	})
}

// TestJudge: an outage leaves things as they are, and anything else that is wrong
// with the key halts the bot.
func TestJudge(t *testing.T) {
	t.Parallel()
	b := newBot(&log{})
	b.judge(audit.ErrUnreachable)
	require.NoError(t, b.halted)
	for _, err := range []error{audit.ErrUnsafe, audit.ErrUndetermined, audit.ErrNotInspected, audit.ErrInput} {
		b.judge(err)
		require.Equal(t, err, b.halted)
		b.judge(audit.ErrUnreachable)
		require.Equal(t, err, b.halted, "an outage does not clear what was found")
		b.judge(nil)
		require.NoError(t, b.halted)
	}
}
