package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// trackers write a report for programs that keep a list of findings.
func trackers(r *audit.Report) map[string]func(io.Writer) error {
	iam := OCSFOptions{Rules: fewRules}
	compliance := OCSFOptions{Rules: fewRules, Class: Compliance}
	return map[string]func(io.Writer) error{
		"report.sarif":            func(w io.Writer) error { return SARIF(w, r, SARIFOptions{Rules: fewRules}) },
		"report.junit.xml":        func(w io.Writer) error { return JUnit(w, r) },
		"report.ocsf.jsonl":       func(w io.Writer) error { return OCSF(w, r, iam) },
		"report.compliance.jsonl": func(w io.Writer) error { return OCSF(w, r, compliance) },
	}
}

// fewRules keep the golden files independent of the catalogue's wording.
var fewRules = []*audit.Rule{
	{
		ID: "withdrawal", Title: "Right to withdraw", Severity: audit.Critical, Since: "v0.1.0", Why: "A thief who copies the key can empty the account.",
		Remedy: "Switch the right off.", References: []string{"CWE-250", "CWE-272", "NHI5:2025"},
	},
	{
		ID: "ip-allowlist", Title: "IP allowlist", Severity: audit.Critical, Since: "v0.1.0", Why: "A restricted key is worthless to a thief.",
		Remedy: "Restrict the key to the bot's IP address.", References: []string{"CWE-284", "NHI4:2025", "3Commas 2022-12"},
	},
}

func written(tb testing.TB, write func(io.Writer) error) []byte {
	tb.Helper()
	var buf bytes.Buffer
	require.NoError(tb, write(&buf))
	return buf.Bytes()
}

func TestTrackersGolden(t *testing.T) {
	for name, write := range trackers(richReport()) {
		t.Run(name, func(t *testing.T) { golden(t, name, written(t, write)) })
	}
}

func TestTrackersRefuse(t *testing.T) {
	for name, r := range map[string]*audit.Report{
		"no report":   nil,
		"no result":   {Results: []*audit.Result{nil}},
		"no snapshot": {Results: []*audit.Result{{Name: "x"}}},
	} {
		for format, write := range trackers(r) {
			t.Run(name+"/"+format, func(t *testing.T) { require.Error(t, write(io.Discard)) })
		}
	}
}

// TestTrackersBrokenWriter: a full disk is an error, wherever it fills up.
func TestTrackersBrokenWriter(t *testing.T) {
	report := bigFleet(200)
	for name, write := range trackers(report) {
		size := len(written(t, write))
		for _, room := range []int{0, 1, 64 << 10, size / 2, size - 1} {
			require.ErrorIs(t, write(&fullDisk{room}), errFull, "%s with %d bytes", name, room)
		}
		require.NoError(t, write(&fullDisk{size}), name)
	}
}

var errFull = errors.New("the disk is full")

type fullDisk struct{ room int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		return 0, errFull
	}
	d.room -= len(p)
	return len(p), nil
}

// TestTrackersStream: nothing is held until the end.
func TestTrackersStream(t *testing.T) {
	for name, write := range trackers(bigFleet(1000)) {
		var p pieces
		require.NoError(t, write(&p), name)
		assert.Greater(t, p.total, 1<<19, name)
		assert.Less(t, p.largest, p.total/5, name)
	}
}

type pieces struct{ total, largest int }

func (s *pieces) Write(p []byte) (int, error) {
	s.total += len(p)
	s.largest = max(s.largest, len(p))
	return len(p), nil
}

func TestTracked(t *testing.T) {
	unanswered := judged("x", finding("withdrawal", audit.Undetermined, audit.Critical, 0, "m", ""))
	unanswered.Snapshot.Failure = &access.Error{Kind: access.KindUnavailable}
	hidden := judged("x", passed(ruleNotInspected, "fine"))
	hidden.Snapshot.Failure = &access.Error{Kind: access.KindBadKey}
	for name, c := range map[string]struct {
		result *audit.Result
		want   []string
	}{
		"clean":       {cleanKey("x"), []string{"withdrawal passed unset", "ip-allowlist passed unset"}},
		"no rule":     {judged("x"), []string{"not-inspected undetermined high"}},
		"no answer":   {unanswered, []string{"withdrawal undetermined critical", "not-inspected failed high"}},
		"says it was": {hidden, []string{"not-inspected passed unset", "not-inspected failed high"}},
		"has it already": {refusedKey(), []string{
			"withdrawal undetermined critical", "ip-allowlist undetermined high", "insecure-transport failed high", "not-inspected failed high",
		}},
		"does not apply": {judged("x", finding("r", audit.NotApplicable, 0, 0, "m", "")), []string{"r not-applicable unset"}},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(c.result.Findings)
			assert.Equal(t, c.want, outcomes(tracked(c.result)))
			assert.Len(t, c.result.Findings, before, "the report stays as it is")
		})
	}
}

// outcomes are findings in short.
func outcomes(findings []audit.Finding) (out []string) {
	for _, f := range findings {
		out = append(out, f.Rule+" "+f.Outcome.String()+" "+f.Severity.String())
	}
	return out
}

// TestIdentity: another value would close every alert and open it again.
func TestIdentity(t *testing.T) {
	assert.Equal(t, "474c8c310d8682060a12913edaf4e453", identity("withdrawal", "bybit", "live", "grid-bot"))
	assert.NotEqual(t, identity("a", "bc"), identity("ab", "c"))
}

func TestKeyNames(t *testing.T) {
	odd := cleanKey("a\x1b")
	nowhere := &audit.Result{Snapshot: &access.Snapshot{}}
	assert.Equal(t, [][]string{
		{"bybit", "testnet", "a"},
		{"bybit", "testnet", "a (2)"},
		{"bybit", "testnet", "a (3)"},
		{"bybit", "testnet", `a\u001b`},
		{"-", "-", "(unnamed)"},
	}, namesOf(one(cleanKey("a"), cleanKey("a"), cleanKey("a"), odd, nowhere)))
}

func namesOf(r *audit.Report) (out [][]string) {
	var names keyNames
	names.start(r)
	for _, result := range r.Results {
		out = append(out, names.of(result))
	}
	return out
}

// hostile is what an exchange, an inventory or a stored report may contain.
var hostile = map[string]string{
	"terminal":   "\x1b[31mred\x1b]8;;https://evil.test\x07 \u009b2J\x00\x7f",
	"order":      "\u202eevil\u202c \u2066x\u2069 \u200b\u2028\u2029\ufeff\U000e0041",
	"markup":     `"><script>alert(1)</script><img src=x onerror='alert(1)'> &amp; &#0; --> <!--`,
	"xml":        "]]> <![CDATA[x]]> <?xml?> <!DOCTYPE x [<!ENTITY y 'z'>]> &y;",
	"link":       `[x](javascript:alert(1)) ![x](https://evil.test) \[ {0} %s ${x}`,
	"not text":   "\xff\xfe\xed\xa0\x80 \ufffe \uffff \U0001ffff",
	"lines":      "a\r\nb\tc\u0085d\u2028e",
	"long":       strings.Repeat("very long <&\x00 ", 20_000),
	"everything": nasty,
	"path":       "../../../etc/passwd:%zz?#\\..\\",
	"nothing":    "",
}

// poisoned is a report with one text in every place.
func poisoned(tb testing.TB, text string) *audit.Report {
	tb.Helper()
	r := &audit.Report{
		Baseline: &audit.Baseline{}, Findings: []audit.Finding{*filled[audit.Finding](tb)},
		Results: []*audit.Result{filled[audit.Result](tb), filled[audit.Result](tb)},
	}
	r.Results[0].Last, r.Results[1].Last = nil, nil
	r.Results[1].Snapshot.Failure = nil
	r.Results[0].Record.Labels = map[string]string{"a": "text", "text": "b"}
	poison(reflect.ValueOf(r).Elem(), text)
	r.Results[0].Findings = append(r.Results[0].Findings, audit.Finding{Rule: text, Message: text, Remedy: text, Waived: text})
	return r
}

func poison(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i), text)
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			v.SetMapIndex(key, reflect.Value{})
			v.SetMapIndex(reflect.ValueOf(text+key.String()).Convert(key.Type()), reflect.ValueOf(text).Convert(v.Type().Elem()))
		}
	default:
	}
}

// TestTrackersHostile: whatever a text contains, the file can be read, and its
// texts do nothing to a terminal or to a line's order.
func TestTrackersHostile(t *testing.T) {
	for name, text := range hostile {
		for format, write := range trackers(poisoned(t, text)) {
			t.Run(name+"/"+format, func(t *testing.T) {
				out := written(t, write)
				checkSafe(t, format, out)
				texts := textsOf(t, out)
				require.NotEmpty(t, texts)
				for _, shown := range texts {
					assert.False(t, strings.ContainsFunc(strings.ReplaceAll(shown, "\n", ""), unsafeRune), "%q", shown)
					assert.Less(t, len(shown), 10_000)
				}
			})
		}
	}
}

// textsOf reads XML, JSON or JSON Lines, and lists every text in it.
func textsOf(tb testing.TB, out []byte) (texts []string) {
	tb.Helper()
	if bytes.HasPrefix(out, []byte("<?xml")) {
		for decoder := xml.NewDecoder(bytes.NewReader(out)); ; {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				return texts
			}
			require.NoError(tb, err)
			switch token := token.(type) {
			case xml.CharData:
				texts = append(texts, string(token))
			case xml.StartElement:
				for _, a := range token.Attr {
					texts = append(texts, a.Value)
				}
			}
		}
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			texts = append(texts, v)
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for name, e := range v {
				texts = append(texts, name)
				walk(e)
			}
		}
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var v any
		require.NoError(tb, decoder.Decode(&v))
		walk(v)
	}
	return texts
}

func BenchmarkTrackers(b *testing.B) {
	r := bigFleet(10_000)
	for name, write := range trackers(r) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var size counter
				require.NoError(b, write(&size))
				b.ReportMetric(float64(size)/1e6, "MB")
			}
		})
	}
}
