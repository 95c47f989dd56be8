package find

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// The tree in which keys are looked for. It is generated: values are drawn for each
// run of the test from a seed, so that no file of this project looks like a key to
// other scanners.

// planted is a key in a tree.
type planted struct {
	path, exchange string
	id, secret     string // the secret as the file means it
	row            string // the path in the table
}

// sample is a row of a table: a file, and the exchanges of the keys in it,
// separated by commas. A "?" before an exchange: the file doesn't say it.
//
// In the text, {id}, {secret} and {pass} are the parts of the first key, {id2} … of
// the second; {b64:…} encodes; {a:…} and {z:…} are the halves of a part, {esc:…} has \n
// for line ends, {in:…} indents lines. {h64} draws a value that is no key. {bt} is a
// backtick.
type sample struct {
	path, exchanges, text string
}

// forms are those of keys and secrets: %a alnum, %h hex, %H upper hex, %b
// base64, %u base64url, %U upper alnum, %l lower alnum, %g UUID; then how many.
var forms = map[string][2]string{
	"alpaca": {"PK%U18", "%a40"}, "ascendex": {"%a32", "%a64"}, "binance": {"%a64", "%a64"}, "binanceus": {"%a64", "%a64"},
	"bingx": {"%a80", "%a80"}, "bitfinex": {"%u43", "%u43"}, "bitflyer": {"%a22", "%b43="}, "bitget": {"bg_%h32", "%h64"},
	"bithumb": {"%h32", "%h32"}, "bitmart": {"%h40", "%h64"}, "bitmex": {"%u24", "%u48"}, "bitstamp": {"%a32", "%a32"},
	"bitvavo": {"%h64", "%h128"}, "blofin": {"%h32", "%h32"}, "bybit": {"%a18", "%a36"}, "coinbase": {"organizations/%g/apiKeys/%g", "%P"},
	"coinbaseexchange": {"%h32", "%b86=="}, "coinex": {"%H32", "%H48"}, "coinspot": {"%h32", "%U60"}, "cryptocom": {"%a22", "cxakp_%a22"},
	"deribit": {"%a8", "%u43"}, "gate": {"%h32", "%h64"}, "gemini": {"account-%a20", "%a28"}, "htx": {"%l9-%h8-%h8-%h5", "%h8-%h8-%h8-%h5"},
	"korbit": {"%u43", "%a43"}, "kraken": {"%b56", "%b86=="}, "krakenfutures": {"%b56", "%b86=="}, "kucoin": {"%h24", "%g"},
	"lbank": {"%g", "%H32"}, "mexc": {"mx0vgl%a12", "%h32"}, "okx": {"%g", "%H32"}, "phemex": {"%g", "%u86"}, "pionex": {"%a50", "%a60"},
	"upbit": {"%a40", "%a40"}, "whitebit": {"%h32", "%h32"}, "woox": {"%b22==", "%U28"}, "xt": {"%g", "%h40"}, "yobit": {"%H32", "%h32"},
	"zaif": {"%g", "%g"}, "toobit": {"%a64", "%a64"}, "bitrue": {"%a64", "%a64"},
}

const (
	digits = "0123456789"
	lower  = "abcdefghijklmnopqrstuvwxyz"
)

var classes = map[byte]string{
	'a': digits + lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 'h': digits + "abcdef", 'H': digits + "ABCDEF",
	'B': "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
	'U': digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 'l': digits + lower, 'd': digits,
	'b': digits + lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ+/", 'u': digits + lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_",
}

// draw draws a value of a shape.
func draw(r *rand.Rand, shape string) string {
	var out strings.Builder
	for i := 0; i < len(shape); {
		if shape[i] != '%' {
			out.WriteByte(shape[i])
			i++
			continue
		}
		class := shape[i+1]
		end := i + 2
		for end < len(shape) && shape[end] >= '0' && shape[end] <= '9' {
			end++
		}
		n, _ := strconv.Atoi(shape[i+2 : end])
		i = end
		switch class {
		case 'g':
			fmt.Fprintf(&out, "%s-%s-4%s-a%s-%s", chars(r, 'h', 8), chars(r, 'h', 4), chars(r, 'h', 3), chars(r, 'h', 3), chars(r, 'h', 12))
		case 'P':
			out.WriteString("-----BEGIN EC " + "PRIVATE KEY-----\n" + chars(r, 'b', 64) + "\n" + chars(r, 'b', 64) + "\n" + chars(r, 'b', 34) + "==\n-----END EC " + "PRIVATE KEY-----\n")
		default:
			out.WriteString(chars(r, class, n))
		}
	}
	return out.String()
}

// chars draws characters of a class, with one digit and one letter at least. At the edges,
// base64 has its signs as often as anywhere.
func chars(r *rand.Rand, class byte, n int) string {
	alphabet := classes[class]
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	if n > 6 {
		out[2] = digits[2+r.IntN(8)]
		if class == 'h' {
			out[4] = "abcdef"[r.IntN(6)]
		}
	}
	return string(out)
}

// tree is a generated tree.
type tree struct {
	root     string
	pairs    []planted
	clean    int
	canaries []string // nothing of these may be in any output
	files    map[string]string
}

// plant writes a table of files with keys and one of files without, the latter
// several times with other values.
func plant(t *testing.T, seed uint64, with, without []sample, times int) *tree {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 14))
	out := &tree{root: t.TempDir(), files: map[string]string{}}
	for _, s := range with {
		path, text := s.path, out.fill(r, &s)
		for more := true; more; { // further files follow a line with ===
			var rest string
			text, rest, more = strings.Cut(text, "\n=== ")
			out.write(t, path, text+"\n")
			path, text, _ = strings.Cut(rest, "\n")
		}
	}
	for i := range times {
		for _, s := range without {
			path := fmt.Sprintf("clean%d/%s", i, s.path)
			out.write(t, path, out.fill(r, &sample{path, s.exchanges, s.text}))
			out.clean++
		}
	}
	return out
}

// write writes a file in the form that its text begins with.
func (o *tree) write(t *testing.T, path, text string) {
	t.Helper()
	data := []byte(text)
	switch form, rest, _ := strings.Cut(text, "\n"); form {
	case "form:utf16":
		data = []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(strings.ReplaceAll(rest, "\n", "\r\n"))) {
			data = append(data, byte(u), byte(u>>8))
		}
	case "form:b64":
		data = []byte("BOT_CONFIG=" + base64.StdEncoding.EncodeToString([]byte(rest)) + "\n")
	case "form:crlf":
		data = []byte("\xef\xbb\xbf" + strings.ReplaceAll(rest, "\n", "\r\n"))
	}
	o.files[path] = string(data)
	full := filepath.Join(o.root, path)
	require.NoError(t, os.MkdirAll(filepath.Dir(full), 0o700))
	require.NoError(t, os.WriteFile(full, data, 0o600))
}

// fill draws the values of a file.
func (o *tree) fill(r *rand.Rand, s *sample) string {
	values := map[string]string{"bt": "`"}
	pass := "pA5s-" + chars(r, 'l', 9)
	for i, exchange := range strings.Split(s.exchanges, ",") {
		n := ""
		if i > 0 {
			n = strconv.Itoa(i + 1)
		}
		if exchange == "" {
			break
		}
		said := strings.TrimPrefix(exchange, "?")
		shape, ok := forms[said]
		if !ok {
			shape = [2]string{"%a32", "%a48"}
		}
		id, secret := draw(r, shape[0]), draw(r, shape[1])
		if strings.Contains(s.text, "{own"+n+"}") { // a key of one's own making
			secret = strings.ReplaceAll(draw(r, "%P"), "EC ", "")
		}
		values["id"+n], values["secret"+n], values["own"+n], values["pass"+n] = id, secret, secret, pass
		if said != exchange {
			exchange = ""
		}
		o.pairs = append(o.pairs, planted{path: s.path, exchange: exchange, id: id, secret: secret, row: s.path})
		o.canaries = append(o.canaries, secret, pass)
	}
	return expand(r, s.text, values)
}

// expand replaces what stands in braces.
func expand(r *rand.Rand, text string, values map[string]string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, after, ok := strings.Cut(rest, "}")
		value, known := expanded(r, name, values)
		if !ok || !known {
			out.WriteByte('{')
			text = rest
			continue
		}
		out.WriteString(value)
		text = after
	}
}

func expanded(r *rand.Rand, name string, values map[string]string) (string, bool) {
	how, of, coded := strings.Cut(name, ":")
	if !coded {
		of = how
	}
	value, known := values[of]
	if !known && len(of) > 1 && of[1] >= '0' && of[1] <= '9' && (classes[of[0]] != "" || of[0] == 'g') {
		value, known = draw(r, "%"+of), true
	}
	if !known {
		return "", false
	}
	switch {
	case !coded:
	case how == "b64":
		value = base64.StdEncoding.EncodeToString([]byte(value))
	case how == "b64n":
		value = base64.StdEncoding.EncodeToString([]byte(value + "\n"))
	case how == "a":
		value = value[:len(value)/2]
	case how == "z":
		value = value[len(value)/2:]
	case how == "esc":
		value = strings.ReplaceAll(value, "\n", `\n`)
	case how == "in":
		value = strings.ReplaceAll(strings.TrimSpace(value), "\n", "\n      ")
	case how == "pct":
		value = strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(value)
	}
	return value, true
}

// canariesIn names the files' secrets that an output contains, in plaintext or in
// base64, whole or from the ninth character on.
func (o *tree) canariesIn(output []byte) (found []string) {
	for _, c := range o.canaries {
		for _, form := range []string{c, base64.StdEncoding.EncodeToString([]byte(c)), c[min(8, len(c)/2):], c[:len(c)*3/4]} {
			if form = strings.TrimSpace(form); len(form) > 7 && bytes.Contains(output, []byte(form)) {
				found = append(found, "a secret of "+strconv.Itoa(len(c))+" characters")
				break
			}
		}
	}
	return found
}

// TestTree holds the tree to what it is to be: large enough, and the same for a seed.
func TestTree(t *testing.T) {
	t.Parallel()
	one := plant(t, 1, keyFiles, cleanFiles, 4)
	require.GreaterOrEqual(t, len(keyFiles), 60)
	require.GreaterOrEqual(t, len(one.pairs), 60)
	require.Equal(t, 200, one.clean)
	for _, p := range one.pairs {
		require.NotEmpty(t, p.id, p.path)
		require.NotEqual(t, p.id, p.secret, p.path)
	}
	require.Equal(t, one.files, plant(t, 1, keyFiles, cleanFiles, 4).files)
}
