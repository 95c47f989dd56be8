package record

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// shortestHeld is the length from which a text is searched for: shorter ones are anywhere by
// chance.
const shortestHeld = 6

// holds reports whether anything that was replaced, or signs, is still there.
func (r *Recording) holds(with *replacer, c *exchangetest.Case, text []byte, strict bool) bool {
	secrets := []string{r.key, r.held.Secret.Reveal(), r.held.Passphrase.Reveal(), r.held.OTP.Reveal(), r.held.KeyPassphrase.Reveal()}
	if exchangetest.FindCanaries(string(text), secrets) != nil || r.scrub != nil && r.scrub(string(text)) != access.Printable(string(text)) {
		return true
	}
	var answers bytes.Buffer
	answers.WriteString(c.Key.ID + "\n" + c.Key.Account + "\n")
	for i := range c.Answers {
		a := &c.Answers[i]
		answers.WriteString(a.Text + "\n")
		answers.Write(a.Body)
		if body, ok := decode(a.Body); ok { // and what its texts hold
			inside, _ := json.Marshal(opened(body))
			answers.Write(inside)
		}
		for _, value := range a.Header {
			answers.WriteString("\n" + value)
		}
	}
	all, whole := newHaystack(answers.String()), newHaystack(string(text)+answers.String())
	for original := range with.whole {
		within := all // an adapter's notes have words that may be a label of the owner's
		if identifies(original) {
			within = whole
		}
		if within.contains(original, strict) && !with.isPublic(original) {
			return true
		}
	}
	return false
}

// haystack is a text in which many others are searched for, without regard to case.
type haystack struct {
	text   string
	runs   map[string]bool // of letters and digits
	begins map[string]bool // every piece of the shortest length
}

func newHaystack(text string) *haystack {
	h := &haystack{text: strings.ToLower(text), runs: map[string]bool{}, begins: map[string]bool{}}
	for run := range strings.FieldsFuncSeq(h.text, separates) {
		h.runs[run] = true
	}
	for i := range len(h.text) - shortestHeld + 1 {
		h.begins[h.text[i:i+shortestHeld]] = true
	}
	return h
}

// contains reports whether the text has another, strictly also in the middle of a run of
// letters and digits.
func (h *haystack) contains(text string, strict bool) bool {
	text = strings.ToLower(text)
	if len(text) < shortestHeld || !strict && !strings.ContainsFunc(text, separates) {
		return len(text) >= shortestHeld && h.runs[text]
	}
	return h.begins[text[:shortestHeld]] && strings.Contains(h.text, text)
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
