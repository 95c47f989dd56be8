// Package record makes a case that can be given away of what an exchange answered in an
// audit: [Learn] finds out what is public about the exchange's answers, and everything else
// is replaced by made-up values of the same shape.
package record

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// Recording is an audit as it was.
type Recording struct {
	Exchange *adapter.Exchange
	Answers  []exchangetest.Answer
	Snapshot *access.Snapshot

	key, account string
	held         adapter.Credentials
	scrub        func(string) string
}

// Audit audits a key once, without retries, and keeps the exchange's answers. It sends
// what any audit sends.
func Audit(ctx context.Context, key audit.Key, options audit.Options) *Recording {
	r := &Recording{Exchange: key.Exchange}
	tape := &Tape{Exchange: key.Exchange, Next: options.Transport}
	if key.Transport != nil {
		tape.Next = key.Transport
	}
	if tape.Next == nil {
		own := adapter.NewTransport()
		defer own.CloseIdleConnections()
		tape.Next = own
	}
	asked := *r.Exchange
	asked.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
		r.key, r.account, r.scrub = s.Key(), s.Account(), s.Scrub // which also knows every signature and token
		return r.Exchange.Inspect(ctx, s)
	}
	if load := key.Load; load != nil {
		key.Load = func(ctx context.Context) (c adapter.Credentials, err error) {
			r.held, err = load(ctx)
			return r.held, err
		}
	} else {
		r.held = key.Credentials
	}
	key.Exchange, key.Transport, key.Probe = &asked, tape, nil
	options.Attempts = 1
	r.Snapshot, _ = audit.Inspect(ctx, key, &options) // the snapshot has the error
	r.Answers = tape.Answers()
	return r
}

// Made is a case that can be given away.
type Made struct {
	*exchangetest.Case
	Text   []byte // as its file has it
	Counts Counts
	// Lost names the facts that the adapter reads otherwise in the case than in what the
	// exchange answered.
	Lost []string
}

// ErrHolds is that a case still had a value of its owner's, however it was replaced.
var ErrHolds = errors.New("a value of yours would still be in the recorded case, so nothing was written")

// patience is how often other values are made up, if by chance some are the owner's.
const patience = 8

// Make replaces what is the owner's.
func (r *Recording) Make(ctx context.Context, public *Public) (*Made, error) {
	for try := range patience {
		var seed [32]byte
		_, _ = rand.Read(seed[:]) // documented never to fail
		made, fit, err := r.attempt(ctx, public, seed, try < patience/2)
		if err != nil || fit {
			return made, err
		}
	}
	return nil, ErrHolds
}

// attempt makes the case with one set of values. Strictly, no made-up value may have an
// original as a part; of many long numbers, some always will.
func (r *Recording) attempt(ctx context.Context, public *Public, seed [32]byte, strict bool) (made *Made, fit bool, err error) {
	now := r.exchangeTime()
	clock := newClock(seed, now)
	listening := newReplacer(public, seed, clock)
	r.replace(listening)
	clock.settle()
	with := newReplacer(public, seed, clock)
	for original := range listening.made { // which another must not become, unless there are too few
		with.taken[original] = len(original) >= shortestPart
	}
	c := r.replace(with)
	c.At = anotherNow.Add(r.Snapshot.TakenAt.Sub(now)).Truncate(time.Millisecond)
	snap := c.Inspect(ctx, r.Exchange)
	if c.Snapshot, err = json.Marshal(snap); err != nil {
		return nil, false, err
	}
	made = &Made{Case: c, Counts: with.Counts, Lost: lost(r.Snapshot, snap)}
	made.Counts.Times = clock.Changed
	if made.Text, err = c.Encode(); err != nil {
		return nil, false, err
	}
	return made, !with.unfit && !r.holds(with, c, made.Text, strict), nil
}

// exchangeTime is the time by the exchange's clock, as far as it gave it.
func (r *Recording) exchangeTime() time.Time {
	for i := range r.Answers {
		if at, err := http.ParseTime(r.Answers[i].Header["Date"]); err == nil {
			return at
		}
	}
	return r.Snapshot.TakenAt.Truncate(time.Second)
}

// replace makes the case, but for what the adapter makes of it.
func (r *Recording) replace(with *replacer) *exchangetest.Case {
	with.wallet, with.codes = r.Exchange.Needs.Wallet, map[string]bool{}
	if failure := r.Snapshot.Failure; failure != nil && codeForm.MatchString(failure.Code) {
		with.codes[failure.Code] = true
	}
	c := &exchangetest.Case{
		Schema: exchangetest.CaseSchema, Exchange: r.Exchange.Name, Environment: r.Snapshot.Environment,
		Key: exchangetest.CaseKey{ID: with.pin(r.key), Account: with.account(r.account), Kind: r.Snapshot.KeyKind},
	}
	for i := range r.Answers {
		a := r.Answers[i]
		at := with.public.calls[callOf(&a)]
		a.Header = with.header(a.Header)
		if a.Body != nil {
			a.Body = with.body(a.Body, at)
		} else {
			a.Text = with.value(a.Text, at)
		}
		c.Answers = append(c.Answers, a)
	}
	return c
}

// codeForm is a code that is no longer than codes are.
var codeForm = regexp.MustCompile(`^-?[0-9]{1,6}$`)

// header replaces what is in the headers that an audit reads.
func (r *replacer) header(header map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range header {
		switch name {
		case "Content-Type":
			if value, _, _ = strings.Cut(strings.ToLower(value), ";"); contentTypes[value] {
				out[name] = value
			}
		case "Server":
			if edges[strings.ToLower(value)] {
				out[name] = value
			}
		default:
			if as, ok := r.clock.text(value); ok {
				out[name] = as
			} else if number.MatchString(value) && len(value) < len("10000") { // how long to wait
				out[name] = value
			} else if number.MatchString(value) {
				out[name] = r.number(value)
			}
		}
	}
	return out
}

var contentTypes = map[string]bool{
	"application/json": true, "application/problem+json": true, "text/html": true, "text/json": true, "text/plain": true,
}

// edges are the networks in front of exchanges, by which refusals are recognised.
var edges = map[string]bool{"cloudflare": true, "cloudfront": true, "akamaighost": true, "ddos-guard": true, "imperva": true, "nginx": true}

// body replaces what is in an answer. What is written twice stays written twice.
func (r *replacer) body(body []byte, at *schema) []byte {
	var out bytes.Buffer
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	w := &rewriter{replacer: r, in: d, out: &out}
	w.value(at)
	return out.Bytes()
}

// rewriter walks over JSON that is known to be valid.
type rewriter struct {
	*replacer
	in   *json.Decoder
	out  *bytes.Buffer
	tree *schema // of what is within a text, at every depth
}

func (w *rewriter) value(at *schema) {
	token, _ := w.in.Token()
	switch token := token.(type) {
	case json.Delim:
		w.out.WriteRune(rune(token))
		for first := true; w.in.More(); first = false {
			if !first {
				w.out.WriteByte(',')
			}
			if token == '{' {
				w.member(at)
			} else {
				w.value(at.item())
			}
		}
		end, _ := w.in.Token()
		w.out.WriteString(end.(json.Delim).String()) //nolint:forcetypeassert // it is valid
	case string:
		w.text(w.string(token, at))
	case json.Number:
		mantissa, exponent := token.String(), ""
		if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
			mantissa, exponent = mantissa[:i], mantissa[i:]
		}
		w.out.WriteString(w.replacer.value(mantissa, at) + exponent)
	case bool:
		w.out.WriteString(map[bool]string{true: "true", false: "false"}[token])
	default:
		w.out.WriteString("null")
	}
}

func (w *rewriter) member(at *schema) {
	token, _ := w.in.Token()
	name, _ := token.(string)
	of, public := at.member(name)
	if !public {
		known := w.public.words
		if of != nil { // named after something of the account's
			known = nil
		}
		name = w.note(name, w.pinned(name, known))
	}
	w.text(name)
	w.out.WriteByte(':')
	w.value(of)
}

func (w *rewriter) text(text string) {
	e := json.NewEncoder(w.out)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string can be written
	w.out.Truncate(w.out.Len() - 1)
}
