package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// people are who is told about a run besides the report's readers. Their
// addresses hold tokens, so the command line says where they are kept, and no
// message of the program's shows them.
type people struct {
	notify, ping []string // references
	when         string   // one of occasions; the first if empty
	names        bool
}

// occasions say when a notification is sent.
var occasions = []string{"findings", "changes", "always"}

func (c *command) people(p *people) {
	reference := func(name string, to *[]string, text string) {
		c.flags.Func(name, text, func(place string) error { *to = append(*to, place); return nil })
	}
	reference("notify", &p.notify, "tell the chat, mailbox or webhook whose address is kept at `PLACE`, such as env:NAME (may be repeated)")
	c.oneOf("notify-when", "occasion", occasions, func(w string) { p.when = w },
		"`WHEN` to notify: findings (the exit code is not 0), changes (something changed, or a key could not be inspected) or always (default findings)")
	c.flags.BoolVar(&p.names, "notify-names", false, "name the keys in notifications, not only rules and counts")
	reference("ping", &p.ping, "call the dead man's switch whose address is kept at `PLACE`, as Healthchecks.io has it: /start at the start, and the exit code at the end (may be repeated)")
}

// teller tells people.
type teller struct {
	people
	stderr  io.Writer
	senders []sender
	pings   []*url.URL
	// patience is how long the notifications, and then the pings, may take.
	patience time.Duration
}

// people looks the addresses up, before anything is sent.
func (m machine) people(ctx context.Context, s *settings) (*teller, []string) {
	t := &teller{people: s.people, stderr: m.stderr, patience: 7 * time.Second}
	if len(s.notify)+len(s.ping) > 0 {
		refuseRedirects()
	}
	var problems []string
	switch {
	case len(s.notify) == 0 && (s.when != "" || s.names):
		problems = append(problems, "-notify-when and -notify-names: say by -notify PLACE whom to tell")
	case s.when == "changes" && s.state == "" && s.since == "":
		problems = append(problems, "-notify-when: for changes, name the report to compare with, by -state FILE or -since FILE")
	}
	look := func(flag string, places []string, take func(address string) error) {
		for _, place := range places {
			address, err := m.lookUp(ctx, place)
			if err == nil {
				err = take(address)
			}
			if err != nil {
				problems = append(problems, flag+": "+err.Error())
			}
		}
	}
	look("-notify", s.notify, func(address string) error {
		send, err := newSender(address)
		if err == nil {
			t.senders = append(t.senders, send)
		}
		return err
	})
	look("-ping", s.ping, func(address string) error {
		u, err := url.Parse(address)
		if err != nil || !private(u) {
			return errors.New("the address must be https, or http to this machine (it is not shown here)")
		}
		t.pings = append(t.pings, u)
		return nil
	})
	return t, problems
}

// lookUp fetches an address from where it is kept. Standard input is the
// inventory's.
func (m machine) lookUp(ctx context.Context, place string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	o := m.options()
	o.Stdin = nil
	address, err := inventory.Resolve(ctx, place, o)
	return address.Reveal(), err
}

// private reports whether an address can be called without showing it to
// others on the way.
func private(u *url.URL) bool {
	local := slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname())
	return u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && local)
}

// sender sends a text to one service.
type sender func(title, text string) error

var errService = errors.New("the address is not one of a service that can be notified (it is not shown here): see https://shoutrrr.nickfedor.com")

// newSender makes ready to send to a service, as shoutrrr spells its address.
func newSender(address string) (sender, error) {
	var services router.ServiceRouter
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme == "logger": // which tells nobody
		return nil, errService
	case u.Scheme == "matrix": // it logs in when it is made
	default:
		err = caught(func() error { _, err := services.Locate(address); return err })
	}
	if err != nil {
		return nil, errService
	}
	return func(title, text string) error {
		service, err := services.Locate(address)
		if err != nil {
			return err
		}
		params := types.Params{}
		if service.GetID() == "smtp" { // the others have no subject, and some refuse one
			params.SetTitle(title)
		}
		return service.Send(title+"\n\n"+text, &params)
	}, nil
}

// caught is what do returns, or an error if it panics: no report is lost to
// what a library does with an answer that it did not expect.
func caught(do func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errService
		}
	}()
	return do()
}

// refuseRedirects keeps pings and notifications from following a redirect,
// which would take the message elsewhere, and the token in the address with it
// as the Referer, or would ask without the message and be taken for success.
// shoutrrr's services take no client of ours: all but gotify, mattermost and
// ntfy, which people run themselves, send through this one.
var refuseRedirects = sync.OnceFunc(func() { http.DefaultTransport = asAddressed{http.DefaultTransport} })

// asAddressed sends a request to where it is addressed, and nowhere else, and
// bounds the answer.
type asAddressed struct{ http.RoundTripper }

// RoundTrip sends one request. A redirect is an error.
func (t asAddressed) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode/100 == 3 {
		_ = answer.Body.Close()
		return nil, errors.New("the answer is a redirect")
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, 1<<20), answer.Body}
	return answer, nil
}

// started tells the dead man's switches that the run has begun.
func (t *teller) started(ctx context.Context) { t.call(ctx, "start", "") }

// ended tells everybody how the run went, also if a signal ended it. The dead
// man's switches come last, so that they learn what the program ends with.
func (t *teller) ended(ctx context.Context, report *audit.Report, code int) (told bool) {
	ctx = context.WithoutCancel(ctx)
	told = true
	if t.occasion(report, code) {
		title, text := message(report, code, t.names)
		failed := t.attempt(ctx, len(t.senders), func(_ context.Context, i int) error { return t.senders[i](title, text) })
		told = t.report("-notify", failed, "notification", "notifications", "could not be sent")
	}
	if !told && code == audit.ExitClean {
		code = exitUntold
	}
	return t.call(ctx, strconv.Itoa(code), report.Summary.String()+"\n") && told
}

// occasion reports whether there is one to notify.
func (t *teller) occasion(report *audit.Report, code int) bool {
	switch t.when {
	case "always":
		return true
	case "changes":
		return report.Baseline == nil || report.Changed() || report.Summary.NotInspected > 0 || code >= exitUnwritten
	default:
		return code != audit.ExitClean
	}
}

// call calls every dead man's switch.
func (t *teller) call(ctx context.Context, event, body string) bool {
	failed := t.attempt(ctx, len(t.pings), func(ctx context.Context, i int) error {
		address := t.pings[i].JoinPath(event).String()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body)) //nolint:gosec // the address is the user's
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request) //nolint:gosec // likewise
		if err != nil {
			return err
		}
		defer answer.Body.Close() //nolint:errcheck // opened for reading
		_, _ = io.Copy(io.Discard, answer.Body)
		if answer.StatusCode/100 != 2 {
			return errors.New("the answer is a refusal")
		}
		return nil
	})
	return ctx.Err() != nil || t.report("-ping", failed, "dead man's switch", "dead man's switches", "did not answer as expected")
}

// attempt does something n times at once, and counts what failed or took too
// long. What still hangs then is left behind: the program is about to end. The
// errors hold addresses, so nobody sees them.
func (t *teller) attempt(ctx context.Context, n int, do func(ctx context.Context, i int) error) (failed int) {
	ctx, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	done := make(chan error, n)
	for i := range n {
		go func() { done <- caught(func() error { return do(ctx, i) }) }()
	}
	for left := n; left > 0; left-- {
		select {
		case err := <-done:
			if err != nil {
				failed++
			}
		case <-ctx.Done():
			return failed + left
		}
	}
	return failed
}

// report says how many could not be told, and whether all were.
func (t *teller) report(flag string, failed int, one, many, what string) bool {
	if failed > 0 {
		fmt.Fprintf(t.stderr, "nightly: %s: %s %s: check the address that is kept there, and the network\n", flag, count(failed, one, many), what)
	}
	return failed == 0
}

// headlines are the titles of notifications, by exit code.
var headlines = map[int]string{
	audit.ExitClean: "nothing at or above the level", audit.ExitFindings: "findings", audit.ExitNotAssessed: "not everything could be assessed",
	audit.ExitUsage: "the input was wrong, and nothing was audited",
	exitUnwritten:   "the report could not be written", exitStopped: "stopped before its end",
}

// message says in a few lines what was found: counts and rules, no key's
// identifier, and no key's name unless names are wanted.
func message(r *audit.Report, code int, names bool) (title, text string) {
	grave, fresh, resolved := tally{}, tally{}, tally{}
	var bad []*audit.Result
	for _, result := range r.Results {
		if grave.add(result.Findings, isGrave) {
			bad = append(bad, result)
		}
		fresh.add(result.Findings, isFresh)
		for _, rule := range result.Resolved {
			resolved[rule]++
		}
	}
	grave.add(r.Findings, isGrave)
	fresh.add(r.Findings, isFresh)
	lines := []string{r.Summary.String(), grave.line("Grave: ")}
	if r.Baseline != nil {
		lines = append(lines, fresh.line("New since "+stamp(r.Baseline.Started)+": "), resolved.line("Resolved: "))
	}
	if names {
		slices.SortStableFunc(bad, func(a, b *audit.Result) int { return cmp.Compare(isNew(a), isNew(b)) })
		for _, result := range bad {
			own := tally{}
			own.add(result.Findings, isGrave)
			lines = append(lines, plain(result.Name)+" at "+plain(result.Title)+own.line(": "))
		}
	}
	return "API key audit: " + headlines[code], clipped(lines)
}

func isGrave(f *audit.Finding) bool {
	return f.Outcome == audit.Failed && f.Severity >= audit.High && f.Waived == ""
}

func isFresh(f *audit.Finding) bool { return f.New && f.Outcome == audit.Failed && f.Waived == "" }

// isNew is 0 for a key of which something is new, and 1 otherwise.
func isNew(r *audit.Result) int {
	if r.Changed() {
		return 0
	}
	return 1
}

// tally counts findings by rule.
type tally map[string]int

// add counts the findings that are such, and reports whether any was.
func (t tally) add(findings []audit.Finding, such func(*audit.Finding) bool) (found bool) {
	for i := range findings {
		if such(&findings[i]) {
			t[findings[i].Rule]++
			found = true
		}
	}
	return found
}

// line lists the rules, the most frequent first; it is empty if there are none.
func (t tally) line(lead string) string {
	const most = 6
	rules := slices.SortedFunc(maps.Keys(t), func(a, b string) int { return cmp.Or(cmp.Compare(t[b], t[a]), strings.Compare(a, b)) })
	var parts []string
	for i, rule := range rules {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more rules", len(rules)-most))
			break
		}
		part := plain(rule)
		if t[rule] > 1 {
			part += fmt.Sprintf(" (%d)", t[rule])
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return ""
	}
	return lead + strings.Join(parts, ", ")
}

// clipped joins lines, leaving out the empty ones, to what the tersest of the
// services takes whole.
func clipped(lines []string) string {
	const most = 900 // bytes
	var b strings.Builder
	for i, line := range lines {
		if line == "" {
			continue
		}
		if b.Len()+len(line) > most {
			fmt.Fprintf(&b, "and %s: see the report\n", count(len(lines)-i, "more line", "more lines"))
			break
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// plain is a name without anything that a chat, a mail program or a terminal
// acts upon: mentions, links, markup, line breaks. Who names a bot's key is not
// always who reads of it.
func plain(name string) string {
	const most = 60 // letters
	letters := []rune(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" -_/", r) {
			return r
		}
		return '·'
	}, name))
	if len(letters) > most {
		letters = append(letters[:most-1], '…')
	}
	return string(letters)
}
