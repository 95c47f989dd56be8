package record

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// Tape is a transport that keeps the answers to an exchange's declared calls. It sends
// what it is given, and nothing of its own.
type Tape struct {
	Exchange *adapter.Exchange
	Next     http.RoundTripper

	mu      sync.Mutex
	answers []exchangetest.Answer
}

// mostBody is a little more than the largest answer that an audit reads.
const mostBody = 1<<20 + 1

// headers are those that an audit reads. What is in others is nobody's business.
var headers = []string{
	"Date", "Content-Type", "Retry-After", "Server", "X-Ratelimit-Requests-Expire", "Gw-Ratelimit-Reset",
}

// RoundTrip sends one request, and keeps the answer. Of the request nothing is kept but
// which call it is: the rest is keys, signatures and times.
func (t *Tape) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := t.Next.RoundTrip(r)
	if err != nil || resp == nil || resp.Body == nil || resp.StatusCode < 200 {
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBody))
	rest := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), failing{err}, rest), rest}
	if err == nil {
		t.keep(r, sent, resp, body)
	}
	return resp, nil
}

// failing is where a body broke off; it is nothing if the body did not.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

func (t *Tape) keep(r *http.Request, sent []byte, resp *http.Response, body []byte) {
	a := exchangetest.Answer{Method: r.Method, Status: resp.StatusCode, Header: map[string]string{}}
	for _, c := range t.Exchange.Calls {
		declared := exchangetest.Answer{Method: c.Method, Path: c.Path, Begins: c.Body}
		if declared.Is(r.Method, r.URL.Path, sent) && len(c.Path)+len(c.Body) > len(a.Path)+len(a.Begins) {
			a.Path, a.Begins = c.Path, c.Body
		}
	}
	for _, name := range headers {
		if value := resp.Header.Get(name); value != "" {
			a.Header[name] = value
		}
	}
	if json.Valid(body) {
		a.Body = body
	} else {
		a.Text = string(body)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answers = append(t.answers, a)
}

// Answers are what came, in order.
func (t *Tape) Answers() []exchangetest.Answer {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.answers
}
