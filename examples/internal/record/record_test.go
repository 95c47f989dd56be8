package record_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/record"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// now is the time of the recordings.
var now = time.Date(2026, time.October, 9, 15, 27, 31, 0, time.UTC)

func clock() time.Time { return now }

const day = 24 * time.Hour

// owner is an account whose every value is recognised wherever it stands.
func owner() exchangetest.Spec {
	return exchangetest.Spec{
		Label: "Quixote-Zanzibar 44170926", IPs: []string{"185.199.108.153", "91.198.174.0/24", "2a04:4e42:600::223"},
		Created: now.Add(-61 * day), Changed: now.Add(-33*day - time.Hour), LastUsed: now.Add(-5 * time.Hour), Expires: now.Add(47*day + time.Minute),
	}
}

// originals are what no case may hold of an owner.
var originals = []string{
	"quixote", "zanzibar", "44170926", "185.199.108", "91.198.174", "2a04:4e42", "rosinante", "2026-08-09", "2026-09-06", "2026-11-25", "1786289251", "1788704851", "1791541651", "1795620511",
}

// eachExchange runs a test for every exchange, with what is public there.
func eachExchange(t *testing.T, test func(t *testing.T, e *adapter.Exchange, fresh func() *exchangetest.Fake, public *record.Public)) {
	t.Helper()
	for _, e := range exchanges.All() {
		if only := os.Getenv("ONLY"); only != "" && only != e.Name {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(t, e, func() *exchangetest.Fake { return fakeOf(t, e.Name) }, publicOf(t, e))
		})
	}
}

// fakeOf is a fake with an account of which nothing else knows.
func fakeOf(t *testing.T, name string) *exchangetest.Fake {
	t.Helper()
	for _, f := range exchangetest.All() {
		if f.Name() == name {
			f.SetAccount(7)
			f.SetClock(clock)
			f.SetCaller(netip.MustParseAddr("185.199.108.153"))
			return f
		}
	}
	t.Fatalf("there is no fake of %s", name)
	return nil
}

var learned sync.Map

// publicOf learns what is public once for all tests.
func publicOf(t *testing.T, e *adapter.Exchange) *record.Public {
	t.Helper()
	once, _ := learned.LoadOrStore(e.Name, sync.OnceValue(func() *record.Public {
		return record.Learn(context.Background(), e, func() *exchangetest.Fake {
			for _, f := range exchangetest.All() {
				if f.Name() == e.Name {
					return f
				}
			}
			return nil
		}, exchanges.Documented(e.Name))
	}))
	return once.(func() *record.Public)() //nolint:forcetypeassert // see above
}

// recorded audits a key of the fake, and makes a case of it.
func recorded(t *testing.T, e *adapter.Exchange, fake *exchangetest.Fake, via http.RoundTripper, public *record.Public, spec exchangetest.Spec) (*record.Recording, *record.Made) {
	t.Helper()
	unpaced := *e
	unpaced.Limit = adapter.Limit{Requests: 1e6, Per: time.Second}
	r := record.Audit(t.Context(), audit.Key{Exchange: &unpaced, Credentials: fake.Issue(spec)}, audit.Options{Transport: via, Clock: clock})
	made, err := r.Make(t.Context(), public)
	require.NoError(t, err, "%+v", spec)
	return r, made
}

// losesNothing demands that the adapter reads the same in a case.
func losesNothing(t *testing.T, made *record.Made, about any) {
	t.Helper()
	assert.Empty(t, made.Lost, "%+v", about)
}

// holdsNothing demands that a case holds nothing of its owner's.
func holdsNothing(t *testing.T, text string, fake *exchangetest.Fake, planted []string) {
	t.Helper()
	small := strings.ToLower(text)
	for _, original := range planted {
		if strings.Contains(small, strings.ToLower(original)) {
			at := strings.Index(small, strings.ToLower(original))
			t.Errorf("the case holds %q: %s", original, text[max(0, at-60):min(len(text), at+60)])
		}
	}
	assert.Empty(t, exchangetest.FindCanaries(text, append(fake.Canaries(), planted...)))
}

// replays demands that a case's own text gives its snapshot.
func replays(t *testing.T, e *adapter.Exchange, text []byte) {
	t.Helper()
	var c exchangetest.Case
	require.NoError(t, json.Unmarshal(text, &c))
	again, err := json.Marshal(c.Inspect(t.Context(), e))
	require.NoError(t, err)
	assert.JSONEq(t, string(c.Snapshot), string(again))
}

// TestEveryExchange: the case of every kind of key replays to the snapshot of the audit,
// but for what is made up in it, and holds nothing of the owner's.
func TestEveryExchange(t *testing.T) {
	t.Parallel()
	eachExchange(t, func(t *testing.T, e *adapter.Exchange, fresh func() *exchangetest.Fake, public *record.Public) {
		t.Helper()
		sets := [][]string{nil, {}}
		for i, r := range fresh().Rights() {
			if sets[0] = append(sets[0], r.Name); i < 4 {
				sets = append(sets, []string{r.Name})
			}
		}
		for i, permissions := range sets {
			for _, kind := range e.Needs.Kinds {
				fake := fresh()
				fake.Issue(exchangetest.Spec{Label: "Rosinante", IPs: []string{"91.198.174.5"}, Permissions: permissions, Created: now.Add(-9 * day)})
				spec := owner()
				spec.Permissions, spec.Kind, spec.SubAccount = permissions, kind, i%2 == 1
				if i%3 == 2 {
					spec.IPs, spec.Expires, spec.Created = nil, time.Time{}, now.Add(-61*day).Truncate(day)
				}
				r, made := recorded(t, e, fake, fake, public, spec)
				assert.Len(t, fake.Requests(), r.Snapshot.Requests, "nothing more is sent than by an audit")
				losesNothing(t, made, spec)
				holdsNothing(t, string(made.Text), fake, originals)
				replays(t, e, made.Text)
			}
		}
	})
}

// TestEveryRefusal: a documented refusal stays one, with its code.
func TestEveryRefusal(t *testing.T) {
	t.Parallel()
	eachExchange(t, func(t *testing.T, e *adapter.Exchange, fresh func() *exchangetest.Fake, public *record.Public) {
		t.Helper()
		for _, name := range fresh().Failures() {
			fake, spec := fresh(), owner()
			spec.Faults = []exchangetest.Fault{{Failure: name, Times: -1}}
			_, made := recorded(t, e, fake, fake, public, spec)
			losesNothing(t, made, name)
			holdsNothing(t, string(made.Text), fake, originals)
			replays(t, e, made.Text)
		}
	})
}

// TestDocumentedAnswers: what the exchange's documentation shows survives.
func TestDocumentedAnswers(t *testing.T) {
	t.Parallel()
	eachExchange(t, func(t *testing.T, e *adapter.Exchange, fresh func() *exchangetest.Fake, public *record.Public) {
		t.Helper()
		samples := exchanges.Documented(e.Name)
		require.NotEmpty(t, samples)
		for _, body := range samples {
			fake := fresh()
			_, made := recorded(t, e, fake, fake, public, exchangetest.Spec{Answer: bytes.TrimSpace(body)})
			losesNothing(t, made, string(body))
			replays(t, e, made.Text)
		}
	})
}

// TestLabelOfPublicWords: that a label is made of words of the exchange's own leaks nothing
// less.
func TestLabelOfPublicWords(t *testing.T) {
	t.Parallel()
	eachExchange(t, func(t *testing.T, e *adapter.Exchange, fresh func() *exchangetest.Fake, public *record.Public) {
		t.Helper()
		fake, spec := fresh(), owner()
		spec.Label = "main account withdraw permission"
		_, made := recorded(t, e, fake, fake, public, spec)
		assert.NotContains(t, string(made.Text), spec.Label)
		losesNothing(t, made, spec)
	})
}

// TestRandomKeys: with any label, IP addresses, dates and rights, known or not, and among
// other keys of the account.
func TestRandomKeys(t *testing.T) {
	t.Parallel()
	labels := []string{"", "Зайцев quirbel", "quirbel@firm.example", `{"x":"quirbel"}`, "日本 quirbel", "<b>quirbel</b>", "quirbel 12345678"}
	ips := []string{"8.8.8.0/24", "2a04:4e42:600::/48", "0.0.0.0/0", "10.1.2.3", "192.168.77.0/24", "203.0.113.99", "2001:4860:4860::8888", "91.198.174.3"}
	eachExchange(t, func(t *testing.T, e *adapter.Exchange, fresh func() *exchangetest.Fake, public *record.Public) {
		t.Helper()
		r := rand.New(rand.NewPCG(7, uint64(len(e.Title)))) // the same in every run
		for range 3 {
			fake := fresh()
			s := exchangetest.Spec{Label: labels[r.IntN(len(labels))], SubAccount: r.IntN(2) == 0, Disabled: r.IntN(6) == 0}
			for _, right := range fake.Rights() {
				if r.IntN(3) == 0 {
					s.Permissions = append(s.Permissions, right.Name)
				}
			}
			if r.IntN(3) == 0 {
				s.Permissions = append(s.Permissions, "Wobbleflux", "enableWobbleflux")
			}
			for range r.IntN(3) {
				s.IPs = append(s.IPs, ips[r.IntN(len(ips))], "185.199.108.153")
				fake.Issue(exchangetest.Spec{Label: "another quirbel", SubAccount: r.IntN(2) == 0, IPs: []string{"8.8.8.8"}})
			}
			if r.IntN(2) == 0 {
				s.Created, s.LastUsed = now.Add(-time.Duration(r.IntN(3000))*time.Hour), now.Add(-time.Duration(r.IntN(9000))*time.Second)
				s.Expires = now.Add(time.Duration(r.IntN(9000)-1000) * time.Hour)
			}
			_, made := recorded(t, e, fake, fake, public, s)
			losesNothing(t, made, s)
			holdsNothing(t, string(made.Text), fake, []string{
				"quirbel", "Зайцев", "日本", "firm.example", "12345678", "185.199.108", "8.8.8.0", "2a04:4e42", "192.168.77.", "2001:4860", "10.1.2.3", "203.0.113.99", "91.198.174", "wobbleflux",
			})
			replays(t, e, made.Text)
		}
	})
}
