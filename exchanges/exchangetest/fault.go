package exchangetest

import (
	"context"
	"net/http"
	"time"
)

// Fault is one misbehaviour. The first field that is set decides, except that
// Delay and Truncate go with any answer.
type Fault struct {
	// Failure is a documented refusal of the exchange, by name.
	Failure string
	// Reply is an answer in place of the exchange's own.
	Reply *Reply
	// Redirect answers with a redirect to this address.
	Redirect string
	// Drop closes the connection without an answer.
	Drop bool
	// Delay answers late.
	Delay time.Duration
	// Truncate breaks the answer off after so many bytes.
	Truncate int
	// Times is how often it happens: 0 means once, negative means always.
	Times int
}

// HTML is the answer of a proxy that stands in front of an exchange.
func HTML(status int) *Reply {
	return &Reply{
		Status: status, Header: map[string]string{"Content-Type": "text/html"},
		Body: "<html><head><title>" + http.StatusText(status) + "</title></head><body><h1>Attention required</h1></body></html>",
	}
}

// RateLimited is a 429 with a Retry-After header, which may be seconds or a
// date; empty leaves it out.
func RateLimited(retryAfter string) *Reply {
	r := &Reply{Status: http.StatusTooManyRequests, Header: map[string]string{}, Body: "Too Many Requests"}
	if retryAfter != "" {
		r.Header["Retry-After"] = retryAfter
	}
	return r
}

// outcome is an answer and what goes wrong with it.
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

// wait keeps the caller waiting; false means it went away first.
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

// takeFault takes the next fault of the key, else of the exchange.
func (v *Fake) takeFault(k *issued) (Fault, bool) {
	lists := []*[]Fault{&v.faults}
	if k != nil {
		lists = []*[]Fault{&k.Faults, &v.faults}
	}
	for _, list := range lists {
		if len(*list) == 0 {
			continue
		}
		f := (*list)[0]
		switch {
		case f.Times < 0:
		case f.Times <= 1:
			*list = (*list)[1:]
		default:
			(*list)[0].Times--
		}
		return f, true
	}
	return Fault{}, false
}

// inject makes the outcome of a fault.
func (v *Fake) inject(c *call, f Fault) outcome {
	out := outcome{drop: f.Drop, delay: f.Delay, truncate: f.Truncate}
	switch {
	case f.Failure != "":
		out.Reply = *c.refuse(f.Failure)
	case f.Reply != nil:
		out.Reply = *f.Reply
	case f.Redirect != "":
		out.Reply = Reply{Status: http.StatusFound, Header: map[string]string{"Location": f.Redirect}}
	case !f.Drop:
		out.Reply = v.serve(c)
	}
	return out
}
