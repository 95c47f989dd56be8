package record

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// lost names what differs between two snapshots in more than made-up values.
func lost(before, after *access.Snapshot) []string {
	var out []string
	differences(&out, "", comparable(before), comparable(after))
	slices.Sort(out)
	return slices.Compact(out)
}

// comparable is what an answer shows, without what the audit knows by itself.
func comparable(s *access.Snapshot) any {
	c := s.Clone()
	failure := c.Failure
	c.Inspection = access.Inspection{Failure: failure}
	for _, sibling := range c.Siblings {
		sibling.Inspection = access.Inspection{KeyID: sibling.KeyID}
	}
	data, _ := json.Marshal(c)
	v, _ := decode(data)
	return v
}

func differences(out *[]string, at string, before, after any) {
	switch b := before.(type) {
	case map[string]any:
		a, _ := after.(map[string]any)
		for name := range b {
			differences(out, join(at, name), b[name], a[name])
		}
		for name := range a {
			if _, both := b[name]; !both {
				*out = append(*out, join(at, name))
			}
		}
	case []any:
		a, _ := after.([]any)
		if len(a) != len(b) {
			*out = append(*out, at)
			return
		}
		if sameTexts(a, b) {
			return
		}
		for i := range b {
			differences(out, at, b[i], a[i])
		}
	default:
		if shapeOf(before) != shapeOf(after) {
			*out = append(*out, at)
		}
	}
}

func join(at, name string) string { return strings.TrimPrefix(at+"."+name, ".") }

// sameTexts reports whether two lists are of texts of the same shapes, in any order.
func sameTexts(a, b []any) bool {
	shapes := func(list []any) (out []string) {
		for _, v := range list {
			if _, ok := v.(string); !ok {
				return nil
			}
			out = append(out, shapeOf(v))
		}
		slices.Sort(out)
		return out
	}
	x := shapes(a)
	return x != nil && slices.Equal(x, shapes(b))
}

var maskedForm = regexp.MustCompile(`[0-9A-Za-z]*…[0-9A-Za-z]*`)

// shapeOf is what made-up values have in common with what they replace.
func shapeOf(v any) string {
	text := fmt.Sprint(v)
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return "a time"
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		return fmt.Sprint("a range of ", p.Addr().BitLen(), "/", p.Bits())
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return fmt.Sprint("an IP address of ", a.BitLen())
	}
	if strings.Contains(text, "*") && strings.Trim(text, "0123456789abcdefABCDEF.:*/") == "" {
		return groupForm.ReplaceAllString(text, "0")
	}
	if parts := span.ReplaceAllStringFunc(text, func(part string) string { // in a sentence
		if strings.ContainsAny(part, ".:") && part != text {
			return shapeOf(part)
		}
		return part
	}); parts != text {
		return parts
	}
	text = maskedForm.ReplaceAllString(text, "…") // wallet addresses have many shapes
	return strings.Map(func(c rune) rune {
		switch {

		case unicode.IsDigit(c):
			return '0'
		case unicode.IsUpper(c):
			return 'A'
		case unicode.IsLetter(c):
			return 'a'
		}
		return c
	}, text)
}
