package copies

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	letters = "Zx9Yw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg0FeDcBa"
	signs   = "kQ+9/f8sT0b7Zr2Xw5/Y+v1Uu6aGm3nHj4cEoPqLdSiRtBxWzKyVfMgNhJlCeOpA1Q3s5U7w9y+A2C4E6G8I0K=="
)

func encode(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// wrapped cuts a text into lines.
func wrapped(s string, width int, between string) string {
	var out strings.Builder
	for len(s) > width {
		out.WriteString(s[:width] + between)
		s = s[width:]
	}
	return out.String() + s
}

func quote(s string) string { out, _ := json.Marshal(s); return string(out) }

func escapedXML(s string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(s))
	return out.String()
}

func zipped(name, content string) string {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, _ := z.Create(name)
	_, _ = io.WriteString(w, content)
	_ = z.Close()
	return out.String()
}

func gzipped(content string) string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = io.WriteString(z, content)
	_ = z.Close()
	return out.String()
}

func tarred(name, content string) string {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	_ = w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), Format: tar.FormatPAX})
	_, _ = io.WriteString(w, content)
	_ = w.Close()
	return out.String()
}

func utf16le(s string) string { return string(wide(binary.LittleEndian, []byte(s))) }

func TestEveryFormIsFound(t *testing.T) {
	t.Parallel()
	shapes := map[string]func(s string) string{
		"plain":                      func(s string) string { return "a: b\nSECRET=" + s + "\n" },
		"in a word":                  func(s string) string { return "x" + s + "y" },
		"base64":                     encode,
		"base64 after one":           func(s string) string { return encode("x" + s) },
		"base64 after two":           func(s string) string { return encode("xy" + s + "z") },
		"within a longer base64":     func(s string) string { return "data:\n  env: " + encode("A=1\nSECRET="+s+"\nB=2\n") },
		"base64 for URLs":            func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("k=" + s)) },
		"base64 in lines":            func(s string) string { return wrapped(encode("# a comment\nSECRET="+s+"\n"), 20, "\n") },
		"base64 in indented lines":   func(s string) string { return wrapped(encode("# a comment\nSECRET="+s+"\n"), 30, "\r\n    ") },
		"base64 in quoted lines":     func(s string) string { return `"` + wrapped(encode("x"+s), 30, "\",\n  \"") + `"` },
		"base64 in a string's lines": func(s string) string { return `"` + wrapped(encode("x"+s), 30, `\n`) + `"` },
		"PowerShell's base64":        func(s string) string { return "powershell -enc " + encode(utf16le("$s='"+s+"'")) },
		"hexadecimal":                func(s string) string { return hex.EncodeToString([]byte("a" + s)) },
		"HEXADECIMAL":                func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
		"a URL's query":              func(s string) string { return "https://x.example/?secret=" + url.QueryEscape(s) + "&a=b" },
		"every character in percents": func(s string) string {
			return fmt.Sprintf("%%%s", strings.TrimPrefix(wrapped(hex.EncodeToString([]byte(s)), 2, "%"), "%"))
		},
		"JSON":                      quote,
		"JSON that escapes slashes": func(s string) string { return strings.ReplaceAll(quote(s), "/", `\/`) },
		"JSON by numbers": func(s string) string {
			return `{"a":"` + strings.NewReplacer("+", `\u002b`, "/", `\u002F`, "=", `\u003d`, "Z", `\u005a`, "k", `\x6b`).Replace(s) + `"}`
		},
		"JSON in JSON": func(s string) string { return quote(strings.ReplaceAll(quote(`{"a":"`+s+`"}`), "/", `\/`)) },
		"XML":          escapedXML,
		"HTML by numbers": func(s string) string {
			return strings.NewReplacer("+", "&#43;", "/", "&#x2F;", "=", "&#61;", "Z", "&#90;").Replace(s)
		},
		"UTF-16":                       func(s string) string { return "\xff\xfe" + utf16le("S="+s+"\r\n") },
		"UTF-16, the other way round":  func(s string) string { return "\xfe\xff" + string(wide(binary.BigEndian, []byte("S="+s))) },
		"a binary file":                func(s string) string { return "\x7fELF\x00\x01\x00" + s + "\x00\xff\xfe\x00" },
		"gzip":                         func(s string) string { return gzipped("S=" + s) },
		"tar":                          func(s string) string { return tarred("home/.env", "S="+s) },
		"tar.gz":                       func(s string) string { return gzipped(tarred("home/.env", "S="+s)) },
		"zip":                          func(s string) string { return zipped("a/.env", "S="+s) },
		"zip in tar.gz, within base64": func(s string) string { return gzipped(tarred("b.zip", zipped("a.json", encode("S="+s)))) },
		"base64 in base64": func(s string) string {
			return "data: " + encode("x"+encode("a long text before it, and the secret: "+s))
		},
		"gzip in base64": func(s string) string {
			return "release: " + encode(encode(gzipped("a long text before it, and the secret: "+s)))
		},
		"a name in a zip": func(s string) string { return zipped(strings.ReplaceAll(s, "/", "_")+".txt", s) },
		"mail":            func(s string) string { return "SECRET=3D" + wrapped(strings.ReplaceAll(s, "=", "=3D"), 30, "=\r\n") },
	}
	for name, write := range shapes {
		for _, secret := range []string{letters, signs} {
			v := New(append(Texts("aaaaaaaaaaaaaaaaaaaaaaaaaaaa"), Texts(secret)...))
			content := write(secret)
			places, gap, read := NewReader(v).Read(strings.NewReader(content))
			if assert.NotEmpty(t, places, "%s: %q", name, content) {
				assert.NotZero(t, places[0].Text, name)
			}
			assert.Equal(t, None, gap, name)
			assert.Equal(t, int64(len(content)), read, name)
			places, _, _ = NewReader(v).Read(strings.NewReader(write(strings.ToLower(secret))))
			assert.Empty(t, places, "%s of another text", name)
		}
	}
}

func TestPrivateKeysAreFound(t *testing.T) {
	t.Parallel()
	_, small, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	public := func(key any) string {
		der, err := x509.MarshalPKIXPublicKey(key)
		require.NoError(t, err)
		return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	}
	forms := map[string]func(der []byte) string{
		"PEM": func(der []byte) string {
			return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		},
		"one line":     func(der []byte) string { return base64.StdEncoding.EncodeToString(der) },
		"longer lines": func(der []byte) string { return wrapped(base64.StdEncoding.EncodeToString(der), 76, "\n") },
		"indented": func(der []byte) string {
			return "key: |\n  " + wrapped(base64.StdEncoding.EncodeToString(der), 64, "\n  ")
		},
		"in JSON": func(der []byte) string { return quote(string(pem.EncodeToMemory(&pem.Block{Type: "X", Bytes: der}))) },
		"PEM in base64": func(der []byte) string {
			return encode("a" + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
		},
		"a file of its bytes": func(der []byte) string { return string(der) },
	}
	for _, key := range []interface{ Public() any }{publicOf{small, small.Public()}, publicOf{curve, curve.Public()}, publicOf{large, large.Public()}} {
		private := key.(publicOf).private
		der, err := x509.MarshalPKCS8PrivateKey(private)
		require.NoError(t, err)
		for _, kept := range []string{string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), base64.StdEncoding.EncodeToString(der)} {
			v := New(Texts(kept))
			for name, write := range forms {
				places, _, _ := NewReader(v).Read(strings.NewReader(write(der)))
				assert.NotEmpty(t, places, "%T %s", private, name)
			}
			places, _, _ := NewReader(v).Read(strings.NewReader(public(key.Public())))
			assert.Empty(t, places, "the public half of %T", private)
		}
	}
	sec1, err := x509.MarshalECPrivateKey(curve)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(curve)
	require.NoError(t, err)
	places, _, _ := NewReader(New(Texts(base64.StdEncoding.EncodeToString(der)))).Read(bytes.NewReader(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1})))
	assert.NotEmpty(t, places, "the other container")
}

type publicOf struct{ private, public any }

func (p publicOf) Public() any { return p.public }

func TestWalletKeysAreFoundHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	key := "0xAbcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
	v := New(Texts(key))
	for _, text := range []string{key, strings.ToLower(key), key[2:], strings.ToUpper(key[2:]), encode(key), encode(strings.ToLower(key[2:]))} {
		places, _, _ := NewReader(v).Read(strings.NewReader(text))
		assert.NotEmpty(t, places, text)
	}
}

// TestDigitsWithoutTheirZeros: half of Stark's keys are an odd number of digits.
func TestDigitsWithoutTheirZeros(t *testing.T) {
	t.Parallel()
	const digits = "543b6cf6c91817a87174aaea4fb370ac1c694e864d7740d728f8344d53e8156"
	for _, text := range []string{digits, "0x" + digits, "0" + digits, strings.ToUpper(digits), "0X0" + strings.ToUpper(digits)} {
		for _, secret := range []string{"0x" + digits, "0x0" + digits} {
			places, _, _ := NewReader(New(Texts(secret))).Read(strings.NewReader("key: " + text + "\n"))
			assert.NotEmpty(t, places, "%s in %s", secret, text)
		}
	}
	places, _, _ := NewReader(New(Texts("ed25519:8nXWb3pUv6Tq2RkYs4Lz7MdHc9JgFa5E"))).Read(strings.NewReader("8nXWb3pUv6Tq2RkYs4Lz7MdHc9JgFa5E"))
	assert.NotEmpty(t, places, "without its name")
}

func TestLinesAreThoseOfTheFile(t *testing.T) {
	t.Parallel()
	v := New(Texts(signs))
	above := strings.Repeat("a line of a file, with \\n and %41 and \"quotes\"\n", 60_000) // more than a window
	for name, text := range map[string]string{
		"plain": signs, "percents": url.QueryEscape(signs), "base64": encode("x" + signs), "lines": wrapped(encode("xy"+signs), 40, "\n"), "JSON": strings.ReplaceAll(signs, "/", `\/`),
	} {
		places, gap, _ := NewReader(v).Read(strings.NewReader(above + "k=" + text + "\nand more\n"))
		require.NotEmpty(t, places, name)
		assert.Equal(t, 60_001, places[0].Line, name)
		assert.Equal(t, None, gap)
	}
}

func TestShortTextsStandByThemselves(t *testing.T) {
	t.Parallel()
	v := New([][]byte{[]byte("trading1")})
	for text, found := range map[string]bool{"id: trading1\n": true, "mytrading1": false, "trading12": false, "trading1": true, "x_trading1": true} {
		places, _, _ := NewReader(v).Read(strings.NewReader(text))
		assert.Equal(t, found, len(places) > 0, text)
	}
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	t.Parallel()
	v := New([][]byte{[]byte(letters)})
	whole := gzipped(strings.Repeat("0123456789abcdef", 10_000) + letters)
	nested := letters
	for range deepest + 1 {
		nested = gzipped(nested)
	}
	encrypted := []byte(zipped("a", letters))
	encrypted[6] |= 1
	central := bytes.Index(encrypted, []byte("PK\x01\x02"))
	encrypted[central+8] |= 1
	for name, of := range map[string]struct {
		content string
		want    Gap
	}{
		"cut off":               {whole[:len(whole)-9], Damaged},
		"no gzip":               {"\x1f\x8b\x08 and a text", Damaged},
		"no zip":                {"PK\x03\x04 and a text", Damaged},
		"7z":                    {"7z\xbc\xaf\x27\x1c" + strings.Repeat("x", 600), Packed},
		"a beginning in base64": {"see " + encode(gzipped(strings.Repeat("0123456789abcdef"+letters, 100)))[:64] + " for more", None},
		"too deep":              {nested, Packed},
		"encrypted":             {string(encrypted), Encrypted},
		"more than is opened":   {gzipped(string(make([]byte, 4*window))), Large},
	} {
		r := NewReader(v)
		r.unpacked = 3 * window
		_, gap, _ := r.Read(strings.NewReader(of.content))
		assert.Equal(t, of.want, gap, name)
	}
	_, gap, _ := NewReader(v).Read(io.MultiReader(strings.NewReader("text"), failing{}))
	assert.Equal(t, Failed, gap)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestManyTextsAtOnce(t *testing.T) {
	t.Parallel()
	var texts [][]byte
	for i := range 20_000 { // they begin alike, as some exchanges' ids do
		texts = append(texts, fmt.Appendf(nil, "organizations/%08x-0000/apiKeys/%08x", i*2654435761, i*40503))
	}
	v := New(texts)
	assert.NotEmpty(t, v.needles)
	longest := 0
	for _, first := range v.first {
		n := 0
		for i := first; i >= 0; i = v.needles[i].next {
			n++
		}
		longest = max(longest, n)
	}
	assert.Less(t, longest, 16, "forms that are compared at one place")
	places, _, _ := NewReader(v).Read(strings.NewReader(string(bytes.Join(texts, []byte("\n")))))
	assert.Len(t, places, len(texts))
}

func TestNamesAreHidden(t *testing.T) {
	t.Parallel()
	v := New(Texts(letters))
	assert.Equal(t, "home/…/a.txt", v.Hide("home/"+letters+"/a.txt"))
	assert.Equal(t, "home/…", v.Hide("home/"+encode("x"+letters)))
	assert.Equal(t, "home/a.txt", v.Hide("home/a.txt"))
	places, _, _ := NewReader(v).Read(strings.NewReader(zipped("x-"+letters, letters+" "+letters)))
	require.Len(t, places, 1)
	assert.NotContains(t, places[0].Member, letters)
}

func FuzzRead(f *testing.F) {
	v := New(append(Texts(letters), Texts(signs)...))
	for _, seed := range []string{letters, encode(signs), gzipped(letters), zipped("a", letters), tarred("a", letters), `\u00`, "%4", "&#x;", "=\n", wrapped(encode(letters), 20, "\n")} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader(v)
		r.unpacked = 1 << 20
		r.Read(bytes.NewReader(data))
		text, read := unescape(nil, data, 3*len(data)+1)
		assert.Equal(t, len(data), read)
		_, read = join(nil, text, len(text)+1)
		assert.Equal(t, len(text), read)
	})
}
