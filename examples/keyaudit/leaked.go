package main

import (
	"crypto/md5"  //nolint:gosec // likewise
	"crypto/sha1" //nolint:gosec // some scanners name keys by it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/copies"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/leaks"
)

// checkLeaked reads the lists of leaked keys once, before anything is sent, and says what is
// wrong with them.
func (a app) checkLeaked(s *settings) (problems []string) {
	for _, path := range s.leaked {
		a.read.reads(path)
		if _, err := leaks.Read(path, func(leaks.Entry) {}); err != nil {
			problems = append(problems, fmt.Sprintf("--leaked: %s %s", showPath(path), err))
		}
	}
	return problems
}

// compareLists compares the keys with the lists of leaked ones.
func (h *copyHunt) compareLists(out []*access.Search) error {
	if len(h.settings.leaked) == 0 {
		return nil
	}
	names := h.leakNames()
	for _, path := range h.settings.leaked {
		left, err := h.compareList(path, names, out)
		if err != nil {
			return fmt.Errorf("--leaked: %s %w", showPath(path), err)
		}
		shown := h.values.Hide(path)
		for _, s := range out {
			if s.Lists = append(s.Lists, shown); left != "" {
				s.Omitted = append(s.Omitted, fmt.Sprintf("on the list %q, %s", shown, left))
			}
		}
	}
	return nil
}

// compareList compares the keys with one list, and says what of it could not be compared.
func (h *copyHunt) compareList(path string, names map[string][]int, out []*access.Search) (left string, err error) {
	add := func(line, at int) {
		s, p := out[h.parts[at].key], h.parts[at]
		c := access.Copy{Secret: p.secret, File: h.values.Hide(path), Line: line, List: true}
		if !slices.ContainsFunc(s.Copies, func(o access.Copy) bool { return o.List && o.File == c.File && o.Secret == c.Secret }) {
			s.Copies = append(s.Copies, c)
		}
	}
	list, err := leaks.Read(path, func(e leaks.Entry) {
		for _, text := range e.Texts {
			for token := range strings.FieldsFuncSeq(text, separates) {
				token = strings.TrimRight(token, "=")
				for _, name := range slices.Compact([]string{token, strings.ToLower(token)}) {
					for _, at := range names[name] {
						add(e.Line, at)
					}
				}
			}
		}
	})
	if err != nil {
		return "", err // it was read before
	}
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return "", errors.New("cannot be opened by this user")
	}
	defer file.Close() //nolint:errcheck // opened for reading
	places, gap, _ := copies.NewReader(h.values).Read(file)
	for _, place := range places {
		for _, at := range h.of[string(h.texts[place.Text])] {
			add(place.Line, at)
		}
	}
	left = list.Left()
	if gap != copies.None {
		left = strings.TrimPrefix(left+"; it could not be read to its end", "; ")
	}
	h.log("--leaked: %s: %s compared%s", showPath(path), count(list.Entries, "entry", "entries"), after(", but ", left))
	return left, nil
}

// after puts words before a text, if there is one.
func after(words, text string) string {
	if text == "" {
		return ""
	}
	return words + text
}

// separates reports what no key and no hash has in it.
func separates(r rune) bool {
	return (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') && !strings.ContainsRune("+/-_=.", r)
}

// leakNames are the texts by which a list may name a key: short ones as they are, and
// hashes in small letters. It tells which parts of keys those are.
func (h *copyHunt) leakNames() map[string][]int {
	names := map[string][]int{}
	for i := range h.keys {
		if h.loaded[i].err != nil {
			continue
		}
		for _, half := range h.halves(i) {
			at := len(h.parts)
			h.parts = append(h.parts, keyText{i, half.secret, half.name})
			names[strings.TrimRight(half.text, "=")] = append(names[strings.TrimRight(half.text, "=")], at)
			for _, text := range []string{half.text, half.text + "\n", half.text + "\r\n"} {
				for _, sum := range sums(text) {
					names[sum] = append(names[sum], at)
				}
			}
		}
	}
	return names
}

// halfText is half of a key, as a list may have it.
type halfText struct {
	text, name string
	secret     bool
}

// halves are the halves of a key, and both in one; a wallet's key with and without its 0x.
func (h *copyHunt) halves(i int) (out []halfText) {
	c := h.loaded[i].Credentials
	id, secret := strings.TrimSpace(c.Key), strings.TrimSpace(c.Secret.Reveal())
	if id != "" && h.keys[i].Exchange.Needs.Wallet == nil {
		out = append(out, halfText{id, "key", false})
	}
	if secret == "" {
		return out
	}
	for _, text := range slices.Compact([]string{secret, strings.TrimPrefix(strings.ToLower(secret), "0x")}) {
		out = append(out, halfText{text, "secret", true})
	}
	if id != "" {
		out = append(out, halfText{id + ":" + secret, "secret", true})
	}
	return out
}

// sums are the hashes by which lists name a text: in small letters, and SHA-256 in base64 too.
func sums(text string) []string {
	one, five := sha1.Sum([]byte(text)), md5.Sum([]byte(text)) //nolint:gosec // they protect nothing here
	two, long := sha256.Sum256([]byte(text)), sha512.Sum512([]byte(text))
	return []string{
		hex.EncodeToString(two[:]), hex.EncodeToString(one[:]), hex.EncodeToString(five[:]), hex.EncodeToString(long[:]),
		base64.RawStdEncoding.EncodeToString(two[:]),
	}
}
