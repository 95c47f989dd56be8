package exchangetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAsIssued: however a file holds a part of a key, a demonstration knows it again.
func TestAsIssued(t *testing.T) {
	t.Parallel()
	const key = "aB3+x/9="
	wide := func(first, second string) (out string) {
		for _, c := range key + "\r\n" {
			out += map[bool]string{true: string(c) + "\x00", false: "\x00" + string(c)}[first == "\xff"]
		}
		return first + second + out
	}
	for name, text := range map[string]string{
		"as it was": key, "a line": key + "\n", "quoted": `"` + key + `"`, "with a mark": "\ufeff" + key, "UTF-16, little": wide("\xff", "\xfe"), "UTF-16, big": wide("\xfe", "\xff"),
	} {
		assert.Equal(t, key, asIssued(text), name)
	}
}
