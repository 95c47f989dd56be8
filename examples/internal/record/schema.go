package record

import (
	"bytes"
	"cmp"
	"encoding/json"
	"iter"
	"maps"
	"regexp"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// schema is what is public about a place in an exchange's answers: the names of its
// members, and the values that it has whoever asks. A nil schema is a place of which
// nothing is known.
type schema struct {
	names  map[string]*schema // members that every account has
	others *schema            // members that are named after something of the account's
	items  *schema
	values map[string]bool // as every account gets them
	words  map[string]bool // parts of them
	pure   bool            // nobody's values are their own
	seen   bool            // the fake has values
	chosen bool            // by its name, people choose what stands there: words prove nothing
	code   bool            // refusals have it too: it says what happened
}

// call is a declared call.
type call struct{ method, path, begins string }

func callOf(a *exchangetest.Answer) call { return call{a.Method, a.Path, a.Begins} }

// answered are the answers that one account got to a call, successes and refusals.
type answered struct{ granted, refused []any }

// decode reads a body, its numbers as they are written.
func decode(body []byte) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err == nil
}

// enumeration is how many public values a place has that is a choice of the exchange's,
// whatever it is called.
const enumeration = 3

// learn compares what two accounts with nothing in common got: what both got is the
// exchange's own, and the rest is theirs.
func learn(a, b []any) *schema {
	s := newSchema()
	s.learnMembers(a, b)
	if x, y := itemsOf(a), itemsOf(b); len(x)+len(y) > 0 {
		s.items = learn(x, y)
	}
	inA, inB := scalarsOf(a), scalarsOf(b)
	s.values = both(inA, inB)
	s.seen = len(inA)+len(inB) > 0
	s.pure = len(inA) > 0 && len(inA) == len(s.values) && len(inB) == len(s.values)
	s.words = both(wordsOf(inA), wordsOf(inB))
	return s
}

func (s *schema) learnMembers(a, b []any) {
	inA, inB := membersOf(a), membersOf(b)
	if len(inA)+len(inB) == 0 {
		return
	}
	var otherA, otherB []any
	for name, values := range inA {
		if of, shared := inB[name]; shared {
			s.names[name] = learn(values, of)
			s.names[name].chosen = chosen.MatchString(name) && len(s.names[name].values) < enumeration
			if personal.MatchString(name) { // whatever the fake says
				s.names[name].values, s.names[name].words = map[string]bool{}, map[string]bool{}
			}
		} else {
			otherA = append(otherA, values...)
		}
	}
	for name, values := range inB {
		if s.names[name] == nil {
			otherB = append(otherB, values...)
		}
	}
	if len(otherA) > 0 && len(otherB) > 0 {
		s.others = learn(otherA, otherB)
	}
}

// mark notes the places that refusals have: what stands there says what happened.
func (s *schema) mark(refusals []any) {
	if s == nil {
		return
	}
	s.code = s.code || len(scalarsOf(refusals)) > 0
	for name, values := range membersOf(refusals) {
		s.names[name].mark(values)
	}
	s.items.mark(itemsOf(refusals))
}

// prune drops values that identify somebody, if only the one whose answer the
// documentation shows: numbers as long as an account's, decimals, identifiers, dates.
// What refusals have as well is a code.
func (s *schema) prune() {
	if s == nil {
		return
	}
	maps.DeleteFunc(s.values, func(text string, _ bool) bool { return !s.code && identifies(text) })
	maps.DeleteFunc(s.words, func(word string, _ bool) bool {
		return !strings.ContainsFunc(word, unicode.IsLetter) || len(word) > 2 && strings.ContainsFunc(word, unicode.IsDigit)
	})
	for _, of := range s.names {
		of.prune()
	}
	s.others.prune()
	s.items.prune()
}

var (
	identifier = regexp.MustCompile(`[0-9]{5}|[0-9][.,][0-9]|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-|[0-9]{4}-[0-9]{2}-`)
	zeros      = regexp.MustCompile(`^[-+]?[0.,:/]*$`)
)

func identifies(text string) bool { return identifier.MatchString(text) && !zeros.MatchString(text) }

// The names of members, and the values that are one of a few, as documentations write them;
// and members whose values people choose, or that are about a person.
var (
	nameForm  = regexp.MustCompile(`^[A-Za-z_][A-Za-z_.-]*[0-9]{0,2}[A-Za-z_.-]*$`)
	valueForm = regexp.MustCompile(`^(?:-?[0-9]{1,2}|[A-Za-z][A-Za-z_.:/-]{0,40}|/(?:[A-Za-z_./-]+[0-9]{0,2})+)$`)
	chosen    = regexp.MustCompile(`(?i)name|label|note|remark|memo|alias|nick|title|comment|user|owner|` + personalForm)
	personal  = regexp.MustCompile(`(?i)` + personalForm)
)

const personalForm = `mail|phone|mobile|birth|country|region|nation|iban`

// sample adds what the documentation's samples have, where the fake has nothing. One
// account's values prove less than two accounts': only whole values count, and where people
// choose them only those that the fake has somewhere (elsewhere).
func (s *schema) sample(values []any, open bool, elsewhere map[string]bool) {
	shared := s.closed()
	for text := range scalarsOf(values) {
		if (open || text[0] == '/' || elsewhere[strings.ToLower(text)]) && valueForm.MatchString(text) && (shared || !s.seen) {
			s.values[text] = true
		}
		if shared {
			for word := range wordsOf(map[string]bool{text: true}) {
				if nameForm.MatchString(word) {
					s.words[word] = true
				}
			}
		}
	}
	if items := itemsOf(values); len(items) > 0 {
		s.items = cmp.Or(s.items, newSchema())
		s.items.sample(items, open, elsewhere)
	}
	s.sampleMembers(values, elsewhere)
}

func (s *schema) sampleMembers(values []any, elsewhere map[string]bool) {
	for name, of := range membersOf(values) {
		known := s.names[name]
		switch {
		case known != nil:
		case s.others != nil:
			s.others.sample(of, false, nil)
			continue
		case nameForm.MatchString(name):
			known = newSchema()
			known.chosen = chosen.MatchString(name)
			s.names[name] = known
		default:
			continue
		}
		known.sample(of, !known.chosen, elsewhere)
	}
}

func newSchema() *schema {
	return &schema{names: map[string]*schema{}, values: map[string]bool{}, words: map[string]bool{}}
}

// member is the schema of a member, and whether its name is public.
func (s *schema) member(name string) (of *schema, public bool) {
	if s == nil {
		return nil, false
	}
	if of = s.names[name]; of != nil {
		return of, true
	}
	return s.others, false
}

func (s *schema) item() *schema {
	if s == nil {
		return nil
	}
	return s.items
}

// closed reports whether the place has values that are the same for everybody.
func (s *schema) closed() bool { return s != nil && len(s.values)+len(s.words) > 0 }

// smallNumber is how many digits a kind or a level has, where all numbers are the same for
// everybody.
const smallNumber = 2

// small reports whether a whole number says nothing of its owner where it stands. A place
// where everybody has nothing may be a balance.
func (s *schema) small(digits int) bool {
	if s == nil || !s.pure || digits > smallNumber {
		return false
	}
	for text := range s.values {
		if number.MatchString(text) && !zeros.MatchString(text) {
			return true
		}
	}
	return false
}

func membersOf(values []any) map[string][]any {
	out := map[string][]any{}
	for _, v := range values {
		if object, ok := v.(map[string]any); ok {
			for name, value := range object {
				out[name] = append(out[name], value)
			}
		}
	}
	return out
}

func itemsOf(values []any) (out []any) {
	for _, v := range values {
		if list, ok := v.([]any); ok {
			out = append(out, list...)
		}
	}
	return out
}

// scalarsOf are the texts and numbers. An e-mail address is nobody's but its owner's,
// also if the documentation's sample has it.
func scalarsOf(values []any) map[string]bool {
	out := map[string]bool{}
	for _, v := range values {
		text, _ := v.(string)
		if number, ok := v.(json.Number); ok {
			text = number.String()
		}
		if text != "" && !strings.Contains(text, "@") {
			out[text] = true
		}
	}
	return out
}

func both(a, b map[string]bool) map[string]bool {
	out := map[string]bool{}
	for text := range a {
		if b[text] {
			out[text] = true
		}
	}
	return out
}

func wordsOf(texts map[string]bool) map[string]bool {
	out := map[string]bool{}
	for text := range texts {
		for word := range words(text) {
			out[strings.ToLower(word)] = true
		}
	}
	return out
}

// words are the words of a text, and its runs of letters and digits: enableSpotTrade is
// one run of three words, and v2 a run.
func words(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, run := range strings.FieldsFunc(text, separates) {
			if !yield(run) {
				return
			}
			for _, word := range humps(run) {
				if word != run && !yield(word) {
					return
				}
			}
		}
	}
}

func separates(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// humps cuts a run of letters where a capital begins a word. A run with digits is none:
// an identifier would be torn apart.
func humps(run string) (out []string) {
	if strings.ContainsFunc(run, unicode.IsDigit) {
		return []string{run}
	}
	runes, begin := []rune(run), 0
	for i := 1; i < len(runes); i++ {
		small, capital := unicode.IsLower(runes[i-1]), unicode.IsUpper(runes[i])
		if capital && (small || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			out, begin = append(out, string(runes[begin:i])), i
		}
	}
	return append(out, string(runes[begin:]))
}
