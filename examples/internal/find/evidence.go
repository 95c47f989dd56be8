package find

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// Strength is how surely the exchange of a key is known.
type Strength string

// The strengths, the surest first. Only a key whose exchange is named may ever be
// sent to it.
const (
	Named   Strength = "named"   // by the names around the key, or by a mark of the key itself
	Near    Strength = "near"    // by something else in the file, or by the file's name
	Guess   Strength = "guess"   // by the shape of the key alone
	Unknown Strength = "unknown" // by nothing
)

// evidence is which exchange something belongs to, and what says so.
type evidence struct {
	exchange string
	strength Strength
	why      string
}

// verdict is what the context of a half says.
type verdict struct {
	evidence
	foreign bool // it belongs to another service
	plain   bool // the context has no words but those that people put around any key
}

// plainFrames are further words around keys that say nothing.
var plainFrames = []string{
	"settings", "options", "option", "constants", "params", "parameters", "module", "exports", "data", "values", "development", "root", "string", "const", "static",
	"final", "private", "public", "text", "messages", "message", "source", "cells", "body", "content", "environment", "args", "list", "item", "items", "class", "client", "http", "session",
	"auth", "authentication", "access", "secret", "secrets", "credential", "apikey", "apikeys", "stringdata", "exchanges", "accounts", "users", "service", "config", "configuration", "self", "this",
	"vars", "variables", "let", "var", "bots", "strategy", "crypto", "coin", "coins", "token", "rest", "ws", "websocket", "account", "live", "tr", "td", "th", "table", "tbody", "row", "appsettings", "add",
}

func (n *names) plainWord(word string) bool {
	return n.Plain(word) || slices.Contains(plainFrames, word)
}

// named is what the half's own name and what it stands in say, from the inside out.
func (f *file) named(h *half) verdict {
	if h.verdict != nil {
		return *h.verdict
	}
	v := f.judge(h)
	h.verdict = &v
	return v
}

func (f *file) judge(h *half) verdict {
	v := verdict{plain: true}
	if own := f.names.read(h.name); !h.positional {
		switch {
		case own.Foreign:
			return verdict{foreign: true}
		case own.Exchange != "":
			return verdict{evidence: evidence{own.Exchange, Named, "named by " + inventory.Show(h.name)}}
		}
		v.plain = !slices.ContainsFunc(own.Stem, func(w string) bool { return !f.names.plainWord(w) && !slices.Contains(partWords, w) })
	}
	first := true
	for at := h.frame; at != nil; at = at.parent {
		if e, ok := f.hinted(at, h); ok {
			return verdict{evidence: e, plain: v.plain}
		}
		if at.name == "" {
			continue
		}
		n := f.names.function(at.name)
		switch {
		case n.Exchange != "" && !n.Foreign:
			return verdict{evidence: evidence{n.Exchange, Named, "it stands in " + inventory.Show(at.name)}, plain: v.plain}
		case n.Foreign:
			return verdict{foreign: true}
		case first && strings.IndexByte("ys{<", at.kind) >= 0:
			v.plain = v.plain && !slices.ContainsFunc(n.Words, func(w string) bool { return !f.names.plainWord(w) })
			first = false
		}
	}
	return v
}

// partWords are what is left of parts' names when the part is taken away.
var partWords = []string{"api", "key", "secret", "id", "access", "private", "public"}

// hinted is the exchange that a field of the frame names: the nearest above the half,
// or the only one.
func (f *file) hinted(at *frame, h *half) (evidence, bool) {
	var best *hint
	stem, most := f.names.read(h.name).Stem, 0
	var hints []*hint // of those about the half, the ones that say the most of it
	for i := range at.hints {
		switch one := &at.hints[i]; {
		case slices.ContainsFunc(one.scope, func(w string) bool { return !slices.Contains(stem, w) }), len(one.scope) < most:
		case len(one.scope) > most:
			hints, most = []*hint{one}, len(one.scope)
		default:
			hints = append(hints, one)
		}
	}
	for _, one := range hints {
		switch {
		case one.line <= h.line:
			best = one
		case best == nil:
			best = one
		}
	}
	if best == nil {
		return evidence{}, false
	}
	strength := Named
	for _, one := range hints {
		if one.exchange != best.exchange {
			strength = Near
		}
	}
	return evidence{best.exchange, strength, fmt.Sprintf("named by the field %s, line %d", inventory.Show(best.field), best.line)}, true
}

// near is the exchange that something else in the file names: the only one, or the
// nearest above the line; and failing that, its path. One that stands below counts for
// less.
func (f *file) near(line int) (e evidence, above bool, ok bool) {
	var only *mention
	several := false
	all := f.mentions()
	for i := range all {
		m := &all[i]
		several = several || only != nil && only.exchange != m.exchange
		only = m
	}
	before := f.mentionAbove(line)
	switch {
	case before != nil:
		return evidence{before.exchange, Near, fmt.Sprintf("%s, line %d, is the nearest name of an exchange", inventory.Show(before.word), before.line)}, true, true
	case only != nil && !several:
		return evidence{only.exchange, Near, fmt.Sprintf("%s, line %d, is the only exchange in the file", inventory.Show(only.word), only.line)}, false, true
	}
	e, ok = f.byPath()
	return e, true, ok
}

// byPath is the exchange that the file's name, or that of a folder, names.
func (f *file) byPath() (evidence, bool) {
	for path := f.path; path != "." && path != string(filepath.Separator) && path != ""; path = filepath.Dir(path) {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		if n := f.names.read(name); n.Exchange != "" && !n.Foreign && !n.Several {
			return evidence{n.Exchange, Near, "named by the path, " + inventory.Show(filepath.Base(path))}, true
		}
		if filepath.Dir(path) == path {
			break
		}
	}
	return evidence{}, false
}

// exchangeOf decides to which exchange the parts belong, and whether they are a key of
// an exchange at all. One of them may be nil.
func (f *file) exchangeOf(id, secret *half) (evidence, bool) {
	both := id != nil && secret != nil
	plain, line := true, 0
	for _, h := range []*half{id, secret} {
		if h == nil {
			continue
		}
		v := f.named(h)
		switch {
		case v.foreign, both && v.exchange != "" && impostor(v.exchange, id.value.Reveal(), secret.value.Reveal()):
			return evidence{}, false
		case v.exchange != "":
			v.why += fmt.Sprintf(" (line %d)", h.line)
			return v.evidence, true
		}
		plain, line = plain && v.plain && !h.prose, h.line
	}
	if !both {
		return evidence{}, false
	}
	return f.unnamed(id, secret, plain, line)
}

// whyMarked is the evidence of a key that nothing but its own form names.
const whyMarked = "the key has this exchange's own mark"

// unnamed decides it for a key whose own names say no exchange. If they are not plain,
// they may be those of any service.
func (f *file) unnamed(id, secret *half, plain bool, line int) (evidence, bool) {
	key, hidden := id.value.Reveal(), secret.value.Reveal()
	possible, marked := fitting(key, hidden)
	nothing := evidence{"", Unknown, "nothing names the exchange, and the names of its variables are those of a key and its secret"}
	if id.keyFile {
		return evidence{"coinbase", Named, whyMarked}, true
	}
	if marked {
		return evidence{possible[0], Named, whyMarked}, true
	}
	if e, above, ok := f.near(line); ok {
		fit := fits(e.exchange, key, hidden)
		switch {
		case impostor(e.exchange, key, hidden):
			return evidence{}, false
		case !fit && (!plain || !above):
			return nothing, f.variables(id, secret)
		case fit, len(possible) == 0, plain && f.headed(line):
			return e, true
		}
	}
	switch {
	case !plain, f.ofAnything(id, secret, len(possible)):
		return nothing, f.variables(id, secret)
	case len(possible) == 0:
		return evidence{"", Unknown, "nothing names the exchange, and the shapes of none known here fit"}, true
	case len(possible) == 1:
		return evidence{possible[0], Guess, "its shape is that of no other exchange known here"}, true
	default:
		return evidence{"", Unknown, "nothing names the exchange; its shape fits " + strings.Join(possible, ", ")}, true
	}
}

// ofAnything reports whether a key and its secret, which nothing names, may be those of any
// service, or no pair at all; possible is how many exchanges their shapes fit.
func (f *file) ofAnything(id, secret *half, possible int) bool {
	is := f.names.read(id.name)
	switch {
	case is.Weak, f.names.fold(id.name) == "key" && !inExchange(id.frame) && !f.bare(id, secret):
		return true
	case id.positional:
		method := id.name[strings.LastIndexAny(id.name, ".:")+1:]
		return possible == 0 || id.frame.kind == '{' || has(f.names.read(method).Words, otherThings)
	default:
		return f.stemOf(id) != f.stemOf(secret)
	}
}

// variables reports whether two halves are variables whose names say that they are the key
// and the secret of one thing, as a reader of an environment takes them. Two without any
// digit are names: of functions, of registry entries.
func (f *file) variables(id, secret *half) bool {
	if !strings.ContainsAny(id.value.Reveal()+secret.value.Reveal(), digit) {
		return false
	}
	for _, h := range []*half{id, secret} {
		if h.positional || h.prose || !isVariable.MatchString(h.name) || strings.IndexByte("fsy", f.frameOf(h).kind) < 0 {
			return false
		}
	}
	return f.frameOf(id) == f.frameOf(secret) && f.stemOf(id) == f.stemOf(secret)
}

// isVariable is the form of a variable's name in an environment.
var isVariable = regexp.MustCompile(`^[A-Z][A-Z0-9]*(?:_+[A-Z0-9]+)+$`)

// bare reports whether a key and its secret are two variables that are called nothing else,
// one below the other.
func (f *file) bare(id, secret *half) bool {
	in := f.frameOf(id)
	return in == f.frameOf(secret) && (in.kind == 'f' || in.kind == 'y' && in.name == "environment") && f.names.fold(secret.name) == "secret" && abs(id.line-secret.line) == 1
}

// exchangeFrames are what people call what stands around "key" and "secret" of an exchange.
var exchangeFrames = []string{"exchange", "exchanges", "trading", "trader", "trade", "broker", "brokers", "api", "credentials"}

// inExchange reports whether a frame, or what it is in, is called an exchange, as in the
// files of freqtrade.
func inExchange(at *frame) bool {
	for ; at != nil; at = at.parent {
		if slices.Contains(exchangeFrames, strings.ToLower(at.name)) {
			return true
		}
	}
	return false
}
