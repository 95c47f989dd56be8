package inventory

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// planted is the value that replaces {{NAME}} in the samples: text that looks
// like a secret, different for each name.
func planted(name string) string {
	sum := sha256.Sum256([]byte("planted " + name))
	switch {
	case strings.HasSuffix(name, "_PEM"), name == "COINBASE_SECRET":
		return "-----BEGIN PRIVATE KEY-----\n" + base64.StdEncoding.EncodeToString(sum[:]) + "\n-----END PRIVATE KEY-----"
	case strings.HasPrefix(name, "KRAKEN"):
		return base64.StdEncoding.EncodeToString(sum[:])
	default:
		return hex.EncodeToString(sum[:20])
	}
}

var slot = regexp.MustCompile(`\{\{(FERNET:)?([A-Z0-9_]+)\}\}`)

// fill puts the values into a sample, and notes the name of each.
func fill(tb testing.TB, file string, text []byte, names map[string]string) []byte {
	tb.Helper()
	return slot.ReplaceAllFunc(text, func(match []byte) []byte {
		parts := slot.FindSubmatch(match)
		value := planted(string(parts[2]))
		names[value] = string(parts[2])
		if len(parts[1]) > 0 {
			value = sealFernet(tb, octobotKey, value)
		}
		if filepath.Ext(file) != ".json" {
			return []byte(value)
		}
		quoted, err := json.Marshal(value)
		require.NoError(tb, err)
		return quoted[1 : len(quoted)-1]
	})
}

// botSample copies a bot's folder, filled in. It returns the copy and the names
// of the values.
func botSample(tb testing.TB, bot string) (folder string, names map[string]string) {
	tb.Helper()
	folder, names = tb.TempDir(), map[string]string{}
	from := filepath.Join("testdata", "bots", bot)
	require.NoError(tb, filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(from, path)
		require.NoError(tb, err)
		to := filepath.Join(folder, inside)
		if entry.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		text, err := os.ReadFile(path)
		require.NoError(tb, err)
		return os.WriteFile(to, fill(tb, path, text, names), 0o600)
	}))
	return folder, names
}

// writeBot writes one file of a bot.
func writeBot(tb testing.TB, name, text string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	require.NoError(tb, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// withVariables is Options.Env for variables written NAME=value.
func withVariables(variables ...string) Options {
	decoders := map[string]func([]byte) ([]byte, error){".toml": simpleTOML}
	return Options{Exchanges: exchanges.All(), Decoders: decoders, Environ: variables, Env: func(name string) string {
		for _, v := range variables {
			if value, ok := strings.CutPrefix(v, name+"="); ok {
				return value
			}
		}
		return ""
	}}
}

// simpleTOML turns tables of texts and switches into JSON, all that the tests of
// this package need. The program's own decoder is tested with it.
func simpleTOML(data []byte) ([]byte, error) {
	root := map[string]any{}
	at := root
	for line := range strings.SplitSeq(string(data), "\n") {
		line = strings.TrimSpace(line)
		name, value, isSetting := strings.Cut(line, " = ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			at = root
			for part := range strings.SplitSeq(strings.Trim(line, "[]"), ".") {
				if at[part] == nil {
					at[part] = map[string]any{}
				}
				next, ok := at[part].(map[string]any)
				if !ok {
					return nil, errors.New("not a table")
				}
				at = next
			}
		case isSetting && json.Valid([]byte(value)):
			at[name] = json.RawMessage(value)
		default:
			return nil, errors.New("not a setting")
		}
	}
	return json.Marshal(root)
}

func sealFernet(tb testing.TB, key, text string) string {
	tb.Helper()
	k, err := base64.URLEncoding.DecodeString(key)
	require.NoError(tb, err)
	n := aes.BlockSize - len(text)%aes.BlockSize
	plain := append([]byte(text), slices.Repeat([]byte{byte(n)}, n)...)
	block, err := aes.NewCipher(k[16:])
	require.NoError(tb, err)
	token := append([]byte{0x80, 0, 0, 0, 0, 0x65, 0x63, 0x6f, 0x70}, "sixteen bytes iv"...)
	sealed := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, []byte("sixteen bytes iv")).CryptBlocks(sealed, plain)
	token = append(token, sealed...)
	mac := hmac.New(sha256.New, k[:16])
	mac.Write(token)
	return base64.URLEncoding.EncodeToString(mac.Sum(token))
}

// describe writes down everything that a format decides, with names in place of
// the planted values.
func describe(t *testing.T, in *Inventory, folder string, names map[string]string) string {
	t.Helper()
	var b strings.Builder
	at := func(file string, line, column int) string {
		if file == "" {
			return "the environment"
		}
		inside, err := filepath.Rel(folder, file)
		require.NoError(t, err)
		return fmt.Sprintf("%s:%d:%d", filepath.ToSlash(inside), line, column)
	}
	named := func(value string) string {
		for v, name := range names {
			value = strings.ReplaceAll(value, v, "{{"+name+"}}")
		}
		return value
	}
	for _, k := range in.Keys {
		s := k.Record.Source
		fmt.Fprintf(&b, "%s: %s %s, %s, stage %q, at %s\n", k.Name, k.Exchange.Name, k.Environment, k.Policy.Name, k.Record.Stage, at(s.File, s.Line, s.Column))
		c, err := k.Load(t.Context())
		require.NoError(t, err, k.Name)
		fmt.Fprintf(&b, "    key %s secret %s passphrase %s\n", named(c.Key), named(c.Secret.Reveal()), named(c.Passphrase.Reveal()))
		if c.Account != "" {
			fmt.Fprintf(&b, "    account %s\n", named(c.Account))
		}
		for _, s := range c.Storage {
			fmt.Fprintf(&b, "    %s: in %s, %s, %04o, foreign %v, plaintext %q\n", s.Part, s.In, at(s.File, 0, 0), s.Mode, s.Foreign, s.Plaintext)
		}
	}
	for _, s := range in.Skipped {
		fmt.Fprintf(&b, "%s skipped, at %s: %s\n", s.Name, at(s.File, s.Line, 0), s.Why)
	}
	return b.String()
}

// TestSamples reads the sample of each bot. UPDATE_GOLDEN=1 rewrites the golden
// files.
func TestSamples(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		t.Run(format.Name, func(t *testing.T) {
			t.Parallel()
			folder, names := botSample(t, format.Name)
			before := listing(t, folder)
			in, err := From(format.Name, folder, withVariables())
			require.NoError(t, err)
			got := strings.ReplaceAll(describe(t, in, folder, names), folder, "FOLDER")
			assert.Equal(t, before, listing(t, folder), "an importer writes nothing")
			golden := filepath.Join("testdata", "bots", format.Name+".golden")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
			for value, name := range names {
				for _, shown := range []string{fmt.Sprintf("%v", in), fmt.Sprintf("%+v", in), fmt.Sprintf("%#v", in.Keys), fmt.Sprintf("%+v", in.Skipped)} {
					assert.NotContains(t, shown, value, name)
				}
			}
		})
	}
}

// listing is everything about a folder that a write would change.
func listing(tb testing.TB, folder string) string {
	tb.Helper()
	var b strings.Builder
	require.NoError(tb, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(tb, err)
		info, err := entry.Info()
		require.NoError(tb, err)
		fmt.Fprintln(&b, path, info.Mode(), info.Size(), info.ModTime().UnixNano())
		return nil
	}))
	return b.String()
}

func TestEveryFormatHasASample(t *testing.T) {
	t.Parallel()
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
		assert.NotEmpty(t, f.Title)
		assert.NotNil(t, f.Read)
	}
	assert.True(t, slices.IsSorted(names), "Formats are sorted")
	assert.Equal(t, names, slices.Compact(slices.Clone(names)))
	for _, name := range names {
		golden, err := os.ReadFile(filepath.Join("testdata", "bots", name+".golden"))
		require.NoError(t, err)
		assert.Contains(t, string(golden), "    secret: in ", "the sample of %s holds a key", name)
	}
}

func loadKey(t *testing.T, k audit.Key) adapter.Credentials {
	t.Helper()
	c, err := k.Load(context.Background())
	require.NoError(t, err)
	return c
}
