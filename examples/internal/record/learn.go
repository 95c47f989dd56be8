package record

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// Public is what is public about an exchange's answers. It comes from the exchange's
// fake, which was written from its documentation.
type Public struct {
	calls map[call]*schema
	words map[string]bool // of all places with closed values, and names
	texts map[string]bool // whole values, in small letters
	ids   map[string]bool // words that are in the identifier of every key
}

// account is one of two accounts that have nothing in common.
type account struct {
	number  int
	caller  string
	ips     []string
	label   string
	now     time.Time
	created time.Duration
	expires time.Duration
}

var accounts = [2]account{
	{
		number: 1, caller: "203.0.113.7", ips: []string{"203.0.113.7", "192.0.2.64/26"}, label: "Zulu", created: -40 * 24 * time.Hour, expires: 31 * 24 * time.Hour,
		now: time.Date(2026, time.March, 5, 7, 11, 13, 0, time.UTC),
	},
	{
		number: 2, caller: "198.51.100.90", ips: []string{"198.51.100.90", "198.18.32.0/20"}, label: "Kilo", created: -77 * 24 * time.Hour, expires: 58 * 24 * time.Hour,
		now: time.Date(2027, time.August, 19, 16, 42, 58, 0, time.UTC),
	},
}

// Learn asks a fake of the exchange for two accounts. What both are told is public.
func Learn(ctx context.Context, e *adapter.Exchange, fake func() *exchangetest.Fake) *Public {
	p := &Public{calls: map[call]*schema{}, words: map[string]bool{}, texts: map[string]bool{}}
	var got [2]map[call]*answered
	var ids [2]map[string]bool
	for i := range accounts {
		got[i], ids[i] = accounts[i].ask(ctx, e, fake())
	}
	for c, a := range got[0] {
		b := got[1][c]
		if b == nil {
			continue
		}
		s := learn(slices.Concat(a.granted, a.refused), slices.Concat(b.granted, b.refused))
		s.mark(slices.Concat(a.refused, b.refused))
		s.prune()
		p.calls[c] = s
		s.gather(p)
	}
	p.ids = both(wordsOf(ids[0]), wordsOf(ids[1]))
	maps.DeleteFunc(p.ids, func(word string, _ bool) bool { return strings.ContainsFunc(word, unicode.IsDigit) })
	return p
}

// gather collects all that is public.
func (s *schema) gather(p *Public) {
	if s == nil {
		return
	}
	for text := range s.values {
		p.texts[strings.ToLower(text)] = true
	}
	maps.Copy(p.words, s.words)
	for name, of := range s.names {
		maps.Copy(p.words, wordsOf(map[string]bool{name: true}))
		of.gather(p)
	}
	s.items.gather(p)
	s.others.gather(p)
}

// specs are keys of an account: with every right, one and none, and whatever else
// changes what the exchange says.
func (a *account) specs(fake *exchangetest.Fake) []exchangetest.Spec {
	all := exchangetest.Spec{}
	sets := [][]string{nil}
	for _, right := range fake.Rights() {
		all.Permissions = append(all.Permissions, right.Name)
		sets = append(sets, []string{right.Name})
	}
	var out []exchangetest.Spec
	for _, permissions := range append(sets, all.Permissions) {
		bare := exchangetest.Spec{Permissions: permissions}
		full := exchangetest.Spec{
			Permissions: permissions, Label: a.label, IPs: a.ips, SubAccount: true, Created: a.now.Add(a.created), Changed: a.now.Add(a.created / 2),
			LastUsed: a.now.Add(a.created / 5), Expires: a.now.Add(a.expires),
		}
		out = append(out, bare, full)
	}
	return out
}

// ask collects what the exchange answers the account, and the identifiers of its keys.
func (a *account) ask(ctx context.Context, e *adapter.Exchange, fake *exchangetest.Fake) (map[call]*answered, map[string]bool) {
	fake.SetAccount(a.number)
	fake.SetCaller(netip.MustParseAddr(a.caller))
	fake.SetClock(func() time.Time { return a.now })
	out, ids := map[call]*answered{}, map[string]bool{}
	unpaced := *e
	unpaced.Limit = adapter.Limit{Requests: 1e6, Per: time.Second}
	look := func(spec exchangetest.Spec, refused int) { // as many answers
		tape := &Tape{Exchange: e, Next: fake}
		key := audit.Key{Exchange: &unpaced, Credentials: fake.Issue(spec)}
		ids[key.Credentials.Key] = true
		_, _ = audit.Inspect(ctx, key, &audit.Options{Transport: tape, Clock: func() time.Time { return a.now }, Attempts: 1})
		for i, answer := range tape.Answers() {
			body, ok := decode(answer.Body)
			if !ok {
				body = answer.Text
			}
			at := out[callOf(&answer)]
			if at == nil {
				at = &answered{}
				out[callOf(&answer)] = at
			}
			if i < refused {
				at.refused = append(at.refused, body)
			} else {
				at.granted = append(at.granted, body)
			}
		}
	}
	const most = 1 << 10
	for _, kind := range e.Needs.Kinds {
		look(exchangetest.Spec{Kind: kind, Label: fmt.Sprint(a.label, " ", a.label)}, 0)
	}
	for _, spec := range a.specs(fake) {
		look(spec, 0)
	}
	for _, name := range fake.Failures() {
		look(exchangetest.Spec{Faults: []exchangetest.Fault{{Failure: name}}}, 1)
		look(exchangetest.Spec{Faults: []exchangetest.Fault{{Failure: name, Times: -1}}}, most)
	}
	return out, ids
}
