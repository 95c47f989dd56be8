package render

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var colours = regexp.MustCompile("\x1b\\[[0-9;]+m")

// checkSafe checks that a rendering contains nothing but what may be in it.
func checkSafe(tb testing.TB, name string, out []byte) {
	tb.Helper()
	if name == "report.color.txt" {
		out = colours.ReplaceAll(out, nil)
	}
	odd := bytes.IndexFunc(out, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
	require.Negative(tb, odd, "%s: a character that isn't shown, at byte %d", name, odd)
	if strings.HasSuffix(name, ".md") {
		rest := markdownOwn.ReplaceAllString(string(out), " ")
		require.NotRegexp(tb, markdownForbidden, rest)
		for line := range strings.SplitSeq(rest, "\n") {
			if n := strings.Count(line, "|"); n != 0 && n != 5 && n != 7 {
				require.Fail(tb, "a text broke out of its cell", "%s", line)
			}
		}
	}
}

var (
	// markdownOwn is what the renderer writes on purpose: escapes, the links
	// to key pages, the folded part and the bold beginnings of lines.
	markdownOwn = regexp.MustCompile(`(?m)&#[0-9]+;|\\[*_\[\]~#$!]|\[Edit the key\]\(https://[A-Za-z0-9._~/?=&%+:#,;-]+\)|` +
		`<details><summary>[0-9]+ (?:clean keys?|further keys? with findings)</summary>|</details>|^\*\*[^*\n]*\*\*`)
	markdownForbidden = regexp.MustCompile("(?i)[<>`\\[\\]*_~\\\\$]|://|www\\.|[@#][\\pL\\pN]")
)

func TestNothingActs(t *testing.T) {
	report := richReport()
	checkSafe(t, "report.json", marshal(t, report))
	for name, out := range renderAll(t, report) {
		t.Run(name, func(t *testing.T) { checkSafe(t, name, out) })
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"grid bot · 未知 é":        "grid bot · 未知 é",
		"a\r\n\tb\u00a0c\u3000d": "a   b c d",
		"\x1b[31m\x07\x7f":       `\u001b[31m\u0007\u007f`,
		"\u009b2J\u202ex\u200by": `\u009b2J\u202ex\u200by`,
		"\U000e0041":             `\U000e0041`,
		"a\xffb":                 "a\ufffdb",
	} {
		assert.Equal(t, want, plain(in))
	}
}

func TestMarkdownText(t *testing.T) {
	for in, want := range map[string]string{
		"the key can withdraw (2026-11-22).": "the key can withdraw (2026-11-22).",
		"a | b\\":                            "a &#124; b&#92;",
		"<b>&amp;</b>":                       "&#60;b&#62;&#38;&#8203;amp;&#60;/b&#62;",
		"`x` *x* _x_ ~~x~~":                  `&#96;x&#96; \*x\* \_x\_ \~\~&#8203;x\~\~`,
		"[x](javascript:1) ![x](y)":          `\[x\](javascript:1) \!\[x\](y)`,
		"@ada ada@x.test #1 !1 $1":           `@&#8203;ada ada@&#8203;x.test \#&#8203;1 \!&#8203;1 \$&#8203;1`,
		"# 1 @ x":                            `\# 1 @ x`,
		"https://x WWW.x awww":               "https:&#8203;//x WWW&#8203;.x awww",
		"GH-1 high-age":                      "GH&#8203;-1 high&#8203;-age",
		"2001:db8::1":                        "2001:db8::1",
	} {
		assert.Equal(t, want, markdown(in))
	}
}

func TestLink(t *testing.T) {
	for text, want := range map[string]bool{
		"https://www.bybit.com/app/user/api-management": true,
		"https://x.test/a?b=c&d=%20#e":                  true,
		"":                                              false,
		"http://x.test":                                 false,
		"javascript:alert(1)":                           false,
		"https://":                                      false,
		"https://user@x.test":                           false,
		"https://x.test/)[a](javascript:1":              false,
		"https://x.test/ \"title\"":                     false,
		"https://x.test/<b>":                            false,
		"https://x.test/\n":                             false,
		"https://x.test/%zz":                            false,
	} {
		_, ok := link(text)
		assert.Equal(t, want, ok, text)
	}
}

func TestWrap(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		width int
		want  []string
	}{
		"nothing":       {"  ", 10, []string{""}},
		"fits":          {"one two", 7, []string{"one two"}},
		"breaks":        {"one two three", 8, []string{"one two", "three"}},
		"long word":     {"a bcdefghij k", 4, []string{"a", "bcde", "fghi", "j k"}},
		"address":       {"see https://x.test/y now", 6, []string{"see", "https://x.test/y", "now"}},
		"wide":          {"未知の権限", 4, []string{"未知", "の権", "限"}},
		"combining":     {"e\u0301e\u0301 e\u0301", 4, []string{"e\u0301e\u0301 e\u0301"}},
		"hardly a line": {"ab", -3, []string{"ab"}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, wrap(c.text, c.width)) })
	}
}

func TestShorten(t *testing.T) {
	assert.Equal(t, "abc", shorten("abc", 3))
	assert.Equal(t, "ab…", shorten("abc", 2))
	assert.Equal(t, "éé", shorten("éé", 2))
	assert.Equal(t, "éé…", shorten("éé é", 3))
}

// TestEncodeReadsBack: escaped, but the same text.
func TestEncodeReadsBack(t *testing.T) {
	text := strings.ToValidUTF8(nasty, "\ufffd")
	raw, err := encode(text, "", "")
	require.NoError(t, err)
	checkSafe(t, "", raw)
	var back string
	require.NoError(t, json.Unmarshal(raw, &back))
	assert.Equal(t, text, back)
}
