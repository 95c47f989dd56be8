package render

import (
	"errors"
	"fmt"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// Writer writes a report in one format while its results come, and holds no more of
// them than the format shows: what is in memory doesn't grow with the number of keys.
// Start comes first, then Result for each key in the order of reports, and End last,
// each with a report without results. Start is given what is known by then: version,
// map, times, and the report that this one was compared with. End is given findings and
// summary as well. What Start was given must not change until then.
//
// Some formats write the first byte only at End. After an error, which every further
// call repeats, there is no End. A Writer writes one report, and is not safe for concurrent use.
//
// A format that says first what is known only at the end, or that sorts, keeps what it
// can't write yet in a temporary file, if it is more than a megabyte. Its options name
// the folder. The file is for its owner alone, and is removed on the way.
type Writer interface {
	Start(*audit.Report) error
	Result(*audit.Result) error
	End(*audit.Report) error
}

// whole writes a report whose results are all there.
func whole(w Writer, r *audit.Report) error {
	if r == nil {
		return errNoReport
	}
	if err := w.Start(r); err != nil {
		return err
	}
	for _, result := range r.Results {
		if err := w.Result(result); err != nil {
			return err
		}
	}
	return w.End(r)
}

// checking stands before every format, so that none of them checks again: see checker.
type checking struct {
	Writer
	checker
	state writerState
	err   error // the first one
}

func newWriter(format Writer) Writer { return &checking{Writer: format} }

type writerState uint8

const (
	notStarted writerState = iota
	started
	ended
)

var errWriterOrder = errors.New("render: a Writer takes Start, then the results, then End, each in its turn")

func (c *checking) Start(r *audit.Report) error {
	return c.step(notStarted, started, func() error {
		if r == nil {
			return errNoReport
		}
		return c.Writer.Start(r)
	})
}

func (c *checking) Result(r *audit.Result) error {
	return c.step(started, started, func() error {
		r, err := c.result(r)
		if err != nil {
			return fmt.Errorf("render: result %d %w", c.results, err)
		}
		return c.Writer.Result(r)
	})
}

func (c *checking) End(r *audit.Report) error {
	return c.step(started, ended, func() error {
		if r == nil {
			return errNoReport
		}
		return c.Writer.End(c.end(r))
	})
}

// step takes one step, unless one failed before. What a format that failed has kept
// outside of memory is thrown away.
func (c *checking) step(from, to writerState, do func() error) error {
	switch {
	case c.err != nil:
		return c.err
	case c.state != from:
		c.err = errWriterOrder
	default:
		c.state = to
		c.err = do()
	}
	if kept, ok := c.Writer.(interface{ discard() }); ok && (c.err != nil || to == ended) {
		kept.discard()
	}
	return c.err
}
