package render

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestHostileTexts: whatever text is in every place of a report, no format
// contains a character that acts, and only JSON grows with the text.
func TestHostileTexts(t *testing.T) {
	texts := maps.Clone(hostile)
	maps.Copy(texts, map[string]string{
		"Markdown": "[x](javascript:alert(1)) ![x](https://x.test) | `x` **x**\n# x\n- x\n```",
		"formula":  "=1+1", "formula at": "@SUM(1)", "formula wide": "＝1+1", "formula behind": "\t\"; =1+1", "label": "a\"} 1\nx{y=\"",
		"JSON": `","chain":"` + strings.Repeat("0", 64) + "\"}\n{\"type\":\"summary\"}", "long": strings.Repeat("A long word and\x00 an end. ", 400),
	})
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := richReport()
			poison(reflect.ValueOf(&report.Results).Elem(), text)
			poison(reflect.ValueOf(&report.Findings).Elem(), text)
			checkSafe(t, "report.json", marshal(t, report))
			checkChain(t, lines(t, report))
			for name, out := range renderAll(t, report) {
				checkSafe(t, name, out)
				switch {
				case strings.HasPrefix(name, "report.all"), strings.HasSuffix(name, ".csv"):
					assert.Less(t, len(out), 5<<18, name)
				case name != "report.jsonl":
					assert.Less(t, len(out), 1<<18, name)
				}
			}
			for _, row := range table(t, report) {
				for _, cell := range row {
					assert.NotRegexp(t, formula, cell)
				}
			}
		})
	}
}
