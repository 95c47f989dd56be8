package find

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// FuzzInspect: no text stops the search, and what is said about a key has none of its
// secret.
func FuzzInspect(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, table := range [][]sample{keyFiles, secondKeys, cleanFiles, secondClean} {
		for _, s := range table {
			f.Add(s.path, (&tree{}).fill(r, &s))
		}
	}
	all := exchanges.All()
	n := newNames(all)
	f.Fuzz(func(t *testing.T, path, data string) {
		plain, ok := text([]byte(data))
		if !ok || len(plain) > window {
			return
		}
		keys, _ := n.inspect(path, plain, nil)
		for _, k := range keys {
			if k.secret != nil && k.secret.size >= shortestPart && strings.Contains(k.why, k.secret.value.Reveal()) && !strings.Contains(path, k.secret.value.Reveal()) {
				t.Fatal("a secret is in the reason")
			}
			if k.id == nil || k.secret == nil || k.strength != Named {
				continue
			}
			place := Found{Exchange: k.exchange, ID: k.id.value, Secret: k.secret.value, where: k.whereabouts, unfit: k.unfit()}
			if key, why := place.settle(all); why == "" && key.Exchange.Name != k.exchange {
				t.Fatal("it would be sent elsewhere")
			} else if strings.Contains(why, k.secret.value.Reveal()) && !strings.Contains(path, k.secret.value.Reveal()) {
				t.Fatal("a secret is in the reason why it is not sent")
			}
		}
	})
}
