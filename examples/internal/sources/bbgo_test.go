package sources

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

const bbgoFile = `---
defaults: &defaults
  exchange: binance
  margin: true
sessions:
  grid:
    exchange: bybit
    key: the-key
    secret: ` + canary + `
  hedge:
    exchange: okex
    envVarPrefix: HEDGE
    futures: true
  lend:
    <<: *defaults
    key: only half
  prices:
    exchange: kucoin
    publicOnly: true
  max:
    exchange: max
    key: of-max
    secret: ` + canary + `
  unset:
    exchange: kraken
exchangeStrategies:
- on: grid
  grid2: {symbol: BTCUSDT, upperPrice: 1_000.0}
`

func TestBBGO(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "bbgo.yaml"), 0o644, bbgoFile)
	write(t, filepath.Join(folder, ".env.local"), 0o600, "HEDGE_API_KEY=from-file\nHEDGE_API_SECRET="+canary+"4\nexport HEDGE_API_PASSPHRASE='"+canary+"5'\n")
	env := map[string]string{"HEDGE_API_KEY": "from-environment", "BINANCE_API_KEY": "b", "BINANCE_API_PRIVATE_KEY": canary + "6"}
	in, err := inventory.From("bbgo-yaml", folder, options(env))
	require.NoError(t, err)
	assert.Equal(t, []string{
		"bbgo-yaml/grid: bybit live, spot-trading, bbgo.yaml:7:5 ",
		"bbgo-yaml/hedge: okx live, futures-trading, bbgo.yaml:11:5 ",
		"bbgo-yaml/lend: binance live, trading, bbgo.yaml:15:5 ",
		"bbgo-yaml/max: maicoin live, spot-trading, bbgo.yaml:21:5 ",
		"bbgo-yaml/unset skipped",
	}, listed(in))
	assert.Contains(t, in.Skipped[0].Why, "KRAKEN_API_KEY and KRAKEN_API_SECRET are set neither in the environment nor in .env.local next to bbgo.yaml")
	var got []adapter.Credentials
	for _, k := range in.Keys {
		c, err := k.Load(t.Context())
		require.NoError(t, err)
		got = append(got, c)
	}
	assert.Equal(t, []string{"the-key", "from-environment", "b"}, []string{got[0].Key, got[1].Key, got[2].Key})
	assert.Equal(t, canary, got[0].Secret.Reveal())
	assert.Equal(t, canary+"4", got[1].Secret.Reveal())
	assert.Equal(t, canary+"5", got[1].Passphrase.Reveal())
	assert.Equal(t, canary+"6", got[2].Secret.Reveal())
	assert.EqualValues(t, 0o644, got[0].Storage[1].Mode)
	assert.Equal(t, "it is in bbgo.yaml instead of .env.local", got[0].Storage[1].Plaintext)
	assert.Empty(t, got[1].Storage[1].Plaintext)
	assert.Equal(t, "environment", got[1].Storage[0].In)
	assert.EqualValues(t, 0o600, got[1].Storage[1].Mode)
	assert.Equal(t, filepath.Join(folder, ".env.local"), got[1].Storage[1].File)
}

func TestBBGORefusals(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"sessions: {a: {exchange: [" + canary + "]}}": `bbgo.yaml:1:15: the session is malformed: it must have an "exchange"`,
		"sessions:\n  a:\n    key: " + canary:         `bbgo.yaml:3:5: the session is malformed`,
		"sessions: " + canary:                         "bbgo.yaml:1:1: the YAML is malformed",
		"sessions:\n  a: {}\n  a: " + canary:          "bbgo.yaml:3:1: the YAML is malformed",
		"sessions: {}":                                `bbgo.yaml: it has no "sessions"`,
		"":                                            `bbgo.yaml: it has no "sessions"`,
		"a: &a [" + canary + "]\nb: &b [*a,*a]\nsessions: *b\n": "bbgo.yaml:",
	} {
		path := write(t, filepath.Join(t.TempDir(), "bbgo.yaml"), 0o600, text+"\n")
		_, err := inventory.From("bbgo-yaml", path, options(nil))
		require.ErrorContains(t, err, want, text)
		assert.NotContains(t, err.Error(), canary)
	}
	folder := t.TempDir()
	_, err := inventory.From("bbgo-yaml", folder, options(nil))
	require.ErrorContains(t, err, "does not exist")
	write(t, filepath.Join(folder, "bbgo.yaml"), 0o600, bbgoFile)
	write(t, filepath.Join(folder, ".env.local"), 0o600, "A='"+canary+"\n")
	in, err := inventory.From("bbgo-yaml", folder, options(nil))
	require.NoError(t, err)
	names := strings.Join(listed(in), " ")
	assert.Contains(t, names, "bbgo-yaml/grid: bybit live")
	last := in.Skipped[len(in.Skipped)-1]
	assert.Equal(t, `"A" cannot be read: its value begins with a quote that is never closed; write it as NAME=value`, last.Why)
	assert.Equal(t, filepath.Join(folder, ".env.local"), last.File)
	assert.Equal(t, 1, last.Line)
}

// TestBBGODamaged: a session that is malformed costs no other one.
func TestBBGODamaged(t *testing.T) {
	t.Parallel()
	for _, session := range []string{
		"{exchange: bybit, key: [" + canary + "]}", "{exchange: bybit, secret: {a: " + canary + "}}", "[" + canary + "]", canary, "{key: " + canary + "}", "{exchange: [" + canary + "]}", "", "{exchange: bybit, margin: " + canary + "}",
	} {
		path := write(t, filepath.Join(t.TempDir(), "bbgo.yaml"), 0o600, "sessions:\n  bad: "+session+"\n  good: {exchange: kraken, key: the-key, secret: "+canary+"}\n")
		in, err := inventory.From("bbgo-yaml", path, options(nil))
		require.NoError(t, err, session)
		require.Len(t, in.Keys, 1, session)
		assert.Equal(t, "bbgo-yaml/good", in.Keys[0].Name)
		require.Len(t, in.Skipped, 1, session)
		assert.Equal(t, "bbgo-yaml/bad", in.Skipped[0].Name)
		assert.Contains(t, in.Skipped[0].Why, `the session is malformed: it must have an "exchange"`)
		assert.Equal(t, 2, in.Skipped[0].Line)
	}
}

// TestBBGOUnused: a key of .env.local that no session uses is named.
func TestBBGOUnused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "bbgo.yaml"), 0o600, "sessions:\n  a: {exchange: kraken}\n")
	write(t, filepath.Join(folder, ".env.local"), 0o600, "KRAKEN_API_KEY=the-key\nKRAKEN_API_SECRET="+canary+"\nBYBIT_API_KEY=other-key\nBYBIT_API_SECRET="+canary+"2\nokx,x"+canary+",y"+canary+"\nPAPER_TRADE=1\nPAPER_TRADE=0\n")
	in, err := inventory.From("bbgo-yaml", folder, options(nil))
	require.NoError(t, err)
	assert.Len(t, in.Keys, 1, "%q", listed(in))
	require.Len(t, in.Skipped, 2, "%q", listed(in))
	assert.Equal(t, "no session of bbgo.yaml uses it: read it with the format bbgo", in.Skipped[0].Why)
	assert.Equal(t, `"okx" cannot be read: its line is not NAME=value; write it as NAME=value`, in.Skipped[1].Why)

	write(t, filepath.Join(folder, "bbgo.yaml"), 0o600, "sessions:\n  a: {exchange: binance, key: the-key, secret: "+canary+"}\n")
	in, err = inventory.From("bbgo-yaml", folder, options(nil))
	require.NoError(t, err)
	assert.Empty(t, in.Keys, "nobody knows whether it is for the test network")
	assert.Equal(t, `duplicate variable "PAPER_TRADE" (first on line 6) with a different value (line 7): delete one of them`, in.Skipped[0].Why)
}

// TestBBGOSpeaksAlike: the same fault has the same words in bbgo.yaml's sessions and in the
// variables alone.
func TestBBGOSpeaksAlike(t *testing.T) {
	t.Parallel()
	for _, lines := range []string{
		"BINANCE_API_KEY=the-key\n", "BINANCE_API_SECRET=" + canary + "\n", "BINANCE_API_KEY=your_api_key\nBINANCE_API_SECRET=your_api_secret\n", "BINANCE_API_KEY=the-key\nBINANCE_API_SECRET=changeme\n",
		"BINANCE_API_KEY=123456\nBINANCE_API_SECRET=" + canary + "\n", "BINANCE_API_KEY=${KEY}\nBINANCE_API_SECRET=" + canary + "\n",
		"BINANCE_API_KEY=the-key\nBINANCE_API_SECRET=" + canary + "\nBINANCE_US=1\nPAPER_TRADE=1\n",
		"BINANCE_API_KEY=the-key\nBINANCE_API_KEY=another-key\nBINANCE_API_SECRET=" + canary + "\n", "BINANCE_API_KEY='the-key\nBINANCE_API_SECRET=" + canary + "\n",
	} {
		folder := t.TempDir()
		write(t, filepath.Join(folder, ".env.local"), 0o600, lines)
		write(t, filepath.Join(folder, "bbgo.yaml"), 0o600, "sessions:\n  binance: {exchange: binance}\n")
		said := func(format string) (out []string) {
			in, err := inventory.From(format, folder, options(nil))
			require.NoError(t, err, lines)
			assert.Empty(t, in.Keys, lines)
			for _, lost := range in.Skipped {
				out = append(out, lost.Why)
			}
			return out
		}
		variables := said("bbgo")
		require.Len(t, variables, 1, lines)
		assert.Contains(t, said("bbgo-yaml"), variables[0], lines)
	}
}

// TestBBGOSwitches: variables say which Binance the bot uses.
func TestBBGOSwitches(t *testing.T) {
	t.Parallel()
	const file = "sessions:\n  a: {exchange: binance, key: the-key, secret: s}\n  b: {exchange: bybit, key: the-key, secret: s}\n"
	const bybit = "bbgo-yaml/b: bybit live, spot-trading, bbgo.yaml:3:6 "
	for _, tc := range []struct {
		us, paper, dotenv, want string
	}{
		{"", "", "", "bbgo-yaml/a: binance live, spot-trading, bbgo.yaml:2:6 "},
		{"yes", "on", "", "bbgo-yaml/a: binance live, spot-trading, bbgo.yaml:2:6 "}, // the bot can parse neither
		{"1", "", "", "bbgo-yaml/a: binanceus live, spot-trading, bbgo.yaml:2:6 "},
		{"", "", "BINANCE_US=true\n", "bbgo-yaml/a: binanceus live, spot-trading, bbgo.yaml:2:6 "},
		{"0", "", "BINANCE_US=true\n", "bbgo-yaml/a: binance live, spot-trading, bbgo.yaml:2:6 "},
		{"", "T", "", "bbgo-yaml/a: binance testnet, spot-trading, bbgo.yaml:2:6 test"},
		{"", "", "PAPER_TRADE='1'\n", "bbgo-yaml/a: binance testnet, spot-trading, bbgo.yaml:2:6 test"},
		{"1", "", "PAPER_TRADE=1\n", "bbgo-yaml/a skipped"},
	} {
		folder := t.TempDir()
		write(t, filepath.Join(folder, "bbgo.yaml"), 0o600, file)
		write(t, filepath.Join(folder, ".env.local"), 0o600, "# switches\n"+tc.dotenv)
		in, err := inventory.From("bbgo-yaml", folder, options(map[string]string{"BINANCE_US": tc.us, "PAPER_TRADE": tc.paper}))
		require.NoError(t, err)
		assert.ElementsMatch(t, []string{tc.want, bybit}, listed(in), "%+v", tc)
	}
}

// TestBBGOPlaceholders: a sample's placeholder is not a key. The bot would use
// it, and so would not read the variables.
func TestBBGOPlaceholders(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"your_key", "YOUR-API-KEY", "your key", "<key>", "xxx", "XXXXXXXX", "' '", "'***'"} {
		path := write(t, filepath.Join(t.TempDir(), "bbgo.yaml"), 0o600,
			"sessions:\n  a: {exchange: bybit, key: "+word+", secret: "+word+"}\n  b: {exchange: bybit, key: the-key, secret: "+word+"}\n")
		in, err := inventory.From("bbgo-yaml", path, options(map[string]string{"BYBIT_API_KEY": "other", "BYBIT_API_SECRET": canary}))
		require.NoError(t, err, word)
		want := []string{"bbgo-yaml/a skipped", "bbgo-yaml/b skipped"}
		if word == "' '" {
			want = want[1:]
		}
		assert.Equal(t, want, listed(in), word)
	}
	path := write(t, filepath.Join(t.TempDir(), "bbgo.yaml"), 0o600, "sessions: {a: {exchange: binance, key: '', secret: ''}}\n")
	env := map[string]string{"BINANCE_API_KEY": "your_api_key", "BINANCE_API_SECRET": "<secret>"}
	in, err := inventory.From("bbgo-yaml", path, options(env))
	require.NoError(t, err)
	assert.Equal(t, []string{"bbgo-yaml/a skipped"}, listed(in))
	env["BINANCE_API_KEY"], env["BINANCE_API_PRIVATE_KEY"] = "the-key", canary
	in, err = inventory.From("bbgo-yaml", path, options(env))
	require.NoError(t, err)
	require.Len(t, in.Keys, 1)
	c, err := in.Keys[0].Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, canary, c.Secret.Reveal())
}
