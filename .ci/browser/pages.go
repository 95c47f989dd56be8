// Command pages reads a report as JSON and writes the pages that are checked in a
// browser: the report itself, compared with an earlier one; the same keys repeated
// until they are ten thousand; one in which every text is hostile; and an empty one.
// expected.json says what the pages must show.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

const many = 10_000

// hostile is markup, handlers, what reorders a line, what ends a script, and a very
// long word.
var hostile = "<script>evil('s')</script><img src=x onerror=evil('i')>\"'><svg onload=evil('v')></noscript></script></style><!--" +
	" \u202etxt.exe\u202c \x00\x1b[31m {{.}} ${evil('t')} javascript:evil('j') " + longText()

func longText() string {
	text := make([]byte, 5000)
	for i := range text {
		text[i] = 'W'
	}
	return string(text)
}

// expected is what a page must say.
type expected struct {
	Keys, Failed, Exchanges int
	Names                   []string // of the keys, unless they are many
	Withdraw                int      // keys that fail the rule withdrawal
}

func main() {
	report, err := render.ReadJSON(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	folder := os.Args[1]
	all := map[string]expected{}
	for name, r := range map[string]*audit.Report{"report": compared(report), "fleet": repeated(report), "hostile": poisoned(report), "empty": {Schema: audit.ReportSchema}} {
		if err := write(filepath.Join(folder, name+".html"), r); err != nil {
			log.Fatal(err)
		}
		all[name] = count(r)
	}
	raw, err := json.Marshal(all)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "expected.json"), raw, 0o600); err != nil {
		log.Fatal(err)
	}
}

func write(path string, r *audit.Report) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	start := time.Now()
	if err := render.HTML(file, r, render.HTMLOptions{Trend: trend(r)}); err != nil {
		return err
	}
	size, err := file.Seek(0, io.SeekCurrent)
	fmt.Printf("%s: %d keys, %.1f MB, %d ms\n", filepath.Base(path), len(r.Results), float64(size)/1e6, time.Since(start).Milliseconds())
	return err
}

// trend is ninety runs before a report.
func trend(r *audit.Report) (points []render.Point) {
	for i := range 90 {
		s := audit.Summary{Keys: r.Summary.Keys + i/30, Failed: map[audit.Severity]int{}, Undetermined: map[audit.Severity]int{}}
		for severity, n := range r.Summary.Failed {
			s.Failed[severity] = n + i*i%7 + i/8
		}
		for severity, n := range r.Summary.Undetermined {
			s.Undetermined[severity] = n + i/3%5
		}
		if i%23 == 5 {
			s.NotInspected = 1 + i%7
		}
		points = append(points, render.Point{At: r.Started.AddDate(0, 0, -i-1), Summary: s})
	}
	return points
}

func count(r *audit.Report) (e expected) {
	exchanges := map[string]bool{}
	for _, result := range r.Results {
		e.Keys++
		exchanges[result.Title] = true
		if f := result.Finding("withdrawal"); f != nil && f.Outcome == audit.Failed && f.Waived == "" {
			e.Withdraw++
		}
		failed := false
		for _, f := range result.Findings {
			failed = failed || (f.Outcome == audit.Failed && f.Waived == "")
		}
		if failed {
			e.Failed++
		}
		if len(r.Results) < 1000 {
			e.Names = append(e.Names, result.Name)
		}
	}
	e.Exchanges = len(exchanges)
	return e
}

// compared is the report, compared with one of the day before that has one more key
// and some other findings.
func compared(now *audit.Report) *audit.Report {
	before := repeat(now, len(now.Results), func(i int, r *audit.Result) {
		r.Findings = append([]audit.Finding{}, r.Findings...)
		for j := range r.Findings {
			switch f := &r.Findings[j]; {
			case f.Outcome == audit.Failed && i%6 == 1:
				f.Outcome = audit.Passed
			case f.Outcome == audit.Passed && f.Rule == "ip-allowlist" && i%9 == 4, f.Outcome == audit.Passed && f.Rule == "key-age" && i%11 == 3:
				f.Outcome, f.Severity = audit.Failed, audit.High
			}
		}
	})
	before.Started, before.Finished = now.Started.AddDate(0, 0, -1), now.Finished.AddDate(0, 0, -1)
	gone := *now.Results[len(now.Results)-1]
	gone.Name = "old-hedger"
	before.Results = append(before.Results, &gone)
	return audit.Compare(before, now, nil)
}

// repeated has the keys many times, with names and ages of their own.
func repeated(r *audit.Report) *audit.Report {
	return repeat(r, many, func(i int, result *audit.Result) {
		result.Name = fmt.Sprintf("%s-%05d", result.Name, i)
		s := *result.Snapshot
		if !s.Created.IsZero() {
			s.Created = s.Created.AddDate(0, 0, -i%400)
		}
		result.Snapshot = &s
		result.Findings = audit.Judge(&s, result.JudgedBy, r.Finished, nil)
	})
}

func repeat(r *audit.Report, n int, change func(int, *audit.Result)) *audit.Report {
	out := &audit.Report{Schema: r.Schema, Started: r.Started, Finished: r.Finished}
	for i := range n {
		result := *r.Results[i%len(r.Results)]
		change(i, &result)
		out.Results = append(out.Results, &result)
	}
	out.Recount()
	return out
}

// poisoned has the hostile text wherever a report has a text.
func poisoned(r *audit.Report) *audit.Report {
	raw, err := json.Marshal(compared(r))
	if err != nil {
		log.Fatal(err)
	}
	var out audit.Report
	if err := json.Unmarshal(raw, &out); err != nil { // a deep copy
		log.Fatal(err)
	}
	out.Results = out.Results[:12]
	rules := map[*audit.Finding]string{}
	for _, result := range out.Results {
		for i := range result.Findings {
			rules[&result.Findings[i]] = result.Findings[i].Rule
		}
	}
	poison(reflect.ValueOf(&out))
	for i, result := range out.Results {
		result.Name = fmt.Sprintf("%d %s", i, hostile)
		for j := range result.Findings { // so that they keep their places, and some are not waived
			if f := &result.Findings[j]; j%5 > 0 {
				f.Rule, f.Waived = rules[f], ""
			}
		}
	}
	out.Recount()
	return &out
}

func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			poison(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			poison(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			poison(v.Index(i))
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString(hostile)
		}
	}
}
