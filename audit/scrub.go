package audit

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// scrubber knows everything of a session that must not be printed, in the
// spellings it could come back in, longest first: a secret may hold another.
type scrubber struct {
	forms []scrubForm
}

type scrubForm struct{ text, with string }

func newScrubber(c *Credentials) *scrubber {
	s := &scrubber{}
	var forms []scrubForm
	for _, secret := range []Secret{c.Secret, c.Passphrase, c.OTP} {
		forms = append(forms, spellings(secret.Reveal(), redacted)...)
	}
	if secret := c.Secret.Reveal(); looksLikePEM(secret) {
		for line := range strings.SplitSeq(strings.ReplaceAll(secret, `\n`, "\n"), "\n") {
			if !strings.Contains(line, "-----") {
				forms = append(forms, spellings(strings.TrimSpace(line), redacted)...)
			}
		}
	}
	if len(c.Key) >= minScrub {
		forms = append(forms, scrubForm{c.Key, MaskID(c.Key)}, scrubForm{url.QueryEscape(c.Key), MaskID(c.Key)})
	}
	s.insert(forms)
	return s
}

// minScrub is the length from which a value is searched for: shorter ones
// would tear ordinary words apart.
const minScrub = 4

func (s *scrubber) add(value, with string) { s.insert(spellings(value, with)) }

func (s *scrubber) insert(forms []scrubForm) {
	s.forms = append(s.forms, forms...)
	slices.SortFunc(s.forms, func(a, b scrubForm) int {
		return cmp.Or(cmp.Compare(len(b.text), len(a.text)), strings.Compare(a.text, b.text), strings.Compare(a.with, b.with))
	})
	s.forms = slices.Compact(s.forms)
}

// spellings are the forms in which a value could come back.
func spellings(value, with string) []scrubForm {
	if len(value) < minScrub {
		return nil
	}
	raw := []byte(value)
	hexed, b64, b64url := hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw), base64.URLEncoding.EncodeToString(raw)
	texts := []string{
		value, hexed, strings.ToUpper(hexed), b64, b64url, strings.TrimRight(b64, "="), strings.TrimRight(b64url, "="),
	}
	for _, text := range []string{value, b64} {
		for _, escaped := range []string{url.QueryEscape(text), url.PathEscape(text)} {
			texts = append(texts, escaped, percent.ReplaceAllStringFunc(escaped, strings.ToLower))
		}
	}
	forms := make([]scrubForm, len(texts))
	for i, text := range texts {
		forms[i] = scrubForm{text, with}
	}
	return forms
}

var percent = regexp.MustCompile("%[0-9A-F]{2}")

// clean removes what must not be printed and flattens control characters. It
// looks before and after the flattening, which may put a secret together.
func (s *scrubber) clean(text string) string { return shorten(s.remove(flatten(s.remove(text)))) }

func (s *scrubber) remove(text string) string {
	for _, f := range s.forms {
		if strings.Contains(text, f.text) {
			text = strings.ReplaceAll(text, f.text, f.with)
		}
	}
	return text
}

// longest is how much of one text of the venue is kept, in bytes.
const longest = 500

// printable replaces what a terminal would act on, reorder or hide by spaces
// and shortens what is long.
func printable(text string) string { return shorten(flatten(text)) }

func flatten(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}

func shorten(text string) string {
	if len(text) > longest {
		cut := longest
		for cut > 0 && text[cut]&0xc0 == 0x80 {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.TrimSpace(text)
}
