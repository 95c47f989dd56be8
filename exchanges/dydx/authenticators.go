package dydx

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/cosmos"
)

// An authenticator is a tree: all of its parts must agree to a message, or any of them.

// authenticators are those of one account.
type authenticators []authenticator

type authenticator struct {
	id   string
	ways []way
}

// way is one combination of parts that lets a message through.
type way struct {
	keys     []string // addresses of those that must all have signed; nobody in particular if empty
	messages []string // the types of messages; every one if nil
	pairs    []string // markets; every one if empty
	limited  bool     // to sub-accounts or markets
	unclear  bool     // a part is of an unknown kind, or cannot be read
}

const (
	deepest = 8   // levels of a tree that is read
	most    = 256 // its ways
)

// ways are those of a part with this configuration, in base64.
func ways(kind, config string, depth int) []way {
	unclear := []way{{unclear: true}}
	raw, err := base64.StdEncoding.DecodeString(config)
	if err != nil || len(raw) == 0 || depth > deepest {
		return unclear
	}
	switch kind {
	case "SignatureVerification":
		if len(raw) != 33 {
			return unclear
		}
		return []way{{keys: []string{cosmos.Address(prefix, raw)}}}
	case "MessageFilter":
		return []way{{messages: strings.Split(string(raw), ",")}}
	case "SubaccountFilter":
		return []way{{limited: true}}
	case "ClobPairIdFilter":
		w := way{limited: true}
		for id := range strings.SplitSeq(string(raw), ",") {
			w.pairs = append(w.pairs, "CLOB pair "+id)
		}
		return []way{w}
	case "AllOf", "AnyOf":
		return nested(kind, raw, depth+1)
	default:
		return unclear
	}
}

// nested are the ways of a list of parts.
func nested(kind string, raw []byte, depth int) []way {
	var parts []struct{ Type, Config string }
	if json.Unmarshal(raw, &parts) != nil || len(parts) == 0 {
		return []way{{unclear: true}}
	}
	out := ways(parts[0].Type, parts[0].Config, depth)
	for _, part := range parts[1:] {
		more := ways(part.Type, part.Config, depth)
		switch {
		case kind == "AnyOf" && len(out)+len(more) <= most:
			out = append(out, more...)
		case kind == "AllOf" && len(out)*len(more) <= most:
			out = every(out, more)
		default:
			return []way{{unclear: true}}
		}
	}
	return out
}

// every combines each way of one part with each of another.
func every(a, b []way) (out []way) {
	for _, x := range a {
		for _, y := range b {
			both := way{
				keys: slices.Concat(x.keys, y.keys), pairs: slices.Concat(x.pairs, y.pairs),
				limited: x.limited || y.limited, unclear: x.unclear || y.unclear, messages: x.messages,
			}
			switch {
			case x.messages == nil:
				both.messages = y.messages
			case y.messages != nil:
				both.messages = slices.DeleteFunc(slices.Clone(x.messages), func(m string) bool { return !slices.Contains(y.messages, m) })
			}
			out = append(out, both)
		}
	}
	return out
}

// state is what a key can do by this way: nothing that needs only others' signatures, and
// what is unknown if another must sign as well.
func (w *way) state(key string) access.State {
	isOther := func(k string) bool { return k != key }
	switch {
	case len(w.keys) > 0 && !slices.Contains(w.keys, key):
		return access.Denied
	case w.unclear, slices.ContainsFunc(w.keys, isOther):
		return access.Unknown
	default:
		return access.Granted
	}
}

// lets are the messages that it lets through.
func (w *way) lets() []string {
	if w.messages == nil {
		return slices.Collect(maps.Keys(messages))
	}
	return w.messages
}

// least is the state of a message: what filters of sub-accounts and markets do with other
// messages than orders is not confirmed.
func (w *way) least(message string, state access.State) access.State {
	if w.limited && w.messages == nil && !isOrder(message) {
		return access.Unknown
	}
	return state
}

// keys are the addresses of all keys that are named.
func (a authenticators) keys() []string {
	var out []string
	for _, one := range a {
		for _, w := range one.ways {
			out = append(out, w.keys...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// unclear reports whether a part may be about any key.
func (a authenticators) unclear() bool {
	return slices.ContainsFunc(a, func(one authenticator) bool {
		return slices.ContainsFunc(one.ways, func(w way) bool { return w.unclear && len(w.keys) == 0 })
	})
}

// of is what a key can do; nil if none names it.
func (a authenticators) of(key string) *access.Snapshot {
	if !slices.Contains(a.keys(), key) {
		return nil
	}
	snap, table, states := empty(), maps.Clone(messages), map[string]access.State{}
	snap.Wallet, snap.PairAllowlist.Reported = access.DelegatedWallet, true
	for name := range table {
		states[name] = access.Denied
	}
	allow := func(message string, state access.State) {
		if states[message] != access.Granted {
			states[message] = state
		}
	}
	everywhere := false
	for _, one := range a {
		for _, w := range one.ways {
			state := w.state(key)
			if state == access.Denied {
				continue
			}
			everywhere = everywhere || len(w.pairs) == 0
			snap.PairAllowlist.Pairs = append(snap.PairAllowlist.Pairs, w.pairs...)
			snap.PairAllowlist.Reported = snap.PairAllowlist.Reported && state == access.Granted
			for _, message := range w.lets() {
				if family := familyOf(message); family != "" {
					table[message] = messages[family]
				}
				allow(message, w.least(message, state))
			}
		}
	}
	slices.Sort(snap.PairAllowlist.Pairs)
	if snap.PairAllowlist.Pairs = slices.Compact(snap.PairAllowlist.Pairs); everywhere {
		snap.PairAllowlist.Pairs = nil
	}
	table.Apply(snap, states)
	return snap
}

// familyOf is the family of messages that a message belongs to; empty if none is known.
func familyOf(message string) string {
	for name := range messages {
		if strings.HasSuffix(name, ".") && strings.HasPrefix(message, name) {
			return name
		}
	}
	return ""
}
