package render

import (
	"bufio"
	"bytes"
	_ "embed" // the schema
	"io"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of what JSON writes.
func Schema() []byte { return slices.Clone(schema) }

// JSON writes a report that ReadJSON, and any other program, can read. The same
// report gives the same bytes. They are written one result at a time: to keep
// readers from seeing half a report, write to a temporary file and rename it.
func JSON(w io.Writer, r *audit.Report) error { return whole(NewJSON(w), r) }

// NewJSON writes what JSON writes while the results come.
func NewJSON(w io.Writer) Writer { return newWriter(&jsonWriter{out: bufio.NewWriter(w)}) }

type jsonWriter struct {
	out   *bufio.Writer // keeps the first error for Flush
	begun bool          // there was a result
}

// jsonFrame is a report around its results.
func jsonFrame(r *audit.Report) (head, tail []byte, err error) {
	frame := *r
	frame.Schema, frame.Results = audit.ReportSchema, []*audit.Result{}
	raw, err := encode(&frame, "", "  ")
	const results = `"results": [` // its first occurrence: a quote in a text before it is escaped
	if err != nil {
		return nil, nil, err
	}
	at := bytes.Index(raw, []byte(results)) + len(results)
	return raw[:at:at], raw[at:], nil
}

func (j *jsonWriter) Start(r *audit.Report) error {
	head, _, err := jsonFrame(r)
	if err != nil {
		return err
	}
	_, err = j.out.Write(head)
	return err
}

func (j *jsonWriter) Result(r *audit.Result) error {
	raw, err := encode(r, "    ", "  ")
	if err != nil {
		return err
	}
	if j.begun {
		_, _ = j.out.WriteString(",")
	}
	j.begun = true
	_, _ = j.out.WriteString("\n    ")
	_, err = j.out.Write(bytes.TrimSuffix(raw, []byte("\n")))
	return err
}

func (j *jsonWriter) End(r *audit.Report) error {
	_, tail, err := jsonFrame(r)
	if err != nil {
		return err
	}
	if j.begun {
		_, _ = j.out.WriteString("\n  ")
	}
	_, _ = j.out.Write(tail)
	return j.out.Flush()
}
