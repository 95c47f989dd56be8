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
func JSON(w io.Writer, r *audit.Report) error {
	r, err := checked(r)
	if err != nil {
		return err
	}
	frame := *r
	frame.Schema, frame.Results = audit.ReportSchema, []*audit.Result{}
	raw, err := encode(&frame, "", "  ")
	if err != nil {
		return err
	}
	const results = `"results": [` // its first occurrence: a quote in a text before it is escaped
	head, tail, _ := bytes.Cut(raw, []byte(results))
	out := bufio.NewWriter(w) // keeps the first error for Flush
	_, _ = out.Write(head)
	_, _ = out.WriteString(results)
	for i, result := range r.Results {
		raw, err := encode(result, "    ", "  ")
		if err != nil {
			return err
		}
		if i > 0 {
			_, _ = out.WriteString(",")
		}
		_, _ = out.WriteString("\n    ")
		_, _ = out.Write(bytes.TrimSuffix(raw, []byte("\n")))
	}
	if len(r.Results) > 0 {
		_, _ = out.WriteString("\n  ")
	}
	_, _ = out.Write(tail)
	return out.Flush()
}
