package inventory

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// The formats whose keys are environment variables named after the exchange.
// They also read a .env file.
var (
	environment = Format{Name: "env", Title: "environment variables", Environ: true, Read: variablesIn}
	nautilus    = Format{Name: "nautilus", Title: "NautilusTrader's environment", Environ: true, Read: variablesIn}
)

// variablesIn reads .env, or the environment.
func variablesIn(f *Files) ([]Found, error) {
	path := f.Find(".env")
	variables, err := f.assignments(path)
	if err != nil {
		return nil, err
	}
	return keysIn(variables, path, f.options), nil
}

// keysIn are the keys that variables of a file, or of the environment, hold. Other
// variables say where they belong, and so do the further places, of a bot's own variables.
func keysIn(variables []Variable, path string, o *Options, further ...place) (out []Found) {
	r := newNameReader(o.Exchanges, o.stated)
	maps.Copy(r.ids, o.names)
	keys, places := r.group(variables, path)
	places = append(r.ofSisters(places, keys), further...)
	for i := range places {
		uses := places[i].uses.name
		places[i].listed = uses != "" && slices.ContainsFunc(keys, func(k *variableKey) bool { return r.canonical(k.name().exchange) == uses })
	}
	var names []*variableName
	named := r.exchangesIn(variables)
	for _, k := range keys {
		if stated := k.namedBeside(named); stated != "" {
			with := *o
			with.stated = stated
			for _, found := range keysIn(k.variables(), path, &with, places...) {
				out, names = append(out, found), append(names, k.name())
			}
			continue
		}
		if found, ok := k.found(r, places); ok {
			out, names = append(out, found), append(names, k.name())
			for _, lost := range k.unused(&found) {
				out, names = append(out, lost), append(names, k.name())
			}
		}
	}
	r.unclearPlaces(out, names, places)
	return out
}

// group puts together the variables that hold the parts of one key, in the order
// of the first of them. The others that say where keys belong are returned apart.
func (r *nameReader) group(variables []Variable, path string) (keys []*variableKey, places []place) {
	byStem := map[string]*variableKey{}
	set := map[string]bool{}
	variables = slices.Clone(variables)
	for i := range variables {
		v := &variables[i]
		r.settleLine(v)
		set[v.Name] = set[v.Name] || v.Unread != unreadLine
	}
	for _, v := range variables {
		if v.Unread == unreadLine && set[v.Name] { // export NAME, after NAME=value
			continue
		}
		n := r.read(v.Name)
		if n.part == adapter.NoPart || slices.Contains(whereWords, n.after) {
			p, ok := r.place(v, &n)
			if ok {
				places = append(places, p)
			}
			if why := r.seems(v, &n, ok); why != "" {
				k := &variableKey{path: path, stem: n.words, skip: show(v.Name) + why}
				k.add(v, n)
				keys = append(keys, k)
			}
			if ok || n.part == adapter.NoPart {
				continue
			}
		}
		if !holdsPart(v, &n) {
			continue
		}
		id := n.stem()
		slices.Sort(id)
		stem := strings.Join(id, "_")
		k := byStem[stem]
		if k == nil {
			k = &variableKey{path: path, stem: id}
			keys = append(keys, k)
			byStem[stem] = k
		}
		k.add(v, n)
	}
	return slices.DeleteFunc(keys, func(k *variableKey) bool { return k.isSecretOf(byStem) }), places
}

// algorithms are words for a kind of private key: BINANCE_ED25519_PRIVATE_KEY.
var algorithms = []string{"rsa", "ed25519", "ecdsa", "ec", "pem", "hmac"}

// isSecretOf reports whether the key is only the secret of another one, whose name
// does not have the word for the algorithm. That one gets it.
func (k *variableKey) isSecretOf(byStem map[string]*variableKey) bool {
	other := slices.DeleteFunc(slices.Clone(k.stem), func(word string) bool { return slices.Contains(algorithms, word) })
	of := byStem[strings.Join(other, "_")]
	if of == nil || of == k || len(k.parts[adapter.KeyPart]) > 0 || len(of.parts[adapter.SecretPart]) > 0 || len(k.parts[adapter.SecretPart]) == 0 {
		return false
	}
	of.parts[adapter.SecretPart], of.skip = k.parts[adapter.SecretPart], cmp.Or(of.skip, k.skip)
	return true
}

// holdsPart reports whether the variable holds part of a key, or was to.
func holdsPart(v Variable, n *variableName) bool {
	value := strings.TrimSpace(v.Value.Reveal())
	switch {
	case v.Unread != "":
		return n.part == adapter.KeyPart || n.part == adapter.SecretPart
	case value == "":
		return false
	case slices.Contains(notPart, n.after), n.vague && len(value) < shortestKey:
		return false
	default:
		return true
	}
}

// shortestKey is the least number of bytes in a key. Shorter values of variables
// whose names are vague are versions or numbers.
const shortestKey = 12

// variableKey is the variables that hold the parts of one key.
type variableKey struct {
	path  string
	stem  []string
	parts [adapter.AccountPart + 1][]namedPart
	skip  string
}

// namedPart is a variable that holds a part, or the path of a file with it.
type namedPart struct {
	Part
	variable string
	unread   bool
	name     variableName
	// placeholder: something else stands in the part's place. It does not count where another
	// variable has the part. Looked up once, for the variables of a key are compared often.
	placeholder bool
}

func (k *variableKey) add(v Variable, n variableName) {
	switch {
	case v.Unread != "":
		k.skip = cmp.Or(k.skip, v.Why())
	case n.vague:
		k.skip = "the names of its variables do not say which part of the key each holds: list the key in an inventory"
	}
	part := Part{Value: v.Value, File: k.path, Line: v.Line, Column: min(1, v.Line), Environ: k.path == ""}
	value := strings.TrimSpace(v.Value.Reveal())
	none := value != "" && n.part != adapter.PassphrasePart && (isPlaceholder(value, nil) || placeholder("key", value) != "") // people choose passphrases
	k.parts[n.part] = append(k.parts[n.part], namedPart{part, v.Name, v.Unread != "", n, none})
}

// leads is what the variable does if it does not hold the part but leads to it;
// empty if it holds it.
func (p *namedPart) leads() string {
	value := strings.TrimSpace(p.Value.Reveal())
	if strings.HasPrefix(value, "$(") || strings.HasPrefix(value, "`") {
		return "is a command of a shell"
	}
	return elsewhere[p.name.after]
}

const ofPlaceholder = 2

// rank says which of several variables counts: the lowest.
func (p *namedPart) rank() int {
	switch {
	case p.name.owner != nil && p.name.owner.MatchString(strings.TrimSpace(p.Value.Reveal())):
		return -1 // the wallet's own key can do more than the API key beside it
	case p.placeholder:
		return ofPlaceholder
	case p.name.weak:
		return 1
	default:
		return 0
	}
}

// part is the one variable that holds the part; nil if there is none. Two with
// different values are a mistake, as in audit.FromEnv.
func (k *variableKey) part(part adapter.Part) *namedPart {
	var out *namedPart
	for i := range k.parts[part] {
		p := &k.parts[part][i]
		switch {
		case p.isWallet() || p.leads() != "":
		case out == nil || p.rank() < out.rank():
			out = p
		}
	}
	if out == nil {
		return nil
	}
	for i := range k.parts[part] {
		p := &k.parts[part][i]
		if !p.isWallet() && p.leads() == "" && p.rank() == out.rank() && p.rank() < ofPlaceholder && !p.Value.Equal(out.Value) {
			k.skip = cmp.Or(k.skip, differ(out, p))
		}
	}
	return out
}

// differ says that two variables hold different values for one part.
func differ(a, b *namedPart) string {
	if a.variable == b.variable {
		return fmt.Sprintf("%s with a different value (line %d): delete one of them", duplicate("variable", a.variable, a.Line), b.Line)
	}
	return fmt.Sprintf("%s and %s are both set and differ: unset one of them", show(a.variable), show(b.variable))
}

// found returns the key, and whether it is one. Variables that are not named
// after an exchange are a key only if they hold both an API key and a secret.
// Such a key is skipped: to guess its exchange could send it to the wrong one.
func (k *variableKey) found(r *nameReader, places []place) (Found, bool) {
	found := Found{File: k.path}
	into := map[int]*Part{
		int(adapter.KeyPart): &found.Key, int(adapter.SecretPart): &found.Secret, int(adapter.PassphrasePart): &found.Passphrase,
		int(adapter.KeyPassphrasePart): &found.KeyPassphrase, int(adapter.AccountPart): &found.Account,
	}
	for part := range k.parts {
		if held := k.part(adapter.Part(part)); held != nil && into[part] != nil {
			*into[part] = held.Part
			if name := held.partName(); name != "" {
				found.besides = append(found.besides, beside{name, held.Part})
			}
		}
	}
	first := k.first()
	n := &first.name
	found.Name, found.Line, found.Column = cmp.Or(n.own, strings.Join(n.stem(), "-")), first.Line, first.Column
	if n.part == adapter.NoPart {
		found.Skip, found.named = k.skip, first.Value
		return found, true
	}
	if len(k.parts[adapter.KeyPart])+len(k.parts[adapter.SecretPart]) == 0 {
		return found, false
	}
	found.Skip = k.skip
	switch b, _ := resolveExchange(n.exchange, r.exchanges); {
	case b.wallet:
		found.Skip = skipWallet
		return found, true
	case n.exchange == "" || n.foreign:
		is := k.unnamed(&found, first)
		return found, is
	default:
		k.whereabouts(&found, n, r, places)
		return found, true
	}
}

// first is the variable that the key is named after.
func (k *variableKey) first() *namedPart {
	for part := range k.parts {
		if len(k.parts[part]) > 0 {
			return cmp.Or(k.part(adapter.Part(part)), &k.parts[part][0])
		}
	}
	return &namedPart{}
}

func (k *variableKey) name() *variableName { return &k.first().name }

// whereabouts decides for which exchange and which of its environments the key
// is.
func (k *variableKey) whereabouts(found *Found, n *variableName, r *nameReader, places []place) {
	named := n.words[n.first : n.last+1]
	if len(named) == 0 { // it was stated
		named = []string{n.exchange}
	}
	words := slices.Concat(named, n.market)
	b, known := resolveExchange(strings.Join(words, " "), r.exchanges)
	if !known { // an exchange of the caller's, by its exact name
		b, _ = resolveExchange(n.exchange, r.exchanges)
	}
	found.Exchange, found.Market = b.name, b.market
	if n.region != "" {
		site := r.site(n.exchange, n.region)
		if site.name == "" || n.unsure {
			found.Skip = cmp.Or(found.Skip, fmt.Sprintf("%s may be a site of the exchange or not: list the key in an inventory, with its environment", show(n.region)))
			return
		}
		b.name, b.region = site.name, site.region
		found.Exchange = b.name
	}
	e := exchangeNamed(b.name, r.exchanges)
	if e == nil {
		return
	}
	if len(n.tests) > 0 {
		b.test = n.tests[0]
	}
	why := k.settle(found, n, r, b, e, places)
	if stated := exchangeNamed(r.stated, r.exchanges); strings.HasSuffix(why, withExchange) && stated != nil && strings.HasPrefix(stated.Name, e.Name) {
		why = k.settle(found, n, r, b, stated, places) // the owner says which of the house's exchanges it is
	}
	found.Skip = cmp.Or(found.Skip, why)
	k.missing(found)
}

// settle says where a key belongs that is for an exchange, or why it is skipped.
func (k *variableKey) settle(found *Found, n *variableName, r *nameReader, b botExchange, e *adapter.Exchange, places []place) (skip string) {
	found.Exchange, found.Environment, found.by, skip = r.settle(n, b, e, places)
	return cmp.Or(skip, k.foreignPassphrase(found, r))
}

// foreignPassphrase is why a key with a passphrase is skipped if the exchange has none and
// another of the same house has: Coinbase and Coinbase Exchange.
func (k *variableKey) foreignPassphrase(found *Found, r *nameReader) string {
	held, e := k.part(adapter.PassphrasePart), exchangeNamed(found.Exchange, r.exchanges)
	if held == nil || held.name.weak || e == nil || e.Needs.Passphrase {
		return ""
	}
	for _, other := range r.exchanges {
		if other != e && other.Needs.Passphrase && strings.HasPrefix(other.Name, e.Name) {
			return fmt.Sprintf("keys of %s have no passphrase, but those of %s have: %s", e.Title, other.Title, withExchange)
		}
	}
	return ""
}

// missing skips a key of which a part is elsewhere.
func (k *variableKey) missing(found *Found) {
	for part, held := range map[adapter.Part]*Part{adapter.KeyPart: &found.Key, adapter.SecretPart: &found.Secret} {
		for i := range k.parts[part] {
			p := &k.parts[part][i]
			switch {
			case !held.isZero():
			case p.isWallet():
				found.Skip = cmp.Or(found.Skip, skipWallet)
			case p.leads() != "":
				found.Skip = cmp.Or(found.Skip, show(p.variable)+" "+p.leads()+": list the key in an inventory, with a reference such as file:PATH")
			}
		}
	}
}

// looksWhole reports whether variables that name no exchange look like both parts
// of an exchange's key, and not like those of another service.
func (k *variableKey) looksWhole(n *variableName) bool {
	key, secret := k.part(adapter.KeyPart), k.part(adapter.SecretPart)
	if key == nil || secret == nil || key.placeholder || secret.placeholder {
		return false
	}
	if slices.ContainsFunc(n.words, func(word string) bool { return slices.Contains(otherServices, word) }) {
		return false
	}
	long := func(p *namedPart) bool { return p.unread || len(strings.TrimSpace(p.Value.Reveal())) >= shortestKey }
	return slices.Contains(key.name.words, "api") || long(key) && long(secret)
}
