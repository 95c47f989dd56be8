package render

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestCheckedSettles: what a hand-made finding leaves open gets its cautious
// meaning, in a copy, and is counted.
func TestCheckedSettles(t *testing.T) {
	for name, c := range map[string]struct {
		finding audit.Finding
		want    string
	}{
		"unknown outcome":   {finding("r", audit.Outcome(9), 0, 0, "m", ""), "r undetermined high"},
		"outcome only":      {finding("r", audit.Outcome(9), audit.Low, 0, "m", ""), "r undetermined low"},
		"unknown severity":  {finding("r", audit.Failed, audit.Severity(9), 0, "m", ""), "r failed high"},
		"no severity":       {audit.Finding{Rule: "r"}, "r undetermined high"},
		"severity as given": {finding("r", audit.Failed, audit.Info, 0, "m", ""), "r failed info"},
		"passed":            {passed("r", "m"), "r passed unset"},
	} {
		t.Run(name, func(t *testing.T) {
			in := one(cleanKey("a"), judged("b", passed("p", "m"), c.finding))
			in.Findings = []audit.Finding{c.finding}
			out, err := checked(in)
			require.NoError(t, err)
			assert.Equal(t, []string{"p passed unset", c.want}, outcomes(out.Results[1].Findings))
			assert.Equal(t, []string{c.want}, outcomes(out.Findings))
			assert.Equal(t, c.finding, in.Results[1].Findings[1], "the report stays as it is")
			assert.Equal(t, c.finding, in.Findings[0])
			assert.Same(t, in.Results[0], out.Results[0], "nothing else is copied")
			if s := out.Findings[0].Severity; unsettled(c.finding) {
				assert.Equal(t, 2, out.Summary.Failed[s]+out.Summary.Undetermined[s])
			}
		})
	}
}

// TestCheckedKeepsTheSummary: it may count keys that are not at hand.
func TestCheckedKeepsTheSummary(t *testing.T) {
	in := &audit.Report{Results: []*audit.Result{cleanKey("a")}, Summary: audit.Summary{Keys: 7, NotInspected: 2}}
	out, err := checked(in)
	require.NoError(t, err)
	assert.Equal(t, in.Summary, out.Summary)
}

// TestWrittenReportsCanBeRead: also those with findings that leave something
// open.
func TestWrittenReportsCanBeRead(t *testing.T) {
	odd := finding("r", audit.Outcome(9), audit.Severity(9), 0, "m", "")
	r := &audit.Report{Results: []*audit.Result{judged("a", odd)}, Findings: []audit.Finding{odd}}
	for name, write := range map[string]func(io.Writer) error{
		"json":  func(w io.Writer) error { return JSON(w, r) },
		"lines": func(w io.Writer) error { return NewJSONLines(w).Report(r) },
		"by line": func(w io.Writer) error {
			lines := NewJSONLines(w)
			require.NoError(t, lines.Result(r.Results[0]))
			require.NoError(t, lines.Finding(odd))
			return lines.Summary(r.Summary, now)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var buf bytes.Buffer
			require.NoError(t, write(&buf))
			back, err := ReadReport(&buf)
			require.NoError(t, err)
			assert.Equal(t, []string{"r undetermined high"}, outcomes(back.Results[0].Findings))
			assert.Equal(t, []string{"r undetermined high"}, outcomes(back.Findings))
		})
	}
}

// checked is a report as a format gets it.
func checked(r *audit.Report) (*audit.Report, error) {
	var kept keeper
	err := whole(newWriter(&kept), r)
	return &kept.Report, err
}

type keeper struct{ audit.Report }

func (*keeper) Start(*audit.Report) error { return nil }

func (k *keeper) Result(r *audit.Result) error {
	k.Results = append(k.Results, r)
	return nil
}

func (k *keeper) End(r *audit.Report) error {
	results := k.Results
	k.Report = *r
	k.Results = results
	return nil
}

// digested is what a report shows of its keys.
func digested(r *audit.Report) *digest {
	d := newDigest(mostKeys)
	for _, result := range r.Results {
		d.add(newEntry(result))
	}
	return d
}
