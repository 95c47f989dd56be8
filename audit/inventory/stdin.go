package inventory

import (
	"context"
	"errors"
	"io"
	"sync"
)

// input is standard input, which can be read once. It is kept until every key
// that refers to it has fetched it.
type input struct {
	from io.Reader

	mu      sync.Mutex
	waiting int  // keys that have not fetched it yet
	claimed bool // by a reference
	whole   bool // by one that takes all of it
	reading chan struct{}
	read    *document
	err     error
}

func (i *input) check(name string) error {
	switch {
	case name != "":
		return errors.New("write standard input as stdin, or as stdin#/name for one value of its JSON")
	case i.from == nil:
		return errors.New("there is no standard input to read")
	}
	return nil
}

// claim notes a reference to the whole input or to a part of it. The whole can
// be claimed only once, and not together with parts.
func (i *input) claim(whole bool) error {
	if i.whole || (whole && i.claimed) {
		return errors.New("standard input can be used only once: " +
			"to take several values from it, pass JSON and refer to each as stdin#/name")
	}
	i.claimed, i.whole = true, whole
	return nil
}

// fetch waits for the whole input, which the first call begins to read.
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
		err = errors.New("standard input was already used and is no longer available")
	}
	if i.waiting--; i.waiting <= 0 {
		i.read = nil
	}
	return read, err
}

func (i *input) readAll(json bool) {
	defer close(i.reading)
	limit := int64(maxSecret)
	if json {
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
