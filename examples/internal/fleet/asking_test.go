package fleet

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// asking sees which worker asks which exchange. Two of one egress must not at a time, and
// from one's last request to another's first passes half of what the exchange's pace asks
// for at least: the other half is for what delays a request on its way.
type asking struct {
	egresses map[string]string
	mu       sync.Mutex
	now      map[string]map[string]int // by egress and exchange: requests of each worker
	last     map[string]lastAsked      // likewise
	overlaps []string                  // which workers, where and when
	requests map[string]int            // by worker
	asked    map[string]int            // inspections of each key, if its worker is a process
	known    map[string]bool
}

type lastAsked struct {
	worker string
	at     time.Time
}

func (a *asking) begin(worker, exchange string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.egresses[worker] + " " + exchange
	if a.now == nil {
		a.now, a.last, a.requests = map[string]map[string]int{}, map[string]lastAsked{}, map[string]int{}
	}
	if a.now[at] == nil {
		a.now[at] = map[string]int{}
	}
	a.now[at][worker]++
	a.requests[worker]++
	if was := a.last[at]; was.worker != worker && !was.at.IsZero() && time.Since(was.at) < paceOf(exchange)/2 {
		a.overlaps = append(a.overlaps, fmt.Sprintf("%s: %s %s after %s, at %s", at, worker, time.Since(was.at), was.worker, time.Now().Format(time.StampMilli)))
	}
	a.last[at] = lastAsked{worker, time.Now()}
	for other, n := range a.now[at] {
		if other != worker && n > 0 {
			a.overlaps = append(a.overlaps, fmt.Sprintf("%s: %s while %s, at %s", at, worker, other, time.Now().Format(time.StampMilli)))
		}
	}
}

// marked says with each request of which inspection it is, so that those of a key can be
// counted, however many requests each takes.
type marked struct {
	http.RoundTripper
	key, inspection string
}

const markHeader = "Fleet-Inspection" // which the fakes don't see

// load begins an inspection.
func (m *marked) load(c adapter.Credentials) func(context.Context) (adapter.Credentials, error) {
	return func(context.Context) (adapter.Credentials, error) {
		m.inspection = rand.Text() + " " + m.key
		return c, nil
	}
}

// RoundTrip sends a request with its mark.
func (m *marked) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(markHeader, m.inspection)
	return m.RoundTripper.RoundTrip(r)
}

// unmark takes the mark off a request, and counts the inspection.
func (a *asking) unmark(r *http.Request) {
	mark := r.Header.Get(markHeader)
	r.Header.Del(markHeader)
	_, key, _ := strings.Cut(mark, " ")
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil {
		a.asked, a.known = map[string]int{}, map[string]bool{}
	}
	if !a.known[mark] {
		a.known[mark] = true
		a.asked[key]++
	}
}

// again is how many inspections were not the first of their key.
func (a *asking) again() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, inspections := range a.asked {
		n += inspections - 1
	}
	return n
}

func paceOf(exchange string) time.Duration {
	e, _ := exchanges.Lookup(exchange)
	return e.Limit.Per / time.Duration(e.Limit.Requests)
}

func (a *asking) end(worker, exchange string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now[a.egresses[worker]+" "+exchange][worker]--
}

// fakeAt is the fake that a host belongs to.
func fakeAt(fakes []*exchangetest.Fake, host string) *exchangetest.Fake {
	for _, fake := range fakes {
		if slices.Contains(fake.Hosts(), host) {
			return fake
		}
	}
	return nil
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip sends a request.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// through is a worker's way to the fakes, in this process.
func (a *asking) through(worker string, fakes []*exchangetest.Fake) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		fake := fakeAt(fakes, r.URL.Host)
		a.begin(worker, fake.Name())
		defer a.end(worker, fake.Name())
		time.Sleep(5 * time.Millisecond) // so that two requests can overlap
		return fake.RoundTrip(r)
	})
}

// serve is a worker's way to the fakes, for a process of its own.
func (a *asking) serve(tb testing.TB, worker string, fakes []*exchangetest.Fake) string {
	tb.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fake := fakeAt(fakes, r.Host)
		a.unmark(r)
		a.begin(worker, fake.Name())
		defer a.end(worker, fake.Name())
		time.Sleep(5 * time.Millisecond)
		fake.ServeHTTP(w, r)
	}))
	tb.Cleanup(s.Close)
	return s.URL
}
