package exchangetest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Fuzz feeds an adapter's parser through the whole inspection: the fuzzed text
// is the body of a successful answer. Call it from a fuzz test in the
// adapter's folder; the documented answers in testdata/answers, the fake's own
// and its refusals are the seeds, which every run of the tests tries.
//
// Whatever the text, the adapter must not panic, must give either a failure or
// a snapshot, always the same one, and must not print a secret.
func Fuzz(f *testing.F, e *adapter.Exchange, fake func() *Fake) {
	f.Helper()
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
		c.Errorf("there is no snapshot, not even one of a failure")
		return
	case (err == nil) != (s.Failure == nil):
		c.Errorf("the error is %v, and the snapshot's failure %v", err, s.Failure)
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
		c.Errorf("the same answer is read in two ways:\n%s", differing(string(first), string(second)))
	}
}
