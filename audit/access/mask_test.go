package access_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func TestMaskID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"": "", "a": "…", "12345": "…", "123456": "…56", "123456789012345": "…45", "1234567890123456": "1234…3456",
		"0x1234567890abcdef1234567890abcdef12345678": "0x12…5678", "ключ-от-дверей-и-окон": "ключ…окон", "пароль": "…ль", "ключ1": "…",
	} {
		assert.Equal(t, want, access.MaskID(id), id)
		assert.True(t, utf8.ValidString(access.MaskID(id)))
	}
}
