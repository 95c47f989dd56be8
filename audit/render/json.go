package render

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of what JSON writes.
func Schema() []byte { return slices.Clone(schema) }

// JSON writes a report so that ReadJSON, and any other program, can read it.
// The same report gives the same bytes. They are written one result at a time:
// whoever must not see a part of a report writes it to a file of its own first.
func JSON(w io.Writer, r *audit.Report) error {
	if err := whole(r); err != nil {
		return err
	}
	frame := *r
	frame.Schema, frame.Results = audit.ReportSchema, []*audit.Result{}
	raw, err := encode(&frame, "", "  ")
	if err != nil {
		return err
	}
	const results = `"results": [` // its first place: only numbers and times come before
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

const maxReport = 256 << 20 // bytes

var (
	errNotJSON     = errors.New("render: the report is not one JSON object")
	errNotReport   = errors.New("render: the report doesn't follow its schema outside of its results")
	errNotResult   = errors.New("doesn't follow the schema")
	errNoFindings  = errors.New("has no list of findings")
	errNoSeverity  = errors.New("has a finding that failed or is undetermined and doesn't say how severe it is")
	errSnapshotOld = fmt.Errorf("has a snapshot of another schema version than %d: use the release that wrote it, or a newer one", access.SnapshotSchema)
)

// ReadJSON reads a report that JSON wrote, of 256 MiB at most, for instance to
// judge it again with Report.Rejudge. It refuses what would make a key look
// better than it is: another schema version, or a result without snapshot or
// findings. Members it doesn't know are passed over, and the summary is
// counted anew. Its errors say where and never show what stands there.
func ReadJSON(r io.Reader) (*audit.Report, error) { return readJSON(r, maxReport) }

func readJSON(r io.Reader, limit int64) (*audit.Report, error) {
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(raw)) > limit:
		return nil, fmt.Errorf("render: the report is larger than %d bytes", limit)
	}
	var version struct {
		Schema int `json:"schema"`
	}
	var syntax *json.SyntaxError
	switch err := json.Unmarshal(raw, &version); {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("%w (byte %d)", errNotJSON, syntax.Offset)
	case err != nil:
		return nil, errNotReport
	case version.Schema != audit.ReportSchema:
		return nil, fmt.Errorf("render: the report has schema version %d and this release reads version %d: use the release that wrote it, or a newer one",
			version.Schema, audit.ReportSchema)
	}
	var stored struct {
		audit.Report
		Results []json.RawMessage `json:"results"` // one by one, so that an error can say which
	}
	if json.Unmarshal(raw, &stored) != nil || stored.Results == nil {
		return nil, errNotReport
	}
	report := stored.Report
	report.Results = make([]*audit.Result, len(stored.Results))
	texts := interned{}
	for i, raw := range stored.Results {
		result, err := readResult(raw)
		if err != nil {
			return nil, fmt.Errorf("render: result %d %w", i+1, err)
		}
		texts.share(reflect.ValueOf(result).Elem())
		report.Results[i] = result
	}
	if err := severe(report.Findings); err != nil {
		return nil, fmt.Errorf("render: the report %w", err)
	}
	report.Recount()
	return &report, nil
}

// readResult reads one result. The zero value of every enumeration is the
// cautious one, so what else is missing makes a key look worse, not better.
func readResult(raw []byte) (*audit.Result, error) {
	var result *audit.Result
	if json.Unmarshal(raw, &result) != nil { // the error would show what it choked on
		return nil, errNotResult
	}
	if err := wholeResult(result); err != nil {
		return nil, err
	}
	if result.Snapshot.Schema != access.SnapshotSchema || (result.Last != nil && result.Last.Schema != access.SnapshotSchema) {
		return nil, errSnapshotOld
	}
	if result.Findings == nil {
		return nil, errNoFindings
	}
	return result, severe(result.Findings)
}

// severe refuses findings that don't say how bad they are.
func severe(findings []audit.Finding) error {
	for _, f := range findings {
		if (f.Outcome == audit.Failed || f.Outcome == audit.Undetermined) && f.Severity == 0 {
			return errNoSeverity
		}
	}
	return nil
}
