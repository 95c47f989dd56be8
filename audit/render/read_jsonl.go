package render

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// ErrCutOff says that a stream of JSON Lines ends before its summary: the run
// that wrote it did not finish, and keys may be missing.
var ErrCutOff = errors.New("render: the stream ends before its summary: the run that wrote it did not finish")

const (
	maxLine   = 16 << 20 // bytes
	maxStream = 4 << 30  // bytes
)

// ReadJSONLines reads what JSONLines wrote: lines of at most 16 MiB, 4 GiB in
// all. It refuses what ReadJSON refuses, and a stream whose chain is broken
// because a line was changed or is missing. Its errors name the line.
//
// For a stream that was cut off it returns the report so far together with
// ErrCutOff, without an unfinished last line. Don't use such a report as a
// complete one. JSONLines.After continues it.
func ReadJSONLines(r io.Reader) (*audit.Report, error) {
	in := newIntake(&audit.Report{Schema: audit.ReportSchema})
	_, err := readLines(r, in.line)
	if err != nil && !errors.Is(err, ErrCutOff) {
		return nil, err
	}
	in.report.Recount()
	return in.report, err
}

// StreamJSONLines reads as ReadJSONLines does, and hands each result out in place of
// keeping it. The report has everything else. An error of each ends the reading; a
// stream that was cut off is ErrCutOff, without a report.
func StreamJSONLines(r io.Reader, each func(*audit.Result) error) (*audit.Report, error) {
	in := newIntake(&audit.Report{Schema: audit.ReportSchema})
	var summary audit.Summary
	var failed error
	_, err := readLines(r, func(kind string, line []byte) error {
		if err := in.line(kind, line); err != nil {
			return err
		}
		for _, result := range in.report.Results {
			summary.Add(result)
			if failed == nil {
				failed = each(result)
			}
		}
		in.report.Results = in.report.Results[:0]
		clear(in.texts) // nothing is kept, so nothing is shared
		return failed
	})
	switch {
	case failed != nil:
		return nil, failed
	case err != nil:
		return nil, err
	}
	in.report.Recount()
	summary.Merge(in.report.Summary)
	in.report.Summary = summary
	return in.report, nil
}

// line adds one line. It ignores types that a later release may add.
func (in *intake) line(kind string, line []byte) error {
	switch kind {
	case "start":
		var start startLine
		err := unmarshal(line, &start)
		in.report.Version, in.report.Demo, in.report.Map = start.Version, start.Demo, start.Map
		in.report.Started, in.report.Baseline = start.Started, start.Baseline
		return err
	case "result":
		return in.result(line)
	case "finding":
		var f audit.Finding
		if err := unmarshal(line, &f); err != nil {
			return err
		}
		in.report.Findings = append(in.report.Findings, f)
		return checkStoredFleet(f)
	case "summary":
		var summary summaryLine
		err := unmarshal(line, &summary)
		in.report.Finished, in.report.Digest = summary.Finished, summary.Digest
		return err
	default:
		return nil
	}
}

// ReadChain checks the chain of a stream of JSON Lines and returns its end, for
// JSONLines.After. For a stream that was cut off it returns the end of the last
// complete line together with ErrCutOff.
func ReadChain(r io.Reader) (string, error) {
	return readLines(r, func(string, []byte) error { return nil })
}

var (
	errLineType = errors.New("is not one that JSONLines wrote")
	errChain    = errors.New("does not follow from the line before it: a line was changed, moved, added or removed")
	errNoStart  = errors.New("is not the start of a stream: lines before it are missing")
	errStarts   = errors.New("starts another stream: keep each stream in a file of its own")
	errTrailing = errors.New("comes after the summary")
	errLong     = fmt.Errorf("is longer than %d bytes", maxLine)
)

// readLines calls each with the lines of a stream, without their chain, for as
// long as the chain holds.
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

// readLine checks one line against the chain so far and passes it on.
func readLine(raw []byte, chain, last string, each func(kind string, line []byte) error) (string, error) {
	kind := kindOf(raw)
	cut := len(raw) - len(chainMember) - 64 - len(chainEnd)
	if kind == "" || cut < 0 ||
		!bytes.HasPrefix(raw[cut:], []byte(chainMember)) || !bytes.HasSuffix(raw, []byte(chainEnd)) {
		return "", errLineType
	}
	own := string(raw[cut+len(chainMember):][:64])
	line := append(raw[:cut], '}')
	switch {
	case last == "summary":
		return "", errTrailing
	case last == "" && kind != "start":
		return "", errNoStart
	case last != "" && kind == "start":
		return "", errStarts
	case kind == "start":
		var start startLine
		if err := unmarshal(line, &start); err != nil {
			return "", err
		}
		if err := checkSchema(start.Schema); err != nil {
			return "", err
		}
		chain = start.After
	}
	if link256(chain, line) != own {
		return "", errChain
	}
	return own, each(kind, line)
}

// kindOf is the type of a line, or empty if the line doesn't begin with one.
func kindOf(line []byte) string {
	rest, ok := bytes.CutPrefix(line, []byte(`{"type":"`))
	kind, _, closed := bytes.Cut(rest, []byte{'"'})
	if !ok || !closed {
		return ""
	}
	return string(kind)
}

// wholeLines splits after line breaks and drops what follows the last one.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF {
		return len(data), nil, nil
	}
	return 0, nil, nil
}
