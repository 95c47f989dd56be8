package wire

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// What exchanges need that tell little: plain lists, flags, words in place of
// codes, no call for the time.

var errStrings = errors.New("the answer is not the list of texts it should be")

// ParseStrings reads data as a JSON list of strings.
func ParseStrings(data []byte) ([]string, error) {
	var items []*string
	if err := json.Unmarshal(data, &items); err != nil || items == nil || slices.Contains(items, nil) {
		return nil, errStrings
	}
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = *item
	}
	return out, nil
}

// Flags reads an object whose members are all switches, as states.
func (o Object) Flags() map[string]access.State {
	names := o.Names()
	slices.Sort(names) // so that Err names the same member every time
	states := make(map[string]access.State, len(names))
	for _, name := range names {
		if yes, ok := o.Bool(name); ok {
			states[name] = access.StateOf(yes)
		}
	}
	return states
}

// Words maps what the text of a refusal speaks of to its meaning, for exchanges
// that give no code. Words are whole ones, in lower case.
type Words map[string]access.Kind

// CommonWords are what clients look for where an exchange's texts are catalogued
// nowhere.
var CommonWords = Words{
	"key":        access.KindBadKey,
	"sign":       access.KindBadSignature,
	"signature":  access.KindBadSignature,
	"nonce":      access.KindNonce,
	"permission": access.KindForbidden, "permissions": access.KindForbidden,
	"right": access.KindForbidden, "rights": access.KindForbidden,
}

// Returned unwraps the form of answer that several exchanges took over from an
// early one: {"success":1,"return":{…}}, or {"success":0,"error":"…"}.
func (w Words) Returned(r *adapter.Response) (Object, *access.Error) {
	body, err := Parse(r.Body)
	if err != nil {
		return body, Foreign(r, err)
	}
	success, _ := body.Bool("success")
	result, ok := body.Object("return")
	if !success || !ok || r.Status != http.StatusOK || body.Has("error") {
		message, _ := body.Text("error")
		return body, w.Refusal(r, message)
	}
	return result, nil
}

// Refusal makes the error for an answer that isn't a success: its HTTP status
// decides if that says enough, else the words; if they speak of several things,
// it is ambiguous.
func (w Words) Refusal(r *adapter.Response, message string) *access.Error {
	e := &access.Error{Kind: byStatus(r.Status), Status: r.Status, Message: message}
	if e.Kind != access.KindNotUnderstood {
		return e
	}
	var kinds []access.Kind
	for _, word := range strings.FieldsFunc(strings.ToLower(message), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if kind, ok := w[word]; ok && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	switch len(kinds) {
	case 0:
	case 1:
		e.Kind = kinds[0]
	default:
		e.Kind, e.Candidates = access.KindAmbiguous, kinds
	}
	return e
}

// Foreign makes the error for an answer that is none of the exchange's. A 403 then
// comes from the network in front of it and says nothing about the key.
func Foreign(r *adapter.Response, reason error) *access.Error {
	if r.Status == http.StatusForbidden {
		return &access.Error{Kind: access.KindAmbiguous, Status: r.Status, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}}
	}
	return NotUnderstood(r, reason)
}

// Date is the exchange's time by the header of a public answer, for exchanges without
// a call for the time. The body must be a JSON object, or the answer is none of
// the exchange's.
func Date(r *adapter.Response) (time.Time, error) {
	at, err := http.ParseTime(r.Header.Get("Date"))
	if _, unread := Parse(r.Body); unread != nil || err != nil || r.Status != http.StatusOK {
		return time.Time{}, NotUnderstood(r, unread)
	}
	return at, nil
}
