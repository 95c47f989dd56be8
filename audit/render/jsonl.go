package render

import (
	"fmt"
	"io"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// JSONLines writes one JSON object a line as results come, and keeps none: the
// first ones have "type":"result" and the members of a result as JSON writes
// it, the last one has "type":"summary". A stream without that last line was
// cut off. It is not safe for concurrent use.
type JSONLines struct{ w io.Writer }

// NewJSONLines writes to w, one Write a line.
func NewJSONLines(w io.Writer) *JSONLines { return &JSONLines{w: w} }

// Result writes the line of one key.
func (l *JSONLines) Result(r *audit.Result) error {
	if err := wholeResult(r); err != nil {
		return fmt.Errorf("render: the result %w", err)
	}
	return l.write(struct {
		Type string `json:"type"`
		*audit.Result
	}{"result", r})
}

// Summary writes the last line.
func (l *JSONLines) Summary(s audit.Summary) error {
	return l.write(struct {
		Type   string `json:"type"`
		Schema int    `json:"schema"`
		audit.Summary
	}{"summary", audit.ReportSchema, s})
}

func (l *JSONLines) write(v any) error {
	raw, err := encode(v, "")
	if err != nil {
		return err
	}
	_, err = l.w.Write(raw)
	return err
}
