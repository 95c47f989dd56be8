package exchangetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

var conductProperties = []property{
	{
		"secrecy", "no error, snapshot, result or log line may hold a secret or a signature, not even one that the exchange sends back",
		checkSecrecy,
	},
	{
		"spellings", "a secret comes back in many spellings, at any place of an answer, and none may be printed",
		checkSpellings,
	},
	{
		"cancel", "a bot that stops must not wait for an exchange",
		checkCancel,
	},
	{
		"parallel", "keys are audited in parallel, and none may get the facts of another",
		checkParallel,
	},
	{
		"no-bypass", "what bypasses the session bypasses the guard",
		checkNoBypass,
	},
}

// checkSecrecy has the exchange send back everything it was sent, instead of each
// text of each refusal and of each answer.
func checkSecrecy(c *trial) {
	for i, kind := range c.fresh().def.Kinds {
		for _, signing := range []bool{false, true} {
			for _, said := range c.echoes() {
				c.listen(kind, signing, said, true)
			}
		}
		if i == 0 {
			for _, said := range c.memberEchoes() {
				c.listen(kind, false, said, false)
			}
		}
	}
}

// echo is a body with a mark where the exchange repeats what it was sent.
type echo struct {
	name   string
	status int
	body   string
}

const echoMark = "ECHO"

// echoes are refusals, and anything else, whose words are the mark.
func (c *trial) echoes() []echo {
	var out []echo
	for _, f := range c.fresh().def.Failures {
		filled := (&Call{Now: noon}).Fill(f.Reply)
		if body, ok := reworded(filled.Body, "", "", echoMark); ok {
			out = append(out, echo{fmt.Sprintf("%q", f.Name), max(f.Status, http.StatusOK), body})
		}
	}
	for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError} {
		for _, body := range []string{
			echoMark, "<html>" + echoMark + "</html>", `"` + echoMark + `"`, `["` + echoMark + `"]`,
			`{"message":"` + echoMark + `","msg":"` + echoMark + `","error":"` + echoMark + `","code":"` + echoMark + `"}`,
			`{"` + echoMark + `":{"` + echoMark + `":true}}`,
		} {
			out = append(out, echo{fmt.Sprintf("%s with status %d", body, status), status, body})
		}
	}
	return out
}

// memberEchoes are refusals and answers with the mark instead of one member.
func (c *trial) memberEchoes() []echo {
	var out []echo
	marked := func(name string, status int, body []byte) {
		for path, changed := range variants(body, func(m member) [][]member {
			switch m.value.kind {
			case '{':
				return [][]member{{{m.name, &node{kind: '{', members: append(slices.Clone(m.value.members), member{echoMark, text(echoMark)})}}}}
			case '[':
				return [][]member{{{m.name, &node{kind: '[', items: []*node{text(echoMark)}}}}}
			default:
				return [][]member{{{m.name, text(echoMark)}}}
			}
		}) {
			out = append(out, echo{name + ", member " + path, status, string(changed)})
		}
	}
	for _, f := range c.fresh().def.Failures {
		filled := (&Call{Now: noon}).Fill(f.Reply)
		marked(fmt.Sprintf("%q", f.Name), max(f.Status, http.StatusOK), []byte(filled.Body))
	}
	for _, f := range c.fixtures() {
		marked("answer "+f.name, http.StatusOK, f.body)
	}
	return out
}

// listen has the exchange send the echo, and searches all that could be printed:
// the error and the snapshot, and with all also the result, the key and the log.
func (c *trial) listen(kind access.KeyKind, signing bool, said echo, all bool) {
	b := c.bench(Spec{Kind: kind, OTP: c.otp()})
	signs := newSigner(b.key.Credentials, kind, c.exchange.Needs.Encoding)
	if signing {
		b.key.Credentials.Signer = signs
	} else { // the same requests at the same time, to learn the signatures
		twin := c.bench(Spec{Kind: kind, OTP: c.otp()})
		twin.key.Credentials.Signer = signs
		twin.sends()
	}
	canaries := b.fake.Canaries()
	b.wire.edit = func(r *sent, status int, _ http.Header, body []byte) (int, []byte) {
		if b.fake.def.Routes[r.route()] == nil {
			return status, body
		}
		sent := text(r.everything() + " " + strings.Join(canaries, " ")).raw
		return said.status, []byte(strings.ReplaceAll(said.body, echoMark, sent[1:len(sent)-1]))
	}
	s, failure := b.inspect()
	for _, signature := range signs.made {
		canaries = append(canaries, string(signature))
	}
	texts := map[string]string{"the snapshot": fmt.Sprintf("%+v\n%s", s, indented(s))}
	if failure != nil {
		texts["the error"] = fmt.Sprintf("%v\n%+v\n%s", failure, *failure, indented(failure))
	}
	if all {
		for result := range audit.Run(context.Background(), slices.Values([]audit.Key{b.key}), &b.opts) {
			texts["the result"] = printed(result)
			texts["the verdict"] = fmt.Sprint(result.Err(audit.Info))
		}
		texts["the key"] = printed(b.key)
	}
	for name, text := range texts {
		if found := FindCanaries(text, canaries); found != nil {
			c.Errorf("a %s key, signer %v, the exchange answers %s: %s holds %s", kind, signing, said.name, name, strings.Join(found, ", "))
		}
	}
}

// printed is v by every way a program may print it.
func printed(v any) string {
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
	encoded, _ := json.Marshal(v)
	return fmt.Sprintf("%v\n%+v\n%#v\n%s\n%s", v, v, v, encoded, log.Bytes())
}

func (c *trial) otp() string {
	if c.exchange.Needs.OTP {
		return "otp-canary-93174"
	}
	return ""
}

// everything is all that a request says.
func (s *sent) everything() string {
	var b strings.Builder
	b.WriteString(s.Method + " " + s.URL.String() + " ")
	_ = s.Header.Write(&b)
	b.Write(s.body)
	return strings.ReplaceAll(b.String(), "\r\n", " ")
}

// checkCancel has the exchange, and then the signer, take an hour, in a bubble,
// where an hour takes no time.
func checkCancel(c *trial) {
	c.bubble(func() {
		for n := range c.signedRoutes() {
			for _, test := range interruptions {
				b := c.bench(Spec{Faults: append(make([]Fault, n), Fault{Delay: time.Hour, Times: -1})})
				b.interrupt(fmt.Sprintf("%s, while call %d waits", test.name, n+1), test)
			}
		}
		for _, test := range interruptions {
			if c.exchange.Needs.SecretSent || !c.signsRequests() {
				break // there is no signer to wait for
			}
			b := c.bench(Spec{})
			b.key.Credentials.Signer = slowSigner{newSigner(b.key.Credentials, c.fresh().def.Kinds[0], c.exchange.Needs.Encoding)}
			b.interrupt(test.name+", while the signer waits", test)
		}
	})
}

// signsRequests reports whether an inspection asks a signer for anything.
func (c *trial) signsRequests() bool {
	b := c.bench(Spec{})
	signs := newSigner(b.key.Credentials, c.fresh().def.Kinds[0], c.exchange.Needs.Encoding)
	b.key.Credentials.Signer = signs
	b.sends()
	return len(signs.made) > 0
}

// interruption is one way to end an inspection early.
type interruption struct {
	name string
	ends func() (context.Context, context.CancelFunc)
	want error
	sent bool // whether something may have been sent before
}

var interruptions = []interruption{
	{"a context cancelled beforehand", func() (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return ctx, cancel
	}, context.Canceled, false},
	{"a context cancelled meanwhile", func() (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		return ctx, cancel
	}, context.Canceled, true},
	{"a deadline", func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.Background(), time.Second)
	}, context.DeadlineExceeded, true},
	{"the option Timeout", func() (context.Context, context.CancelFunc) {
		return context.WithCancel(context.Background())
	}, context.DeadlineExceeded, true},
}

// interrupt demands that an inspection ends in time, with the right error.
func (b *bench) interrupt(name string, test interruption) {
	b.opts.Timeout = 2 * time.Second
	began := time.Now()
	ctx, cancel := test.ends()
	defer cancel()
	_, err := b.inspectIn(ctx)
	if err == nil {
		b.Errorf("%s: it gives a snapshot, and should be an error", name)
	} else if !errors.Is(err, test.want) || err.Kind != access.KindCanceled {
		b.Errorf("%s: the error is %q (%v), and should be of access.KindCanceled and wrap %v", name, err.Kind, err, test.want)
	}
	if took := time.Since(began); took > 2*time.Second {
		b.Errorf("%s: it ended after %s", name, took)
	}
	if sent := len(b.wire.requests()); !test.sent && sent > 0 {
		b.Errorf("%s: %d requests were sent", name, sent)
	}
}

// checkParallel inspects sixteen keys at once, and compares each snapshot with that
// of the same key inspected alone.
func checkParallel(c *trial) {
	c.bubble(func() {
		alone, together := c.bench(Spec{}), c.bench(Spec{})
		want := map[string]*access.Snapshot{}
		var keys []audit.Key
		for i, spec := range c.crowd() {
			alone.fake.Issue(spec) // the exchanges issue the same keys
			keys = append(keys, audit.Key{Name: fmt.Sprint("key ", i), Exchange: alone.key.Exchange, Credentials: together.fake.Issue(spec)})
		}
		for _, key := range keys {
			alone.key = key
			want[key.Name], _ = alone.inspect()
		}
		together.opts.Concurrency = len(keys)
		for result := range audit.Run(context.Background(), slices.Values(keys), &together.opts) {
			was, is := want[result.Name], result.Snapshot
			was.Requests, is.Requests = 0, 0 // the exchange's time is asked for once per run
			c.same(fmt.Sprintf("of %d keys audited in parallel, %s", len(keys), result.Name), was, is)
		}
	})
}

// crowd are sixteen different keys, at an exchange that takes a second to answer.
func (c *trial) crowd() []Spec {
	def := c.fresh().def
	var out []Spec
	for i := range 16 {
		spec := Spec{
			Label: fmt.Sprint("label ", i), SubAccount: i%3 == 0, Created: noon.Add(-time.Duration(i+1) * day),
			Faults: []Fault{{Delay: time.Second, Times: -1}},
		}
		if len(def.Rights) > 0 {
			spec.Permissions = []string{def.Rights[i%len(def.Rights)].Name}
		}
		if i%2 == 0 {
			spec.IPs = []string{caller}
		}
		if !def.can(&spec) {
			spec.Permissions = nil
		}
		out = append(out, spec)
	}
	return out
}

// checkNoBypass inspects keys in many situations, while http.DefaultTransport
// refuses every request.
func checkNoBypass(c *trial) {
	c.bench(c.rich()).sends()
	for _, f := range c.fresh().def.Failures {
		_, _, _ = c.failing(f.Name, 0)
	}
	for _, f := range c.fixtures() {
		c.bench(Spec{Answer: f.body}).sends()
	}
	if n := c.bypass.tried.Load(); n > 0 {
		c.Errorf("%d requests went to http.DefaultTransport", n)
	}
}
