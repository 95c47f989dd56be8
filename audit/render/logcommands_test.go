package render

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logCommands are texts that the log of a build acts on, at the beginning of a line or
// anywhere in it.
var logCommands = []string{
	"::error::x", "::add-mask::e", "::set-output name=x::y", "::stop-commands::x", "::warning file=a,line=1::x%0A::error::y", "  ::Group::x", ":::error::x", "::echo::on",
	"##[error]x", "##[set-env name=PATH]x", "##vso[task.setvariable variable=x]y", "##VSO[task.complete result=Succeeded;]", "##teamcity[buildStatus status='SUCCESS']", "###[group]x", "#####vso[x.y]z",
	"section_start:1560896352:x\r\x1b[0Kx", "\x1b[0Ksection_end:1560896352:x\r\x1b[0K", "\x1b[8mha:x\x1b[0m", "\u009b2J", "\r\n::error::x", "\u2028::error::x", "\x00##[error]x",
}

var (
	// anywhere is what Azure Pipelines, GitHub's older commands and TeamCity look for in
	// a whole line; in the source of the first two: IndexOf.
	anywhere = regexp.MustCompile(`(?i)##([a-z]*)\[`)
	// leading is what GitHub looks for after TrimStart, up to the next "::".
	leading = regexp.MustCompile(`(?i)^::(add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|notice|remove-matcher|save-state|set-env|set-output|stop-commands|warning)( .*)?::`)
)

// checkInert checks that no line of an output is a command to what shows it.
func checkInert(tb testing.TB, name string, out []byte) {
	tb.Helper()
	for line := range strings.SplitSeq(string(out), "\n") {
		require.NotRegexp(tb, anywhere, line, name)
		require.NotRegexp(tb, leading, strings.TrimLeftFunc(strings.TrimPrefix(line, "\ufeff"), unicode.IsSpace), name)
	}
}

// TestNoLineIsACommandOfALog: whatever is in every place of a report, the log of a build
// that shows it takes no line for a command, in any format, however lines are broken.
func TestNoLineIsACommandOfALog(t *testing.T) {
	texts := append([]string{strings.Repeat("x", 61) + strings.Join(logCommands, ""), strings.Repeat("::error::##[error]", 40)}, logCommands...)
	for _, text := range texts {
		report := richReport()
		poison(reflect.ValueOf(&report.Results).Elem(), text)
		poison(reflect.ValueOf(&report.Findings).Elem(), text)
		checkInert(t, "report.json", marshal(t, report))
		for name, out := range renderAll(t, report) {
			checkSafe(t, name, out)
			checkInert(t, name, out)
		}
		for format, write := range trackers(poisoned(t, text)) {
			checkInert(t, format, written(t, write))
		}
	}
}

// TestForLog: a writer for everything else makes the same lines inert, in whatever pieces
// they are written, and nothing else.
func TestForLog(t *testing.T) {
	for _, command := range logCommands {
		for _, text := range []string{command, "a\n\u3000 " + command, "a\r" + command + "\n" + command, "keyaudit: \"" + command + "\""} {
			for size := 1; size <= len(text); size++ {
				var out bytes.Buffer
				w := ForLog(&out)
				for piece := range slices.Chunk([]byte(text), size) {
					n, err := w.Write(piece)
					require.NoError(t, err)
					require.Equal(t, len(piece), n)
				}
				checkInert(t, text, bytes.ReplaceAll(out.Bytes(), []byte("\r"), []byte("\n")))
				back := strings.NewReplacer(`\u005b`, "[", `\u003a`, ":", `\u0020`, " ").Replace(out.String())
				require.Equal(t, text, back)
			}
		}
	}
	for _, text := range []string{"::/0\n ::1 a\n::ffff:10.0.0.1 x\n", "a ::error::x\n", "## [x] #[y] ##a-[z]\n", `{"a":"\u0023#[x]"}`} {
		var out bytes.Buffer
		_, err := ForLog(&out).Write([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, text, out.String())
	}
	_, err := ForLog(brokenWriter{}).Write([]byte("x"))
	assert.ErrorIs(t, err, io.ErrShortWrite)
}

// TestJSONForLog: nothing acts, and the same text is read back.
func TestJSONForLog(t *testing.T) {
	for _, text := range append(logCommands, nasty) {
		var out bytes.Buffer
		encoder := json.NewEncoder(JSONForLog(&out))
		encoder.SetEscapeHTML(false)
		require.NoError(t, encoder.Encode(text))
		checkSafe(t, "", out.Bytes())
		checkInert(t, "", out.Bytes())
		var back string
		require.NoError(t, json.Unmarshal(out.Bytes(), &back))
		require.Equal(t, strings.ToValidUTF8(text, "\ufffd"), back)
	}
	require.ErrorIs(t, json.NewEncoder(JSONForLog(brokenWriter{})).Encode(""), io.ErrShortWrite)
}

// TestPlainOfCommands: what only looks like a command is shown as it is.
func TestPlainOfCommands(t *testing.T) {
	for in, want := range map[string]string{
		"::error::x":                `\u003a:error\u003a:x`,
		"a::notice file=b::c":       `a\u003a:notice file=b::c`,
		"##[error]x":                `\u0023#[error]x`,
		"###vso[a.b]c":              `#\u0023#vso[a.b]c`,
		"::/0 ::1 ::ffff:10.0.0.1":  "::/0 ::1 ::ffff:10.0.0.1",
		"2001:db8::beef 2001::dead": "2001:db8::beef 2001::dead",
		"std::vector<int>":          "std::vector<int>",
		"## title [x] #1":           "## title [x] #1",
	} {
		assert.Equal(t, want, plain(in))
	}
}
