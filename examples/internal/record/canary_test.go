package record_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/record"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// planter puts values that are recognised anywhere into an exchange's answers: in place of
// some of its own, beside them, and as names of members. It shares nothing with what
// replaces them.
type planter struct {
	*rand.Rand
	next    http.RoundTripper
	secret  string
	planted []string
}

// letters gives a word that is in no language.
func (p *planter) letters(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteByte([]string{"bcdfgjkpqvwxz", "aeiou"}[i%2][p.IntN(5)])
	}
	return "Q" + b.String() + "xq"
}

func (p *planter) digits(n int) string {
	return strconv.Itoa(1+p.IntN(9)) + fmt.Sprintf("%0*d", n-1, p.Int64N(1_000_000_000)%pow10(n-1))
}

func pow10(n int) int64 {
	out := int64(1)
	for range n {
		out *= 10
	}
	return out
}

func (p *planter) hex(n int) string {
	raw := make([]byte, n/2)
	for i := range raw {
		raw[i] = byte(p.Uint32())
	}
	return hex.EncodeToString(raw)
}

// text is a value as accounts have them; what must not come back is planted.
func (p *planter) text() string {
	word := p.letters(6)
	address := fmt.Sprintf("%d.%d.%d.%d", 31+p.IntN(60), 17+p.IntN(200), 10+p.IntN(200), 10+p.IntN(200))
	six := fmt.Sprintf("2a0%x:%x:%x::%x", 1+p.IntN(14), 0x1000+p.IntN(0xefff), 0x1000+p.IntN(0xefff), 0x1000+p.IntN(0xefff))
	kinds := [][2]string{ // the value, and what is searched for
		{word + " bot", word},
		{strings.ToLower(word) + "_" + p.digits(4), word},
		{word + "@" + p.letters(4) + ".example", word},
		{"+49 170 " + p.digits(7), ""},
		{address, address},
		{address + "/32", address},
		{address + ":443", address},
		{"from " + address + ", at night", address},
		{six, six},
		{strings.ToUpper(p.hex(40)), ""},
		{"0x" + p.hex(40), ""},
		{"account " + p.hex(24), ""},
		{p.hex(8) + "-" + p.hex(4) + "-4" + p.hex(4)[:3] + "-a" + p.hex(4)[:3] + "-" + p.hex(12), ""},
		{p.digits(5) + "." + p.digits(8), ""},
		{"DE89 3704 " + p.digits(9), ""},
		{"https://" + word + ".example/?t=" + p.hex(32), word},
		{"2023-0" + p.digits(1) + "-1" + strconv.Itoa(p.IntN(9)) + "T1" + strconv.Itoa(p.IntN(9)) + ":33:41Z", ""},
		{"1964-0" + p.digits(1) + "-17", ""},
		{"бот " + strings.Repeat(string(rune('а'+p.IntN(30))), 3) + "йцщ", ""},
		{"鍵" + string(rune(0x4e10+p.IntN(900))) + string(rune(0x5210+p.IntN(900))) + string(rune(0x6210+p.IntN(900))), ""},
		{`{"uid":"` + p.digits(9) + `","nick":"` + word + `"}`, word},
		{base64.StdEncoding.EncodeToString([]byte(`[{"config":"` + base64.StdEncoding.EncodeToString([]byte(word+",1")) + `","` + word + `":7}]`)), ""},
		{strconv.FormatInt(1_600_000_000_000+p.Int64N(150_000_000_000), 10), ""},
	}
	kind := kinds[p.IntN(len(kinds))]
	if kind[1] == "" {
		kind[1] = kind[0]
	}
	p.planted = append(p.planted, kind[1])
	return kind[0]
}

// number is longer than an exchange's code for what it refuses, for that stays.
func (p *planter) number() json.Number {
	n := p.digits(7 + p.IntN(3))
	if p.IntN(2) == 0 {
		n += "." + p.digits(4)
	}
	p.planted = append(p.planted, n)
	return json.Number(n)
}

// spoil plants.
func (p *planter) spoil(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			v[name] = p.spoil(v[name])
		}
		if p.IntN(2) == 0 {
			v[p.letters(5)], p.planted = p.text(), append(p.planted, "")
			v["echo"], v["basic"] = p.secret, base64.StdEncoding.EncodeToString([]byte("key:"+p.secret))
			v[hex.EncodeToString([]byte(p.secret))] = true
			v["memo"], v["total"], v["owner"] = p.text(), p.number(), map[string]any{"id": p.number(), "list": []any{p.text(), p.number()}, p.text(): true}
		}
		return v
	case []any:
		for i := range v {
			v[i] = p.spoil(v[i])
		}
		if p.IntN(3) == 0 {
			v = append(v, p.text())
		}
		return v
	case string:
		if p.IntN(3) == 0 {
			return p.text()
		}
	case json.Number:
		if p.IntN(3) == 0 {
			return p.number()
		}
	}
	return v
}

func (p *planter) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := p.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, _ := io.ReadAll(resp.Body)
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	switch err := d.Decode(&v); {
	case err != nil, p.IntN(20) == 0:
		body = []byte("<html><body>" + p.text() + "<p>" + p.text() + "</body></html>")
	default:
		body, _ = json.Marshal(p.spoil(v))
	}
	if p.IntN(4) == 0 {
		resp.StatusCode = 403
	}
	for _, name := range []string{"Set-Cookie", "X-Account", "Server", "Retry-After", "X-Request-Id", "Via"} {
		resp.Header.Set(name, p.text())
	}
	resp.Header.Set("Content-Type", "application/json; charset="+p.text())
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// TestPlanted: whatever an exchange answers, and wherever it stands, nothing of the owner's
// is in a case.
func TestPlanted(t *testing.T) {
	t.Parallel()
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	eachExchange(t, func(t *testing.T, e *adapter.Exchange, fresh func() *exchangetest.Fake, public *record.Public) {
		t.Helper()
		for round := range rounds {
			fake, spec := fresh(), owner()
			for _, right := range fake.Rights() {
				spec.Permissions = append(spec.Permissions, right.Name)
			}
			fake.Issue(spec)
			p := &planter{Rand: rand.New(rand.NewPCG(uint64(round), uint64(len(e.Name)))), next: fake, secret: fake.Canaries()[0]} // the same in every run
			_, made := recorded(t, e, fake, p, public, spec)
			holdsNothing(t, string(made.Text), fake, append(slices.DeleteFunc(p.planted, func(s string) bool { return s == "" }), originals...))
			replays(t, e, made.Text)
			require.NotEmpty(t, p.planted)
		}
	})
}
