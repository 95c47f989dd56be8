package sources

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// options are those of a program with these environment variables.
func options(env map[string]string) inventory.Options {
	return inventory.Options{
		Exchanges: exchanges.All(), Formats: Formats(), Env: func(name string) string { return env[name] },
	}
}

// listed has one line per key of an inventory, skipped ones included.
func listed(in *inventory.Inventory) []string {
	var out []string
	for _, k := range in.Keys {
		source := k.Record.Source
		out = append(out, fmt.Sprintf("%s: %s %s, %s, %s:%d:%d %s",
			k.Name, k.Exchange.Name, k.Environment, k.Policy.Name, filepath.Base(source.File), source.Line, source.Column, k.Record.Stage))
	}
	for _, s := range in.Skipped {
		out = append(out, s.Name+" skipped")
	}
	return out
}

// installation is hummingbot's folder, with values encrypted with one password.
type installation struct {
	folder, password string
}

func (s installation) seal(t *testing.T, text string) string {
	t.Helper()
	return hex.EncodeToString(toJSON(t, sealed(t, "pbkdf2", s.password, text, []byte("an initial vecto"))))
}

// connector writes a connector's file with fields in the order given: name,
// value, name, value.
func (s installation) connector(t *testing.T, name string, fields ...string) {
	t.Helper()
	text := strings.Repeat("#", 20) + "\n###   " + name + " config   ###\n\nconnector: " + name + "\n"
	for i := 0; i < len(fields); i += 2 {
		text += "\n" + fields[i] + ": " + s.seal(t, fields[i+1]) + "\n"
	}
	write(t, filepath.Join(s.folder, "conf", "connectors", name+".yml"), 0o600, text)
}

func newInstallation(t *testing.T) installation {
	t.Helper()
	s := installation{t.TempDir(), "correct horse"}
	write(t, filepath.Join(s.folder, "conf", ".password_verification"), 0o600, s.seal(t, "HummingBot"))
	return s
}

func TestHummingbotLists(t *testing.T) {
	t.Parallel()
	s := newInstallation(t)
	for _, c := range []struct{ name, secret, third string }{
		{"okx", "secret_key", "passphrase"},
		{"okx_perpetual", "secret_key", "passphrase"},
		{"kucoin_hft", "secret_key", "passphrase"},
		{"bitmart", "secret_key", "memo"},
		{"gate_io", "secret_key", ""},
		{"gate_io_perpetual", "secret_key", "user_id"},
		{"binance", "api_secret", ""},
		{"binance_us", "api_secret", ""},
		{"binance_perpetual_testnet", "api_secret", ""},
		{"bybit_perpetual_testnet", "secret_key", ""},
		{"coinbase_advanced_trade", "api_secret", ""},
		{"kraken", "secret_key", ""},
		{"btc_markets", "api_secret", ""},
	} {
		fields := []string{c.name + "_api_key", "key of " + c.name, c.name + "_" + c.secret, canary}
		if c.third != "" {
			fields = append(fields, c.name+"_"+c.third, "third of "+c.name)
		}
		s.connector(t, c.name, fields...)
	}
	s.connector(t, "hyperliquid_perpetual", "hyperliquid_perpetual_api_key", "wallet", "hyperliquid_perpetual_api_secret", canary)
	s.connector(t, "xrpl", "xrpl_secret_phrase", canary)
	write(t, filepath.Join(s.folder, "conf", "connectors", "_template.yml"), 0o600, "{")
	write(t, filepath.Join(s.folder, "conf", "connectors", ".okx.yml"), 0o600, "{")
	write(t, filepath.Join(s.folder, "conf", "connectors", "limitless.yml.disabled"), 0o600, "{")

	// Listing decrypts nothing, so no password is needed.
	var lists [][]string
	for _, path := range []string{s.folder, filepath.Join(s.folder, "conf"), filepath.Join(s.folder, "conf", "connectors")} {
		in, err := inventory.From("hummingbot", path, options(nil))
		require.NoError(t, err)
		lists = append(lists, listed(in))
	}
	assert.Equal(t, lists[0], lists[1])
	assert.Equal(t, lists[0], lists[2])
	assert.Equal(t, []string{
		"hummingbot/binance: binance live, spot-trading, binance.yml:4:12 ",
		"hummingbot/binance_us: binanceus live, spot-trading, binance_us.yml:4:12 ",
		"hummingbot/bitmart: bitmart live, spot-trading, bitmart.yml:4:12 ",
		"hummingbot/btc_markets: btcmarkets live, spot-trading, btc_markets.yml:4:12 ",
		"hummingbot/bybit_perpetual_testnet: bybit testnet, futures-trading, bybit_perpetual_testnet.yml:4:12 test",
		"hummingbot/coinbase_advanced_trade: coinbase live, spot-trading, coinbase_advanced_trade.yml:4:12 ",
		"hummingbot/gate_io: gate live, spot-trading, gate_io.yml:4:12 ",
		"hummingbot/gate_io_perpetual: gate live, futures-trading, gate_io_perpetual.yml:4:12 ",
		"hummingbot/hyperliquid_perpetual: hyperliquid live, futures-trading, hyperliquid_perpetual.yml:4:12 ",
		"hummingbot/kraken: kraken live, spot-trading, kraken.yml:4:12 ",
		"hummingbot/kucoin_hft: kucoin live, spot-trading, kucoin_hft.yml:4:12 ",
		"hummingbot/okx: okx live, spot-trading, okx.yml:4:12 ",
		"hummingbot/okx_perpetual: okx live, futures-trading, okx_perpetual.yml:4:12 ",
		"hummingbot/binance_perpetual_testnet skipped",
		"hummingbot/xrpl skipped",
	}, lists[0])
}

func TestHummingbotOpens(t *testing.T) {
	t.Parallel()
	s := newInstallation(t)
	s.connector(t, "okx", "okx_api_key", "the-key", "okx_secret_key", canary, "okx_passphrase", canary+"3")
	s.connector(t, "bitmart", "bitmart_api_key", "the-key", "bitmart_secret_key", canary, "bitmart_memo", canary+"3")
	for connector, env := range map[string]map[string]string{
		"okx": {"HBOT_PASSWORD": s.password, "CONFIG_PASSWORD": "an older one"}, "bitmart": {"CONFIG_PASSWORD": s.password},
	} {
		in, err := inventory.From("hummingbot", filepath.Join(s.folder, "conf", "connectors", connector+".yml"), options(env))
		require.NoError(t, err)
		require.Len(t, in.Keys, 1)
		assert.True(t, in.Keys[0].Credentials.Secret.IsZero())
		c, err := in.Keys[0].Load(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "the-key", c.Key)
		assert.Equal(t, canary, c.Secret.Reveal())
		assert.Equal(t, canary+"3", c.Passphrase.Reveal())
		require.Len(t, c.Storage, 3)
		assert.EqualValues(t, 0o600, c.Storage[1].Mode)
		assert.Equal(t, "hummingbot's encrypted connectors", c.Storage[1].In)
		assert.Empty(t, c.Storage[1].Plaintext)
	}
}

// TestHummingbotRefusals: a value that cannot be decrypted is reported in one
// sentence, which contains nothing of it.
func TestHummingbotRefusals(t *testing.T) {
	t.Parallel()
	s := newInstallation(t)
	path := filepath.Join(s.folder, "conf", "connectors", "kraken.yml")
	good := s.seal(t, canary)
	damaged := strings.Replace(good, hex.EncodeToString([]byte(`"mac":"`)), hex.EncodeToString([]byte(`"mac":"00`)), 1)
	costly := hex.EncodeToString([]byte(strings.ReplaceAll(vectorPBKDF2, "262144", "2621440000")))
	require.NotEqual(t, good, damaged)
	for _, tc := range []struct{ value, variable, password, want string }{
		{good, "", "", "hummingbot encrypts it: set HBOT_PASSWORD to the bot's password"},
		{good, "HBOT_PASSWORD", canary, "it cannot be decrypted with the password in HBOT_PASSWORD: set the password that the bot is started with"},
		{good, "CONFIG_PASSWORD", canary, "it cannot be decrypted with the password in CONFIG_PASSWORD: set the password that the bot is started with"},
		{damaged, "HBOT_PASSWORD", s.password, "it is damaged (the password is correct): connect the exchange in the bot again"},
		{costly, "HBOT_PASSWORD", s.password, "it requires more work than any real keyfile, so it is not decrypted"},
		{canary, "HBOT_PASSWORD", s.password, "it is not encrypted by the bot: connect the exchange in the bot again"},
		{hex.EncodeToString([]byte(canary)), "HBOT_PASSWORD", s.password, "it is not encrypted by the bot: connect the exchange in the bot again"},
	} {
		write(t, path, 0o600, "connector: kraken\nkraken_api_key: "+s.seal(t, "the-key")+"\nkraken_secret_key: "+tc.value+"\n")
		in, err := inventory.From("hummingbot", path, options(map[string]string{tc.variable: tc.password}))
		require.NoError(t, err)
		require.Len(t, in.Keys, 1)
		_, err = in.Keys[0].Load(t.Context())
		require.ErrorIs(t, err, access.KindInput)
		require.ErrorContains(t, err, ": "+tc.want)
		assert.NotContains(t, err.Error(), canary)
		assert.NotContains(t, err.Error(), s.password)
	}

	// Without the proof, a wrong password looks the same as damage.
	v := vault{slot: make(slot, 1), env: func(string) string { return s.password }, proof: filepath.Join(s.folder, "none")}
	_, err := v.open(damaged)
	require.ErrorContains(t, err, "cannot be decrypted with the password")
	v.proof = write(t, filepath.Join(s.folder, "other"), 0o600, s.seal(t, "Hummingbird"))
	_, err = v.open(damaged)
	require.ErrorContains(t, err, "cannot be decrypted with the password")
}

// TestHummingbotMalformed: all files that cannot be read are named, with places, and cost
// none of the others.
func TestHummingbotMalformed(t *testing.T) {
	t.Parallel()
	s := newInstallation(t)
	folder := filepath.Join(s.folder, "conf", "connectors")
	s.connector(t, "kraken", "kraken_api_key", "the-key", "kraken_secret_key", canary)
	write(t, filepath.Join(folder, "a.yml"), 0o600, "connector: a\n\ta: "+canary+"\n")
	write(t, filepath.Join(folder, "b.yml"), 0o600, "paths:\n  log: "+canary+"\n")
	write(t, filepath.Join(folder, "c.yml"), 0o600, "- "+canary+"\n")
	write(t, filepath.Join(folder, "d.yml"), 0o600, "connector: d\nconnector: "+canary+"\n")
	write(t, filepath.Join(folder, "e.yml"), 0o600, "connector: *"+canary+"\n")
	in, err := inventory.From("hummingbot", s.folder, options(nil))
	require.NoError(t, err)
	require.Len(t, in.Keys, 1)
	assert.Equal(t, "hummingbot/kraken", in.Keys[0].Name)
	var got []string
	for _, lost := range in.Skipped {
		at := strings.TrimSuffix(fmt.Sprintf("%s:%d:1", filepath.Base(lost.File), lost.Line), ":0:1")
		got = append(got, at+": "+lost.Why)
		assert.NotContains(t, lost.Name+lost.Why, canary)
	}
	here := "the YAML is malformed near here: check the indentation, colons, quotes and brackets"
	assert.Equal(t, []string{
		"a.yml:2:1: " + here,
		"b.yml:1:1: this is not the file of one of hummingbot's connectors: it has no \"connector\"",
		"c.yml:1:1: " + here,
		"d.yml:2:1: " + here,
		"e.yml: the YAML is malformed: check its indentation, colons, quotes and brackets",
	}, got)
	_, err = inventory.From("hummingbot", filepath.Join(folder, "a.yml"), options(nil))
	require.ErrorContains(t, err, "a.yml:2:1: "+here)

	_, err = inventory.From("hummingbot", filepath.Join(s.folder, "none"), options(nil))
	require.ErrorContains(t, err, "does not exist")
	empty := t.TempDir()
	_, err = inventory.From("hummingbot", empty, options(nil))
	require.EqualError(t, err, empty+": the folder contains no conf/connectors/….yml: give the path of hummingbot's own folder")
}

// TestHummingbotFields: a field counts if its name begins with the connector's,
// and only once.
func TestHummingbotFields(t *testing.T) {
	t.Parallel()
	s := newInstallation(t)
	s.connector(t, "okx", "okx_api_key", "the-key", "okx_secret_key", canary, "okx_passphrase", "p",
		"binance_api_key", "another", "okx_perpetual_api_key", "another", "binance_api_secret", "another", "kucoin_passphrase", "another")
	s.connector(t, "bing_x", "bingx_api_key", "the-key", "bingx_api_secret", canary)
	s.connector(t, "kraken", "binance_api_key", "another", "binance_api_secret", "another")
	in, err := inventory.From("hummingbot", s.folder, options(map[string]string{"HBOT_PASSWORD": s.password}))
	require.NoError(t, err)
	require.Len(t, in.Keys, 2)
	for _, k := range in.Keys {
		c, err := k.Load(t.Context())
		require.NoError(t, err, k.Name)
		assert.Equal(t, "the-key", c.Key, k.Name)
		assert.Equal(t, canary, c.Secret.Reveal(), k.Name)
	}
	require.Len(t, in.Skipped, 3)
	for _, s := range in.Skipped { // an exchange that the file was for before may have left its key
		assert.Contains(t, []string{
			"hummingbot stores something other than an API key for it, so there is nothing to ask the exchange; list the key in an inventory if there is one",
			`"binance_api_secret" holds another secret: list its key in an inventory`,
		}, s.Why)
	}

	s.connector(t, "okx", "okx_api_secret", canary, "okx_api_key", "the-key", "okx_secret_key", canary, "okx_memo", "m", "okx_passphrase", "p")
	in, err = inventory.From("hummingbot", s.folder, options(nil))
	require.NoError(t, err)
	assert.Len(t, in.Keys, 1, "that of bing_x")
	path := filepath.Join(s.folder, "conf", "connectors", "okx.yml")
	const why = " are both set, but only one can be used: connect the exchange in the bot again"
	at := slices.IndexFunc(in.Skipped, func(lost inventory.Skipped) bool { return lost.File == path })
	require.GreaterOrEqual(t, at, 0)
	assert.Equal(t, `"okx_memo" and "okx_passphrase"`+why+`; "okx_api_secret" and "okx_secret_key"`+why, in.Skipped[at].Why)
	assert.Equal(t, 14, in.Skipped[at].Line)
	_, err = inventory.From("hummingbot", path, options(nil))
	require.EqualError(t, err, path+`:14:17: "okx_memo" and "okx_passphrase"`+why+"\n"+path+`:10:17: "okx_api_secret" and "okx_secret_key"`+why)
	write(t, path, 0o600, "connector: okx\nokx_api_key: 00\nokx_secret_key: 00\nokx_api_secret:\n") // one is empty
	_, err = inventory.From("hummingbot", path, options(nil))
	require.NoError(t, err)
}
