//go:build unix

package find

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// someWords are of the list of BIP-39.
var someWords = strings.Fields(`acid board cabbage decade eagle fabric galaxy habit idea jaguar kangaroo ladder machine narrow
	oak paddle quantum rabbit saddle tackle ugly vacant wagon yard zebra cousin domain erosion fluid glimpse hybrid
	insane joke kiwi lizard mango nephew orbit pyramid quote ripple slogan tunnel usage velvet wrist young zone`)

// fillQuiet draws the one key of a row: its key id if it has one, and its secret.
func fillQuiet(r *rand.Rand, form, text string) (id, secret, filled string) {
	values := map[string]string{}
	switch {
	case strings.Contains(text, "{id}"):
		shape, known := forms[form]
		if !known {
			shape = [2]string{"%a40", "%a48"}
		}
		id, secret = draw(r, shape[0]), draw(r, shape[1])
		values["id"], values["secret"], values["pass"] = id, secret, "pA5s-"+chars(r, 'l', 9)
	case strings.HasPrefix(form, "%n"): // %n64 are any bytes, %n a key
		seed := make([]byte, ed25519.SeedSize)
		for i := range seed {
			seed[i] = byte(r.IntN(256))
		}
		pair := ed25519.NewKeyFromSeed(seed)
		if form != "%n" {
			pair[40]++
		}
		numbers := make([]string, len(pair))
		for i := range numbers {
			numbers[i] = strconv.Itoa(int(pair[i]))
		}
		secret = "[" + strings.Join(numbers, ",") + "]"
		values["W"] = secret
	case strings.Contains(form, "%"):
		secret = draw(r, form)
		values["W"] = secret
	default:
		n, _ := strconv.Atoi(form)
		words := make([]string, n)
		for i := range words {
			words[i] = someWords[r.IntN(len(someWords))]
		}
		secret = strings.Join(words, " ")
		values["words"], values["lines"], values["list"] = secret, strings.Join(words, "\n"), `"`+strings.Join(words, `", "`)+`"`
		numbered := ""
		for i, word := range words {
			numbered += fmt.Sprintf("%d. %s\n", i+1, word)
		}
		values["numbered"] = numbered
		text = strings.ReplaceAll(text, "{b64:words}", base64.StdEncoding.EncodeToString([]byte(secret)))
	}
	return id, secret, expand(r, text, values)
}

// TestQuiet: a key is found however little is said about it, and nothing is found where
// there is none.
func TestQuiet(t *testing.T) {
	t.Parallel()
	require.GreaterOrEqual(t, len(quiet), 40)
	require.GreaterOrEqual(t, len(harmless), 40)
	quiet, harmless := slices.Concat(quiet, quieter), slices.Concat(harmless, harmlessToo)
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 15))
		root := t.TempDir()
		type part struct{ id, secret string }
		want := make([]part, len(quiet))
		for i, s := range quiet {
			id, secret, text := fillQuiet(r, s.form, s.text)
			want[i] = part{id, secret}
			write(t, root, fmt.Sprintf("q%d/%s", i, s.path), text)
		}
		for i, s := range harmless {
			write(t, root, fmt.Sprintf("h%d/%s", i, s.path), expand(r, s.text, nil))
		}
		found := map[string][]Found{}
		for _, f := range look(t, Options{Paths: []string{root}}).Found {
			found[f.Path] = append(found[f.Path], f)
		}
		for i, s := range quiet {
			id, secret := want[i].id, want[i].secret
			keys := found[fmt.Sprintf("q%d/%s", i, s.path)]
			if !assert.Len(t, keys, 1, s.path) {
				continue
			}
			k := keys[0]
			assert.Equal(t, id, k.ID.Reveal(), s.path)
			assert.Equal(t, secret, k.Secret.Reveal(), s.path)
			assert.Equal(t, id == "", k.Wallet, s.path)
			if id != "" {
				assert.Equal(t, s.form, k.Exchange, s.path)
			}
			_, err := strconv.Atoi(s.form)
			assert.Equal(t, s.form != "" && err == nil, strings.Contains(k.Why, "seed phrase"), s.path)
		}
		for i, s := range harmless {
			for _, k := range found[fmt.Sprintf("h%d/%s", i, s.path)] {
				assert.Fail(t, "a key that is none", "%s: line %d, %s", s.path, k.Line, k.Why)
			}
		}
	}
}
