package record

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// replacer puts made-up values in place of an owner's: the same for the same, wherever it
// stands, and of the same shape.
type replacer struct {
	public  *Public
	wallet  *adapter.Wallet // where keys are wallets
	random  *rand.Rand
	seed    [32]byte // of the addresses
	clock   *clock
	pins    []pin
	made    map[string]string // by what was replaced, in small letters
	publics map[string][]byte // public keys of made-up wallets, by what was replaced
	taken   map[string]bool   // what was made up
	whole   map[string]bool   // texts of which something was replaced
	codes   map[string]bool   // by which the exchange says why it refused
	unfit   bool              // an address became one of another kind
	Counts  Counts
}

// pin is a text that is replaced as a whole, wherever it is a part of another.
type pin struct{ from, to string }

// Counts says how much was replaced, every different value once.
type Counts struct{ Words, Numbers, Addresses, Times int }

func newReplacer(public *Public, seed [32]byte, clock *clock) *replacer {
	return &replacer{
		public: public, random: rand.New(rand.NewChaCha8(seed)), seed: seed, clock: clock,
		made: map[string]string{}, publics: map[string][]byte{}, taken: map[string]bool{}, whole: map[string]bool{},
	}
}

// pin makes up an identifier. Words that are in everybody's stay.
func (r *replacer) pin(id string) string {
	if id == "" {
		return ""
	}
	to := r.spans(id, r.public.ids)
	r.pins = append(r.pins, pin{id, to})
	r.whole[id] = true
	return to
}

// constants are the texts that say the same whoever writes them: switches, and never.
var constants = regexp.MustCompile(`(?i)^(?:|true|false|yes|no|on|off|null|none|\*|-?1|ed25519|secp256k1|9223372036854775807|253402300799(?:000)?|4102444800(?:000)?)$`)

// value replaces a text or number of an answer, as far as the place doesn't show that it is
// public.
func (r *replacer) value(text string, at *schema) string {
	switch {
	case r.publicKey(text) != "":
		return r.note(text, r.publicKey(text))
	case constants.MatchString(text), zeros.MatchString(text), at != nil && at.values[text]:
		return text
	case at != nil && at.code && r.codes[text]:
		return text
	case number.MatchString(text):
		if digits := strings.TrimLeft(text, "+-"); at.small(len(digits)) && !strings.Contains(text, ".") {
			return text
		}
		return r.note(text, r.number(text))
	}
	known := map[string]bool(nil)
	switch {
	case !at.closed(), at.chosen && !at.code:
	case at.pure, at.code:
		known = r.public.words
	default:
		known = at.words
	}
	return r.note(text, r.pinned(text, known))
}

// note remembers a text that must not come back.
func (r *replacer) note(text, as string) string {
	if text != as {
		r.whole[text] = true
	}
	return as
}

// pinned replaces a text in which pinned identifiers may be, whole or with the middle masked.
func (r *replacer) pinned(text string, known map[string]bool) string {
	for _, p := range r.pins {
		if masked, ok := p.masked(text); ok {
			return masked
		}
		if before, after, found := cutFold(text, p.from); found {
			as := p.to
			if part := text[len(before) : len(text)-len(after)]; part != p.from { // in base58, capitals are digits of their own
				as = cased(p.to, part)
			}
			return r.pinned(before, known) + as + r.pinned(after, known)
		}
	}
	return r.spans(text, known)
}

// cutFold is strings.Cut without regard to case.
func cutFold(text, part string) (before, after string, found bool) {
	for i := 0; i+len(part) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(part)], part) {
			return text[:i], text[i+len(part):], true
		}
	}
	return text, "", false
}

// mask stands for what is not shown of an identifier.
var mask = regexp.MustCompile(`[*…•]+|\.{3,}|x{3,}|X{3,}`)

// shortestPart is how much of an identifier is enough to recognise it.
const shortestPart = 4

// masked replaces what is the identifier with its middle or end masked, or the beginning of it.
func (p pin) masked(text string) (string, bool) {
	hidden := mask.FindStringIndex(text)
	if hidden == nil {
		hidden = []int{len(text), len(text)}
	}
	head, tail := text[:hidden[0]], text[hidden[1]:]
	if shown := len(head) + len(tail); shown < shortestPart || shown >= len(p.from) || len(p.to) != len(p.from) || !strings.HasPrefix(p.from, head) || !strings.HasSuffix(p.from, tail) {
		return "", false
	}
	return p.to[:len(head)] + text[hidden[0]:hidden[1]] + p.to[len(p.to)-len(tail):], true
}

var (
	number = regexp.MustCompile(`^[-+]?[0-9]+(?:\.[0-9]+)?$`)
	span   = regexp.MustCompile(timeForm + `|` + uuidForm + `|` + addressForm + `|[\pL\pM\pN]+|[^\x00-\x7f]`)
)

// spans replaces every date, IP address, word and number of a text, but for known words.
func (r *replacer) spans(text string, known map[string]bool) string {
	if made := r.walletAddress(text); made != "" {
		return made
	}
	return span.ReplaceAllStringFunc(text, func(part string) string {
		if as, ok := r.clock.text(part); ok {
			return as
		}
		if as, ok := r.uuid(part); ok {
			return as
		}
		if as, ok := r.address(part); ok {
			return as
		}
		return runForm.ReplaceAllStringFunc(part, func(run string) string { return r.run(run, known) })
	})
}

const uuidForm = `\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b`

var uuids = regexp.MustCompile(`^` + uuidForm + `$`)

// uuid replaces a UUID, with or without its dashes by the same, but for its version.
func (r *replacer) uuid(text string) (string, bool) {
	if !uuids.MatchString(text) {
		return "", false
	}
	made := r.word(strings.ReplaceAll(text, "-", ""))
	made = made[:8] + "-" + made[8:12] + "-" + made[12:16] + "-" + made[16:20] + "-" + made[20:]
	const version, variant = 14, 19
	return made[:version] + text[version:version+1] + made[version+1:variant] + text[variant:variant+1] + made[variant+1:], true
}

var runForm = regexp.MustCompile(`[\pL\pM\pN]+|[^\x00-\x7f]`)

// run replaces a run of letters and digits.
func (r *replacer) run(run string, known map[string]bool) string {
	switch {
	case known[strings.ToLower(run)], zeros.MatchString(run):
		return run
	case number.MatchString(run):
		return r.number(run)
	}
	parts := humps(run) // wherever it stands, so that the same becomes the same
	if len(parts) > len(run)/shortestWord+1 {
		return r.word(run)
	}
	var b strings.Builder
	for _, word := range parts {
		if known[strings.ToLower(word)] {
			b.WriteString(word)
		} else {
			b.WriteString(r.word(word))
		}
	}
	return b.String()
}

// shortestWord is how long the words of a name are on average. What changes between small
// and capital letters more often is random.
const shortestWord = 3

// number replaces a number. A time stays one, and a fraction keeps its zeros.
func (r *replacer) number(text string) string {
	if as, ok := r.clock.number(text); ok {
		return as
	}
	sign := text[:len(text)-len(strings.TrimLeft(text, "+-"))]
	whole, fraction, decimal := strings.Cut(text[len(sign):], ".")
	if !zeros.MatchString(whole) {
		whole = r.word(whole)
	}
	if decimal {
		kept := strings.Trim(fraction, "0")
		from := strings.Index(fraction, kept)
		if kept != "" {
			fraction = fraction[:from] + r.word("." + kept)[1:] + fraction[from+len(kept):]
		}
		whole += "."
	}
	return sign + whole + fraction
}

// word makes up a word or whole number of the same shape. The same letters, small or
// capital, become the same.
func (r *replacer) word(text string) string {
	if made := r.walletAddress(text); made != "" {
		return made
	}
	folded := strings.ToLower(text)
	if len(folded) != len(text) { // letters whose capitals have another length
		folded = text
	}
	if made, ok := r.made[folded]; ok {
		return cased(made, text)
	}
	made := ""
	const patience = 200
	for try := range patience {
		made = r.shaped(text)
		last := try > patience/2 && len(folded) == 1 // of ten digits, one may be left
		if (made != folded || last) && !r.taken[made] && !r.public.words[made] {
			break
		}
	}
	r.made[folded], r.taken[made] = made, true
	if strings.ContainsFunc(folded, unicode.IsLetter) {
		r.Counts.Words++
	} else {
		r.Counts.Numbers++
	}
	return cased(made, text)
}

// shaped makes up a text of the same shape, in small letters.
func (r *replacer) shaped(text string) string {
	prefix := ""
	if len(text) > 2 && strings.EqualFold(text[:2], "0x") {
		prefix, text = "0x", text[2:]
	}
	return prefix + r.shuffled(strings.ToLower(text), alphabetOf(text))
}

// alphabets are the letters of identifiers, the narrowest first.
var alphabets = []struct {
	form    *regexp.Regexp
	letters string
}{
	{regexp.MustCompile(`^[0-9]+$`), "0123456789"},
	{regexp.MustCompile(`^\.[0-9]+$`), "123456789"}, // a fraction's zeros stay
	{regexp.MustCompile(`^[0-9A-Fa-f]{8,}$`), "0123456789abcdef"},
	{regexp.MustCompile(`^(?:[2-7A-Z]{16,}|[2-7a-z]{16,})$`), "234567abcdefghijklmnopqrstuvwxyz"},
	{regexp.MustCompile(`^[1-9A-HJ-NP-Za-km-z]{16,}$`), "123456789abcdefghjkmnpqrstuvwxyz"},
	{regexp.MustCompile(``), "0123456789abcdefghijklmnopqrstuvwxyz"},
}

func alphabetOf(text string) string {
	for _, a := range alphabets {
		if a.form.MatchString(text) {
			return a.letters
		}
	}
	return ""
}

// shuffled puts another letter of the alphabet in place of each, and another digit in place
// of each digit.
func (r *replacer) shuffled(text, alphabet string) string {
	first := strings.IndexFunc(alphabet, unicode.IsLetter)
	if first < 0 {
		first = len(alphabet)
	}
	digits, letters := alphabet[:first], alphabet[first:]
	var b strings.Builder
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			d := digits[r.random.IntN(len(digits))]
			if i == 0 && d == '0' && c != '0' { // the length of a number
				d = digits[1+r.random.IntN(len(digits)-1)]
			}
			b.WriteByte(d)
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			b.WriteByte(letters[r.random.IntN(len(letters))])
		default:
			b.WriteRune(r.neighbour(c))
		}
	}
	return b.String()
}

// neighbour is another letter of the same script, as long in UTF-8.
func (r *replacer) neighbour(c rune) rune {
	if !unicode.IsPrint(c) { // a terminal might act on it
		return unicode.ReplacementChar
	}
	const block = 32
	for range 4 * block {
		n := c - c%block + r.random.Int32N(block)
		if n != c && unicode.IsLetter(n) == unicode.IsLetter(c) && unicode.IsPrint(n) && utf8.RuneLen(n) == utf8.RuneLen(c) && unicode.ToLower(n) == n {
			return n
		}
	}
	return c
}

// cased gives a made-up text the capitals of another of the same length.
func cased(made, like string) string {
	m, l := []rune(made), []rune(like)
	if len(m) != len(l) {
		return made
	}
	for i := range m {
		switch {
		case unicode.IsUpper(l[i]):
			m[i] = unicode.ToUpper(m[i])
		case unicode.IsLower(l[i]):
			m[i] = unicode.ToLower(m[i])
		}
	}
	return string(m)
}
