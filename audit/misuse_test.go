package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// meanings are what an error of Check means; exactly one is true of each.
var meanings = []error{audit.ErrInput, audit.ErrUnsafe, audit.ErrUnreachable, audit.ErrNotInspected, audit.ErrUndetermined}

func meansOnly(t *testing.T, err, want error) {
	t.Helper()
	for _, meaning := range meanings {
		assert.Equal(t, meaning == want, errors.Is(err, meaning), "%v: %v", err, meaning) //nolint:errorlint // sentinels of the list
	}
}

// misuses are mistakes of a bot's author, by what is said about each.
func misuses() map[string]func(*audit.Key) {
	year := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	return map[string]func(*audit.Key){
		"no exchange is given":                                  func(k *audit.Key) { k.Exchange = nil },
		`given: the exchange value "" is incomplete: its Val`:   func(k *audit.Key) { k.Exchange = &adapter.Exchange{} },
		`the exchange value "toy" is incomplete`:                func(k *audit.Key) { k.Exchange.Inspect = nil },
		"Toy keys have a passphrase, and none is given":         func(k *audit.Key) { k.Exchange.Needs.Passphrase = true },
		`has no environment "tset": use one of live, test`:      func(k *audit.Key) { k.Environment = "tset" },
		`the policy names the unknown capability "trade.spott"`: func(k *audit.Key) { k.Policy.Allows = []access.Capability{"trade.spott"} },
		`the policy waives the unknown rule "key- [31mage"`: func(k *audit.Key) {
			k.Policy.Waivers = append(k.Policy.Waivers, audit.Waiver{Rule: "key-\x1b[31mage", Reason: "x", Until: year})
		},
		`the policy attests the unknown rule "key- [31mage"`: func(k *audit.Key) {
			k.Policy.Attestations = append(k.Policy.Attestations, audit.Attestation{Rule: "key-\x1b[31mage", Statement: "x", By: "y", At: year, Until: year})
		},
		`the policy waives the unknown rule "ip-alowlist"`: func(k *audit.Key) {
			k.Policy.Waivers = append(k.Policy.Waivers, audit.Waiver{Rule: "ip-alowlist", Reason: "x", Until: year})
		},
		`the policy attests the unknown rule "withdrawl"`: func(k *audit.Key) {
			k.Policy.Attestations = append(k.Policy.Attestations, audit.Attestation{Rule: "withdrawl", Statement: "x", By: "y", At: year, Until: year})
		},
		`the waiver of "ip-allowlist" must say why (reason) and unt`: func(k *audit.Key) {
			k.Policy.Waivers = append(k.Policy.Waivers, audit.Waiver{Rule: "ip-allowlist", Reason: "x"})
		},
		`the attestation of "withdrawal" must say who`: func(k *audit.Key) {
			k.Policy.Attestations = append(k.Policy.Attestations, audit.Attestation{Rule: "withdrawal"})
		},
		"the policy expects an IP address or range that is none": func(k *audit.Key) {
			k.Policy.ExpectedIPs = []netip.Prefix{netip.PrefixFrom(netip.MustParseAddr("8.8.8.8"), 77)}
		},
		"the secret is empty":        func(k *audit.Key) { k.Credentials.Secret = adapter.Secret{} },
		"the base URL must be https": func(k *audit.Key) { k.BaseURL = "http://198.51.100.1" },
		"the API key is empty":       func(k *audit.Key) { k.Credentials.Key = "" },
		"the secret store is closed": func(k *audit.Key) {
			k.Load = func(context.Context) (adapter.Credentials, error) {
				return adapter.Credentials{}, &access.Error{Kind: access.KindUnavailable, Message: "the secret store is closed", RetryAfter: time.Hour}
			}
		},
	}
}

// TestMisuse: a mistake of the bot's author is never an outage, whatever the
// bot does about outages, and nothing is sent.
func TestMisuse(t *testing.T) {
	t.Parallel()
	for says, edit := range misuses() {
		fake := &toyFake{}
		key := toyKey(edit)
		err := audit.Check(t.Context(), key, &audit.Options{Transport: fake})
		meansOnly(t, err, audit.ErrInput)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "cannot be audited as given")
		assert.Zero(t, fake.count(), "something was sent: %s", says)
		result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: fake})
		meansOnly(t, err, audit.ErrInput)
		require.NotNil(t, result)
	}
}

// TestMisuseIsNeverExcused: no waiver, no attestation and no end of the caller's
// context makes a mistake anything else.
func TestMisuseIsNeverExcused(t *testing.T) {
	t.Parallel()
	late, stop := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer stop()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for says, edit := range misuses() {
		key := toyKey(excused, edit)
		options := &audit.Options{Transport: &toyFake{}, Threshold: audit.Critical}
		err := audit.Check(t.Context(), key, options)
		meansOnly(t, err, audit.ErrInput)
		require.ErrorContains(t, err, says)
		var failed *audit.CheckError
		require.ErrorAs(t, err, &failed)
		assert.Contains(t, failed.Detail(), says)
		if key.Load != nil { // then it is not loaded
			continue
		}
		for _, ctx := range []context.Context{late, canceled} {
			meansOnly(t, audit.Check(ctx, key, options), audit.ErrInput)
		}
	}
}

// excused has everything attested and every gap accepted.
func excused(k *audit.Key) {
	from, until := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	for _, rule := range audit.Rules() {
		k.Policy.Attestations = append(k.Policy.Attestations, audit.Attestation{Rule: rule.ID, Statement: "x", By: "y", At: from, Until: until})
	}
	k.Policy.Waivers = append(k.Policy.Waivers, audit.Waiver{Rule: audit.RuleNotInspected, Reason: "x", Until: until})
}

// TestTransportSetUpWrongly: what a transport says of its own setup is a mistake, and
// nothing that another attempt would fix. Of the key it has nothing to say.
func TestTransportSetUpWrongly(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		asked := 0
		transport := via(func(*http.Request) (*http.Response, error) {
			asked++
			return nil, fmt.Errorf("proxy: %w", &access.Error{Kind: kind, Message: "the proxy's URL is malformed", RetryAfter: time.Nanosecond})
		})
		err := audit.Check(t.Context(), toyKey(excused), &audit.Options{Transport: transport, Attempts: 2})
		if kind == access.KindInput {
			meansOnly(t, err, audit.ErrInput)
			require.ErrorContains(t, err, "the proxy's URL is malformed")
			assert.Equal(t, 1, asked)
			continue
		}
		require.NoError(t, err, "an outage, whatever it says, and the owner accepted that")
		assert.Equal(t, 2, asked, kind)
	}
}

// TestOwnRulesMayBeNamed: a policy may name a rule of the bot's own, and one of
// the catalogue that isn't asked.
func TestOwnRulesMayBeNamed(t *testing.T) {
	t.Parallel()
	key := toyKey(func(k *audit.Key) {
		for _, rule := range []string{"made-up", "withdrawal"} {
			k.Policy.Waivers = append(k.Policy.Waivers, audit.Waiver{Rule: rule, Reason: "x", Until: time.Now().Add(time.Hour)})
		}
	})
	require.NoError(t, audit.Check(t.Context(), key, &audit.Options{Transport: &toyFake{}, Rules: verdict(audit.Failed, audit.Critical)}))
}

// TestOutageCoversNothing: what is known to be wrong stays known while the
// exchange is down.
func TestOutageCoversNothing(t *testing.T) {
	t.Parallel()
	key := toyKey(func(k *audit.Key) {
		k.Credentials.Storage = []access.Storage{{Part: "secret", In: "file", File: "/srv/bot.env", Mode: 0o644}}
	})
	down := &toyFake{script: []string{"unavailable"}}
	err := audit.Check(t.Context(), key, &audit.Options{Transport: down, Attempts: 1})
	meansOnly(t, err, audit.ErrUnsafe)
	require.ErrorIs(t, err, access.KindUnavailable)
	require.ErrorContains(t, err, "must not be used: [high] key-file-mode")
	_, err = audit.Assess(t.Context(), key, &audit.Options{Transport: &toyFake{script: []string{"unavailable"}}, Attempts: 1})
	meansOnly(t, err, audit.ErrUnsafe)
}

func TestAssess(t *testing.T) {
	t.Parallel()
	good, err := audit.Assess(t.Context(), toyKey(), &audit.Options{Transport: &toyFake{}})
	require.NoError(t, err)
	assert.Equal(t, audit.Passed, good.Finding("withdrawal").Outcome)
	require.NoError(t, good.Err(audit.High))

	unsafe, err := audit.Assess(t.Context(), changed(grant(access.Withdraw, access.Granted)), &audit.Options{Transport: &toyFake{}})
	require.NoError(t, err, "it was inspected")
	meansOnly(t, unsafe.Err(audit.High), audit.ErrUnsafe)

	for word, want := range map[string]error{"unavailable": audit.ErrUnreachable, "bad-key": audit.ErrNotInspected, "ip-not-allowed": audit.ErrNotInspected} {
		result, err := audit.Assess(t.Context(), toyKey(), &audit.Options{Transport: &toyFake{script: []string{word}}, Attempts: 1})
		meansOnly(t, err, want)
		var failed *audit.CheckError
		require.ErrorAs(t, err, &failed)
		assert.Same(t, result, failed.Result)
		require.Len(t, failed.Reasons, 1, "what follows from the failure is no reason of its own")
		assert.Equal(t, "not-inspected", failed.Reasons[0].Rule)
	}
}

// TestDetail: every reason with what to do about it, and the page where.
func TestDetail(t *testing.T) {
	t.Parallel()
	var failed *audit.CheckError
	require.ErrorAs(t, audit.Check(t.Context(), changed(func(s *access.Snapshot) {
		grant(access.Withdraw, access.Granted)(s)
		s.IPAllowlist = access.IPAllowlist{}
	}), &audit.Options{Transport: &toyFake{}}), &failed)
	text := failed.Detail()
	assert.True(t, strings.HasPrefix(text, "Key \"bot\" at Toy must not be used.\n"), text)
	for _, f := range failed.Reasons {
		assert.Contains(t, text, f.Rule+": ")
		assert.Contains(t, text, "\n    "+f.Remedy+"\n")
	}
	assert.True(t, strings.HasSuffix(text, "\n  The key's page: https://toy.example/keys\n"), text)

	require.ErrorAs(t, audit.Check(t.Context(), toyKey(), &audit.Options{Transport: &toyFake{script: []string{"unavailable"}}, Attempts: 1}), &failed)
	assert.True(t, strings.HasPrefix(failed.Detail(), "Key \"bot\" at Toy could not be checked.\n\n  high  not-inspected: "), failed.Detail())
	assert.NotContains(t, failed.Detail(), "toy.example/keys", "nothing is wrong with the key")
}

// TestAssessOfAnAcceptedGap: a waiver accepts that the key could not be inspected,
// and Assess says so all the same.
func TestAssessOfAnAcceptedGap(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]error{"unavailable": audit.ErrUnreachable, "bad-key": audit.ErrNotInspected} {
		options := &audit.Options{Transport: &toyFake{script: []string{word, word}}, Attempts: 1}
		require.NoError(t, audit.Check(t.Context(), toyKey(excused), options))
		_, err := audit.Assess(t.Context(), toyKey(excused), options)
		meansOnly(t, err, want)
	}
}

// TestLogger: retries and clock corrections are heard of, and no secret. A key that may be a
// swapped secret goes by its fingerprint.
func TestLogger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		logger := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
		fake := &toyFake{
			script: []string{"unavailable", "clock-skew"}, header: map[string]string{"Retry-After": "2"},
			clock: func() time.Time { return time.Now().Add(-time.Minute) },
		}
		_, err := audit.Inspect(t.Context(), toyKey(), &audit.Options{Transport: fake, Logger: logger})
		require.NoError(t, err)
		assert.Contains(t, text.String(), `msg="asking again" exchange=toy environment=live key=62a232a7e38d755c attempt=2 after=2s reason=unavailable`)
		assert.Contains(t, text.String(), `msg="the timestamp was refused; using the exchange's time"`)
		assert.NotContains(t, text.String(), toySecret)
		assert.NotContains(t, text.String(), toyID)
	})
}

// TestLoggerHearsOfWaits: a key that waits for its turn says so.
func TestLoggerHearsOfWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		logger := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
		exchange := toyExchange(func(e *adapter.Exchange) { e.Limit = adapter.Limit{Requests: 1, Per: 5 * time.Second} })
		keys := func(yield func(audit.Key) bool) {
			for _, id := range []string{toyID, toyID + "2"} {
				if !yield(toyKey(func(k *audit.Key) { k.Exchange, k.Credentials.Key = exchange, id })) {
					return
				}
			}
		}
		for range audit.Run(context.Background(), keys, &audit.Options{Transport: http.RoundTripper(&toyFake{}), Logger: logger, Concurrency: 1}) {
		}
		assert.Equal(t, 1, strings.Count(text.String(), `msg="waiting for the exchange's rate limit"`), text.String())
		assert.Contains(t, text.String(), "wait=5s")
	})
}

// TestReadmeShowsTheSwitch: the lines in the README are those of the example, which
// runs.
func TestReadmeShowsTheSwitch(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(source), "\t\t// README\n")
	require.True(t, found)
	lines, _, found := strings.Cut(rest, "\t\t// end\n")
	require.True(t, found)
	assert.Contains(t, string(readme), "```go\n"+strings.ReplaceAll("\n"+lines, "\n\t\t", "\n")[1:]+"```\n")
}

// TestAttestationOfUnknownPermissions: it names the permissions, and does not hold
// once the key has another one.
func TestAttestationOfUnknownPermissions(t *testing.T) {
	t.Parallel()
	attested := func(covers ...string) audit.Policy {
		p := audit.ReadOnly()
		p.Attestations = []audit.Attestation{{
			Rule: audit.RuleUnknownPermission, Statement: "looked up", By: "y", At: now.Add(-time.Hour), Until: now.Add(time.Hour), Covers: covers,
		}}
		return p
	}
	for name, c := range map[string]struct {
		unmapped, covers []string
		outcome          audit.Outcome
	}{
		"nothing named":        {[]string{"Quotes"}, nil, audit.Undetermined},
		"the one":              {[]string{"Quotes"}, []string{"Quotes"}, audit.Passed},
		"another appeared":     {[]string{"Quotes", "Sparkle"}, []string{"Quotes"}, audit.Undetermined},
		"both":                 {[]string{"Quotes", "Sparkle"}, []string{"Sparkle", "Quotes"}, audit.Passed},
		"one that moves money": {[]string{"Quotes", "Spot.Remit.Wallet"}, []string{"Quotes", "Spot.Remit.Wallet"}, audit.Failed},
		"a code":               {[]string{"17"}, []string{"17"}, audit.Failed},
		"an empty one":         {[]string{""}, []string{""}, audit.Failed},
	} {
		s := harmless()
		s.Unmapped = c.unmapped
		for _, f := range audit.Judge(s, attested(c.covers...), now, nil) {
			if f.Rule == audit.RuleUnknownPermission {
				assert.Equal(t, c.outcome.String(), f.Outcome.String(), "%s: %s", name, f.Message)
			}
		}
	}
}

// TestLongPromises: an attestation or a waiver that runs longer than a year is a
// finding.
func TestLongPromises(t *testing.T) {
	t.Parallel()
	for days, long := range map[int]bool{30: false, 365: false, 400: true} {
		until := now.AddDate(0, 0, days)
		for _, p := range []audit.Policy{
			{Attestations: []audit.Attestation{{Rule: audit.RuleKeyExpiry, Statement: "x", By: "y", At: now, Until: until}}},
			{Waivers: []audit.Waiver{{Rule: audit.RuleKeyExpiry, Reason: "x", Until: until}}},
		} {
			s := harmless()
			s.NeverExpires = false // so that it is needed
			for _, f := range audit.Judge(s, p, now, nil) {
				if f.Rule == audit.RuleAttestation {
					assert.Equal(t, long, f.Outcome == audit.Failed, "%d days: %s", days, f.Message)
				}
			}
		}
	}
}
