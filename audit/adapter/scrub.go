package adapter

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// scrubber knows everything of a session that must not be printed. The
// spellings it could come back in are made when a text is long enough to hold
// one of them, which in most inspections none is.
type scrubber struct {
	hidden   []scrubForm // the values and what stands for them
	shortest int         // length of the shortest value; no spelling is shorter
	forms    []scrubForm // all spellings, longest first: a secret may hold another
}

type scrubForm struct{ text, with string }

func newScrubber(c *Credentials) *scrubber {
	s := &scrubber{hidden: make([]scrubForm, 0, 4)}
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
	s.add(c.Key, access.MaskID(c.Key))
	return s
}

// minScrub is the length from which a value is searched for: shorter ones
// would tear ordinary words apart.
const minScrub = 4

func (s *scrubber) add(value, with string) {
	if len(value) < minScrub {
		return
	}
	if len(s.hidden) == 0 {
		s.shortest = len(value)
	}
	s.hidden = append(s.hidden, scrubForm{value, with})
	s.shortest, s.forms = min(s.shortest, len(value)), nil
}

// spelled lists all spellings.
func (s *scrubber) spelled() []scrubForm {
	if s.forms != nil {
		return s.forms
	}
	for _, h := range s.hidden {
		s.forms = append(s.forms, spellings(h.text, h.with)...)
	}
	slices.SortFunc(s.forms, func(a, b scrubForm) int {
		return cmp.Or(cmp.Compare(len(b.text), len(a.text)), strings.Compare(a.text, b.text), strings.Compare(a.with, b.with))
	})
	s.forms = slices.Compact(s.forms)
	return s.forms
}

// spellings are the forms in which a value could come back.
func spellings(value, with string) []scrubForm {
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
func (s *scrubber) clean(text string) string {
	return access.Printable(s.remove(access.Flatten(s.remove(text))))
}

func (s *scrubber) remove(text string) string {
	if len(text) < s.shortest {
		return text
	}
	for _, f := range s.spelled() {
		if strings.Contains(text, f.text) {
			text = strings.ReplaceAll(text, f.text, f.with)
		}
	}
	return text
}
