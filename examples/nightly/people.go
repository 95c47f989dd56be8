package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// people are who is told about a run besides the report's readers. The
// addresses hold tokens, so the command line says where they are kept.
type people struct {
	notify, ping []string // references
	when         string
	names        bool
}

// occasions say when a notification is sent.
var occasions = []string{"findings", "changes", "always"}

func (c *command) people(p *people) {
	reference := func(name string, to *[]string, text string) {
		c.flags.Func(name, text, func(word string) error {
			if !isReference(word) {
				c.say("-%s: an address holds a token, so say where it is kept: env:NAME, file:PATH or credential:NAME (it is not shown here)", name)
				return nil
			}
			*to = append(*to, word)
			return nil
		})
	}
	p.when = occasions[0]
	reference("notify", &p.notify, "tell the chat, mailbox or webhook whose address is kept at `PLACE`, such as env:NAME (may be repeated)")
	c.oneOf("notify-when", "occasion", occasions, func(w string) { p.when = w },
		"`WHEN` to notify: findings (the exit code is not 0), changes (something changed, or a key could not be audited) or always (default findings)")
	c.flags.BoolVar(&p.names, "notify-names", false, "name the keys in notifications, not only rules and counts")
	reference("ping", &p.ping, "call the dead man's switch whose address is kept at `PLACE` at the start and at the end")
}

// isReference reports whether a word says where something is kept.
func isReference(word string) bool {
	scheme, rest, ok := strings.Cut(word, ":")
	return ok && rest != "" && !strings.HasPrefix(rest, "//") && slices.Contains([]string{"env", "file", "credential", "exec", "keyring", "age"}, scheme)
}

// teller tells people.
type teller struct {
	people
	m       machine
	senders []sender
	pings   []string
	client  *http.Client
}

// sender sends a text to one service; its errors are not shown, for they hold
// the address.
type sender func(title, text string) error

// people looks the addresses up, before anything else is sent.
func (m machine) people(s *settings) (*teller, []string) {
	t := &teller{people: s.people, m: m, client: &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	var problems []string
	for _, place := range s.notify {
		address, err := m.fetch(place)
		if err == nil {
			var send sender
			if send, err = newSender(address); err == nil {
				t.senders = append(t.senders, send)
			}
		}
		if err != nil {
			problems = append(problems, "-notify: "+err.Error())
		}
	}
	for _, place := range s.ping {
		address, err := m.fetch(place)
		if err == nil && !isWeb(address) {
			err = errors.New("the address must be https, or http to this machine (it is not shown here)")
		}
		if err != nil {
			problems = append(problems, "-ping: "+err.Error())
		}
		t.pings = append(t.pings, strings.TrimRight(address, "/"))
	}
	return t, problems
}

// isWeb reports whether an address can be called without showing it to others
// on the way.
func isWeb(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	return u.Scheme == "https" || (u.Scheme == "http" && slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()))
}

// newSender makes ready to send to a service, as shoutrrr spells its address.
func newSender(address string) (sender, error) {
	router, err := shoutrrr.CreateSender(address)
	if err != nil {
		return nil, errors.New("the address is not one that notifications can be sent to (it is not shown here): see https://shoutrrr.nickfedor.com/services/overview/")
	}
	return func(title, text string) error {
		return errors.Join(router.Send(title+"\n\n"+text, nil)...)
	}, nil
}

// started tells the dead man's switches that the run has begun.
func (t *teller) started(ctx context.Context) { t.call(ctx, "/start", "") }

// ended tells everybody how the run went, also when a signal ended it.
func (t *teller) ended(ctx context.Context, report *audit.Report, code int) (told bool) {
	ctx = context.WithoutCancel(ctx)
	told = t.call(ctx, "/"+strconv.Itoa(code), report.Summary.String()+"\n")
	if !t.calls(report, code) {
		return told
	}
	title, text := message(report, code, t.names)
	for _, send := range t.senders {
		if send(title, text) != nil {
			told = false
			fmt.Fprintln(t.m.stderr, "nightly: a notification could not be sent: check the address kept for -notify, and the network")
		}
	}
	return told
}

// calls reports whether there is occasion to notify.
func (t *teller) calls(report *audit.Report, code int) bool {
	switch t.when {
	case "always":
		return true
	case "changes":
		return report.Baseline == nil || report.Changed() || code > audit.ExitFindings
	default:
		return code != audit.ExitClean
	}
}

// call calls every dead man's switch.
func (t *teller) call(ctx context.Context, path, body string) bool {
	ok := true
	for _, address := range t.pings {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+path, strings.NewReader(body))
		if err != nil {
			ok = false
			continue
		}
		answer, err := t.client.Do(request)
		if err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
			_ = answer.Body.Close()
		}
		if err != nil || answer.StatusCode >= 300 {
			ok = false
			fmt.Fprintln(t.m.stderr, "nightly: the dead man's switch did not answer: check the address kept for -ping, and the network")
		}
	}
	return ok
}

// message says what was found, without any key's identifier, and without names
// unless they are wanted.
func message(r *audit.Report, code int, names bool) (title, text string) {
	title = "API key audit: " + map[int]string{
		audit.ExitClean: "nothing at or above the level", audit.ExitFindings: "findings", audit.ExitNotAssessed: "not everything could be assessed",
		exitUnwritten: "the report could not be written", exitStopped: "stopped before its end",
	}[code]
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n", &r.Summary)
	failed, fresh := map[string]int{}, map[string]int{}
	var worst []*audit.Result
	for _, result := range r.Results {
		for _, f := range result.Worst() {
			if f.Outcome == audit.Failed && f.Severity >= audit.High {
				failed[f.Rule]++
			}
			if f.New && f.Outcome == audit.Failed {
				fresh[f.Rule]++
			}
		}
		if w := result.Worst(); len(w) > 0 && w[0].Outcome == audit.Failed && w[0].Severity >= audit.High {
			worst = append(worst, result)
		}
	}
	for _, f := range r.Findings {
		fresh[f.Rule]++
	}
	writeCounts(&b, "Grave", failed)
	if r.Baseline != nil {
		writeCounts(&b, "New since "+stamp(r.Baseline.Started), fresh)
	}
	if names {
		const most = 20
		for i, result := range worst {
			if i == most {
				fmt.Fprintf(&b, "and %d more keys\n", len(worst)-most)
				break
			}
			fmt.Fprintf(&b, "%s (%s): %s\n", result.Name, result.Title, result.Worst()[0].Rule)
		}
	}
	return title, b.String()
}

// writeCounts writes rules with how often they failed, the most frequent first.
func writeCounts(b *strings.Builder, lead string, rules map[string]int) {
	if len(rules) == 0 {
		return
	}
	var names []string
	for rule := range rules {
		names = append(names, rule)
	}
	slices.SortFunc(names, func(x, y string) int { return cmp.Or(cmp.Compare(rules[y], rules[x]), strings.Compare(x, y)) })
	for i, rule := range names {
		names[i] = fmt.Sprintf("%s (%d)", rule, rules[rule])
	}
	fmt.Fprintf(b, "%s: %s\n", lead, strings.Join(names, ", "))
}

// fetch gets what is kept at a place.
func (m machine) fetch(place string) (string, error) {
	secret, err := inventory.Resolve(context.Background(), place, m.options())
	return secret.Reveal(), err
}
