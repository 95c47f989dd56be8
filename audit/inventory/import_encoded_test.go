package inventory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEncodedFiles: bots' files are read as editors and shells write them.
func TestEncodedFiles(t *testing.T) {
	t.Parallel()
	utf16 := func(text string, big bool) string {
		out := []byte{0xff, 0xfe}
		for _, c := range []byte(text) {
			out = append(out, c, 0)
		}
		for i := 0; big && i < len(out); i += 2 {
			out[i], out[i+1] = out[i+1], out[i]
		}
		return string(out)
	}
	for format, text := range map[string]string{
		"ccxt":  `{"bybit": {"apiKey": "$A", "secret": "$a"}}`,
		"jesse": "Name,Exchange,API Key,API Secret\nmain,Bybit Spot,$A,$a\n",
		"env":   "BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\n",
	} {
		text = short.Replace(text)
		for _, written := range []string{"\ufeff" + text, utf16(text, false), utf16(text, true), strings.ReplaceAll(text, "\n", "\r")} {
			in, err := From(format, writeBot(t, "keys", written), withVariables())
			require.NoError(t, err, format)
			require.Len(t, in.Keys, 1, format)
			assert.Equal(t, keyA+secretA, loadKey(t, in.Keys[0]).Key+loadKey(t, in.Keys[0]).Secret.Reveal(), format)
		}
	}
}
