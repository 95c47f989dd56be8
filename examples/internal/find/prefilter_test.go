package find

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// places are the keys that were found in a text, without their secrets.
func places(keys []key) (out []string) {
	for _, k := range keys {
		for _, h := range []*half{k.id, k.secret} {
			if h != nil {
				out = append(out, fmt.Sprintf("%d %d %d %s", h.line, h.part, h.size, k.exchange))
			}
		}
	}
	return out
}

// unfiltered finds keys without first asking whether there can be any.
func (n *names) unfiltered(path, text string) []key {
	f := &file{names: n, path: path, text: text}
	s := newScanner(n, text, kindOf(path, text))
	s.inserts()
	s.logins()
	s.scan()
	f.halves, f.refs, f.settings = s.halves, s.refs, s.settings
	f.either()
	f.nameless()
	f.onlyKeys()
	f.keyFiles()
	return f.keys()
}

// TestPrefilter: what is not scanned, because nothing in it can be a key, has none. Each
// file is looked at alone, and far from anything else, before it and behind it.
func TestPrefilter(t *testing.T) {
	t.Parallel()
	n := newNames(exchanges.All())
	code := strings.Repeat("func add(one, two int) int { return one + two } // of the sum\n", 20)
	same := func(path, text string) {
		text = strings.ReplaceAll(text, "\r\n", "\n")
		var with []key
		if mayHold([]byte(text)) {
			with, _ = n.inspect(path, text, nil)
		}
		assert.Equal(t, places(n.unfiltered(path, text)), places(with), path)
	}
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 16))
		for _, table := range [][]sample{keyFiles, secondKeys, thirdKeys, cleanFiles, secondClean} {
			for _, s := range table {
				if text := (&tree{}).fill(r, &s); !strings.HasPrefix(text, "form:") && !strings.Contains(text, "\n=== ") {
					same(s.path, text)
					same(s.path, text+"\n"+code)
				}
			}
		}
		for _, s := range append(quiet, quieter...) {
			_, _, text := fillQuiet(r, s.form, s.text)
			same(s.path, text)
			if !strings.HasSuffix(s.path, "csv") {
				same("a/"+s.path, code+"\n"+text)
			}
		}
		// The forms of all exchanges, under the plainest names.
		for exchange, form := range forms {
			for range 5 {
				id, secret := strings.TrimSpace(draw(r, form[0])), strings.ReplaceAll(strings.TrimSpace(draw(r, form[1])), "\n", `\n`)
				same("a.env", fmt.Sprintf("%s_API_KEY=\"%s\"\n%s_API_SECRET=\"%s\"\n%s", exchange, id, exchange, secret, code))
			}
		}
	}
}

// TestLongTable: the keys of a table are found however far its header is.
func TestLongTable(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 17))
	var csv, sql strings.Builder
	csv.WriteString("label,exchange,api_key,api_secret\n")
	sql.WriteString("INSERT INTO accounts (label, exchange, api_key, api_secret) VALUES\n")
	const rows = 1000
	for i := range rows {
		id, secret := draw(r, "%a64"), draw(r, "%a64")
		fmt.Fprintf(&csv, "acct%d,binance,%s,%s\n", i, id, secret)
		fmt.Fprintf(&sql, "('acct%d','binance','%s','%s'),\n", i, id, secret)
	}
	n := newNames(exchanges.All())
	for name, text := range map[string]string{"a.csv": csv.String(), "a.sql": sql.String()} {
		keys, more := n.inspect(name, text, nil)
		assert.Len(t, keys, rows, name)
		assert.False(t, more)
	}
}

// TestFewDrawnAreDropped: a text that is drawn looks like words by chance. Of both halves of a
// key, as short as Bybit's, hardly one pair in fifty thousand does.
func TestFewDrawnAreDropped(t *testing.T) {
	t.Parallel()
	assert.True(t, mayHold([]byte(`accounts = [["bybit", "damDSPSKV1pqVR400q", "CTM8JYjaTYWTFK1nkrCSAE01abddSzadooot"]]`)))
	r := rand.New(rand.NewPCG(7, 3))
	dropped := 0
	letters := func(n int) string { // with a digit or without
		out := make([]byte, n)
		for i := range out {
			out[i] = classes['a'][r.IntN(len(classes['a']))]
		}
		return string(out)
	}
	for range 50_000 {
		if !drawn(letters(18)) && !drawn(letters(36)) {
			dropped++
		}
	}
	assert.LessOrEqual(t, dropped, 3)
}
