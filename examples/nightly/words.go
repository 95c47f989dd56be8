package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// unknown says that a word is none of the known ones, and which was probably
// meant.
func unknown(what, word string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		d := editDistance(strings.ToLower(word), k)
		if len(word) > 2 && strings.HasPrefix(k, word) { // the beginning of a longer one
			d = 2
		}
		if d < distance && d < len(k) {
			best, distance = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("unknown %s %s: did you mean %q?", what, show(word), best)
	}
	return fmt.Sprintf("unknown %s %s: use one of %s", what, show(word), strings.Join(known, ", "))
}

// secretLike is a long run of letters and digits, or a UUID.
var secretLike = regexp.MustCompile(`[A-Za-z0-9+=]{20,}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-`)

// show quotes what the user wrote, unless it looks as if a key or a secret had
// been put in the wrong place.
func show(word string) string {
	for _, run := range secretLike.FindAllString(word, -1) {
		if strings.ContainsAny(run, "0123456789") {
			return "(not shown: it may be a secret)"
		}
	}
	if len(word) > 100 {
		return "(not shown: too long)"
	}
	return strconv.Quote(word)
}

// showPath is show for the last part of a path; folders are no secrets.
func showPath(path string) string {
	if last := filepath.Base(path); show(last) != strconv.Quote(last) {
		return show(last)
	}
	return strconv.Quote(path)
}

// editDistance counts the letters to insert, delete or replace.
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
