package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

const maxReport = 256 << 20 // bytes

var (
	errNotJSON   = errors.New("render: the report is not one JSON object")
	errOther     = errors.New("render: this is no report: name one that was written as JSON or JSON Lines")
	errNotReport = errors.New("render: the report doesn't follow its schema outside of its results")
	errNotResult = errors.New("doesn't follow the schema")
)

// ReadReport reads a report that JSON or JSONLines wrote.
func ReadReport(r io.Reader) (*audit.Report, error) {
	in := bufio.NewReader(r)
	const lines = `{"type":`
	if start, _ := in.Peek(len(lines)); string(start) == lines {
		return ReadJSONLines(in)
	}
	return ReadJSON(in)
}

// ReadJSON reads a report of at most 256 MiB that JSON wrote, for instance to
// judge it again with Report.Rejudge. It refuses what would make a key look
// better than it is: another schema version, a result without a snapshot or
// findings, an open finding without a severity. It ignores unknown members and
// counts the summary anew. Its errors name the place and never quote the file.
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
		if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) { // a report of another format, or no report
			return nil, errOther
		}
		return nil, fmt.Errorf("%w (byte %d)", errNotJSON, syntax.Offset)
	case err != nil:
		return nil, errNotReport
	}
	if version.Schema == 0 {
		return nil, errOther
	}
	if err := checkSchema(version.Schema); err != nil {
		return nil, fmt.Errorf("render: the report %w", err)
	}
	var stored struct {
		audit.Report
		Results []json.RawMessage `json:"results"` // one by one, so that an error can say which
	}
	if unmarshal(raw, &stored) != nil || stored.Results == nil {
		return nil, errNotReport
	}
	in := newIntake(&stored.Report)
	for i, raw := range stored.Results {
		if err := in.result(raw); err != nil {
			return nil, fmt.Errorf("render: result %d %w", i+1, err)
		}
	}
	if err := checkStoredFleet(stored.Findings...); err != nil {
		return nil, fmt.Errorf("render: the report %w", err)
	}
	in.report.Recount()
	return in.report, nil
}

func checkSchema(version int) error {
	if version == audit.ReportSchema {
		return nil
	}
	return fmt.Errorf("has schema version %d and this release reads version %d: "+
		"use the release that wrote it, or a newer one", version, audit.ReportSchema)
}

// intake gathers the parts of a stored report.
type intake struct {
	report *audit.Report
	texts  interned
}

func newIntake(r *audit.Report) *intake {
	r.Results = []*audit.Result{}
	return &intake{r, interned{}}
}

// result adds one. Members that are missing and not checked for make a key look
// worse, not better: the zero value of every enumeration is the cautious one.
func (in *intake) result(raw []byte) error {
	var result *audit.Result
	if err := unmarshal(raw, &result); err != nil {
		return err
	}
	if err := checkStored(result); err != nil {
		return err
	}
	in.texts.share(reflect.ValueOf(result).Elem())
	in.report.Results = append(in.report.Results, result)
	return nil
}

// unmarshal decodes; its error doesn't quote the input, as encoding/json does.
func unmarshal(raw []byte, v any) error {
	if json.Unmarshal(raw, v) != nil {
		return errNotResult
	}
	return nil
}

// interned holds each text once: thousands of results share most of theirs.
type interned map[string]string

// share replaces the texts in a value by those already held, and trims lists
// to their length.
func (in interned) share(v reflect.Value) {
	if !v.CanSet() { // unexported fields, such as those of a time
		return
	}
	switch v.Kind() { //nolint:exhaustive // the other kinds hold no text
	case reflect.String:
		text, ok := in[v.String()]
		if !ok {
			text = strings.Clone(v.String())
			in[text] = text
		}
		v.SetString(text)
	case reflect.Pointer:
		if !v.IsNil() {
			in.share(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			in.share(v.Field(i))
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		exact := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(exact, v)
		v.Set(exact)
		for i := range v.Len() {
			in.share(v.Index(i))
		}
	}
}
