package access

import (
	"fmt"
	"slices"
)

// Every small enumeration of this package is a number whose zero value is the
// cautious one, and is written as a word in text and JSON.

// FormatWord is the word of a number, or the number if it has none.
func FormatWord[T ~uint8](words []string, v T) string {
	if int(v) < len(words) {
		return words[v]
	}
	return fmt.Sprintf("%d", v)
}

// ParseWord sets v to the number of a word. Any other word is an error, which does
// not quote it.
func ParseWord[T ~uint8](what string, words []string, text []byte, v *T) error {
	i := slices.Index(words, string(text))
	if i < 0 {
		return fmt.Errorf("audit: unknown %s (have %q)", what, words)
	}
	*v = T(i)
	return nil
}
