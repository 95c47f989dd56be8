package inventory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

func FuzzDotenv(f *testing.F) {
	for _, seed := range []string{"A=b", "export A='b\nc' # d\n", "A=\"\\\"\\\\n\\n\"\r\nB= c # d", "#\n\n A = ", "A=\"", "=b", "A"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = plainText([]byte(text))
		lines := 1 + strings.Count(text, "\n")
		last := 1
		for _, v := range parseDotenv(text) {
			if v.Line < last || v.Line > lines || v.Name == "" && v.Unread == "" || v.Unread != "" && !v.Value.IsZero() {
				t.Fatalf("%q: variable %q at line %d of %d", text, v.Name, v.Line, lines)
			}
			last = v.Line
		}
	})
}

func FuzzFernet(f *testing.F) {
	f.Add(fernetVector)
	f.Add(sealFernet(f, octobotKey, canary))
	f.Fuzz(func(t *testing.T, token string) {
		text, ok := fernet(octobotKey, token)
		if !ok && text != "" {
			t.Fatalf("%q: refused, but %d bytes are returned", token, len(text))
		}
		if again, ok := fernet(octobotKey, sealFernet(t, octobotKey, text)); !ok || again != text {
			t.Fatalf("%q is not decrypted to itself", text)
		}
	})
}

const (
	fernetVectorKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
	fernetVector    = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="
)

// TestFernet: the vector of the specification, and the same with each byte
// changed.
func TestFernet(t *testing.T) {
	t.Parallel()
	text, ok := fernet(fernetVectorKey, fernetVector)
	assert.True(t, ok)
	assert.Equal(t, "hello", text)
	for at := range fernetVector {
		for _, c := range "Ab0_-=!" {
			tampered := fernetVector[:at] + string(c) + fernetVector[at+1:]
			text, ok := fernet(fernetVectorKey, tampered)
			assert.Equal(t, tampered == fernetVector, ok, tampered)
			assert.Equal(t, ok, text != "", tampered)
		}
	}
	for _, key := range []string{"", "short", octobotKey, strings.Repeat("A", 44), "!" + fernetVectorKey[1:]} {
		_, ok := fernet(key, fernetVector)
		assert.False(t, ok, key)
	}
	for _, plain := range []string{"", "a", "exactly sixteen!", strings.Repeat("long", 100)} {
		text, ok := fernet(octobotKey, sealFernet(t, octobotKey, plain))
		assert.True(t, ok)
		assert.Equal(t, plain, text)
	}
}

func TestDotenv(t *testing.T) {
	t.Parallel()
	variables := parseDotenv(plainText([]byte("\ufeffA=plain # comment\r\n" +
		"  export B = \"two\\nlines\" # comment\n" +
		"# C=no\n\n" +
		"D='raw \\n # $'\n" +
		"E=\"-----BEGIN\nmiddle\nEND-----\"\n" +
		"F=a#b\nG=# nothing\nH=\nI=\"it's\"\nJ='it\"s'\nK==x=\nL=\"\\\\n\\\"\"\n")))
	want := []struct {
		name, value string
		line        int
	}{
		{"A", "plain", 1},
		{"B", "two\nlines", 2},
		{"D", `raw \n # $`, 5},
		{"E", "-----BEGIN\nmiddle\nEND-----", 6},
		{"F", "a#b", 9},
		{"G", "", 10},
		{"H", "", 11},
		{"I", "it's", 12},
		{"J", `it"s`, 13},
		{"K", "=x=", 14},
		{"L", `\n"`, 15},
	}
	require.Len(t, variables, len(want))
	for i, w := range want {
		v := variables[i]
		assert.Equal(t, w.name, v.Name)
		assert.Equal(t, w.value, v.Value.Reveal(), w.name)
		assert.Equal(t, w.line, v.Line, w.name)
	}
}

// TestEnvAgreesWithFromEnv: the format env accepts the spellings of
// audit.FromEnv, and reads the same values.
func TestEnvAgreesWithFromEnv(t *testing.T) {
	for _, row := range adapter.PartNames() {
		if row.Part == adapter.OTPPart {
			continue // a bot's file has none
		}
		end, exchange := "_"+row.Name, "OKX"
		if len(row.Of) > 0 {
			exchange = strings.ToUpper(row.Of[0])
		}
		variables := map[adapter.Part]string{
			adapter.KeyPart: exchange + "_API_KEY", adapter.SecretPart: exchange + "_API_SECRET", adapter.PassphrasePart: exchange + "_API_PASSPHRASE",
		}
		if exchange == "COINBASE" { // whose keys have none
			delete(variables, adapter.PassphrasePart)
		}
		variables[row.Part] = exchange + end
		var pairs []string
		for p, name := range variables {
			value := fmt.Sprint(name, " value ", p)
			t.Setenv(name, value)
			pairs = append(pairs, name+"="+value)
		}
		want, err := audit.FromEnv(exchange)
		require.NoError(t, err, end)
		in, err := From("env", "", withVariables(pairs...))
		require.NoError(t, err, end)
		require.Len(t, in.Keys, 1, end)
		c := loadKey(t, in.Keys[0])
		assert.Equal(t, want.Key, c.Key, end)
		assert.True(t, want.Secret.Equal(c.Secret), end)
		assert.True(t, want.KeyPassphrase.Equal(c.KeyPassphrase), end)
		if in.Keys[0].Exchange.Needs.Passphrase {
			assert.True(t, want.Passphrase.Equal(c.Passphrase), end)
		}
		for _, name := range variables {
			t.Setenv(name, "")
		}
	}
}
