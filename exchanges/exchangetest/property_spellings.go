package exchangetest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// checkSpellings has the exchange send each part of the key back in each spelling,
// at every place where an answer can carry text. One answer carries one spelling, at
// all places that take any text; and at each of the other places a few, in turn.
func checkSpellings(c *trial) {
	for i, kind := range c.fresh().def.Kinds {
		m := &matrix{trial: c, kind: kind, spec: Spec{Kind: kind, OTP: c.shortOTP()}}
		m.all = m.spelled()
		for _, s := range m.all {
			m.aroundAnswers(s)
		}
		if i == 0 { // the places are the same for every kind
			m.inRefusals()
			m.inAnswers()
		}
	}
}

// shortOTP is as short as a secret can be.
func (c *trial) shortOTP() string {
	if c.exchange.Needs.OTP {
		return "q7Zx"
	}
	return ""
}

// matrix is the parts of a key in all their spellings.
type matrix struct {
	heard int // how often listen was called
	*trial
	kind access.KeyKind
	spec Spec
	all  []spelling
	turn int
}

// spelled are the spellings of all parts of the key. The fake issues the same key
// each time.
func (m *matrix) spelled() []spelling {
	b := m.bench(m.spec)
	held := b.key.Credentials
	parts := map[string]string{"key": held.Key, "secret": held.Secret.Reveal(), "passphrase": held.Passphrase.Reveal(), "second factor": held.OTP.Reveal()}
	if strings.Contains(parts["secret"], "-----BEGIN") {
		parts["secret"] = canaryParts(parts["secret"])[0]
	} else {
		parts["basic"] = held.Key + ":" + parts["secret"]
	}
	var out []spelling
	for _, part := range []string{"secret", "passphrase", "second factor", "key", "basic"} {
		if value := parts[part]; value != "" {
			for _, s := range waysToWrite(value) {
				out = append(out, spelling{part + ", " + s.name, s.text})
			}
		}
	}
	return out
}

// waysToWrite are spellings in which a text can come back.
func waysToWrite(value string) []spelling {
	each := func(format, between string) string {
		var out []string
		for _, r := range []byte(value) {
			out = append(out, fmt.Sprintf(format, r))
		}
		return strings.Join(out, between)
	}
	hexed := hex.EncodeToString([]byte(value))
	coded := base64.StdEncoding.EncodeToString([]byte(value))
	out := []spelling{
		{"as it is", value},
		{"upper case", strings.ToUpper(value)},
		{"lower case", strings.ToLower(value)},
		{"JSON escapes", each(`\u%04x`, "")},
		{"percent", each("%%%02X", "")},
		{"double percent", each("%%25%02x", "")},
		{"escaped twice", url.QueryEscape(url.QueryEscape(value))},
		{"decimal entities", each("&#%d;", "")},
		{"hexadecimal entities", each("&#x%X;", "")},
		{"entities", html.EscapeString(value)},
		{"slashes escaped", strings.ReplaceAll(value, "/", `\/`)},
		{"hexadecimal", hexed},
		{"upper-case hexadecimal", strings.ToUpper(hexed)},
		{"base64", coded},
		{"base64url", base64.RawURLEncoding.EncodeToString([]byte(value))},
		{"base64 of hexadecimal", base64.StdEncoding.EncodeToString([]byte(hexed))},
		{"broken by lines", each("%c", "\n")},
		{"broken by spaces", each("%c", " ")},
		{"broken by zero-width spaces", each("%c", "\u200b")},
		{"base64, broken by lines", strings.Join(strings.Split(coded, ""), "\r\n")},
	}
	for _, decode := range []func(string) ([]byte, error){base64.StdEncoding.DecodeString, hex.DecodeString} {
		if raw, err := decode(value); err == nil && len(raw) >= 12 { // a shorter word may be either by chance
			out = append(out, spelling{"its bytes", string(raw)}, spelling{"its bytes as letters", latinLetters(raw)}, spelling{"its bytes in hexadecimal", hex.EncodeToString(raw)}, spelling{"its bytes in base64", base64.StdEncoding.EncodeToString(raw)})
		}
	}
	return out
}

// latinLetters are bytes as the letters of Latin-1.
func latinLetters(raw []byte) string {
	var b strings.Builder
	for _, c := range raw {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// bare is a text without what can't be seen, as a reader could put it together.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.C, r) {
			return -1
		}
		return r
	}, text)
}

// next are a few spellings, other ones each time.
func (m *matrix) next(n int) []spelling {
	var out []spelling
	for range n {
		out = append(out, m.all[m.turn%len(m.all)])
		m.turn += 7 // has no common divisor with most lengths
	}
	return out
}

// listen audits a key while the exchange answers as edit says, and searches all
// texts of the result and the log for the spelling.
func (m *matrix) listen(b *bench, s spelling, place string) {
	if m.heard++; !sampled(m.heard) {
		return
	}
	var log bytes.Buffer
	b.opts.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	result, err := audit.Assess(context.Background(), b.key, &b.opts)
	texts := append(textsOf(result), log.String(), fmt.Sprint(result.Err(audit.Info)))
	if err != nil {
		texts = append(texts, err.Error(), fmt.Sprintf("%+v", result.Snapshot.Failure))
	}
	parts := []string{bare(s.text)}
	// Of bytes the whole is sought: one of them may be a comma, at which lists are split.
	if n := len(parts[0]); n >= 24 && !strings.ContainsFunc(parts[0], func(r rune) bool { return r > unicode.MaxASCII }) {
		parts = append(parts, parts[0][:n/2], parts[0][n/2:])
	}
	for _, text := range texts {
		text = bare(text)
		for _, part := range parts {
			if strings.Contains(text, part) {
				m.Errorf("%s: printed of a %s key's %s", place, m.kind, s.name)
			}
		}
	}
}

// textsOf are all texts of a value, as it is stored.
func textsOf(v any) []string {
	encoded, _ := json.Marshal(v)
	var out []string
	dec := json.NewDecoder(bytes.NewReader(encoded))
	for {
		token, err := dec.Token()
		if err != nil {
			return out
		}
		if text, ok := token.(string); ok {
			out = append(out, text)
		}
	}
}

// aroundAnswers puts the spelling where an answer of any kind can have it: headers,
// the reason phrase, a redirect, a page.
func (m *matrix) aroundAnswers(s spelling) {
	for _, around := range []struct {
		place  string
		status int
		body   string
	}{
		{"headers and reason phrase", http.StatusOK, ""},
		{"a redirect", http.StatusFound, ""},
		{"a page", http.StatusForbidden, "<html><title>" + s.text + "</title></html>"},
		{"plain text", http.StatusTooManyRequests, s.text},
	} {
		b := m.bench(m.spec)
		b.wire.edit = func(r *sent, status int, header http.Header, body []byte) (int, []byte) {
			if b.fake.def.Routes[r.route()] == nil {
				return status, body
			}
			for _, name := range []string{"Date", "Retry-After", "Location", "Content-Type", "Server", "Www-Authenticate", "Set-Cookie", "X-Message", "Cf-Ray"} {
				header.Set(name, s.text)
			}
			b.wire.phrase = s.text
			if around.status == http.StatusOK {
				return status, body
			}
			if around.status == http.StatusFound {
				header.Set("Location", "https://collector.example/"+url.PathEscape(s.text))
			}
			return around.status, []byte(around.body)
		}
		m.listen(b, s, around.place)
	}
}

// inRefusals puts a few spellings into each documented refusal: instead of its words,
// and of each of its members.
func (m *matrix) inRefusals() {
	seen := map[string]bool{}
	for _, f := range m.fresh().def.Failures {
		filled := (&Call{Now: noon}).Fill(f.Reply)
		body, ok := reworded(filled.Body, "", "", echoMark)
		if !ok {
			body = filled.Body
		}
		some := m.all
		if form := bare(body); seen[form] || len(seen) > 1 { // refusals have few forms
			some = m.next(4)
		} else {
			seen[form] = true
		}
		for _, s := range some {
			m.refused(f, []byte(strings.ReplaceAll(body, echoMark, inJSON(s.text))), s, fmt.Sprintf("the words of %q", f.Name))
		}
		for path, changed := range variants([]byte(filled.Body), marked) {
			for _, s := range m.next(2) {
				m.refused(f, bytes.ReplaceAll(changed, []byte(echoMark), []byte(inJSON(s.text))), s, fmt.Sprintf("%q, member %s", f.Name, path))
			}
		}
	}
}

func (m *matrix) refused(f Failure, body []byte, s spelling, place string) {
	spec := m.spec
	spec.Faults = []Fault{{Times: -1, Reply: &Reply{Status: f.Status, Header: f.Header, Body: string(body)}}}
	m.listen(m.bench(spec), s, place)
}

// marked puts the mark into a member: instead of its value, as another member, as the
// first item.
func marked(m member) [][]member {
	switch m.value.kind {
	case '{':
		return [][]member{{{m.name, &node{kind: '{', members: append(slices.Clone(m.value.members), member{echoMark, text(echoMark)})}}}}
	case '[':
		return [][]member{{{m.name, &node{kind: '[', items: append([]*node{text(echoMark)}, m.value.items...)}}}}
	default:
		return [][]member{{{m.name, text(echoMark)}}, {{echoMark, m.value}}}
	}
}

// inJSON is a text as a JSON string holds it.
func inJSON(s string) string {
	raw := text(s).raw
	return raw[1 : len(raw)-1]
}

// inAnswers puts every spelling at all places of each answer that take any text, and
// a few at each of the others.
func (m *matrix) inAnswers() {
	for _, a := range m.answers() {
		a.spec.OTP = m.spec.OTP
		root := parseNode(a.body)
		if root == nil {
			continue
		}
		var others [][]byte
		places := 0
		for _, place := range textPlaces(root) {
			undo := place(echoMark)
			if _, err := m.answering(&a, root.bytes()).inspect(); err == nil {
				places++
				continue // it stays
			}
			others = append(others, root.bytes())
			undo()
		}
		for _, s := range m.all {
			m.listen(m.answering(&a, bytes.ReplaceAll(root.bytes(), []byte(echoMark), []byte(inJSON(s.text)))), s, fmt.Sprintf("%s, at %d places", a.name, places))
		}
		for i, body := range others {
			for _, s := range m.next(2) {
				m.listen(m.answering(&a, bytes.ReplaceAll(body, []byte(echoMark), []byte(inJSON(s.text)))), s, fmt.Sprintf("%s, place %d", a.name, i))
			}
		}
	}
}

// answering is the matrix's key at an exchange with that answer.
func (m *matrix) answering(a *answer, body []byte) *bench {
	if a.route == "" {
		spec := m.spec
		spec.Answer = bytes.Clone(body)
		return m.bench(spec)
	}
	return a.bench(m.trial, body)
}

// textPlaces are functions that each put a text at one place of a JSON value: instead
// of each member and item that is no object or list, as one more member of each object
// and one more item of each list. Each returns what takes it back.
func textPlaces(n *node) []func(string) func() {
	var out []func(string) func()
	add := func(place **node) {
		out = append(out, func(s string) func() {
			was := *place
			*place = text(s)
			return func() { *place = was }
		})
	}
	var walk func(n *node)
	walk = func(n *node) {
		for i := range n.members {
			if v := n.members[i].value; v.kind == '{' || v.kind == '[' {
				walk(v)
			} else {
				add(&n.members[i].value)
			}
		}
		for i := range n.items {
			if v := n.items[i]; v.kind == '{' || v.kind == '[' {
				walk(v)
			} else {
				add(&n.items[i])
			}
		}
		out = append(out, func(s string) func() { // in place of an unknown right, or as one
			members, items := n.members, n.items
			if n.kind == '{' {
				n.members = append(slices.Clip(members), member{s, &node{kind: 'b', raw: "true"}})
			} else {
				n.items = append(slices.Clip(items), text(s))
			}
			return func() { n.members, n.items = members, items }
		})
	}
	if n.kind == '{' || n.kind == '[' {
		walk(n)
	}
	return out
}
