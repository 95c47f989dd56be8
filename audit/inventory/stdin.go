package inventory

import (
	"context"
	"errors"
	"io"
	"sync"
)

// input is standard input, which can be read once. It is kept for as long as
// there are keys that have yet to fetch it.
type input struct {
	from io.Reader

	mu      sync.Mutex
	waiting int  // keys that have not fetched it yet
	used    bool // by a reference
	whole   bool // which takes all of it
	reading chan struct{}
	read    *document
	err     error
}

func (i *input) check(name string) error {
	switch {
	case name != "":
		return errors.New("standard input is written stdin, or stdin#/name for what stands there in JSON")
	case i.from == nil:
		return errors.New("there is no standard input to read")
	}
	return nil
}

// share notes a reference to all of the input or to a part of it. All of it
// can be taken by one only.
func (i *input) share(all bool) error {
	if i.whole || (all && i.used) {
		return errors.New("standard input can be taken once: to take several values out of it, write it as JSON and each as stdin#/name")
	}
	i.used, i.whole = true, all
	return nil
}

// fetch waits for the whole input, which the first to come begins to read.
func (i *input) fetch(ctx context.Context, from source) (*document, error) {
	i.mu.Lock()
	if i.reading == nil {
		i.reading = make(chan struct{})
		go i.readAll(from.json)
	}
	i.mu.Unlock()
	select {
	case <-i.reading:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	read, err := i.read, i.err
	if read == nil && err == nil {
		err = errors.New("standard input has been read, and was not kept")
	}
	if i.waiting--; i.waiting <= 0 {
		i.read = nil
	}
	return read, err
}

func (i *input) readAll(wide bool) {
	defer close(i.reading)
	limit := int64(maxSecret)
	if wide {
		limit = maxConfig
	}
	data, err := io.ReadAll(io.LimitReader(i.from, limit+1))
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case err != nil:
		i.err = errors.New("standard input cannot be read")
	case int64(len(data)) > limit:
		i.err = errors.New("standard input is too large")
	default:
		i.read = &document{text: string(data)}
	}
}
