package audit

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
)

// scrubber knows everything of a session that must not be printed, in the
// spellings it could come back in.
type scrubber struct {
	forms []scrubForm
}

type scrubForm struct{ text, with string }

func newScrubber(c *Credentials) *scrubber {
	s := &scrubber{}
	for _, secret := range []Secret{c.Secret, c.Passphrase, c.OTP} {
		s.add(secret.Reveal(), redacted)
	}
	if secret := c.Secret.Reveal(); looksLikePEM(secret) {
		for line := range strings.SplitSeq(strings.ReplaceAll(secret, `\n`, "\n"), "\n") {
			if !strings.Contains(line, "-----") {
				s.add(strings.TrimSpace(line), redacted)
			}
		}
	}
	if len(c.Key) >= minScrub {
		s.forms = append(s.forms, scrubForm{c.Key, MaskID(c.Key)}, scrubForm{url.QueryEscape(c.Key), MaskID(c.Key)})
	}
	return s
}

// minScrub is the length from which a value is searched for: shorter ones
// would tear ordinary words apart.
const minScrub = 4

func (s *scrubber) add(value, with string) {
	if len(value) < minScrub {
		return
	}
	raw := []byte(value)
	hexed, b64 := hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw)
	for _, form := range []string{
		value, hexed, strings.ToUpper(hexed), b64, strings.TrimRight(b64, "="), base64.RawURLEncoding.EncodeToString(raw),
		url.QueryEscape(value), url.QueryEscape(b64),
	} {
		s.forms = append(s.forms, scrubForm{form, with})
	}
}

// clean removes what must not be printed and flattens control characters.
func (s *scrubber) clean(text string) string {
	if text == "" {
		return ""
	}
	for _, f := range s.forms {
		if strings.Contains(text, f.text) {
			text = strings.ReplaceAll(text, f.text, f.with)
		}
	}
	return printable(text)
}

// longest is how much of one text of the venue is kept, in bytes.
const longest = 500

// printable replaces what a terminal would act on, or would reorder, by
// spaces and shortens what is long.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r < 0x20, r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(text) > longest {
		cut := longest
		for cut > 0 && text[cut]&0xc0 == 0x80 {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.TrimSpace(text)
}
