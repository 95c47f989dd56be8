package exchangetest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Fuzz fuzzes an adapter's parser through the whole inspection: the fuzzed text
// is the body of a successful answer. Call it from a fuzz test in the adapter's
// folder. The seeds, which every run of the tests tries, are the documented
// answers in testdata/answers, the fake's own answers, and its refusals.
//
// Whatever the text, the adapter must not panic, must return either a failure or
// a snapshot, must return the same one each time, and must not leak a secret.
func Fuzz(f *testing.F, e *adapter.Exchange, fake func() *Fake) {
	f.Helper()
	if err := fake().def.Validate(); err != nil {
		f.Fatal(err)
	}
	seeds := &trial{exchange: e, fresh: fake, dir: "testdata", bypass: &refusing{}}
	for _, a := range seeds.answers() {
		f.Add(a.body)
	}
	for _, failure := range fake().def.Failures {
		f.Add([]byte(failure.Body))
	}
	for _, problem := range seeds.problems {
		f.Error(problem)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c := &trial{t: t, exchange: e, fresh: fake, dir: "testdata", bypass: &refusing{}}
		c.fuzzOne(body)
		for _, problem := range c.problems {
			t.Error(problem)
		}
	})
}

func (c *trial) fuzzOne(body []byte) {
	spec := Spec{Answer: append([]byte{}, body...), OTP: c.otp()}
	b := c.bench(spec)
	s, err := b.inspect()
	switch {
	case s == nil:
		c.Errorf("there is no snapshot; a failure needs one too")
		return
	case (err == nil) != (s.Failure == nil):
		c.Errorf("the error is %v, and the snapshot's Failure %v", err, s.Failure)
	case err != nil:
		if found := FindCanaries(fmt.Sprintf("%v %+v", err, *err), b.fake.Canaries()); found != nil {
			c.Errorf("the error holds %q", found)
		}
	default:
		if found := FindCanaries(string(indented(s)), b.fake.Canaries()); found != nil {
			c.Errorf("the snapshot holds %q", found)
		}
	}
	again, _ := c.bench(spec).inspect()
	if first, second := indented(s), indented(again); !bytes.Equal(first, second) {
		c.Errorf("the same answer gives two different snapshots:\n%s", differing(string(first), string(second)))
	}
}
