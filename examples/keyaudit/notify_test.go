package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// token is in every URL here. It must be in no output.
const token = "T0kenOfTheWebhook4711xyz"

type hook struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string // "path body"
}

// newHook starts a service that answers with a status; with 0 it never answers.
func newHook(t *testing.T, status int, location ...string) *hook {
	t.Helper()
	h := &hook{}
	never := make(chan struct{})
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		h.requests = append(h.requests, r.URL.Path+" "+string(body))
		h.mu.Unlock()
		if status == 0 {
			<-never
			return
		}
		if len(location) > 0 {
			w.Header().Set("Location", location[0])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "echo: "+token)
	}))
	t.Cleanup(func() { close(never); h.Close() })
	return h
}

func (h *hook) received() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.requests...)
}

// chat is the service's URL as shoutrrr spells it, and ping as it is called.
func (h *hook) chat() string {
	return "generic://" + strings.TrimPrefix(h.URL, "http://") + "/" + token + "?disabletls=yes&template=json"
}
func (h *hook) ping() string { return h.URL + "/" + token }

// runNotified is a run over one key, with notifications.
func runNotified(ctx context.Context, t *testing.T, s *testbed, env map[string]string, args ...string) ran {
	t.Helper()
	keys := s.keyFile(t, s.entry("grid-secretname", "spot-trading", spotKey))
	maps.Copy(s.env, env)
	got := runWith(ctx, s.env, append([]string{"--keys", keys}, args...)...)
	assert.NotContains(t, got.stdout+got.stderr, token)
	return got
}

// TestNotification: it has counts and rules, no key's identifier, and names only
// with --notify-names.
func TestNotification(t *testing.T) {
	t.Parallel()
	for _, names := range []bool{false, true} {
		s, h := newTestbed(t), newHook(t, http.StatusOK)
		args := []string{"--notify", "env:CHAT"}
		if names {
			args = append(args, "--notify-names")
		}
		got := runNotified(t.Context(), t, s, map[string]string{"CHAT": h.chat()}, args...)
		assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
		require.Len(t, h.received(), 1)
		text := h.received()[0]
		assert.Contains(t, text, "/"+token+` {"message":"API key audit: findings\n\n1 key, findings: 1 high`)
		assert.Contains(t, text, "Severe: insecure-transport")
		assert.Equal(t, names, strings.Contains(text, "grid-secretname at Bybit: insecure-transport"))
		assert.Equal(t, names, strings.Contains(text, "grid-secretname"))
		for _, c := range s.Canaries() {
			assert.NotContains(t, text, c)
			assert.NotContains(t, text, c[:4]+"…", "no masked identifier either")
		}
	}
}

func TestNotifyWhen(t *testing.T) {
	t.Parallel()
	failed := &audit.Report{Baseline: &audit.Baseline{}, Findings: []audit.Finding{{Rule: "key-vanished", Outcome: audit.Failed}}}
	missed := &audit.Report{Baseline: &audit.Baseline{}, Summary: audit.Summary{NotInspected: 1}}
	quiet, first := &audit.Report{Baseline: &audit.Baseline{}}, &audit.Report{}
	for _, tc := range []struct {
		when   string
		report *audit.Report
		code   int
		want   bool
	}{
		{"", quiet, audit.ExitFindings, true},
		{"findings", quiet, audit.ExitNotAssessed, true},
		{"", failed, audit.ExitClean, false},
		{"changes", quiet, audit.ExitFindings, false}, // notified when it was found
		{"changes", quiet, audit.ExitNotAssessed, false},
		{"changes", quiet, exitUnwritten, true},
		{"changes", quiet, exitStopped, true},
		{"changes", missed, audit.ExitNotAssessed, true},
		{"changes", failed, audit.ExitClean, true},
		{"changes", first, audit.ExitClean, true},
		{"always", quiet, audit.ExitClean, true},
	} {
		n := &notifier{notifySettings: notifySettings{when: tc.when}}
		assert.Equal(t, tc.want, n.due(tc.report, tc.code), "%s, %d", tc.when, tc.code)
	}
}

func TestNotifyRefused(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"keyaudit: --notify-when and --notify-names: name whom to notify, by --notify PLACE\n":                                               {"--notify-names"},
		"keyaudit: --notify-when and --notify-names: name whom to notify, by --notify PLACE\n\x00":                                           {"--notify-when", "findings"},
		"keyaudit: --notify-when: for changes, name the report to compare with, by --state FILE or --since FILE\n":                           {"--notify", "env:CHAT", "--notify-when", "changes"},
		"keyaudit: --notify-when: unknown choice \"change\": did you mean \"changes\"?\n":                                                    {"--notify", "env:CHAT", "--notify-when", "change"},
		"keyaudit: --notify: the environment variable \"NONE\" is not set\nkeyaudit: --ping: the environment variable \"NONE\" is not set\n": {"--notify", "env:NONE", "--notify", "env:CHAT", "--ping", "env:NONE"},
	} {
		got := runWith(t.Context(), map[string]string{"CHAT": "slack://hook:T00000000-B00000000-XXXXXXXXXXXXXXXXXXXXXXXX@webhook"}, append([]string{"--demo"}, args...)...)
		assert.Equal(t, ran{code: audit.ExitUsage, stderr: strings.TrimSuffix(want, "\x00")}, got)
	}
}

// TestPing: the dead man's switch receives the start, and the exit code with
// counts.
func TestPing(t *testing.T) {
	t.Parallel()
	for level, code := range map[string]string{"high": "1", "critical": "0"} {
		s, h := newTestbed(t), newHook(t, http.StatusOK)
		got := runNotified(t.Context(), t, s, map[string]string{"PING": h.ping() + "/?create=1"}, "--ping", "env:PING", "--fail-on", level)
		assert.Equal(t, code, fmt.Sprint(got.code), got.stderr)
		require.Len(t, h.received(), 2)
		assert.Equal(t, "/"+token+"/start ", h.received()[0])
		assert.Regexp(t, "^/"+token+"/"+code+" 1 key, findings: 1 high[0-9a-z, ]*\n$", h.received()[1])
	}
}

// TestNotificationFails: a clean run whose notification failed does not end as a
// clean one, and the dead man's switch receives that. A run with findings keeps its
// exit code.
func TestNotificationFails(t *testing.T) {
	t.Parallel()
	for level, code := range map[string]int{"critical": exitNotNotified, "high": audit.ExitFindings} {
		s, h, broken := newTestbed(t), newHook(t, http.StatusOK), newHook(t, http.StatusInternalServerError)
		env := map[string]string{"CHAT": broken.chat(), "OK": h.chat(), "PING": h.ping()}
		got := runNotified(t.Context(), t, s, env, "--notify", "env:CHAT", "--notify", "env:OK", "--notify-when", "always", "--ping", "env:PING", "--fail-on", level)
		assert.Equal(t, code, got.code)
		assert.Equal(t, 1, strings.Count(got.stderr, "--notify: 1 notification could not be sent"), got.stderr)
		heard := h.received()
		require.Len(t, heard, 3, "one failure prevents no other notification")
		assert.Contains(t, heard[2], fmt.Sprintf("/%s/%d 1 key", token, code))

		got = runNotified(t.Context(), t, s, map[string]string{"PING": broken.ping()}, "--ping", "env:PING", "--fail-on", level)
		assert.Equal(t, code, got.code)
		assert.Equal(t, 2, strings.Count(got.stderr, "--ping: 1 dead man's switch did not answer as expected"), got.stderr)
	}
}

// TestStoppedRunIsNotified: also a run that a signal ended.
func TestStoppedRunIsNotified(t *testing.T) {
	t.Parallel()
	s, h := newTestbed(t), newHook(t, http.StatusOK)
	slow := spotKey
	slow.Faults = []exchangetest.Fault{{Delay: time.Hour}}
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		for len(s.Requests()) == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		stop()
	}()
	keys := s.keyFile(t, s.entry("slow", "spot-trading", slow))
	s.env["CHAT"], s.env["PING"] = h.chat(), h.ping()
	got := runWith(ctx, s.env, "--keys", keys, "--notify", "env:CHAT", "--ping", "env:PING")
	stop()
	assert.Equal(t, exitStopped, got.code, got.stderr)
	require.Len(t, h.received(), 3)
	assert.Contains(t, h.received()[1], `API key audit: stopped before the end\n\n1 key, findings: `)
	assert.Regexp(t, "^/"+token+"/130 1 key, findings: .*; 1 not inspected\n$", h.received()[2])
}

// TestURLsStayHidden: whatever is wrong with a URL or its service, nothing of it is
// shown, and there is one sentence.
func TestURLsStayHidden(t *testing.T) {
	t.Parallel()
	other := newHook(t, http.StatusOK)
	const refusing = "127.0.0.1:9" // nothing listens at the discard port
	for name, tc := range map[string]struct {
		url  string // of a chat, or of a dead man's switch
		want string
		code int
	}{
		"no URL":          {token, "is not of a service", audit.ExitUsage},
		"malformed":       {"slack://" + token + "%zz@x:y", "is not of a service", audit.ExitUsage},
		"line break":      {"slack://hook:\n" + token, "is not of a service", audit.ExitUsage},
		"unknown":         {"pigeon://" + token + "@nest", "is not of a service", audit.ExitUsage},
		"incomplete":      {"discord://" + token, "is not of a service", audit.ExitUsage},
		"nobody":          {"logger://" + token, "is not of a service", audit.ExitUsage},
		"bad parameter":   {"telegram://" + token + "@telegram?parsemode=" + token, "is not of a service", audit.ExitUsage},
		"refused":         {"generic://" + refusing + "/" + token + "?disabletls=yes", "could not be sent", audit.ExitFindings},
		"refused mail":    {"smtp://user:" + token + "@" + refusing + "/?from=a@example.com&to=b@example.com", "could not be sent", audit.ExitFindings},
		"refused login":   {"matrix://user:" + token + "@" + refusing + "/?disabletls=yes", "could not be sent", audit.ExitFindings},
		"no TLS":          {strings.Replace(other.chat(), "disabletls=yes", "", 1), "could not be sent", audit.ExitFindings},
		"500":             {newHook(t, http.StatusInternalServerError).chat(), "could not be sent", audit.ExitFindings},
		"404":             {newHook(t, http.StatusNotFound).chat(), "could not be sent", audit.ExitFindings},
		"redirect":        {newHook(t, http.StatusFound, other.URL).chat(), "could not be sent", audit.ExitFindings},
		"redirect 307":    {newHook(t, http.StatusTemporaryRedirect, other.URL).chat(), "could not be sent", audit.ExitFindings},
		"ping: no URL":    {"ping:" + token, "must be https", audit.ExitUsage},
		"ping: malformed": {"ping:https://x/%zz" + token, "must be https", audit.ExitUsage},
		"ping: plaintext": {"ping:http://hc.example.com/" + token, "must be https", audit.ExitUsage},
		"ping: file":      {"ping:file:///" + token, "must be https", audit.ExitUsage},
		"ping: refused":   {"ping:http://" + refusing + "/" + token, "did not answer as expected", audit.ExitFindings},
		"ping: 500":       {"ping:" + newHook(t, http.StatusInternalServerError).ping(), "did not answer as expected", audit.ExitFindings},
		"ping: redirect":  {"ping:" + newHook(t, http.StatusPermanentRedirect, other.URL).ping(), "did not answer as expected", audit.ExitFindings},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, flag := newTestbed(t), "--notify"
			secretURL, isPing := strings.CutPrefix(tc.url, "ping:")
			if isPing {
				flag = "--ping"
			}
			got := runNotified(t.Context(), t, s, map[string]string{"PLACE": secretURL}, flag, "env:PLACE")
			assert.Equal(t, tc.code, got.code, got.stderr)
			assert.Contains(t, got.stderr, "keyaudit: "+flag+": ")
			assert.Contains(t, got.stderr, tc.want)
			assert.NotContains(t, got.stderr, strings.TrimPrefix(other.URL, "http://"))
			assert.NotContains(t, got.stderr, refusing)
			if tc.code == audit.ExitUsage {
				assert.Equal(t, 1, strings.Count(got.stderr, "\n"), got.stderr)
				assert.Empty(t, s.Requests(), "nothing is sent")
			}
		})
	}
	t.Cleanup(func() { assert.Empty(t, other.received(), "no redirect is followed") })
}

// TestProcessShowsNoURL: nor do the libraries, in a process of its own.
func TestProcessShowsNoURL(t *testing.T) {
	t.Parallel()
	folder, f := t.TempDir(), newLargeFleet(3, false)
	broken, moved := newHook(t, http.StatusInternalServerError), newHook(t, http.StatusFound, "http://"+token+".example/")
	nobody := "127.0.0.1:9"
	args := []string{"--keys", f.write(t, folder), "--notify-when", "always"}
	for i, u := range []string{
		broken.chat(), moved.chat(), "generic://" + nobody + "/" + token + "?disabletls=yes", "ntfy://" + nobody + "/" + token + "?scheme=http",
		"gotify://" + nobody + "/AzyoeNS.D4iJLVa?disabletls=yes&extras={}", "mattermost://" + nobody + "/" + token + "?disabletls=yes",
		"rocketchat://" + nobody + "/" + token + "/" + token, "matrix://user:" + token + "@" + nobody + "/?disabletls=yes",
		"smtp://user:" + token + "@" + nobody + "/?from=a@example.com&to=b@example.com&skiptlsverify=yes",
	} {
		args = append(args, "--notify", "file:"+writeFile(t, filepath.Join(folder, fmt.Sprint(i)), 0o600, u))
	}
	for i, u := range []string{broken.ping(), moved.ping(), "http://" + nobody + "/" + token} {
		args = append(args, "--ping", "file:"+writeFile(t, filepath.Join(folder, fmt.Sprint("ping", i)), 0o600, u))
	}
	cmd, stderr := f.command(t, false, nil, args...)
	stdout, _ := cmd.Output()
	assert.NotEmpty(t, stdout)
	assert.NotContains(t, string(stdout)+stderr.String(), token)
	for line := range strings.Lines(stderr.String()) {
		assert.Regexp(t, "^(keyaudit: |VmHWM:)", line)
	}
	assert.Contains(t, stderr.String(), "keyaudit: --notify: 9 notifications could not be sent")
	assert.Contains(t, stderr.String(), "keyaudit: --ping: 3 dead man's switches did not answer")
}

// TestHangingService: a service that never answers does not delay the end.
func TestHangingService(t *testing.T) {
	t.Parallel()
	hangs, answers := newHook(t, 0), newHook(t, http.StatusOK)
	var stderr strings.Builder
	a := app{stderr: &stderr, env: func(name string) string {
		return map[string]string{"A": hangs.chat(), "B": answers.chat(), "C": hangs.ping(), "D": answers.ping()}[name]
	}}
	n, problems := a.notifier(t.Context(), &settings{notify: notifySettings{services: []string{"env:A", "env:B"}, pings: []string{"env:C", "env:D"}}})
	require.Empty(t, problems)
	assert.LessOrEqual(t, n.patience, 7*time.Second, "twice: the notifications, and then the pings")
	n.patience = 200 * time.Millisecond
	assert.False(t, n.ended(t.Context(), &audit.Report{}, audit.ExitFindings))
	assert.Len(t, answers.received(), 2)
	assert.Equal(t, 1, strings.Count(stderr.String(), "--notify: 1 notification could"), stderr.String())
	assert.Equal(t, 1, strings.Count(stderr.String(), "--ping: 1 dead man's switch did"), stderr.String())

	n.senders, n.urls = []sender{func(string, string) error { panic(token) }}, nil
	assert.False(t, n.ended(t.Context(), &audit.Report{}, audit.ExitFindings), "a panic of a library is a failure")
	assert.NotContains(t, stderr.String(), token)
}

// TestWhereURLsAreKept: wherever an inventory's secrets can be, and nowhere else.
func TestWhereURLsAreKept(t *testing.T) {
	t.Parallel()
	h, folder := newHook(t, http.StatusOK), t.TempDir()
	plain := writeFile(t, filepath.Join(folder, "chat"), 0o600, h.chat()+"\n")
	several := writeFile(t, filepath.Join(folder, "chats.json"), 0o600, fmt.Sprintf(`{"chats": [{"a/b": %q}]}`, h.chat()))
	env := map[string]string{"CHAT": h.chat(), "CREDENTIALS_DIRECTORY": folder, "JSON": fmt.Sprintf(`{"url": %q}`, h.chat())}
	a := app{stderr: io.Discard, env: func(name string) string { return env[name] }}
	good := []string{"env:CHAT", "env:JSON#/url", "file:" + plain, "file:" + several + "#/chats/0/a~1b", "credential:chat", `exec:["cat","` + plain + `"]`}
	n, problems := a.notifier(t.Context(), &settings{notify: notifySettings{services: good}})
	require.Empty(t, problems)
	require.Len(t, n.senders, len(good))
	assert.True(t, n.ended(t.Context(), &audit.Report{}, audit.ExitFindings))
	assert.Len(t, h.received(), len(good))
	for _, bad := range []string{
		h.chat(), h.ping(), "slack://hook:" + token + "@webhook", token, "$" + token, "", "stdin", "env:" + token, "env:A B", "file:" + filepath.Join(folder, token),
		"file:" + several + "#/" + token, `exec:["sh","-c","echo ` + token + ` >&2; exit 1"]`, `exec:["` + token + `"]`, "exec:" + token, "credential:../" + token,
		"keyring:" + token, "age:" + token, "env:JSON#/" + token,
	} {
		for _, flag := range []string{"--notify", "--ping"} {
			got := runWith(t.Context(), env, "--demo", flag, bad)
			assert.Equal(t, audit.ExitUsage, got.code, bad)
			assert.Regexp(t, `^keyaudit: `+flag+`: [^\n]+\n$`, got.stderr, bad)
			assert.NotContains(t, got.stderr, token)
			assert.Empty(t, got.stdout)
		}
	}
}

// TestServices: the URLs of common services are understood, without sending
// anything.
func TestServices(t *testing.T) {
	t.Parallel()
	for _, u := range []string{
		"slack://hook:T00000000-B00000000-XXXXXXXXXXXXXXXXXXXXXXXX@webhook", "slack://xoxb:123456789012-1234567890123-4mt0t4l1YL3g1T5L4cK70k3N@C001CH4NN3L",
		"discord://" + token + "@123456789012345678", "telegram://123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@telegram?chats=@security",
		"smtp://user:" + token + "@mail.example.com:587/?from=audit@example.com&to=security@example.com", "ntfy://ntfy.sh/" + token, "gotify://gotify.example.com/AzyoeNS.D4iJLVa",
		"pushover://shoutrrr:" + token + "@" + token, "matrix://user:" + token + "@matrix.example.com/?rooms=!room:example.com", "mattermost://mattermost.example.com/" + token,
		"generic+https://hooks.example.com/" + token, "opsgenie://api.opsgenie.com/" + token, "pagerduty://events.pagerduty.com/" + strings.Repeat("a", 32),
	} {
		_, err := newSender(u)
		assert.NoError(t, err, u)
	}
}

// TestHostileNames: nothing in a name is markup, a mention or a link to a service.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	for _, name := range hostile {
		report := &audit.Report{
			Baseline: &audit.Baseline{}, Findings: []audit.Finding{{Rule: name, Outcome: audit.Failed, Severity: audit.Critical, Message: token, New: true}},
			Results: []*audit.Result{{
				Name: name, Title: name, Exchange: name, Resolved: []string{name}, Snapshot: &access.Snapshot{Inspection: access.Inspection{KeyID: token}},
				Findings: []audit.Finding{{Rule: name, Outcome: audit.Failed, Severity: audit.Critical, Message: token, New: true}},
			}},
		}
		_, text := messageOf(report, audit.ExitFindings, true, false)
		assert.NotContains(t, text, token)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		require.Len(t, lines, 5, "%q", text)
		assert.NotRegexp(t, "[^\\pL\\pN ·…/_,:()-]", strings.Join(append(lines[1:2:2], lines[3:]...), ""))
		assert.NotContains(t, lines[4], "://")
	}
}

// TestMessageIsShort: even for a large fleet where everything fails.
func TestMessageIsShort(t *testing.T) {
	t.Parallel()
	report := &audit.Report{Baseline: &audit.Baseline{Started: time.Date(2026, 11, 21, 2, 30, 0, 0, time.UTC)}}
	for i := range 10_000 {
		var findings []audit.Finding
		for _, rule := range audit.Rules() {
			findings = append(findings, audit.Finding{Rule: rule.ID, Outcome: audit.Failed, Severity: audit.High, New: i == 9999})
		}
		report.Results = append(report.Results, &audit.Result{Name: fmt.Sprintf("bot-%05d", i), Title: "Crypto.com Exchange", Findings: findings, Snapshot: &access.Snapshot{}})
	}
	report.Recount()
	_, text := messageOf(report, audit.ExitFindings, true, false)
	assert.Less(t, len(text), 1000)
	assert.Contains(t, text, "Severe: account-state (10000), ")
	assert.Contains(t, text, "more rules\nNew since 2026-11-21 02:30 UTC: account-state, ")
	assert.Contains(t, text, "bot-09999 at Crypto·com Exchange", "what is new comes first")
	assert.Regexp(t, `\nand 99[0-9]+ more lines: see the report\n$`, text)

	_, text = messageOf(report, audit.ExitFindings, false, false)
	assert.NotContains(t, text, "bot-")
}
