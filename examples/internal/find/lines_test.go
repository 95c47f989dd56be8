//go:build unix

package find

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// lined are keys whose report names lines: that of the key, and those of what says which
// exchange it is for, or that it must not be sent. {W} is a wallet's private key.
var lined = []sample{
	{"a", "bybit", "BYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret}\n"},
	{"b", "okx", "{\"exchange\": \"okx\",\n \"label\": \"one\",\n \"apiKey\": \"{id}\",\n \"secret\": \"{secret}\"}\n"},
	{"c", "kraken", "Kraken\n\nAPI Key: {id}\nPrivate Key: {secret}\n\n"},
	{"d", "kucoin", "label,exchange,api_key,api_secret\nx,kucoin,{id},{secret}\n\n"},
	{"e", "gate", "INSERT INTO accounts (label, exchange, api_key, api_secret)\nVALUES\n  ('x', 'gateio', '{id}', '{secret}');\n"},
	{"f", "bitget", "one more: {id}\n"},
	{"g", "bitmex", "from bitmex import Client\n\nc = Client(\n    \"{id}\",\n    \"{secret}\",\n)\n"},
	{"h", "bybit", "config: |\n  exchange: bybit\n  api_key: {id}\n  api_secret: {secret}\nend: 1\n"},
	{"i", "coinbase", "COINBASE_API_KEY={id}\nCOINBASE_API_SECRET=\"{secret}\"\n"},
	{"j", "deribit", "text = \"\"\"\nDERIBIT_CLIENT_ID={id}\nDERIBIT_CLIENT_SECRET={secret}\n\"\"\"\n"},
	{"k", "mexc", "{\"cells\": [{\"source\": [\"MEXC_KEY = '{id}'\\n\", \"MEXC_SECRET = '{secret}'\\n\"]}]}\n"},
	{"l", "phemex", "# demo account\nPHEMEX_API_KEY={id}\nPHEMEX_API_SECRET={secret}\n"},
	{"m", "bybit", "one\nform:b64\n\nBYBIT_API_KEY={id}\n\nBYBIT_API_SECRET={secret}\n"},
	{"n", "", "hot wallet\nprivate key: {h64}\n"},
	{"o", "", "Seed phrase:\nacid board cabbage decade eagle fabric galaxy habit idea jaguar kangaroo ladder\n\n"},
}

// otherLines stand around keys in a file: none names an exchange, and some have other ends.
var otherLines = []string{"all is well and nothing happens", "", "the weather is fine", "\tindented: yes", "Grüße aus Köln", "- an item", "x = 1; y = 2", "a line that is a bit longer than the others are, for no reason at all"}

// numbered are the lines that a sentence names, with the name that stands on each, if it
// says one.
var numbered = regexp.MustCompile(`(\S+?),? \(?line (\d+)|^line (\d+)`)

// TestLinesAreRight: every line that a report names is the one in the file, wherever in it
// the key stands, and however large it is.
func TestLinesAreRight(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(31, 7))
	named := 0
	for _, size := range []int{1 << 10, 300 << 10, window, 2*window + window/2} {
		for _, s := range lined {
			end := []string{"\n", "\r\n", "\r"}[r.IntN(3)]
			text := linedFile(r, &s, size, end)
			root := t.TempDir()
			write(t, root, "notes.txt", text)
			report := look(t, Options{Paths: []string{root}})
			lines := strings.Split(strings.ReplaceAll(text, end, "\n"), "\n")
			lineOf := func(part string) int {
				part, _, _ = strings.Cut(part, "\n")
				return 1 + slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, part) })
			}
			assert.NotEmpty(t, report.Found, "%s in %d bytes", s.path, size)
			for _, c := range report.Candidates(exchanges.All()) {
				f := c.Place
				want := lineOf(cmp.Or(f.Secret.Reveal(), f.ID.Reveal()))
				if want == 0 { // in base64
					want = lineOf("BYBIT_CONFIG")
				}
				said := fmt.Sprintf("%s in %d bytes with %q, line %d: %s; %s", s.path, size, end, want, f.Why, c.Not)
				assert.Equal(t, want, f.Line, said)
				for _, m := range numbered.FindAllStringSubmatch(f.Why+"\n"+c.Not, -1) {
					named++
					n, err := strconv.Atoi(m[2] + m[3])
					require.NoError(t, err)
					if name := strings.Trim(m[1], "\"`"); assert.LessOrEqual(t, n, len(lines), said) && want != lineOf("BYBIT_CONFIG") {
						assert.True(t, strings.Contains(lines[n-1], name) || strings.Contains(lines[n-1], f.Exchange) && f.Exchange != "", said)
					}
				}
			}
		}
	}
	assert.Greater(t, named, 40)
}

// linedFile is a file of a size at least, with the key somewhere in it.
func linedFile(r *rand.Rand, s *sample, size int, end string) string {
	var before, after strings.Builder
	for n := r.IntN(size + 1); before.Len() < n; {
		before.WriteString(otherLines[r.IntN(len(otherLines))] + "\n")
	}
	for after.Len() < size-before.Len() {
		after.WriteString(otherLines[r.IntN(len(otherLines))] + "\n")
	}
	key := (&tree{}).fill(r, s)
	if head, inner, ok := strings.Cut(key, "form:b64\n"); ok {
		key = head + "BYBIT_CONFIG=" + base64.StdEncoding.EncodeToString([]byte(inner)) + "\n"
	}
	return strings.ReplaceAll(before.String()+"\n"+key+"\n"+after.String(), "\n", end)
}
