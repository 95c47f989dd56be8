package record

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// shortestHeld is the length from which a text is searched for: shorter ones are in any.
const shortestHeld = 6

// holds reports whether anything that was replaced, or signs, is still there.
func (r *Recording) holds(with *replacer, c *exchangetest.Case, text []byte) bool {
	secrets := []string{r.key, r.account, r.held.Secret.Reveal(), r.held.Passphrase.Reveal(), r.held.OTP.Reveal(), r.held.KeyPassphrase.Reveal()}
	if exchangetest.FindCanaries(string(text), secrets) != nil || r.scrub != nil && r.scrub(string(text)) != access.Printable(string(text)) {
		return true
	}
	var answers bytes.Buffer
	answers.WriteString(c.Key.ID + "\n" + c.Key.Account + "\n")
	for i := range c.Answers {
		a := &c.Answers[i]
		answers.WriteString(a.Text + "\n")
		answers.Write(a.Body)
		for _, value := range a.Header {
			answers.WriteString("\n" + value)
		}
	}
	all, whole := strings.ToLower(answers.String()), strings.ToLower(string(text))
	for original := range with.whole {
		within := all // an adapter's notes have words that may be a label of the owner's
		if strings.ContainsFunc(original, unicode.IsDigit) {
			within = whole
		}
		if len(original) >= shortestHeld && strings.Contains(within, strings.ToLower(original)) && !with.isPublic(original) {
			return true
		}
	}
	return false
}

// isPublic reports whether a text is a part of a public one, or has nothing but public words.
func (r *replacer) isPublic(text string) bool {
	for public := range r.public.texts {
		if strings.Contains(public, strings.ToLower(text)) {
			return true
		}
	}
	for run := range strings.FieldsFuncSeq(text, separates) {
		if !r.public.words[strings.ToLower(run)] && len(run) > smallNumber {
			return false
		}
	}
	return true
}
