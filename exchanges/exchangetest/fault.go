package exchangetest

import (
	"context"
	"net/http"
	"time"
)

// Fault is one misbehaviour. The first field that is set decides, except that
// Delay and Truncate go with any answer.
type Fault struct {
	// Failure is a documented refusal of the exchange, by its name in
	// [Fake.Failures].
	Failure string
	// Reply is an answer instead of the exchange's own.
	Reply *Reply
	// Redirect answers with a redirect to this URL.
	Redirect string
	// Drop closes the connection without an answer.
	Drop bool
	// Delay answers late.
	Delay time.Duration
	// Truncate closes the connection after so many bytes of the answer.
	Truncate int
	// Times is how often it happens: 0 means once, negative means always.
	Times int
}

// HTML is the answer of a proxy in front of an exchange.
func HTML(status int) *Reply {
	return &Reply{
		Status: status, Header: map[string]string{"Content-Type": "text/html"},
		Body: "<html><head><title>" + http.StatusText(status) + "</title></head><body><h1>Attention required</h1></body></html>",
	}
}

// RateLimited is a 429 with a Retry-After header, which may be seconds or a
// date; empty omits it.
func RateLimited(retryAfter string) *Reply {
	r := &Reply{Status: http.StatusTooManyRequests, Header: map[string]string{}, Body: "Too Many Requests"}
	if retryAfter != "" {
		r.Header["Retry-After"] = retryAfter
	}
	return r
}

// outcome is an answer, and what goes wrong with it.
type outcome struct {
	Reply
	drop     bool
	delay    time.Duration
	truncate int
}

func (o *outcome) status() int {
	if o.Status == 0 {
		return http.StatusOK
	}
	return o.Status
}

func (o *outcome) header(now time.Time) map[string]string {
	h := map[string]string{"Date": now.UTC().Format(http.TimeFormat), "Content-Type": "application/json"}
	for name, value := range o.Header {
		h[name] = value
	}
	return h
}

// wait keeps the caller waiting; false means that it gave up.
func (o *outcome) wait(ctx context.Context) bool {
	if o.delay <= 0 {
		return true
	}
	timer := time.NewTimer(o.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// takeFault takes the next fault of the key, or else of the exchange.
func (f *Fake) takeFault(k *Issued) (Fault, bool) {
	lists := []*[]Fault{&f.faults}
	if k != nil {
		lists = []*[]Fault{&k.Faults, &f.faults}
	}
	for _, list := range lists {
		if len(*list) == 0 {
			continue
		}
		next := (*list)[0]
		switch {
		case next.Times < 0:
		case next.Times <= 1:
			*list = (*list)[1:]
		default:
			(*list)[0].Times--
		}
		return next, true
	}
	return Fault{}, false
}

// inject makes the outcome of a fault.
func (f *Fake) inject(c *Call, fault Fault) outcome {
	out := outcome{drop: fault.Drop, delay: fault.Delay, truncate: fault.Truncate}
	switch {
	case fault.Failure != "":
		out.Reply = *c.Refuse(fault.Failure)
	case fault.Reply != nil:
		out.Reply = *fault.Reply
	case fault.Redirect != "":
		out.Reply = Reply{Status: http.StatusFound, Header: map[string]string{"Location": fault.Redirect}}
	case !fault.Drop:
		out.Reply = f.serve(c)
	}
	return out
}
