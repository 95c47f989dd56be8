package audit_test

import (
	"context"
	"net/http"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// elsewhere is a probe through a fake, from an IP address that is not on the toy's
// allowlist.
func elsewhere(through http.RoundTripper) *adapter.Probe {
	return &adapter.Probe{Transport: through, Egress: "lab", IPs: []netip.Prefix{netip.MustParsePrefix("9.9.9.9/32")}}
}

func probeable(e *adapter.Exchange) { e.Probe = "/key" }

// probedToy audits a key that is restricted to 8.8.8.8, with a probe.
func probedToy(t *testing.T, own, lab http.RoundTripper, edits ...func(*audit.Key)) *audit.Result {
	t.Helper()
	key := toyKey(func(k *audit.Key) { k.Exchange, k.Probe = toyExchange(probeable), elsewhere(lab) })
	for _, edit := range edits {
		edit(&key)
	}
	result, _ := audit.Assess(t.Context(), key, &audit.Options{Transport: own})
	return result
}

func negative(r *audit.Result) *audit.Finding { return r.Finding(audit.RuleIPAllowlistNegative) }

// TestProbeNeedsGroundToStandOn: nothing is sent where the answer would mean nothing.
func TestProbeNeedsGroundToStandOn(t *testing.T) {
	t.Parallel()
	list := func(l access.IPAllowlist) func(*audit.Key) {
		return func(k *audit.Key) {
			k.Exchange.Inspect = withSnapshot(func(s *access.Snapshot) { s.IPAllowlist = l })
		}
	}
	from := func(texts ...string) func(*audit.Key) {
		return func(k *audit.Key) {
			k.Probe.IPs = nil
			for _, text := range texts {
				k.Probe.IPs = append(k.Probe.IPs, netip.MustParsePrefix(text))
			}
		}
	}
	hidden := access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Reported}
	for name, c := range map[string]struct {
		edit    func(*audit.Key)
		says    string
		outcome audit.Outcome
	}{
		"the exchange must not be probed": {func(k *audit.Key) { k.Exchange = toyExchange() }, "bans or locks", audit.Undetermined},
		"a refusal proves nothing there":  {func(k *audit.Key) { k.Exchange.RefusesIPFreely = true }, "bans or locks", audit.Undetermined},
		"another environment's call": {func(k *audit.Key) {
			k.Exchange.Calls[0].Environments = []string{"test"}
			k.Exchange.Calls = append(k.Exchange.Calls, adapter.Call{Method: http.MethodGet, Path: "/key", Why: "why", When: "asked for"})
		}, "bans or locks", audit.Undetermined},
		"a gateway":                       {func(k *audit.Key) { k.BaseURL = "https://gateway.example" }, "leads to a gateway", audit.Undetermined},
		"its own egress":                  {func(k *audit.Key) { k.Egress, k.Transport = "lab", &toyFake{} }, "asked about through this egress", audit.Undetermined},
		"no way":                          {func(k *audit.Key) { k.Probe.Transport = nil }, "asked about through this egress", audit.Undetermined},
		"no address":                      {from(), "not named", audit.Undetermined},
		"on the list":                     {from("9.9.9.9/32", "8.8.8.8/32"), "is on the key's IP allowlist", audit.Undetermined},
		"in a network with one on it":     {from("8.8.8.0/24"), "is on the key's IP allowlist", audit.Undetermined},
		"on it, in the notation of IPv6":  {from("::ffff:8.8.8.8/128"), "is on the key's IP allowlist", audit.Undetermined},
		"within a range":                  {list(access.NewIPAllowlist([]string{"9.9.0.0/16"})), "is on the key's IP allowlist", audit.Undetermined},
		"perhaps on it":                   {list(access.NewIPAllowlist([]string{"8.8.8.8", "9.**.9"})), "does not show the whole", audit.Undetermined},
		"a hidden list":                   {list(hidden), "does not show the whole", audit.Undetermined},
		"no list":                         {list(access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Reported}), "", audit.NotApplicable},
		"a list that is switched off":     {list(access.IPAllowlist{State: access.AllowlistOff, Evidence: access.Reported}), "", audit.NotApplicable},
		"a list that admits nobody":       {list(access.IPAllowlist{State: access.AllowlistDenyAll, Evidence: access.Reported, Disclosed: access.EntriesComplete}), "", audit.NotApplicable},
		"a list that can't be read":       {list(access.NewIPAllowlist([]string{"office"})), "", audit.Undetermined},
		"nothing is known of a list":      {list(access.IPAllowlist{}), "", audit.Undetermined},
		"all addresses, said restricted":  {list(access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Reported, Entries: access.NewIPAllowlist([]string{"*"}).Entries}), "", audit.Undetermined},
		"the audit was refused":           {func(k *audit.Key) { k.Exchange.Inspect = refusing(&access.Error{Kind: access.KindBadKey}) }, "", audit.Undetermined},
		"the audit's address was refused": {func(k *audit.Key) { k.Exchange.Inspect = refusing(&access.Error{Kind: access.KindIPNotAllowed}) }, "", audit.Passed},
	} {
		lab := &toyFake{}
		result := probedToy(t, &toyFake{}, lab, c.edit)
		f := negative(result)
		assert.Zero(t, lab.count(), name)
		assert.Contains(t, f.Message, c.says, name)
		if f.See == "" {
			assert.Equal(t, c.outcome, f.Outcome, "%s: %s", name, f.Message)
		}
	}
}

// TestProbeIsOneRequest: also of an adapter that would repeat it, and after refusals
// that an inspection would ask again about.
func TestProbeIsOneRequest(t *testing.T) {
	t.Parallel()
	repeats := func(k *audit.Key) {
		k.Exchange.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
			if _, err := toyInspect(ctx, s); err != nil {
				return nil, err
			}
			return toyInspect(ctx, s)
		}
	}
	lab := &toyFake{}
	assert.Equal(t, audit.Failed, negative(probedToy(t, &toyFake{}, lab, repeats)).Outcome)
	assert.Equal(t, []string{"/key"}, lab.paths())
	for word, want := range map[string]audit.Outcome{
		"ok": audit.Failed, "ip-not-allowed": audit.Passed, "clock-skew": audit.Undetermined, "unavailable": audit.Undetermined, "rate-limited": audit.Undetermined,
		"banned": audit.Undetermined, "nonce": audit.Undetermined, "ambiguous:ip-not-allowed,bad-key": audit.Undetermined, "bad-key": audit.Undetermined,
	} {
		lab := &toyFake{script: []string{word}}
		result := probedToy(t, &toyFake{}, lab)
		assert.Equal(t, want, negative(result).Outcome, "%s: %s", word, negative(result).Message)
		assert.Equal(t, []string{"/key"}, lab.paths(), word)
		assert.Equal(t, 2, result.Snapshot.Requests, word)
		assert.True(t, result.Inspected(), "%s: the probe is not the audit", word)
	}
}

// TestProbeOnlyOfItsPath: an adapter that begins with another call is not let out.
func TestProbeOnlyOfItsPath(t *testing.T) {
	t.Parallel()
	lab := &toyFake{}
	result := probedToy(t, &toyFake{}, lab, func(k *audit.Key) {
		k.Exchange.Calls = append(k.Exchange.Calls, adapter.Call{Method: http.MethodGet, Path: "/other", Why: "why"})
		k.Exchange.Probe = "/other"
	})
	assert.Zero(t, lab.count())
	assert.Equal(t, audit.Undetermined, negative(result).Outcome)
}

// TestProbeOncePerKey: a key that is listed twice is probed once and has one answer, and
// a run that watches doesn't go on probing.
func TestProbeOncePerKey(t *testing.T) {
	t.Parallel()
	lab := &toyFake{script: []string{"ip-not-allowed"}}
	exchange := toyExchange(probeable)
	keys := func(yield func(audit.Key) bool) {
		for _, name := range []string{"a", "b", "c"} {
			if !yield(toyKey(func(k *audit.Key) { k.Name, k.Exchange, k.Probe = name, exchange, elsewhere(lab) })) {
				return
			}
		}
	}
	report := audit.Collect(audit.Run(t.Context(), keys, &audit.Options{Transport: &toyFake{}}), nil)
	for _, r := range report.Results {
		assert.Equal(t, audit.Passed, negative(r).Outcome, "%s: %s", r.Name, negative(r).Message)
	}
	assert.Equal(t, 1, lab.count())
}

func TestWatchProbesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lab, audits, entry := &toyFake{script: []string{"ip-not-allowed"}}, 0, "8.8.8.8"
		key := toyKey(func(k *audit.Key) {
			k.Exchange = toyExchange(probeable, func(e *adapter.Exchange) {
				e.Inspect = withSnapshot(func(s *access.Snapshot) {
					if audits++; audits > 6 {
						entry = "8.8.4.4"
					}
					s.IPAllowlist = access.NewIPAllowlist([]string{entry})
				})
			})
			k.Probe = elsewhere(lab)
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		var outcomes []audit.Outcome
		_ = audit.Watch(ctx, key, time.Minute, &audit.Options{Transport: &toyFake{}}, func(_, after *audit.Result) {
			outcomes = append(outcomes, negative(after).Outcome)
		})
		assert.Equal(t, 1, lab.count())
		assert.Equal(t, []audit.Outcome{audit.Passed, audit.Undetermined}, outcomes, "what was proved was another list")
	})
}

// TestProbeKeepsThePace: of the exchange, at both egresses.
func TestProbeKeepsThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := adapter.Limit{Requests: 1, Per: time.Second}
		exchange := limited(limit.Requests, limit.Per)
		exchange.Probe = "/key"
		own, lab := &toyFake{}, &toyFake{}
		audit.Collect(audit.Run(t.Context(), fleet(exchange, 4, func(k *audit.Key) { k.Probe = elsewhere(lab) }), &audit.Options{Transport: own}), nil)
		require.Equal(t, 4, lab.count())
		require.Equal(t, 4, own.count())
		assertRate(t, lab.at, limit)
		assertRate(t, own.at, limit)
		assert.GreaterOrEqual(t, lab.at[0].Sub(own.at[0]), limit.Per, "the probe takes a turn of the key's own egress too")
	})
}

// TestProbeIsNotSentDuringABan: one that another key's probe found.
func TestProbeIsNotSentDuringABan(t *testing.T) {
	t.Parallel()
	exchange := toyExchange(probeable)
	lab := &toyFake{script: []string{"banned"}}
	options := &audit.Options{Transport: &toyFake{}, Concurrency: 1}
	report := audit.Collect(audit.Run(t.Context(), fleet(exchange, 3, func(k *audit.Key) { k.Probe = elsewhere(lab) }), options), nil)
	for _, r := range report.Results {
		assert.True(t, r.Inspected(), "the audit's own egress is not banned")
		assert.Equal(t, audit.Undetermined, negative(r).Outcome)
	}
	assert.Equal(t, 1, lab.count())
}

// TestProbeKeepsSecrets: what the probe got is shown without them, and it counts how it
// was sent.
func TestProbeKeepsSecrets(t *testing.T) {
	t.Parallel()
	lab := via(func(r *http.Request) (*http.Response, error) {
		resp := reply(http.StatusOK, "bad-key")
		resp.Header.Set("Date", r.URL.String())
		resp.TLS.VerifiedChains = nil
		return resp, nil
	})
	result := probedToy(t, &toyFake{}, lab, func(k *audit.Key) {
		inspect := k.Exchange.Inspect
		k.Exchange.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
			found, err := inspect(ctx, s)
			if err != nil {
				err = &access.Error{Kind: access.KindBadKey, Message: "who is " + toyID + " with " + toySecret, Code: toySecret}
			}
			return found, err
		}
	})
	text := negative(result).Message + result.Snapshot.Probe.Refusal.Error()
	assert.NotContains(t, text, toySecret)
	assert.NotContains(t, text, toyID)
	assert.Contains(t, text, "who is")
	assert.False(t, result.Snapshot.Verified)
	assert.Contains(t, result.Snapshot.Insecure, "certificate checks are off")
}

// TestProbeIsPlanned: and not where none would be sent.
func TestProbeIsPlanned(t *testing.T) {
	t.Parallel()
	key := toyKey(func(k *audit.Key) { k.Exchange, k.Probe = toyExchange(probeable), elsewhere(nil) })
	calls, err := audit.Plan(key)
	require.NoError(t, err)
	require.Len(t, calls, 3)
	assert.Equal(t, "lab", calls[2].Egress)
	assert.Equal(t, "https://api.toy.example/key", calls[2].URL)
	assert.Contains(t, calls[2].When, "restricted to IP addresses")
	key.Exchange = toyExchange()
	calls, err = audit.Plan(key)
	require.NoError(t, err)
	assert.Len(t, calls, 2)
}

// TestForgettingAProbeNeverHelps: nor anything in it.
func TestForgettingAProbeNeverHelps(t *testing.T) {
	t.Parallel()
	result := probedToy(t, &toyFake{}, &toyFake{})
	require.Equal(t, audit.Failed, negative(result).Outcome)
	for name, lose := range map[string]func(*access.Snapshot){
		"all of it":  func(s *access.Snapshot) { s.Probe = nil },
		"its answer": func(s *access.Snapshot) { s.Probe = &access.Probe{Egress: "lab"} },
		"the list":   func(s *access.Snapshot) { s.IPAllowlist = access.IPAllowlist{} },
		"both":       func(s *access.Snapshot) { s.Probe, s.IPAllowlist = nil, access.IPAllowlist{} },
	} {
		lost := *result
		lost.Snapshot = result.Snapshot.Clone()
		lose(lost.Snapshot)
		f := negative(lost.Rejudge(audit.ReadOnly(), now, nil))
		assert.NotContains(t, []audit.Outcome{audit.Passed, audit.NotApplicable}, f.Outcome, "%s: %s", name, f.Message)
		assert.Equal(t, audit.Critical, f.Severity, name)
	}
}
