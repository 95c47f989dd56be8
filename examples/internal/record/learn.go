package record

import (
	"context"
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
	texts map[string]bool // whole values and names, in small letters
	ids   map[string]bool // words that are in the identifier of every key
	// addressOf is the wallet address of a public key, where answers have those too.
	addressOf func(public []byte) string
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

// Learn asks a fake of the exchange for two accounts. What both are elsewhere is public, and so
// are the names and words of the documentation's samples where the fake says nothing else.
func Learn(ctx context.Context, e *adapter.Exchange, fake func() *exchangetest.Fake, samples [][]byte) *Public {
	p := &Public{calls: map[call]*schema{}, words: map[string]bool{}, texts: map[string]bool{}}
	if fake() == nil { // then nothing is
		return p
	}
	p.addressOf = fake().AddressOf()
	var got [2]map[call]*answered
	var ids [2]map[string]bool
	for i := range accounts {
		got[i], ids[i] = accounts[i].ask(ctx, e, fake)
	}
	shown := accounts[0].shown(ctx, e, fake(), samples)
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
	elsewhere := maps.Clone(p.texts)
	for c, s := range p.calls {
		s.sample(shown[c], true, elsewhere)
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
		p.texts[strings.ToLower(name)] = true
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

// asking are the answers that an account gets, by their calls.
type asking struct {
	*account
	exchange *adapter.Exchange
	fake     *exchangetest.Fake
	answers  map[call]*answered
	ids      map[string]bool // of its keys
}

func (a *account) asking(e *adapter.Exchange, fake *exchangetest.Fake) *asking {
	fake.SetAccount(a.number)
	fake.SetCaller(netip.MustParseAddr(a.caller))
	fake.SetClock(func() time.Time { return a.now })
	unpaced := *e
	unpaced.Limit = adapter.Limit{Requests: 1e6, Per: time.Second}
	return &asking{account: a, exchange: &unpaced, fake: fake, answers: map[call]*answered{}, ids: map[string]bool{}}
}

// look audits a key. So many of the answers are refusals.
func (a *asking) look(ctx context.Context, spec exchangetest.Spec, refused int) {
	tape := &Tape{Exchange: a.exchange, Next: a.fake}
	key := audit.Key{Exchange: a.exchange, Credentials: a.fake.Issue(spec)}
	a.ids[key.Credentials.Key+" "+nameIn(key.Credentials.Account, a.exchange.Needs.Wallet)] = true
	_, _ = audit.Inspect(ctx, key, &audit.Options{Transport: tape, Clock: func() time.Time { return a.now }, Attempts: 1}) // refusals are wanted too
	for i, answer := range tape.Answers() {
		body, ok := decode(answer.Body)
		if body = opened(body); !ok {
			body = answer.Text
		}
		at := a.answers[callOf(&answer)]
		if at == nil {
			at = &answered{}
			a.answers[callOf(&answer)] = at
		}
		if i < refused {
			at.refused = append(at.refused, body)
		} else {
			at.granted = append(at.granted, body)
		}
	}
}

// ask collects what the exchange answers the account, and the identifiers of its keys.
func (a *account) ask(ctx context.Context, e *adapter.Exchange, fresh func() *exchangetest.Fake) (map[call]*answered, map[string]bool) {
	const most = 1 << 10
	fake := fresh()
	asks := a.asking(e, fake)
	for _, kind := range e.Needs.Kinds {
		asks.look(ctx, exchangetest.Spec{Kind: kind, Label: a.label + " " + a.label}, 0)
	}
	for _, spec := range a.specs(fake) {
		asks.look(ctx, spec, 0)
	}
	for _, name := range fake.Failures() { // each of an account with one key: some exchanges are asked about accounts
		for times, refused := range map[int]int{1: 1, -1: most} {
			one := a.asking(e, fresh())
			one.answers, one.ids = asks.answers, asks.ids
			one.look(ctx, exchangetest.Spec{Faults: []exchangetest.Fault{{Failure: name, Times: times}}}, refused)
		}
	}
	return asks.answers, asks.ids
}

// shown are the documentation's samples, as answers to the calls that they are of.
func (a *account) shown(ctx context.Context, e *adapter.Exchange, fake *exchangetest.Fake, samples [][]byte) map[call][]any {
	out := map[call][]any{}
	for _, sample := range samples {
		asks := a.asking(e, fake)
		asks.look(ctx, exchangetest.Spec{Answer: sample}, 0)
		for c, got := range asks.answers {
			out[c] = append(out[c], got.granted...)
		}
	}
	return out
}
