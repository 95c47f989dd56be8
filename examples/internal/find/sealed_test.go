package find

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSealedValuesAreRecognised(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0a", 40)
	for text, want := range map[string]bool{
		"binance_api_key: 7b22" + long:              true,
		"binance_api_key: '7b22" + long + "'":       true,
		"sum: 7b22":                                 false,
		"sum = 7b22" + long:                         false,
		"key: THORS-HAMMER~":                        true,
		"$ANSIBLE_VAULT;1.1;AES256":                 true,
		"-----BEGIN PGP MESSAGE-----":               true,
		"key: ENC[AES256_GCM,data:x]":               true,
		"kind: SealedSecret":                        true,
		`{"kind": "SealedSecret"}`:                  true,
		"see SealedSecret":                          false,
		"-----BEGIN AGE ENCRYPTED FILE-----":        true,
		"a text about vaults, hammers and messages": false,
	} {
		assert.Equal(t, want, sealedBy([]byte(text)) != "", text)
	}
}
