package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// notifySettings say who hears of a run besides the readers of its reports. The
// URLs hold tokens, so the command line only says where they are kept, and no
// message of the program shows them.
type notifySettings struct {
	services, pings []string // references to URLs
	when            string   // one of notifyWhen; the first if empty
	names           bool
}

// notifyWhen are the choices of --notify-when.
var notifyWhen = []string{"findings", "changes", "always"}

// notify are the flags about notifications.
func (c *command) notify(n *notifySettings) {
	c.list(&n.services, "notify",
		"notify the chat, mailbox or webhook whose URL is kept at PLACE, such as env:NAME (may be repeated)")
	c.oneOf("notify-when", "choice", notifyWhen, func(w string) { n.when = w },
		"WHEN to notify: findings (the exit code is not 0), changes (something changed, or a key could not be inspected) "+
			"or always (default findings)")
	c.Flags().BoolVar(&n.names, "notify-names", false, "name the keys in notifications, not only rules and counts")
	c.list(&n.pings, "ping",
		"call the dead man's switch whose URL is kept at PLACE, with the paths of Healthchecks.io: "+
			"/start at the start and /EXITCODE at the end (may be repeated)")
}

// notifier sends notifications and pings.
type notifier struct {
	notifySettings
	stderr  io.Writer
	doubt   bool // the state is in doubt, which is told however little has changed
	senders []sender
	news    news
	urls    []*url.URL // of the dead man's switches
	// patience is how long the notifications, and then the pings, may take.
	patience time.Duration
}

// notifier fetches the URLs, before anything is sent.
func (a app) notifier(ctx context.Context, s *settings) (*notifier, []string) {
	n := &notifier{notifySettings: s.notify, stderr: a.stderr, patience: 7 * time.Second}
	if s.dryRun { // which fetches nothing and notifies nobody
		a.readsReferences(ctx, slices.Concat(n.services, n.pings))
		return &notifier{}, nil
	}
	if len(n.services)+len(n.pings) > 0 {
		refuseRedirects()
	}
	problems := n.problems(s)
	fetch := func(flag string, places []string, take func(secretURL string) error) {
		for _, place := range places {
			secretURL, err := a.fetchURL(ctx, place)
			if err == nil {
				err = take(secretURL)
			}
			if err != nil {
				problems = append(problems, flag+": "+err.Error())
			}
		}
	}
	fetch("--notify", n.services, func(secretURL string) error {
		send, err := newSender(secretURL)
		if err == nil {
			n.senders = append(n.senders, send)
		}
		return err
	})
	fetch("--ping", n.pings, func(secretURL string) error {
		u, err := url.Parse(secretURL)
		switch {
		case err != nil || !private(u):
			return errPing
		case s.demo:
			return errDemoPing
		}
		n.urls = append(n.urls, u)
		return nil
	})
	return n, problems
}

// problems are what is wrong with the flags about notifications.
func (n *notifier) problems(s *settings) []string {
	switch {
	case len(n.services) == 0 && (n.when != "" || n.names):
		return []string{"--notify-when and --notify-names: name whom to notify, by --notify PLACE"}
	case n.when == "changes" && s.state == "" && s.since == "":
		return []string{"--notify-when: for changes, name the report to compare with, by --state FILE or --since FILE"}
	default:
		return nil
	}
}

// fetchURL fetches a URL from where it is kept. Standard input is the
// inventory's.
func (a app) fetchURL(ctx context.Context, place string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	o := a.options()
	o.Stdin = nil
	secretURL, err := inventory.Resolve(ctx, place, o)
	return secretURL.Reveal(), err
}

// readsReferences notes the files that URLs are kept in.
func (a app) readsReferences(ctx context.Context, places []string) {
	o := a.options()
	o.Offline = true
	for _, place := range places {
		_, _ = inventory.Resolve(ctx, place, o) // an error is for the run itself
	}
}

// private reports whether a URL can be called without showing it to others on
// the way.
func private(u *url.URL) bool {
	local := slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname())
	return u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && local)
}

// sender sends a text to one service.
type sender func(title, text string) error

var (
	errService = errors.New("the URL (not shown) is not of a service that can be notified: " +
		"use a webhook of Slack, Discord or Teams, or write it as https://shoutrrr.nickfedor.com describes")
	errPing     = errors.New("the URL (not shown) must be https, or http to this host")
	errDemoPing = errors.New("a demonstration must not report to a dead man's switch: leave --ping out")
	errPanic    = errors.New("the library panicked")
)

// newSender prepares to send to a service whose URL is spelled as shoutrrr
// spells it, or to a webhook of a common chat.
func newSender(secretURL string) (sender, error) {
	var services router.ServiceRouter
	serviceURL := serviceURL(secretURL)
	u, err := url.Parse(serviceURL)
	switch {
	case err != nil || u.Scheme == "logger": // which notifies nobody
		return nil, errService
	case isWorkflow(u):
		return workflow(secretURL), nil
	case u.Scheme == "matrix": // its constructor logs in, so it is called later
	default:
		err = caught(func() error { _, err := services.Locate(serviceURL); return err })
	}
	if err != nil {
		return nil, errService
	}
	return func(title, text string) error {
		service, err := services.Locate(serviceURL)
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

// caught is what do returns, or an error if it panics: a library that cannot
// handle an answer must not cost the report.
func caught(do func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return do()
}

// refuseRedirects keeps pings and notifications from following a redirect: it
// would take the message elsewhere, with the token of the URL as the Referer, or
// ask without the message and pass for success. shoutrrr's services take no
// client of ours. All but gotify, mattermost and ntfy, which people host
// themselves, send through this one.
var refuseRedirects = sync.OnceFunc(func() { http.DefaultTransport = noRedirects{http.DefaultTransport} })

// noRedirects is a transport that refuses redirects and bounds the answer.
type noRedirects struct{ http.RoundTripper }

// RoundTrip sends one request. A redirect is an error.
func (t noRedirects) RoundTrip(r *http.Request) (*http.Response, error) {
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

// started reports to the dead man's switches that the run has begun.
func (n *notifier) started(ctx context.Context) { n.ping(ctx, "start", "") }

// ended reports to everybody how the run went, even if a signal ended it. The
// dead man's switches come last, so that they receive the final exit code.
func (n *notifier) ended(ctx context.Context, report *audit.Report, code int) (ok bool) {
	ctx = context.WithoutCancel(ctx)
	ok = true
	if n.due(report, code) {
		title, text := n.news.message(report, code)
		if n.doubt {
			text = "The state is not the one that the previous run left: see the messages of the run.\n" + text
		}
		failed := n.attempt(ctx, len(n.senders), func(_ context.Context, i int) error { return n.senders[i](title, text) })
		ok = n.check("--notify", failed, "notification", "notifications", "could not be sent")
	}
	if !ok && code == audit.ExitClean {
		code = exitNotNotified
	}
	return n.ping(ctx, strconv.Itoa(code), report.Summary.String()+"\n") && ok
}

// start is told what is known of a report before its results.
func (n *notifier) start(r *audit.Report) {
	n.news = news{names: n.names, changesOnly: n.when == "changes" && r.Baseline != nil}
}

// result is told each result of it.
func (n *notifier) result(r *audit.Result) {
	if len(n.senders) > 0 {
		n.news.add(r)
	}
}

// due reports whether a run with this report and exit code is to be notified.
func (n *notifier) due(report *audit.Report, code int) bool {
	switch n.when {
	case "always":
		return true
	case "changes":
		return n.doubt || report.Baseline == nil || n.news.since(report) || report.Summary.NotInspected > 0 || code >= exitUnwritten
	default:
		return code != audit.ExitClean
	}
}

// ping calls every dead man's switch, and reports whether all answered.
func (n *notifier) ping(ctx context.Context, event, body string) bool {
	failed := n.attempt(ctx, len(n.urls), func(ctx context.Context, i int) error {
		at := n.urls[i].JoinPath(event).String()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(body))
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
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
	return ctx.Err() != nil ||
		n.check("--ping", failed, "dead man's switch", "dead man's switches", "did not answer as expected")
}

// attempt does something several times at once, and returns how many failed or took
// too long. What still hangs then is left behind: the program is about to end.
// The errors hold URLs, so they are shown to nobody.
func (n *notifier) attempt(ctx context.Context, times int, do func(ctx context.Context, i int) error) (failed int) {
	ctx, cancel := context.WithTimeout(ctx, n.patience)
	defer cancel()
	done := make(chan error, times)
	for i := range times {
		go func() { done <- caught(func() error { return do(ctx, i) }) }()
	}
	for left := times; left > 0; left-- {
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

// check says how many failed, and reports whether none did.
func (n *notifier) check(flag string, failed int, one, many, what string) bool {
	if failed > 0 {
		fmt.Fprintf(n.stderr, "keyaudit: %s: %s %s: check the URL that is kept there, and the network\n",
			flag, count(failed, one, many), what)
	}
	return failed == 0
}
