package render

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// JSONLines writes one JSON object per line as results arrive, and keeps none.
// The first line has "type":"start". Then come lines with "type":"result" and
// the members of a result as JSON writes it, then "type":"finding" for
// fleet-wide findings, and last "type":"summary". A stream without that last
// line was cut off. New types of lines may be added. A JSONLines is a Writer that may
// also begin without Start, and is not safe for concurrent use.
//
// The lines form a chain, which reveals a line that was changed, removed, added
// or moved. Each ends in the member "chain": the SHA-256, in lower-case hex, of
// the chain of the line before, followed by the line itself up to the comma
// before "chain" and a closing brace. The chain before the first line is the one
// that its member "after" names, or empty. Anyone who can write the file can also
// make a new chain: keep the last one, which Chain returns, somewhere else.
type JSONLines struct {
	w       io.Writer
	chain   string
	begun   bool
	started time.Time
	check   checker
}

// NewJSONLines writes to w, one Write per line.
func NewJSONLines(w io.Writer) *JSONLines { return &JSONLines{w: w} }

// After continues the chain that ended so. If Start is called next, this is a
// new stream that names its predecessor; otherwise it is the rest of the stream
// that was cut off there.
func (l *JSONLines) After(chain string) *JSONLines {
	l.chain, l.begun = chain, chain != ""
	return l
}

// Chain returns the chain of the last line.
func (l *JSONLines) Chain() string { return l.chain }

// Start writes the first line: what is known of a report before its results, which
// are its version, whether it is a demonstration, what the program knew of the
// exchanges, when the run began, and the report that it will be compared with. Without
// Start, the first line says none of it.
func (l *JSONLines) Start(r *audit.Report) error {
	l.begun, l.started = true, r.Started
	return l.write(startLine{typed{"start"}, audit.ReportSchema, r.Version, r.Demo, r.Map, r.Started, l.chain, r.Baseline})
}

// Result writes the line of one key.
func (l *JSONLines) Result(r *audit.Result) error {
	r, err := l.check.result(r)
	if err != nil {
		return fmt.Errorf("render: the result %w", err)
	}
	return l.write(struct {
		typed
		*audit.Result
	}{typed{"result"}, r})
}

// Finding writes the line of a fleet-wide finding.
func (l *JSONLines) Finding(f audit.Finding) error {
	return l.write(struct {
		typed
		audit.Finding
	}{typed{"finding"}, settled(f)})
}

// Summary writes the last line. The time may be zero.
func (l *JSONLines) Summary(s audit.Summary, finished time.Time) error {
	return l.last(s, finished, "")
}

// End writes the findings and the summary of a report.
func (l *JSONLines) End(r *audit.Report) error {
	r = l.check.end(r)
	for _, f := range r.Findings {
		if err := l.Finding(f); err != nil {
			return err
		}
	}
	return l.last(r.Summary, r.Finished, r.Digest)
}

func (l *JSONLines) last(s audit.Summary, finished time.Time, digest string) error {
	return l.write(summaryLine{typed{"summary"}, audit.ReportSchema, s, l.started, finished, digest})
}

// Report writes all lines of a report.
func (l *JSONLines) Report(r *audit.Report) error { return whole(l, r) }

type (
	// typed comes first in every line.
	typed struct {
		Type string `json:"type"`
	}
	startLine struct {
		typed
		Schema   int             `json:"schema"`
		Version  string          `json:"version,omitempty"`
		Demo     bool            `json:"demo,omitempty"`
		Map      audit.Map       `json:"exchange_map,omitzero"`
		Started  time.Time       `json:"started,omitzero"`
		After    string          `json:"after,omitempty"`
		Baseline *audit.Baseline `json:"baseline,omitempty"`
	}
	summaryLine struct {
		typed
		Schema int `json:"schema"`
		audit.Summary
		Started  time.Time `json:"started,omitzero"`
		Finished time.Time `json:"finished,omitzero"`
		Digest   string    `json:"digest,omitempty"`
	}
)

func (l *JSONLines) write(v any) error {
	if !l.begun {
		if err := l.Start(&audit.Report{}); err != nil {
			return err
		}
	}
	raw, err := encode(v, "", "")
	if err != nil {
		return err
	}
	body := raw[:len(raw)-len("\n")]
	chain := link256(l.chain, body)
	line := append(body[:len(body)-len("}")], chainMember+chain+chainEnd...)
	if _, err := l.w.Write(line); err != nil {
		return err
	}
	l.chain = chain
	return nil
}

const (
	chainMember = `,"chain":"`
	chainEnd    = "\"}\n"
)

// link256 is the chain of a line, given without that member.
func link256(before string, line []byte) string {
	h := sha256.New()
	_, _ = io.WriteString(h, before)
	_, _ = h.Write(line)
	return hex.EncodeToString(h.Sum(nil))
}
