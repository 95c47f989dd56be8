package find

import (
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// What is good enough to report a key is not good enough to send it: a name may say an
// exchange and mean something else, and two halves may stand together that don't belong
// together. Here a form that fits counts, for it is no condition of a finding.

// mayBeOther says why it is not certain that a key is one of the exchange that its names
// say, or that its halves are of one key; empty if it is.
func (f *file) mayBeOther(k *key) string {
	if k.id.joined {
		return "the name of its variable does not say which part is the key id and which the secret: list the key in an inventory"
	}
	fit := fits(k.exchange, k.id.value.Reveal(), k.secret.value.Reveal())
	if f.names.Ordinary(k.exchange) && !fit {
		return "the name of its exchange is a word of other things too, and the key does not have the form of that exchange's" + listExchange
	}
	for _, h := range []*half{k.id, k.secret} {
		if word := f.strange(k, h); word != "" && !fit {
			return fmt.Sprintf("the word %s beside its exchange's name may mean something else, and the key does not have the form of that exchange's"+listExchange,
				inventory.Show(word))
		}
	}
	x, y := f.distinction(k, k.id), f.distinction(k, k.secret)
	if !k.id.positional && !isOrganization.MatchString(k.id.value.Reveal()) && !slices.Equal(x, y) {
		return fmt.Sprintf("the names of its halves differ (%s, %s): they may be of two keys; list each in an inventory", inventory.Show(k.id.name), inventory.Show(k.secret.name))
	}
	if id := k.id.value.Reveal(); f.named(k.id).exchange == "" && !isOrganization.MatchString(id) {
		return fmt.Sprintf("only its secret's name (%s) says its exchange: its key id may be of another; list the key in an inventory, with its exchange", inventory.Show(k.secret.name))
	}
	if f.proxied(k) {
		return "its bot uses a proxy: list it in an inventory, with its egress"
	}
	return ""
}

// distinction are the words of a half's name that tell several keys apart.
func (f *file) distinction(k *key, h *half) []string {
	var out []string
	if f.names.fold(h.name) == "codename" { // Superalgos
		return nil
	}
	for _, w := range without(f.names.read(h.name).Stem, k.exchange) {
		if !f.ofExchange(k.exchange, w) && !slices.Contains(sureParts, w) {
			out = union(out, w)
		}
	}
	slices.Sort(out)
	return out
}

// sureParts are words of parts' names that package inventory does not take for that
// everywhere.
var sureParts = []string{"client", "app", "connect", "sign", "signing", "apikey", "apisecret", "pem", "path", "file", "rsa", "ed25519", "b64", "base64"}

// strange is a word in a half's names, from its own up to the one that says the exchange,
// of which it is not known what it means there; empty if there is none.
func (f *file) strange(k *key, h *half) string {
	for _, name := range f.namesOf(h) {
		for _, w := range f.names.read(name).Stem {
			if f.names.Ordinary(w) { // WooCommerce is no exchange
				return w
			}
			if !f.names.plainWord(w) && !f.names.Locates(k.exchange, w) && !f.ofExchange(k.exchange, w) && !slices.Contains(partWords, w) && !slices.Contains(sureParts, w) &&
				strings.Trim(w, "0123456789") != "" {
				return w
			}
		}
	}
	return ""
}

// namesOf are a half's own name and those of what it stands in, up to the one that says
// its exchange, or has a field that does.
func (f *file) namesOf(h *half) (all []string) {
	if !h.positional {
		if all = append(all, h.name); f.names.read(h.name).Exchange != "" {
			return all
		}
	}
	for at := h.frame; at != nil; at = at.parent {
		all = append(all, at.other)
		if _, hinted := f.hinted(at, h); hinted {
			return all
		}
		if all = append(all, at.name); f.names.read(at.name).Exchange != "" {
			return all
		}
	}
	return all
}

// ofExchange reports whether a word is an exchange's name, or part of it.
func (f *file) ofExchange(exchange, word string) bool {
	other, known := f.names.Exchange(word)
	return known && other == exchange || len(word) > 2 && strings.Contains(exchange, word)
}

// proxied reports whether what a key stands in has a proxy: its requests come from an
// address of their own.
func (f *file) proxied(k *key) bool {
	for _, set := range f.settings {
		own := set.frame.parent != nil && (inside(k.id.frame, set.frame) || inside(k.secret.frame, set.frame))
		if own && strings.Contains(f.names.fold(set.name), "proxy") && len(set.value.Reveal()) > 5 {
			return true
		}
	}
	return false
}
