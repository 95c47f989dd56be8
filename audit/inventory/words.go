package inventory

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// unknown says that a word is not one of the known ones, and suggests the one
// that was probably meant.
func unknown(what, word string, known []string) string {
	known = slices.DeleteFunc(slices.Clone(known), looksSecret) // the user may have named something so
	if best := nearest(word, known); best != "" {
		return fmt.Sprintf("unknown %s %s: did you mean %q?", what, show(word), best)
	}
	more := len(known) - mostListed
	listed := known[:min(len(known), mostListed)]
	for i := range listed {
		listed[i] = access.Printable(listed[i]) // names come from files, and from other hosts
	}
	switch {
	case len(known) == 0:
		return fmt.Sprintf("unknown %s %s: there are none", what, show(word))
	case more > 0:
		return fmt.Sprintf("unknown %s %s: use one of %s and %d more", what, show(word), strings.Join(listed, ", "), more)
	default:
		return fmt.Sprintf("unknown %s %s: use one of %s", what, show(word), strings.Join(listed, ", "))
	}
}

const mostListed = 80

// duplicate says that a name occurs again, and where it was first. The line is 0
// in the environment.
func duplicate(what, name string, line int) string {
	if line == 0 {
		return fmt.Sprintf("duplicate %s %s", what, show(name))
	}
	return fmt.Sprintf("duplicate %s %s (first on line %d)", what, show(name), line)
}

// nearest is the known word that was probably meant; empty if none is similar.
func nearest(word string, known []string) string {
	best, distance := "", 3
	if len(word) > longestShown { // no known word is that long, and comparing would be slow
		return best
	}
	plain := strings.TrimPrefix(strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(word)), "api") // apiKey, api_secret
	for _, k := range known {
		if k == plain {
			return k
		}
		d := editDistance(strings.ToLower(word), strings.ToLower(k))
		if len(word) > 2 && strings.HasPrefix(k, word) { // an abbreviation
			d = 2
		}
		if d < distance && d < len(k) {
			best, distance = k, d
		}
	}
	return best
}

const longestShown = 100

// show quotes what the user wrote, unless it looks like a key or a secret in the
// wrong place.
func show(word string) string {
	switch {
	case looksSecret(word):
		return "(not shown: it may be a secret)"
	case len(word) > longestShown:
		return "(not shown: too long)"
	default:
		return strconv.Quote(word)
	}
}

// showPath is show for a path: only its last part may be a secret.
func showPath(path string) string {
	if last := filepath.Base(path); show(last) != strconv.Quote(last) {
		return show(last)
	}
	return strconv.Quote(path)
}

var (
	secretLike = regexp.MustCompile(`[A-Za-z0-9+=]{20,}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-|PRIVATE KEY`)
	userinfo   = regexp.MustCompile(`[^\s/]:[^\s/]*@`) // user:password@
	unbroken   = regexp.MustCompile(`[A-Za-z0-9+/=_-]{16,}`)
)

// looksSecret reports whether a word may be a key or a secret: a long run of
// letters and digits, a UUID, PEM, a URL, or a run that alternates between
// lower case, upper case and digits as random text does and names do not.
func looksSecret(word string) bool {
	if strings.Contains(word, "://") || userinfo.MatchString(word) { // a URL may contain a password
		return true
	}
	for _, run := range secretLike.FindAllString(word, -1) {
		if strings.ContainsAny(run, "0123456789 ") {
			return true
		}
	}
	for _, run := range unbroken.FindAllString(word, -1) {
		if 5*classChanges(run) > 2*len(run) {
			return true
		}
	}
	return false
}

// classChanges counts the places where letters and digits of different classes
// meet.
func classChanges(run string) (n int) {
	class := func(r byte) int {
		switch {
		case unicode.IsDigit(rune(r)):
			return 1
		case unicode.IsUpper(rune(r)):
			return 2
		case unicode.IsLower(rune(r)):
			return 3
		default:
			return 0
		}
	}
	for i := range len(run) - 1 {
		if a, b := class(run[i]), class(run[i+1]); a != b && a > 0 && b > 0 {
			n++
		}
	}
	return n
}

// editDistance counts the letters to insert, delete or replace (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// Unknown says, for the messages of programs, that a word is not one of the
// known ones, and suggests the one that was probably meant. What may be a secret
// is not shown.
func Unknown(what, word string, known []string) string { return unknown(what, word, known) }

// Show quotes what the user wrote, unless it may be a secret in the wrong place.
func Show(word string) string { return show(word) }

// ShowPath is Show for the last part of a path.
func ShowPath(path string) string { return showPath(path) }
