package wire

import (
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Words says what the words of a refusal's message mean, for exchanges that give
// no code. They are whole words in lower case.
type Words Failures

// CommonWords are what clients look for where an exchange documents no messages.
var CommonWords = Words{
	Is(access.KindBadKey, "key"),
	Is(access.KindBadSignature, "sign", "signature"),
	Is(access.KindNonce, "nonce"),
	Is(access.KindForbidden, "permission", "permissions", "right", "rights"),
}

// Returned unwraps the form of answer that several exchanges took over from an
// early one: {"success":1,"return":{…}}, or {"success":0,"error":"…"}.
func (w Words) Returned(r *adapter.Response) (Object, error) {
	body, err := Parse(r.Body)
	if err != nil {
		return body, NotUnderstood(r, err)
	}
	success, _ := body.Bool("success")
	result, ok := body.Object("return")
	if !success || !ok || r.Status != http.StatusOK || body.Has("error") {
		message, _ := body.Text("error")
		return body, w.Refusal(r, message)
	}
	return result, nil
}

// Refusal returns the error for an answer that isn't a success: its HTTP status
// decides if that says enough, else the words, those of this table and those that
// mean the same everywhere; if they have several meanings, it is ambiguous.
func (w Words) Refusal(r *adapter.Response, message string) *access.Error {
	e := &access.Error{Kind: byStatus(r.Status), Status: r.Status, Message: message}
	if e.Kind != access.KindNotUnderstood {
		return e
	}
	adapter.PlainWords(e)
	kinds := e.Candidates
	if e.Kind != access.KindNotUnderstood && len(kinds) == 0 {
		kinds = []access.Kind{e.Kind}
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(message), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if known, ok := Failures(w).Find(word); ok && !slices.Contains(kinds, known.Kind) {
			kinds = append(kinds, known.Kind)
		}
	}
	switch len(kinds) {
	case 0:
	case 1:
		e.Kind = kinds[0]
	default:
		OneOf(kinds...).Explain(e)
	}
	return e
}
