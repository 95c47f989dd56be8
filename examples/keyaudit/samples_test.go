package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/crypto/sha3"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// The folder samples has files as bots keep them, to try the program on. They are
// generated from the templates that the importers are tested with: UPDATE_SAMPLES=1
// go test ./examples/keyaudit -run TestSamples. Their keys are issued by the fakes,
// and are of no use anywhere else.

const templates = "../../audit/inventory/testdata/bots"

const samplePassword = "sample-password"

// sampleBots are what --from is given for each sample.
var sampleBots = map[string]struct {
	path string
	env  map[string]string
	keys int
}{
	"bbgo":            {path: "samples/bbgo/.env.local", keys: 3},
	"bbgo-yaml":       {path: "samples/bbgo-yaml/bbgo.yaml", keys: 1},
	"ccxt":            {path: "samples/ccxt/keys.json", keys: 4},
	"ccxt-mcp":        {path: "samples/ccxt-mcp/config.json", keys: 3},
	"env":             {path: "samples/env/.env", keys: 3},
	"freqtrade":       {path: "samples/freqtrade/config.json", keys: 1},
	"gocryptotrader":  {path: "samples/gocryptotrader/config.json", keys: 3},
	"gct":             {path: "samples/gct/config.dat", env: map[string]string{"GCT_PASSWORD": samplePassword}, keys: 3},
	"hummingbot":      {path: "samples/hummingbot", env: map[string]string{"HBOT_PASSWORD": samplePassword}, keys: 4},
	"hyperliquid-sdk": {path: "samples/hyperliquid-sdk/config.json", keys: 2},
	"jesse":           {path: "samples/jesse/api-keys.csv", keys: 3},
	"lean":            {path: "samples/lean/Launcher/config.json", keys: 2},
	"mcp":             {path: "samples/mcp", keys: 3},
	"nautilus":        {path: "samples/nautilus/.env", keys: 5},
	"octobot":         {path: "samples/octobot/user/config.json", keys: 2},
	"okx-agent-kit":   {path: "samples/okx-agent-kit/config.toml", keys: 2},
	"openclaw":        {path: "samples/openclaw", keys: 2},
	"passivbot":       {path: "samples/passivbot/api-keys.json", keys: 3},
	"vnpy":            {path: "samples/vnpy/.vntrader", keys: 2},
}

// TestSamples: the samples are those that the templates generate, and every bot has
// one.
func TestSamples(t *testing.T) {
	t.Parallel()
	generated := makeSamples(t)
	if os.Getenv("UPDATE_SAMPLES") != "" {
		require.NoError(t, os.RemoveAll("samples"))
		for path, text := range generated {
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
			require.NoError(t, os.WriteFile(path, text, 0o600))
		}
	}
	for path, text := range generated {
		stored, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(text), string(stored), path)
	}
	for _, bot := range botNames() {
		assert.Contains(t, sampleBots, bot)
	}
}

// TestFromEveryBot: the keys of each bot's files are audited, on the fakes.
func TestFromEveryBot(t *testing.T) {
	t.Parallel()
	for name, sample := range sampleBots {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bot := name
			if name == "gct" {
				bot = "gocryptotrader"
			}
			got := runWith(t.Context(), sample.env, "--demo", "--from", bot+"="+sample.path, "--format", "json")
			require.Contains(t, []int{audit.ExitFindings, audit.ExitNotAssessed}, got.code, got.stderr)
			report, err := render.ReadJSON(strings.NewReader(got.stdout))
			require.NoError(t, err)
			inspected := 0
			for _, r := range report.Results {
				assert.Equal(t, bot, r.Record.Source.Format, r.Name)
				if r.Inspected() {
					inspected++
				} else {
					assert.ErrorIs(t, r.Snapshot.Failure, access.KindInput, "%s: %v", r.Name, r.Snapshot.Failure)
				}
			}
			assert.GreaterOrEqual(t, inspected, sample.keys, got.stdout)
			assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, append(sampleSecrets(), samplePassword)))
		})
	}
}

// issuer fills the slots of templates with keys that fakes issue.
type issuer struct {
	fakes  map[string]*exchangetest.Fake
	issued map[string]adapter.Credentials
}

func newIssuer() *issuer {
	i := &issuer{fakes: map[string]*exchangetest.Fake{}, issued: map[string]adapter.Credentials{}}
	for _, v := range exchangetest.All() {
		v.SetAccount(7) // other keys than those of the demonstration
		i.fakes[strings.ToUpper(v.Name())] = v
	}
	return i
}

var slot = regexp.MustCompile(`\{\{(FERNET:)?([A-Z]+)(?:_([0-9]))?_([A-Z]+)\}\}`)

// value fills a slot.
func (i *issuer) value(fake, number, part string) string {
	v := i.fakes[fake]
	if v == nil {
		return "made-up-" + strings.ToLower(fake+"-"+part)
	}
	kind := access.KindOfKeyUnknown
	if part == "PEM" {
		kind = access.Ed25519Key
	}
	id := fake + number
	if _, ok := i.issued[id]; !ok {
		i.issued[id] = v.Issue(exchangetest.Spec{})
	}
	if part == "PEM" {
		i.issued[id+"PEM"] = v.Issue(exchangetest.Spec{Kind: kind})
	}
	switch part {
	case "KEY":
		key := i.issued[id].Key
		return key[strings.LastIndexByte(key, '/')+1:]
	case "PASSPHRASE":
		return i.issued[id].Passphrase.Reveal()
	case "ACCOUNT":
		return i.issued[id].Account
	case "PEM":
		return strings.TrimSpace(i.issued[id+"PEM"].Secret.Reveal())
	default:
		return i.issued[id].Secret.Reveal()
	}
}

func (i *issuer) fill(path string, text []byte) []byte {
	return slot.ReplaceAllFunc(text, func(match []byte) []byte {
		parts := slot.FindSubmatch(match)
		value := i.value(string(parts[2]), string(parts[3]), string(parts[4]))
		if len(parts[1]) > 0 {
			value = fernet(value)
		}
		if filepath.Ext(path) != ".json" {
			return []byte(value)
		}
		return []byte(strings.Trim(strconv.Quote(value), `"`))
	})
}

func sampleSecrets() []string {
	i := newIssuer()
	_ = walkTemplates(func(path string, text []byte) { i.fill(path, text) })
	var out []string
	for _, c := range i.issued {
		out = append(out, c.Secret.Reveal())
		if p := c.Passphrase.Reveal(); p != "" {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func walkTemplates(each func(path string, text []byte)) error {
	return filepath.WalkDir(templates, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) == ".golden" {
			return err
		}
		text, err := os.ReadFile(path)
		each(path, text)
		return err
	})
}

// makeSamples generates every sample, by its path.
func makeSamples(t *testing.T) map[string][]byte {
	t.Helper()
	i, out := newIssuer(), map[string][]byte{}
	require.NoError(t, walkTemplates(func(path string, text []byte) {
		inside, err := filepath.Rel(templates, path)
		require.NoError(t, err)
		out[filepath.Join("samples", inside)] = i.fill(path, text)
	}))
	out["samples/gct/config.dat"] = goCryptoTraderFile(t, out["samples/gocryptotrader/config.json"])
	out["samples/bbgo-yaml/bbgo.yaml"] = []byte(fmt.Sprintf(`# One session with its keys in this file, one with them in the environment.
sessions:
  main:
    exchange: bybit
    key: %s
    secret: %s
  other:
    exchange: okex
    envVarPrefix: OKEX
exchangeStrategies:
  - on: main
    grid2:
      symbol: BTCUSDT
`, i.value("BYBIT", "", "KEY"), i.value("BYBIT", "", "SECRET")))
	connector := func(name string, fields ...string) {
		text := "##################################\n###   " + name + " config   ###\n##################################\n\nconnector: " + name + "\n\n"
		for n := 0; n+1 < len(fields); n += 2 {
			field := name + "_" + fields[n]
			if strings.HasPrefix(fields[n], "session_") { // the one name without the connector's
				field = fields[n]
			}
			text += fmt.Sprintf("%s: %s\n\n", field, keyfile(t, fields[n+1]))
		}
		out["samples/hummingbot/conf/connectors/"+name+".yml"] = []byte(text)
	}
	connector("binance", "api_key", i.value("BINANCE", "", "KEY"), "api_secret", i.value("BINANCE", "", "SECRET"))
	connector("okx", "api_key", i.value("OKX", "", "KEY"), "secret_key", i.value("OKX", "", "SECRET"), "passphrase", i.value("OKX", "", "PASSPHRASE"))
	connector("hyperliquid_perpetual", "api_key", i.value("HYPERLIQUID", "", "ACCOUNT"), "api_secret", i.value("HYPERLIQUID", "", "SECRET"))
	connector("derive_perpetual", "wallet_address", i.value("DERIVE", "", "ACCOUNT"), "session_private_key", i.value("DERIVE", "", "SECRET"))
	out["samples/hummingbot/conf/.password_verification"] = []byte(keyfile(t, "HummingBot"))
	return out
}

// seed returns the same bytes each time, where bots use random ones.
func seed(n int, of string) []byte {
	sum := sha256.Sum256([]byte("sample " + of))
	return sum[:n]
}

// fernet encrypts a text with the key that OctoBot publishes in its source.
func fernet(text string) string {
	key, _ := base64.URLEncoding.DecodeString("uVEw_JJe7uiXepaU_DR4T-ThkjZlDn8Pzl8hYPIv7w0=")
	pad := aes.BlockSize - len(text)%aes.BlockSize
	plain := append([]byte(text), bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, _ := aes.NewCipher(key[16:])
	token := append([]byte{0x80}, binary.BigEndian.AppendUint64(nil, 1_790_000_000)...)
	iv := seed(aes.BlockSize, text)
	token = append(token, iv...)
	sealed := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(sealed, plain)
	token = append(token, sealed...)
	mac := hmac.New(sha256.New, key[:16])
	mac.Write(token)
	return base64.URLEncoding.EncodeToString(mac.Sum(token))
}

// keyfile is a text as hummingbot encrypts it: the hex of an Ethereum keyfile.
func keyfile(t *testing.T, text string) string {
	t.Helper()
	const rounds = 2000 // bots use a million
	salt, iv := seed(32, "salt "+text), seed(16, "iv "+text)
	key, err := pbkdf2.Key(sha256.New, samplePassword, salt, rounds, 32)
	require.NoError(t, err)
	block, err := aes.NewCipher(key[:16])
	require.NoError(t, err)
	sealed := make([]byte, len(text))
	cipher.NewCTR(block, iv).XORKeyStream(sealed, []byte(text))
	mac := sha3.NewLegacyKeccak256()
	mac.Write(append(slices.Clone(key[16:]), sealed...))
	file, err := json.Marshal(map[string]any{
		"version": 3, "alias": "", "crypto": map[string]any{
			"cipher": "aes-128-ctr", "cipherparams": map[string]any{"iv": hex.EncodeToString(iv)}, "ciphertext": hex.EncodeToString(sealed),
			"kdf": "pbkdf2", "kdfparams": map[string]any{"c": rounds, "dklen": 32, "prf": "hmac-sha256", "salt": hex.EncodeToString(salt)},
			"mac": hex.EncodeToString(mac.Sum(nil)),
		},
	})
	require.NoError(t, err)
	return hex.EncodeToString(file)
}

// goCryptoTraderFile is a configuration as GoCryptoTrader encrypts it.
func goCryptoTraderFile(t *testing.T, config []byte) []byte {
	t.Helper()
	salt := append([]byte("~GCT~SO~SALTY~"), seed(12, "gct salt")...)
	key, err := scrypt.Key([]byte(samplePassword), salt, 32768, 8, 1, 32)
	require.NoError(t, err)
	block, err := aes.NewCipher(key)
	require.NoError(t, err)
	gcm, err := cipher.NewGCM(block)
	require.NoError(t, err)
	nonce := seed(gcm.NonceSize(), "gct nonce")
	file := append([]byte("THORS-HAMMER"), salt...)
	file = append(file, "ENCVER"...)
	file = binary.BigEndian.AppendUint16(file, 1)
	file = append(file, nonce...)
	return gcm.Seal(file, nonce, config, nil)
}

// TestTwoFilesOfOneBot: keys with the same name are distinguished by their files.
func TestTwoFilesOfOneBot(t *testing.T) {
	t.Parallel()
	const first, second = "samples/jesse/api-keys.csv", "samples/jesse"
	got := runWith(t.Context(), nil, "--demo", "--from", "jesse="+first, "--from", "jesse="+second, "--format", "json")
	report, err := render.ReadJSON(strings.NewReader(got.stdout))
	require.NoError(t, err, got.stderr)
	names := map[string]bool{}
	for _, r := range report.Results {
		names[r.Name] = true
	}
	alone := runWith(t.Context(), nil, "--demo", "--from", "jesse="+first, "--format", "json")
	one, err := render.ReadJSON(strings.NewReader(alone.stdout))
	require.NoError(t, err)
	require.NotEmpty(t, one.Results)
	for _, r := range one.Results {
		name, mark, marked := strings.Cut(r.Name, " (demonstration)")
		if marked {
			mark = " (demonstration)"
		}
		assert.Contains(t, names, r.Name)
		assert.Contains(t, names, name+" ("+second+")"+mark)
	}
	assert.Len(t, names, 2*len(one.Results))
}
