package exchanges_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

var (
	homeIP    = netip.MustParseAddr("198.51.100.20")
	outsideIP = netip.MustParseAddr("192.0.2.99")
)

// outside is an egress to a fake exchange: its requests come from another IP address.
type outside struct {
	fake   *exchangetest.Fake
	from   netip.Addr
	faults []exchangetest.Fault
	sent   []string
}

func (o *outside) RoundTrip(r *http.Request) (*http.Response, error) {
	o.sent = append(o.sent, r.Method+" https://"+r.URL.Host+r.URL.Path)
	o.fake.SetCaller(o.from)
	defer o.fake.SetCaller(homeIP)
	o.fake.Inject(o.faults...)
	return o.fake.RoundTrip(r)
}

// probed audits a key that is restricted to the audit's IP address, with a probe from
// outside, and returns what was found and the plan of it.
func probed(t *testing.T, e *adapter.Exchange, o *outside, edits ...func(*audit.Key)) (*audit.Result, []adapter.PlannedCall) {
	t.Helper()
	spec := exchangetest.Spec{IPs: []string{homeIP.String()}}
	key := audit.Key{
		Name: "bot", Exchange: e, Credentials: o.fake.Issue(spec), Policy: audit.ReadOnly(),
		Probe: &adapter.Probe{Transport: o, Egress: "elsewhere", IPs: []netip.Prefix{netip.PrefixFrom(outsideIP, 32)}},
	}
	for _, edit := range edits {
		edit(&key)
	}
	plan, err := audit.Plan(key)
	require.NoError(t, err, e.Name)
	result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: o.fake})
	require.NoError(t, err, e.Name)
	return result, plan
}

func probing() (with, without []*adapter.Exchange) {
	for _, e := range exchanges.All() {
		if e.Probe != "" {
			with = append(with, e)
		} else {
			without = append(without, e)
		}
	}
	return with, without
}

// TestProbeProves: of a list that is enforced, by one request more, which is the plan's
// last.
func TestProbeProves(t *testing.T) {
	t.Parallel()
	with, _ := probing()
	require.Len(t, with, 5)
	for _, e := range with {
		o := &outside{fake: fakeOf(t, e.Name), from: outsideIP}
		result, plan := probed(t, e, o)
		f := result.Finding(audit.RuleIPAllowlistNegative)
		assert.Equal(t, audit.Passed, f.Outcome, "%s: %s", e.Name, f.Message)
		assert.Equal(t, access.Refused, f.Evidence, e.Name)
		assert.Contains(t, f.Message, "Proved: ", e.Name)
		last := plan[len(plan)-1]
		assert.Equal(t, []string{last.Method + " " + last.URL}, o.sent, e.Name)
		assert.Equal(t, "elsewhere", last.Egress, e.Name)
		assert.Len(t, o.fake.Requests(), result.Snapshot.Requests, "%s: every request is counted", e.Name)
		for _, call := range plan[:len(plan)-1] {
			assert.Empty(t, call.Egress, e.Name)
		}
	}
}

// TestProbeIsAnswered: where the list is not enforced. The exchange is asked nothing
// more, also by adapters that would go on.
func TestProbeIsAnswered(t *testing.T) {
	t.Parallel()
	with, _ := probing()
	for _, e := range with {
		o := &outside{fake: fakeOf(t, e.Name), from: homeIP}
		result, _ := probed(t, e, o)
		f := result.Finding(audit.RuleIPAllowlistNegative)
		assert.Equal(t, audit.Failed, f.Outcome, "%s: %s", e.Name, f.Message)
		assert.Equal(t, audit.Critical, f.Severity, e.Name)
		assert.Len(t, o.sent, 1, e.Name)
		assert.True(t, strings.HasSuffix(o.sent[0], e.Probe), e.Name)
	}
}

// TestProbeShowsNothing: whatever else comes of it proves nothing, and is not asked for
// again.
func TestProbeShowsNothing(t *testing.T) {
	t.Parallel()
	with, _ := probing()
	for _, e := range with {
		faults := map[string]exchangetest.Fault{
			"blocked": {Reply: exchangetest.HTML(http.StatusForbidden)}, "down": {Reply: exchangetest.HTML(http.StatusBadGateway)},
			"slow down": {Reply: exchangetest.RateLimited("2")}, "banned": {Reply: exchangetest.HTML(http.StatusTeapot)},
			"dropped": {Drop: true}, "late": {Delay: time.Hour}, "cut": {Truncate: 5}, "redirect": {Redirect: "https://example.com/"},
			"empty": {Reply: &exchangetest.Reply{Status: http.StatusOK}},
		}
		for _, name := range fakeOf(t, e.Name).Failures() {
			faults[name] = exchangetest.Fault{Failure: name}
		}
		for name, fault := range faults {
			synctest.Test(t, func(t *testing.T) {
				fault.Times = -1
				o := &outside{fake: fakeOf(t, e.Name), from: homeIP, faults: []exchangetest.Fault{fault}}
				result, _ := probed(t, e, o)
				f := result.Finding(audit.RuleIPAllowlistNegative)
				if f.Outcome == audit.Passed {
					assert.Equal(t, access.KindIPNotAllowed, result.Snapshot.Probe.Refusal.Kind, "%s: %s", e.Name, name)
				} else {
					assert.Equal(t, audit.Undetermined, f.Outcome, "%s: %s: %s", e.Name, name, f.Message)
					assert.Equal(t, audit.Critical, f.Severity, "%s: %s", e.Name, name)
					assert.NotEmpty(t, f.Remedy)
				}
				assert.Len(t, o.sent, 1, "%s: %s: %s", e.Name, name, f.Message)
			})
		}
	}
}

// TestProbeIsNotSent: where it might harm or mislead.
func TestProbeIsNotSent(t *testing.T) {
	t.Parallel()
	_, without := probing()
	for _, e := range without {
		fake := fakeOf(t, e.Name)
		o := &outside{fake: fake, from: outsideIP}
		result, plan := probed(t, e, o)
		assert.Empty(t, o.sent, e.Name)
		assert.NotEqual(t, audit.Passed, result.Finding(audit.RuleIPAllowlistNegative).Outcome, e.Name)
		assert.NotEmpty(t, result.Snapshot.Probe.Skipped, e.Name)
		for _, call := range plan {
			assert.Empty(t, call.Egress, e.Name)
		}
	}
}
