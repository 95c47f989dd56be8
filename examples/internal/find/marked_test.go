package find

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestMarkedHalves: half of a key that has a mark of its exchange is a key under any name
// and under none, with the other half if one of its form follows, and is sent nowhere.
func TestMarkedHalves(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 30))
	n := newNames(exchanges.All())
	for i := range 20 {
		uuid := draw(r, "%g")
		for _, half := range []struct{ exchange, marked, secret string }{
			{"bitget", "bg_" + draw(r, "%h32"), draw(r, "%h64")},
			{"mexc", "mx0v" + draw(r, "%a14"), draw(r, "%h32")},
			{"coinbase", "organizations/" + uuid + "/apiKeys/" + draw(r, "%g"), ""},
			{"cryptocom", "cxakp_" + draw(r, "%a22"), ""},
		} {
			for _, text := range []string{
				"Zugang:\nSchlüssel = {M}\nGeheimnis = {S}\n", "{M} {S}\n", "| {M} | {S} |\n", "{M}\n{S}", "<td>{M}</td><td>{S}</td>", "x('{M}', '{S}')\n",
				"Das ist {M}. Und das {S}.\n", "clé\n\n    {M}\n\nclé secrète\n\n    {S}\n", strings.Repeat("nothing is here\n", 9000) + "{M},{S}\n",
			} {
				plain := strings.NewReplacer("{M}", half.marked, "{S}", half.secret).Replace(text)
				require.True(t, mayHold([]byte(plain)), "%d %s", i, plain)
				keys, _ := n.inspect("notes.txt", plain, nil)
				require.Len(t, keys, 1, plain)
				k := keys[0]
				assert.Equal(t, half.exchange, k.exchange, plain)
				switch {
				case half.exchange == "cryptocom":
					assert.Equal(t, half.marked, k.secret.value.Reveal())
				case half.secret != "":
					require.NotNil(t, k.secret, plain)
					assert.Equal(t, half.marked+half.secret, k.id.value.Reveal()+k.secret.value.Reveal())
					assert.Equal(t, notMarked, k.unfit(), plain)
				default:
					assert.Equal(t, half.marked, k.id.value.Reveal())
				}
			}
			for _, text := range []string{"https://example.org/{M}", "{M}A", "A{M}", "{M}/x.png"} {
				keys, _ := n.inspect("notes.txt", strings.ReplaceAll(text, "{M}", half.marked), nil)
				assert.Empty(t, keys, "%s: part of something longer", text)
			}
		}
	}
}
