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

// ErrCutOff says that a stream of JSON Lines ends before its summary: the run
// that wrote it did not end, and nothing is known of the keys it lacks.
var ErrCutOff = errors.New("render: the stream ends before its summary: the run that wrote it did not end")

const (
	maxLine   = 16 << 20 // bytes
	maxStream = 4 << 30  // bytes
)

// ReadReport reads a report that JSON or JSONLines wrote, whichever it is.
func ReadReport(r io.Reader) (*audit.Report, error) {
	in := bufio.NewReader(r)
	const lines = `{"type":`
	if start, _ := in.Peek(len(lines)); string(start) == lines {
		return ReadJSONLines(in)
	}
	return ReadJSON(in)
}

// ReadJSONLines reads what JSONLines wrote, line by line: at most 16 MiB each
// and 4 GiB in all. It refuses what ReadJSON refuses, and a stream whose chain
// is broken: a line was changed, or one is missing. Its errors name the line.
//
// Of a stream that was cut off it gives the report of what is there together
// with ErrCutOff; what follows the last line break is then left out. Such a
// report must not be taken for a whole one. JSONLines.After writes more of it.
func ReadJSONLines(r io.Reader) (*audit.Report, error) {
	report := &audit.Report{Schema: audit.ReportSchema, Results: []*audit.Result{}}
	texts := interned{}
	_, err := readLines(r, func(kind string, line []byte) (err error) {
		switch kind {
		case "start":
			var start startLine
			err = unmarshal(line, &start)
			report.Started, report.Baseline = start.Started, start.Baseline
		case "result":
			var result *audit.Result
			if result, err = readResult(line); err == nil {
				texts.share(reflect.ValueOf(result).Elem())
				report.Results = append(report.Results, result)
			}
		case "finding":
			var f audit.Finding
			if err = unmarshal(line, &f); err == nil {
				err = severe([]audit.Finding{f})
				report.Findings = append(report.Findings, f)
			}
		case "summary":
			var summary summaryLine
			err = unmarshal(line, &summary)
			report.Finished = summary.Finished
		}
		return err
	})
	if err != nil && !errors.Is(err, ErrCutOff) {
		return nil, err
	}
	report.Recount()
	return report, err
}

// ReadChain checks the chain of a stream of JSON Lines and gives its end, for
// JSONLines.After. Of a stream that was cut off it gives the end of the last
// whole line together with ErrCutOff.
func ReadChain(r io.Reader) (string, error) {
	return readLines(r, func(string, []byte) error { return nil })
}

var (
	errLineType = errors.New("is not one that JSONLines wrote")
	errChain    = errors.New("does not follow from the one before it: a line was changed, moved, put in or taken out")
	errNoStart  = errors.New("is not the start of a stream: lines are missing before it")
	errStarts   = errors.New("starts another stream: give each a file of its own")
	errTrailing = errors.New("comes after the summary")
	errLong     = fmt.Errorf("is longer than %d bytes", maxLine)
)

// readLines hands out the lines of a stream, without their chain, as far as it
// holds.
func readLines(r io.Reader, each func(kind string, line []byte) error) (chain string, err error) {
	rest := &io.LimitedReader{R: r, N: maxStream}
	lines := bufio.NewScanner(rest)
	lines.Buffer(nil, maxLine)
	lines.Split(wholeLines)
	n, last := 0, ""
	for ; lines.Scan(); last, n = kindOf(lines.Bytes()), n+1 {
		if chain, err = readLine(lines.Bytes(), chain, last, each); err != nil {
			return "", fmt.Errorf("render: line %d %w", n+1, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return "", fmt.Errorf("render: line %d %w", n+1, errLong)
	case err != nil:
		return "", err
	case rest.N <= 0:
		return "", fmt.Errorf("render: the stream is larger than %d bytes", int64(maxStream))
	case last != "summary":
		return chain, ErrCutOff
	}
	return chain, nil
}

// readLine checks one line against the chain so far and hands it out.
func readLine(raw []byte, chain, last string, each func(kind string, line []byte) error) (string, error) {
	kind := kindOf(raw)
	cut := len(raw) - len(chainMember) - 64 - len(chainEnd)
	if kind == "" || cut < 0 || !bytes.HasPrefix(raw[cut:], []byte(chainMember)) || !bytes.HasSuffix(raw, []byte(chainEnd)) {
		return "", errLineType
	}
	own := string(raw[cut+len(chainMember):][:64])
	line := append(raw[:cut], '}')
	switch {
	case last == "summary":
		return "", errTrailing
	case (last == "") != (kind == "start"):
		if last == "" {
			return "", errNoStart
		}
		return "", errStarts
	case kind == "start":
		var start startLine
		if err := unmarshal(line, &start); err != nil {
			return "", err
		}
		if start.Schema != audit.ReportSchema {
			return "", fmt.Errorf("says schema version %d and this release reads version %d: use the release that wrote it, or a newer one",
				start.Schema, audit.ReportSchema)
		}
		chain = start.After
	}
	if link256(chain, line) != own {
		return "", errChain
	}
	return own, each(kind, line)
}

// kindOf is the type of a line; empty if the line doesn't begin with one.
func kindOf(line []byte) string {
	rest, ok := bytes.CutPrefix(line, []byte(`{"type":"`))
	kind, _, closed := bytes.Cut(rest, []byte{'"'})
	if !ok || !closed {
		return ""
	}
	return string(kind)
}

// wholeLines splits after line breaks and drops what follows the last.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF {
		return len(data), nil, nil
	}
	return 0, nil, nil
}

// unmarshal decodes without showing what it choked on.
func unmarshal(raw []byte, v any) error {
	if json.Unmarshal(raw, v) != nil {
		return errNotResult
	}
	return nil
}

// interned holds each text once: most are the same in thousands of results.
type interned map[string]string

// share replaces the texts in a value by the ones already there, and gives
// back the room that lists keep for growing.
func (in interned) share(v reflect.Value) {
	if !v.CanSet() { // also what other packages keep to themselves, such as times
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
