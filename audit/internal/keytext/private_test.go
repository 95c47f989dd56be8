package keytext

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// handedOut is a private key in one of the forms in which its owner gets it.
type handedOut struct {
	name, label string
	key         crypto.PrivateKey
	der         []byte
}

func (h handedOut) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: h.label, Bytes: h.der}))
}

func (h handedOut) base64() string { return base64.StdEncoding.EncodeToString(h.der) }

// forms are private keys of every kind in every form. They are made once.
var forms = sync.OnceValue(func() (out []handedOut) {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	pkcs8 := func(key any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		must(err)
		return der
	}
	sec1, err := x509.MarshalECPrivateKey(curve)
	must(err)
	return []handedOut{
		{"Ed25519, PKCS#8", "PRIVATE KEY", ed, pkcs8(ed)},
		{"RSA, PKCS#8", "PRIVATE KEY", big, pkcs8(big)},
		{"RSA, PKCS#1", "RSA PRIVATE KEY", big, x509.MarshalPKCS1PrivateKey(big)},
		{"ECDSA, PKCS#8", "PRIVATE KEY", curve, pkcs8(curve)},
		{"ECDSA, SEC 1", "EC PRIVATE KEY", curve, sec1},
	}
})

func replace(from, to string) func(string) string {
	return func(text string) string { return strings.ReplaceAll(text, from, to) }
}

func wrap(before, after string) func(string) string {
	return func(text string) string { return before + text + after }
}

// spellings are what happens to a PEM file on its way, and loses nothing.
var spellings = map[string]func(string) string{
	"as saved":                      wrap("", ""),
	"without the last line break":   strings.TrimSpace,
	"from Windows":                  replace("\n", "\r\n"),
	"from an old Mac":               replace("\n", "\r"),
	"on one line, with spaces":      replace("\n", " "),
	"on one line, without spaces":   replace("\n", ""),
	"on one line, with tabs":        replace("\n", "\t"),
	"literal line breaks":           replace("\n", `\n`),
	"literal line breaks, doubled":  replace("\n", `\\n`),
	"literal line breaks, twice so": replace("\n", `\\\\n`),
	"literal CRLF":                  replace("\n", `\r\n`),
	"JSON string":                   func(s string) string { b, _ := json.Marshal(s); return string(b) },
	"JSON string in JSON":           func(s string) string { b, _ := json.Marshal(s); b, _ = json.Marshal(string(b)); return string(b) },
	"PHP's JSON":                    replace("/", `\/`),
	"escaped by Gson": func(s string) string {
		return replace("=", `\u003d`)(replace("+", `\u002b`)(replace("\n", `\u000a`)(s)))
	},
	"byte escapes":                func(s string) string { return replace("=", `\x3D`)(replace("\n", `\x0a`)(s)) },
	"single quotes":               wrap("'", "'"),
	"curly quotes":                wrap("“", "”"),
	"an opening quote alone":      wrap(`"`, ""),
	"backticks and a comma":       wrap("`", "`,"),
	"each line quoted":            func(s string) string { return `"` + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\",\n\"") + `"` },
	"a shell's continued lines":   replace("\n", "\\\n"),
	"indented":                    replace("\n", "\n      "),
	"indented by no-break spaces": replace("\n", "\n\u00a0\u00a0"),
	"quoted in a mail":            func(s string) string { return "> " + strings.ReplaceAll(s, "\n", "\n> ") },
	"blank lines":                 replace("\n", "\n\n"),
	"byte order mark":             wrap("\ufeff", ""),
	"zero-width spaces":           replace("\n", "\u200b\n\u2060"),
	"soft hyphens":                replace("A", "A\u00ad"),
	"UTF-16":                      func(s string) string { return utf16Text(s) },
	"URL":                         url.QueryEscape,
	"URL, path":                   func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") },
	"URL, twice":                  func(s string) string { return url.QueryEscape(strings.ReplaceAll(url.QueryEscape(s), "+", "%20")) },
	"HTML":                        func(s string) string { return replace("\n", "&#10;")(replace("+", "&#43;")(s)) },
	"HTML, line elements":         replace("\n", "<br>\n"),
	"dashes of a word processor":  replace("-----", "—–-"),
	"dashes that were lost":       replace("-----", "---"),
	"text around":                 wrap("Bag Attributes\n    friendlyName: bot\nKey Attributes: <No Attributes>\n", "\n# keep this safe\n"),
	"no last line":                func(s string) string { return s[:strings.Index(s, "-----END")] },
	"twice":                       func(s string) string { return s + s },
	"base64":                      func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64, twice": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s))))
	},
	"wrapped at 76":              func(s string) string { return rewrap(s, 76) },
	"wrapped at 20":              func(s string) string { return rewrap(s, 20) },
	"small letters in its lines": func(s string) string { return replace("-----BEGIN", "-----begin")(s) },
	"key file": func(s string) string {
		b, _ := json.Marshal(map[string]string{"name": "organizations/a/apiKeys/b", "privateKey": s})
		return string(b)
	},
	"key file, indented": func(s string) string {
		b, _ := json.MarshalIndent(map[string]string{"id": "b", "private_key": s}, "", "   ")
		return "\ufeff" + string(b) + "\r\n"
	},
}

func utf16Text(s string) string {
	out := []byte{0xff, 0xfe}
	for _, r := range s {
		out = append(out, byte(r), byte(r>>8))
	}
	return string(out)
}

func rewrap(text string, width int) string {
	block, _ := pem.Decode([]byte(text))
	body := base64.StdEncoding.EncodeToString(block.Bytes)
	out := "-----BEGIN " + block.Type + "-----\n"
	for len(body) > width {
		out, body = out+body[:width]+"\n", body[width:]
	}
	return out + body + "\n-----END " + block.Type + "-----\n"
}

// bare are a key's spellings without PEM.
var bare = map[string]func([]byte) string{
	"base64":             base64.StdEncoding.EncodeToString,
	"without padding":    base64.RawStdEncoding.EncodeToString,
	"URL alphabet":       base64.URLEncoding.EncodeToString,
	"hexadecimal":        hex.EncodeToString,
	"upper case":         func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) },
	"wrapped":            func(b []byte) string { s := base64.StdEncoding.EncodeToString(b); return s[:30] + "\n" + s[30:] + "\n" },
	"literal line break": func(b []byte) string { s := base64.StdEncoding.EncodeToString(b); return s[:30] + `\n` + s[30:] + `\n` },
	"quoted":             func(b []byte) string { return ` "` + base64.StdEncoding.EncodeToString(b) + `",` },
	"byte order mark":    func(b []byte) string { return "\ufeff" + base64.StdEncoding.EncodeToString(b) + "\r\n" },
	"Kubernetes": func(b []byte) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString(b) + "\n"))
	},
	"URL":  func(b []byte) string { return url.QueryEscape(base64.StdEncoding.EncodeToString(b)) },
	"Gson": func(b []byte) string { return replace("=", `\u003d`)(base64.StdEncoding.EncodeToString(b)) },
}

func sameAs(t *testing.T, want crypto.PrivateKey, text, phrase, about string) {
	t.Helper()
	key, found, err := Private(text, phrase)
	require.NoError(t, err, about)
	require.True(t, found, about)
	require.True(t, sameKey(want, key), about)
}

func TestPrivate(t *testing.T) {
	t.Parallel()
	for _, form := range forms() {
		for name, spell := range spellings {
			sameAs(t, form.key, spell(form.pem()), "", form.name+", "+name)
		}
		for name, spell := range bare {
			sameAs(t, form.key, spell(form.der), "", form.name+", bare, "+name)
		}
	}
}

// TestDamageThatLosesNothing: whatever is done to a key, one after the other, it is
// the same key.
func TestDamageThatLosesNothing(t *testing.T) {
	t.Parallel()
	steps := []func(string) string{
		replace("\n", "\r\n"), replace("\n", " "), replace("\n", "\n\t"), replace("\n", `\n`), replace(`\n`, `\\n`), replace("/", `\/`), replace("\n", " \n "),
		wrap(`"`, `"`), wrap("'", "'"), wrap(" ", "\n"), wrap("\ufeff", ""), wrap("", "\u200b"), replace("M", "\u200bM"), replace("=", `\u003d`), replace("+", "%2B"), replace("\n", "%0A"),
		wrap("“", "”"), wrap("", ","), replace(" ", "\u00a0"),
	}
	r := mathrand.New(mathrand.NewPCG(1, 2))
	for range 800 {
		all := forms()
		form := all[r.IntN(len(all))]
		text := form.pem()
		if r.IntN(3) == 0 {
			text = form.base64()
		}
		var done []int
		for range 1 + r.IntN(5) {
			n := r.IntN(len(steps))
			text, done = steps[n](text), append(done, n)
		}
		sameAs(t, form.key, text, "", fmt.Sprint(form.name, done))
	}
}

// TestDamageThatLosesSomething: what is lost is never made up, and the rest is never
// taken for a shared secret.
func TestDamageThatLosesSomething(t *testing.T) {
	t.Parallel()
	for _, form := range forms() {
		whole := form.pem()
		damaged := bytes.Clone(form.der)
		damaged[0] ^= 0xff
		for _, text := range []string{
			whole[:len(whole)/2], strings.Replace(whole, "BEGIN", "BEGAN", 1), "PRIVATE KEY", "-----BEGIN PRIVATE KEY-----", whole[:40] + whole[44:],
			string(pem.EncodeToMemory(&pem.Block{Type: form.label, Bytes: damaged})), string(pem.EncodeToMemory(&pem.Block{Type: form.label})),
			replace("\n", "n")(whole), replace("M", "*")(whole), form.base64()[:len(form.base64())/8*4], form.base64()[:40], hex.EncodeToString(form.der[:40]),
		} {
			key, found, err := Private(text, "")
			require.Error(t, err, "%s: %s", form.name, text)
			assert.True(t, found)
			assert.Nil(t, key)
			quotesNothing(t, text, err)
		}
	}
	all := forms()
	for name, text := range map[string]string{
		"two":                       all[0].pem() + all[1].pem(),
		"two others":                all[1].pem() + "\n" + all[3].pem(),
		"one and an unreadable one": all[0].pem() + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
		"an unreadable one and one": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" + all[0].pem(),
	} {
		_, _, err := Private(text, "")
		require.ErrorIs(t, err, errSeveral, name)
	}
}

// TestBesidePrivate: what OpenSSL and others put beside a private key is passed over.
func TestBesidePrivate(t *testing.T) {
	t.Parallel()
	for _, form := range forms() {
		public, err := x509.MarshalPKIXPublicKey(form.key.(crypto.Signer).Public())
		require.NoError(t, err)
		beside := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
		parameters := "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
		for _, text := range []string{beside + form.pem(), form.pem() + beside, parameters + form.pem(), replace("\n", " ")(parameters + form.pem())} {
			sameAs(t, form.key, text, "", form.name)
		}
	}
}

func quotesNothing(t *testing.T, text string, err error) {
	t.Helper()
	for at := 0; at+12 <= len(text); at++ {
		if piece := text[at : at+12]; !strings.ContainsAny(piece, " -:.#") && strings.Contains(err.Error(), piece) {
			require.Fail(t, "the text is quoted", err.Error())
		}
	}
}

// TestNamedAsWhatTheyAre: what is no private key that can sign is named, with what
// helps.
func TestNamedAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	form := forms()[0]
	public, err := x509.MarshalPKIXPublicKey(form.key.(crypto.Signer).Public())
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bot"}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, form.key.(crypto.Signer).Public(), form.key)
	require.NoError(t, err)
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, form.key)
	require.NoError(t, err)
	exchange, err := ecdh.X25519().GenerateKey(rand.Reader)
	require.NoError(t, err)
	agreement, err := x509.MarshalPKCS8PrivateKey(exchange)
	require.NoError(t, err)
	rsaPublic := x509.MarshalPKCS1PublicKey(&forms()[1].key.(*rsa.PrivateKey).PublicKey)
	b64 := base64.StdEncoding.EncodeToString
	armour := func(label string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
	}
	ssh := append([]byte("openssh-key-v1\x00\x00\x00\x00\x04none\x00\x00\x00\x04none"), bytes.Repeat([]byte{0}, 40)...)
	sshEd := append(bytes.Clone(ssh), []byte("\x00\x00\x00\x0bssh-ed25519")...)
	pkcs12 := append([]byte{0x30, 0x82, 0x04, 0x00, 0x02, 0x01, 0x03, 0x30}, make([]byte, 0x3f8)...)
	encrypted := sealedSamples[0].text
	for _, c := range []struct {
		want  error
		texts []string
	}{
		{errOpenSSH, []string{armour("OPENSSH PRIVATE KEY", ssh), replace("\n", " ")(armour("OPENSSH PRIVATE KEY", ssh)), b64(ssh), armour("PRIVATE KEY", ssh), replace("\n", `\n`)(armour("OPENSSH PRIVATE KEY", ssh)), armour("OPENSSH PRIVATE KEY", []byte("cut short"))}},
		{errSSHEd, []string{armour("OPENSSH PRIVATE KEY", sshEd), b64(sshEd), b64([]byte(armour("OPENSSH PRIVATE KEY", sshEd)))}},
		{errPublic, []string{
			string(public), armour("PUBLIC KEY", public), replace("\n", " ")(armour("PUBLIC KEY", public)), b64(public), hex.EncodeToString(public), b64([]byte(armour("PUBLIC KEY", public))), "'" + b64(public) + "'",
			armour("RSA PUBLIC KEY", rsaPublic), b64(rsaPublic), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI bot@host", "ssh-rsa AAAAB3NzaC1yc2E", "ecdsa-sha2-nistp256 AAAA x", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----",
		}},
		{errCertificate, []string{armour("CERTIFICATE", certificate), b64(certificate), armour("CERTIFICATE REQUEST", request), b64(request), replace("\n", `\n`)(armour("CERTIFICATE", certificate))}},
		{errPuTTY, []string{"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none", "\ufeffPuTTY-User-Key-File-2: ssh-rsa\r\nEncryption: none", b64([]byte("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none"))}},
		{errPGP, []string{"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----", "-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----"}},
		{errPKCS12, []string{string(pkcs12), b64(pkcs12), armour("PKCS12", pkcs12)}},
		{errJWK, []string{`{"kty":"OKP","crv":"Ed25519","d":"AAAA","x":"AAAA"}`, "{\n \"crv\": \"P-256\", \"kty\": \"EC\"}"}},
		{errCannotSign, []string{armour("PRIVATE KEY", agreement), b64(agreement), string(agreement)}},
		{errAge, []string{armour("AGE ENCRYPTED FILE", ssh)}},
		{errSSHCom, []string{"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"bot\"\nP2/56wAA\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"}},
		{errEncrypted, []string{encrypted, replace("\n", " ")(encrypted), replace("\n", `\n`)(encrypted), "\ufeff" + encrypted, bareOf(encrypted), b64([]byte(encrypted))}},
	} {
		for _, text := range c.texts {
			key, found, err := Private(text, "")
			require.ErrorIs(t, err, c.want, text)
			assert.True(t, found)
			assert.Nil(t, key)
			quotesNothing(t, text, err)
		}
	}
}

func bareOf(text string) string {
	block, _ := pem.Decode([]byte(text))
	return base64.StdEncoding.EncodeToString(block.Bytes)
}

// alphabets are those of exchanges' own keys and secrets, with their usual lengths.
var alphabets = []struct {
	letters string
	length  int
}{
	{"0123456789abcdef", 32},
	{"0123456789abcdef", 64},
	{"0123456789ABCDEF", 32},
	{"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 28},
	{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 8},
	{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 64},
	{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 43},
	{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 88},
	{"abcdefghijklmnopqrstuvwxyz", 20},
}

// TestSharedSecretsAreNone: random keys and secrets come back as they are: no
// private key, no placeholder, nothing taken off.
func TestSharedSecretsAreNone(t *testing.T) {
	t.Parallel()
	r := mathrand.New(mathrand.NewPCG(3, 4))
	for range 3000 {
		for _, a := range alphabets {
			text := make([]byte, a.length)
			for i := range text {
				text[i] = a.letters[r.IntN(len(a.letters))]
			}
			key := string(text)
			_, found, err := Private(key, "")
			require.NoError(t, err, key)
			require.False(t, found, key)
			require.Empty(t, Placeholder(key), key)
			require.Equal(t, key, Clean(key))
		}
	}
	for _, key := range []string{"3b241101-e2bb-4255-8caf-4136c566a962", "organizations/3b241101-e2bb/apiKeys/3b241101-e2bb", "account-nLkQ8vTrWpZs2YbXcD4e", "mx0vglTrWpZs2YbXcD", "bg_0123456789abcdef0123456789abcdef", "cxakp_nLkQ8vTrWpZs2YbXcD4eFg"} {
		assert.Empty(t, Placeholder(key), key)
		assert.Equal(t, key, Clean(key))
	}
}

// FuzzPrivate: no text makes it panic or is quoted, and a key that is found is one.
func FuzzPrivate(f *testing.F) {
	for _, spell := range spellings {
		f.Add(spell(forms()[0].pem()), "")
	}
	for _, sample := range sealedSamples {
		f.Add(sample.text, samplePhrase)
	}
	f.Fuzz(func(t *testing.T, text, phrase string) {
		if strings.Contains(text, "\x06\x09*\x86H") { // the fuzzer may ask for millions of rounds
			return
		}
		key, found, err := Private(text, phrase)
		if (key != nil) != (found && err == nil) {
			t.Fatal("a key without being one")
		}
		if err != nil {
			quotesNothing(t, text, err)
		}
		Placeholder(text)
	})
}
