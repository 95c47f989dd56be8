package exchangetest

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestOKXRefusals: each mistake in a request has its documented code.
func TestOKXRefusals(t *testing.T) {
	t.Parallel()
	vector := okxVectors[0]
	for _, c := range []struct {
		name   string
		header map[string]string
		demo   string
		late   time.Duration
		code   string
	}{
		{name: "as documented", code: "0"},
		{name: "demo key, demo header", header: map[string]string{"x-simulated-trading": "1"}, demo: "1", code: "0"},
		{name: "live key, header off", header: map[string]string{"x-simulated-trading": "0"}, code: "0"},
		{name: "live key, demo header", header: map[string]string{"x-simulated-trading": "1"}, code: "50101"},
		{name: "demo key, no header", demo: "1", code: "50101"},
		{name: "no key", header: map[string]string{"OK-ACCESS-KEY": ""}, code: "50119"},
		{name: "no passphrase", header: map[string]string{"OK-ACCESS-PASSPHRASE": ""}, code: "50104"},
		{name: "another passphrase", header: map[string]string{"OK-ACCESS-PASSPHRASE": "other"}, code: "50105"},
		{name: "no signature", header: map[string]string{"OK-ACCESS-SIGN": ""}, code: "50106"},
		{name: "another signature", header: map[string]string{"OK-ACCESS-SIGN": okxVectors[1].Header["OK-ACCESS-SIGN"]}, code: "50113"},
		{name: "no timestamp", header: map[string]string{"OK-ACCESS-TIMESTAMP": ""}, code: "50107"},
		{name: "timestamp of another form", header: map[string]string{"OK-ACCESS-TIMESTAMP": "1607418537715"}, code: "50112"},
		{name: "30 s late", late: 30 * time.Second, code: "0"},
		{name: "more than 30 s late", late: 30001 * time.Millisecond, code: "50102"},
		{name: "more than 30 s early", late: -30001 * time.Millisecond, code: "50102"},
	} {
		fake := OKX()
		k := &Issued{ID: vector.Key, Secret: vector.Secret, Passphrase: vector.Passphrase}
		k.Options = map[string]string{"demo": c.demo}
		fake.keys[vector.Key] = k
		fake.SetClock(func() time.Time { return vector.Time.Add(c.late) })
		header := maps.Clone(vector.Header)
		maps.Copy(header, c.header)
		assert.Contains(t, answerTo(t, fake, vector.URL, header), `"code":"`+c.code+`"`, c.name)
	}
}
