package adapter

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"html"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// forms are the spellings in which an exchange or a proxy may send a secret back.
func forms(secret string) map[string]string {
	b64 := base64.StdEncoding.EncodeToString([]byte(secret))
	lower := func(text string) string {
		return regexp.MustCompile("%..").ReplaceAllStringFunc(text, strings.ToLower)
	}
	return map[string]string{
		"plain": secret, "hex": hex.EncodeToString([]byte(secret)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"base64": b64, "base64 unpadded": strings.TrimRight(b64, "="), "base64url": base64.URLEncoding.EncodeToString([]byte(secret)),
		"base64url unpadded": base64.RawURLEncoding.EncodeToString([]byte(secret)), "query": url.QueryEscape(secret), "path": url.PathEscape(secret),
		"query, lower case": lower(url.QueryEscape(secret)), "path, lower case": lower(url.PathEscape(secret)), "base64 in a query": url.QueryEscape(b64),
		"base64 in a query, lower case": lower(url.QueryEscape(b64)), "base64 in a path": url.PathEscape(b64),
		"base64 of hex":         base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString([]byte(secret)))),
		"every byte in percent": each([]byte(secret), "%%%02X"), "percent twice": each([]byte(secret), "%%25%02x"), "percent three times": url.QueryEscape(url.QueryEscape(url.QueryEscape(secret))),
		"JSON": strings.ReplaceAll(secret, "/", `\/`), "JSON in JSON": strings.ReplaceAll(secret, "/", `\\\/`), "bytes of JavaScript": each([]byte(secret), `\x%02x`),
		"broken by lines": strings.Join(strings.Split(secret, ""), "\n"), "broken by zero-width spaces": strings.Join(strings.Split(secret, ""), "\u200b"),
		"base64 broken by lines": strings.Join(strings.Split(b64, ""), "\r\n "), "soft hyphens": strings.Join(strings.Split(secret, ""), "\u00ad"),
	}
}

// letterForms are spellings of texts that are UTF-8.
func letterForms(secret string) map[string]string {
	return map[string]string{
		"upper case": strings.ToUpper(secret), "lower case": strings.ToLower(secret), "JSON escapes": each([]rune(secret), `\u%04x`), "JSON ESCAPES": each([]rune(secret), `\u%04X`),
		"decimal entities": each([]rune(secret), "&#%d;"), "hexadecimal entities": each([]rune(secret), "&#x%x;"), "escaped entities": each([]rune(secret), "&amp;#%d;"),
		"HTML": html.EscapeString(secret),
	}
}

func each[T any](units []T, format string) string {
	var b strings.Builder
	for _, u := range units {
		fmt.Fprintf(&b, format, u)
	}
	return b.String()
}

// TestScrubberKnowsSpellings: letters that are escaped, in another case, or
// encoded together with something else.
func TestScrubberKnowsSpellings(t *testing.T) {
	t.Parallel()
	c := Credentials{Key: "publicKey/0123456789", Secret: NewSecret("s3cr3t/+=?&<é>Secret"), Passphrase: NewSecret("Pass>>??word")}
	s := newScrubber(&c)
	for _, secret := range []string{c.Secret.Reveal(), c.Passphrase.Reveal()} {
		for name, form := range letterForms(secret) {
			assert.Equal(t, "before [redacted] after", s.clean("before "+form+" after"), name)
		}
	}
	basic := base64.StdEncoding.EncodeToString([]byte(c.Key + ":" + c.Secret.Reveal()))
	assert.Equal(t, "Basic [redacted]", s.clean("Basic "+basic))
	for _, around := range []string{"", "x", "xy", "xyz"} {
		whole := base64.StdEncoding.EncodeToString([]byte(around + c.Secret.Reveal() + "\n"))
		assert.NotContains(t, s.clean(whole), whole[8:20], "within a text that was encoded as a whole")
	}
}

// TestScrubberKnowsWhatSecretsDecodeTo: the bytes that sign are as good as the
// secret.
func TestScrubberKnowsWhatSecretsDecodeTo(t *testing.T) {
	t.Parallel()
	raw := []byte("0123456789abcdef-raw-\xff\xfe-bytes")
	for name, secret := range map[string]string{"base64": base64.StdEncoding.EncodeToString(raw), "hex": hex.EncodeToString(raw)} {
		s := newScrubber(&Credentials{Key: "publicKey/0123456789", Secret: NewSecret(secret)})
		for _, form := range []string{strings.ReplaceAll(strings.ReplaceAll(string(raw), "\xff", "\ufffd"), "\xfe", "\ufffd"), "0123456789abcdef-raw-\u00ff\u00fe-bytes"} {
			assert.Equal(t, "before [redacted] after", s.clean("before "+form+" after"), "%s, as an exchange's JSON can hold it", name)
		}
		for spelling, form := range forms(string(raw)) {
			assert.Equal(t, "before [redacted] after", s.clean("before "+form+" after"), "%s, %s", name, spelling)
		}
	}
}

func TestScrubber(t *testing.T) {
	t.Parallel()
	c := Credentials{
		Key: "publicKey/0123456789", Secret: NewSecret("s3cr3t/+=?&é secret\xff\xfe"), Passphrase: NewSecret("pass phrase>>??"), OTP: NewSecret("123456"),
	}
	s := newScrubber(&c)
	s.add("sig\x00nature\xff/", "[signature]")
	for _, secret := range []string{c.Secret.Reveal(), c.Passphrase.Reveal(), c.OTP.Reveal(), "sig\x00nature\xff/"} {
		for name, form := range forms(secret) {
			got := s.clean("before " + form + " after, and " + form)
			with := "[redacted]"
			if strings.HasPrefix(secret, "sig") {
				with = "[signature]"
			}
			assert.Equal(t, fmt.Sprintf("before %s after, and %s", with, with), got, name)
		}
	}
	assert.Equal(t, "key publ…6789 and publ…6789", s.clean("key publicKey/0123456789 and publicKey%2F0123456789"))
	assert.Equal(t, "nothing of ours", s.clean("nothing of ours"))
	assert.Empty(t, s.clean(""))
}

// TestSecretsWithinSecrets: one secret may hold another, and the rest of the
// longer one must not stay behind.
func TestSecretsWithinSecrets(t *testing.T) {
	t.Parallel()
	s := newScrubber(&Credentials{Key: "key-hunter2-key", Secret: NewSecret("hunter2"), Passphrase: NewSecret("abc-hunter2-xyz"), OTP: NewSecret("xhunter2x9")})
	assert.Equal(t, "[redacted] [redacted] [redacted] …ey", s.clean("abc-hunter2-xyz xhunter2x9 hunter2 key-hunter2-key"))
	s.add("0-abc-hunter2-xyz-0", "[signature]")
	assert.Equal(t, "[signature]", s.clean("0-abc-hunter2-xyz-0"))
}

// TestPiecesOfSecrets: an exchange's list in one text is split at its commas and spaces before
// any of it is searched.
func TestPiecesOfSecrets(t *testing.T) {
	t.Parallel()
	s := newScrubber(&Credentials{Key: "publicKey/0123456789", Passphrase: NewSecret("first-half,second-half tiny")})
	for _, piece := range []string{"first-half", "SECOND-half"} {
		assert.Equal(t, "[redacted]", s.clean(piece))
	}
	assert.Equal(t, "tiny", s.clean("tiny"), "an ordinary word")
}

func TestShortValuesAreLeftAlone(t *testing.T) {
	t.Parallel()
	s := newScrubber(&Credentials{Key: "abc", Secret: NewSecret("the"), OTP: NewSecret("1")})
	assert.Equal(t, "the abc of 1", s.clean("the abc of 1"), "they would tear ordinary words apart")
}

func TestScrubberKnowsTheLinesOfAKeyFile(t *testing.T) {
	t.Parallel()
	for name, form := range testKeys(t) {
		text := string(pem.EncodeToMemory(&pem.Block{Type: form.typ, Bytes: form.der}))
		for spelling, secret := range map[string]string{
			"as saved": text, "with literal line breaks": strings.ReplaceAll(text, "\n", `\n`), "from Windows": strings.ReplaceAll(text, "\n", "\r\n"),
		} {
			s := newScrubber(&Credentials{Secret: NewSecret(secret)})
			body := strings.Split(strings.TrimSpace(text), "\n")
			body = body[1 : len(body)-1]
			assert.NotContains(t, s.clean("got "+secret), body[0], "%s, %s", name, spelling)
			for _, line := range body {
				for _, echo := range []string{line, url.QueryEscape(line), strings.Join(body, ""), strings.Join(body, `\n`), strings.Join(body, " ")} {
					assert.NotContains(t, s.clean("got "+echo+"."), line, "%s, %s", name, spelling)
				}
			}
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                     "",
		"plain ÄÖÜ 価格 😀":                       "plain ÄÖÜ 価格 😀",
		" \t spaces \r\n":                      "spaces",
		"a\x00b\x1b[31mc\x7fd\u0085e":          "a b [31mc d e",
		"a\u202eb\u2066c\u2069d\u200fe\u061cf": "a b c d e f",
		"a\u2028b\u2029c":                      "a b c",
		"pay\u200bpal\ufeff\u00ad":             "pay pal",
		"bad \xff\xfe byte":                    "bad ? byte",
	} {
		assert.Equal(t, want, access.Printable(text))
	}
	for _, r := range []rune{'a', 'é', '価', '😀'} {
		for offset := range 4 {
			got := access.Printable(strings.Repeat("x", offset) + strings.Repeat(string(r), 1000))
			assert.True(t, utf8.ValidString(got))
			assert.LessOrEqual(t, len(got), access.MaxText+len("…"))
			assert.Greater(t, len(got), access.MaxText-4)
			assert.True(t, strings.HasSuffix(got, string(r)+"…"), "cut between two runes")
		}
	}
	assert.Equal(t, strings.Repeat("x", access.MaxText), access.Printable(strings.Repeat("x", access.MaxText)))
}

// TestSecretIsNotCutInHalf: a long text is cut after the search and not before.
func TestSecretIsNotCutInHalf(t *testing.T) {
	t.Parallel()
	s := newScrubber(&Credentials{Secret: NewSecret("cAnArY-0123456789")})
	for n := range 40 {
		assert.NotContains(t, s.clean(strings.Repeat("x", access.MaxText-20+n)+"cAnArY-0123456789"), "cAn")
	}
}

// FuzzScrub: no text, whatever it does with a secret, comes out with it.
func FuzzScrub(f *testing.F) {
	f.Add("s3cr3t-value", "key ", " refused", "")
	f.Add("s3cr3t value", "s3cr3t\x00value", "s3cr3t\u2028value", "\u202e")
	f.Add("a?b+c/d==", "\xff", "a\xffb", "aaaa")
	f.Fuzz(func(t *testing.T, secret, before, after, other string) {
		if len(secret) < minScrub || len(secret) > 200 || len(before) > 2000 || strings.TrimSpace(secret) != secret || strings.ContainsFunc(secret, func(r rune) bool {
			return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
		}) {
			return // such secrets are refused, or never printed as they are
		}
		for _, mark := range []string{"[redacted]", "[redacted][redacted]", "…"} {
			for _, form := range forms(secret) {
				if strings.ContainsAny(form, "[]…") || strings.Contains(mark, form) {
					return // it is part of what replaces it
				}
			}
		}
		s := newScrubber(&Credentials{Secret: NewSecret(secret), Passphrase: NewSecret(other)})
		text := before
		for _, form := range forms(secret) {
			text += form + after
		}
		got := s.clean(text)
		for name, form := range forms(secret) {
			if strings.Contains(got, form) {
				t.Fatalf("%s form %q of %q in %q", name, form, secret, got)
			}
		}
		if !utf8.ValidString(got) || len(got) > access.MaxText+len("…") {
			t.Fatalf("%q", got)
		}
	})
}

func TestTakeAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ message, want, address string }{
		{"Invalid IP 203.0.113.7.", "Invalid IP [IP address].", "203.0.113.7"},
		{"203.0.113.7", "[IP address]", "203.0.113.7"},
		{"ip(203.0.113.7)", "ip([IP address])", "203.0.113.7"},
		{"ip:203.0.113.7", "ip:[IP address]", "203.0.113.7"},
		{"IP: 203.0.113.7:443 is refused", "IP: [IP address]:443 is refused", "203.0.113.7"},
		{"your ip=203.0.113.7, not on the list", "your ip=[IP address], not on the list", "203.0.113.7"},
		{"203.0.113.0/24", "[IP address]/24", "203.0.113.0"},
		{"2001:db8::1 refused", "[IP address] refused", "2001:db8::1"},
		{"ip 2001:db8::1.", "ip [IP address].", "2001:db8::1"},
		{"ip:2001:db8::1", "ip:[IP address]", "2001:db8::1"},
		{"from 2001:db8::1: refused", "from [IP address]: refused", "2001:db8::1"},
		{"[2001:db8::1]:443", "[[IP address]]:443", "2001:db8::1"},
		{"::ffff:203.0.113.7", "[IP address]", "203.0.113.7"},
		{"ends in 2001:db8::", "ends in [IP address]", "2001:db8::"},
		{"203.0.113.7 is not one of 198.51.100.20, 203.0.113.70 and 2001:db8::1", "[IP address] is not one of [IP address], [IP address] and [IP address]", "203.0.113.7"},
		{"203.0.113.70 and 203.0.113.7 and 203.0.113.70", "[IP address] and [IP address] and [IP address]", "203.0.113.70"},
		{"at 10:30 and 10:30:59.123", "at 10:30 and 10:30:59.123", ""},
		{"2026-11-22T10:30:00.000Z", "2026-11-22T10:30:00.000Z", ""},
		{"version 1.2.3 of v2.10.0", "version 1.2.3 of v2.10.0", ""},
		{"error:: Permission::Denied, Abc::Def, ::", "error:: Permission::Denied, Abc::Def, ::", ""},
		{"0.0.0.0 and :: are nobody's", "0.0.0.0 and :: are nobody's", ""},
		{"256.1.1.1 1.2.3.4.5 cafe 3.14", "256.1.1.1 1.2.3.4.5 cafe 3.14", ""},
		{"no address here.", "no address here.", ""},
		{"", "", ""},
	} {
		e := &access.Error{Kind: access.KindIPNotAllowed, Message: c.message}
		takeAddress(e)
		assert.Equal(t, c.want, e.Message)
		got := ""
		if e.Address.IsValid() {
			got = e.Address.String()
		}
		assert.Equal(t, c.address, got, c.message)
	}
	for kind := range access.KindCanceled + 1 {
		e := &access.Error{Kind: kind, Message: "from 203.0.113.7"}
		takeAddress(e)
		assert.Equal(t, "from [IP address]", e.Message)
		assert.Equal(t, "203.0.113.7", e.Address.String(), "what is taken out is shown elsewhere, for %s", kind)
	}
	known := &access.Error{Kind: access.KindIPNotAllowed, Message: "from 203.0.113.7", Address: netip.MustParseAddr("198.51.100.20")}
	takeAddress(known)
	require.Equal(t, "198.51.100.20", known.Address.String(), "the adapter knew better")
}
