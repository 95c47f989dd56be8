package exchangetest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Conform checks every property that an adapter must have, each as a subtest of
// its own, against a fake of its exchange: fake returns a fresh one on each call.
// Call it from a test in the adapter's folder: it reads testdata/answers/*.json
// there, which are answers as the exchange documents them, and compares with
// testdata/request.golden and testdata/answers/*.golden. UPDATE_GOLDEN=1 in
// the environment writes the golden files.
//
// While it runs, http.DefaultTransport refuses every request: do not run it in
// parallel with tests that need that.
func Conform(t *testing.T, e *adapter.Exchange, fake func() *Fake) {
	t.Helper()
	for i, p := range properties {
		complete := t.Run(p.name, func(t *testing.T) {
			found := problems(t, e, fake, p, "testdata")
			for _, problem := range found {
				t.Error(problem)
			}
			if len(found) > 0 {
				t.Logf("%s: %s", p.name, p.why)
			}
		})
		if i == 0 && !complete {
			return // an incomplete fake has nothing to say about the adapter
		}
	}
}

// property is one thing that must be true of every adapter and its fake.
type property struct {
	name, why string
	check     func(*trial)
}

// properties are checked in this order: the fake must be complete, and agree with
// the exchange's documentation, before it may judge the adapter.
var properties = slices.Concat(fakeProperties, requestProperties, answerProperties, hostileProperties, failureProperties, refusalProperties, conductProperties, signerProperties)

// trial is one property being checked. It collects what is wrong instead of
// failing a test, so that the suite itself can be tested.
type trial struct {
	t        *testing.T // for bubbles only
	exchange *adapter.Exchange
	fresh    func() *Fake
	dir      string // of the golden files
	bypass   *refusing
	problems []string
}

// problems checks one property and returns what is wrong.
func problems(t *testing.T, e *adapter.Exchange, fake func() *Fake, p property, dir string) []string {
	t.Helper()
	c := &trial{t: t, exchange: e, fresh: fake, dir: dir, bypass: &refusing{}}
	real := http.DefaultTransport
	http.DefaultTransport = c.bypass
	defer func() { http.DefaultTransport = real }()
	if err := fake().def.Validate(); err != nil && p.name != properties[0].name {
		c.Errorf("the fake is incomplete; see the property %q", properties[0].name)
		return c.problems
	}
	p.check(c)
	const most = 25
	if n := len(c.problems); n > most {
		return append(c.problems[:most:most], fmt.Sprintf("and %d more", n-most))
	}
	return c.problems
}

// Errorf records a problem, once.
func (c *trial) Errorf(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.problems, text) {
		c.problems = append(c.problems, text)
	}
}

// golden compares got with a golden file, or writes the file.
func (c *trial) golden(name string, got []byte) {
	path := filepath.Join(c.dir, filepath.FromSlash(name))
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			c.Errorf("%s cannot be written: %v", name, err)
		}
		return
	}
	want, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.Errorf("%s is missing: write it with UPDATE_GOLDEN=1 and review it. It would hold:\n%s", name, got)
	case err != nil:
		c.Errorf("%s cannot be read: %v", name, err)
	case !bytes.Equal(want, got):
		c.Errorf("%s differs.\n%s", name, differing(string(want), string(got)))
	}
}

// differing shows the lines that only one of two texts has.
func differing(want, got string) string {
	var b strings.Builder
	only := func(mark, text, other string) {
		others := strings.Split(other, "\n")
		for line := range strings.SplitSeq(text, "\n") {
			if !slices.Contains(others, line) {
				fmt.Fprintf(&b, "%s %s\n", mark, line)
			}
		}
	}
	only("- want", want, got)
	only("+ got ", got, want)
	if b.Len() == 0 {
		return "The same lines in another order."
	}
	return b.String()
}

// fixture is an answer of the introspection call as the exchange documents it.
type fixture struct {
	name string
	body []byte
}

// fixtures reads the adapter's documented answers.
func (c *trial) fixtures() []fixture {
	paths, err := filepath.Glob(filepath.Join(c.dir, "answers", "*.json"))
	if err != nil || len(paths) == 0 {
		c.Errorf("no documented answer in %s: save the sample from the exchange's documentation there as a .json file", filepath.Join(c.dir, "answers"))
	}
	var out []fixture
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			c.Errorf("%v", err)
			continue
		}
		out = append(out, fixture{strings.TrimSuffix(filepath.Base(path), ".json"), bytes.TrimSpace(body)})
	}
	return out
}

// noon is the time of the suite, for the exchange and the adapter alike.
var noon = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// refusing is a transport that refuses every request and counts them.
type refusing struct{ tried atomic.Int64 }

func (r *refusing) RoundTrip(*http.Request) (*http.Response, error) {
	r.tried.Add(1)
	return nil, errors.New("exchangetest: a request bypassed the session")
}
