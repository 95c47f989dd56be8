package exchangetest

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// checkForgetting spoils each place of each answer, and judges what is left of it.
// No verdict may get better: a failure may become undetermined, at no lower
// severity.
func checkForgetting(c *trial) {
	answers := append(c.answers(), c.recorded("an IP allowlist of several entries", Spec{IPs: []string{caller, "203.0.113.0/24"}})...)
	for _, a := range answers {
		if off := c.switchedOff(a); off != nil && !bytes.Equal(off, a.body) {
			answers = append(answers, answer{a.name + ", switched off", a.spec, a.route, off})
		}
	}
	for _, a := range answers {
		whole, err := a.bench(c, a.body).inspect()
		if err != nil {
			continue // other properties say so
		}
		judged, n := map[string]bool{string(indented(whole)): true}, 0
		for place, body := range spoilings(a.body) {
			if n++; !sampled(n) {
				continue
			}
			left, _ := a.bench(c, body).inspect()
			form := string(indented(left))
			if judged[form] || slices.ContainsFunc(left.Unmapped, func(name string) bool { return strings.Contains(name, madeUp) }) {
				continue // as before, or another permission, and shown as such
			}
			judged[form] = true
			known := withoutUnmentioned(whole, left, a.body, body)
			for _, text := range improvements(known, left) {
				c.Errorf("%s, %s: %s", a.name, place, text)
			}
		}
	}
}

// sampled reports whether the n-th case of a property of very many is looked at.
func sampled(n int) bool { return !racing || n%16 == 0 }

// withoutUnmentioned is a snapshot without what the spoiled answer doesn't mention any
// more and whose absence leaves no trace: unknown permissions, what the exchange will
// do on its own, and other keys' secrets. Contradictions are between facts, and each
// fact is judged on its own.
func withoutUnmentioned(whole, left *access.Snapshot, body, spoiled []byte) *access.Snapshot {
	known := whole.Clone()
	known.Contradictions = left.Contradictions
	known.Deadlines = slices.DeleteFunc(known.Deadlines, func(d access.Deadline) bool {
		return !slices.ContainsFunc(left.Deadlines, func(other access.Deadline) bool { return other.What == d.What })
	})
	if secrets := access.Other("key-secrets"); !left.Can(secrets) {
		known.Grants = slices.DeleteFunc(known.Grants, func(g access.Grant) bool { return g.Capability == secrets })
	}
	known.Unmapped = slices.DeleteFunc(known.Unmapped, func(name string) bool {
		word := []byte(name[strings.LastIndexAny(name, ".:/ ")+1:])
		return bytes.Count(spoiled, word) < bytes.Count(body, word)
	})
	return known
}

// policies are what keys are judged against.
var policies = []func() audit.Policy{audit.ReadOnly, audit.SpotTrading, audit.FuturesTrading, audit.Trading, audit.Treasury, audit.Agent}

// improvements are the verdicts that are better for what is left of a snapshot.
func improvements(whole, left *access.Snapshot) []string {
	var out []string
	for _, policy := range policies {
		before, after := audit.Judge(whole, policy(), noon, nil), audit.Judge(left, policy(), noon, nil)
		for i := range before {
			if was, is := &before[i], &after[i]; weight(is) < weight(was) && !askedElsewhere(was, is, before, after) {
				out = append(out, fmt.Sprintf("%s, under the policy %s: %s at %s (%s) becomes %s at %s (%s)",
					was.Rule, policy().Name, was.Outcome, was.Severity, was.Message, is.Outcome, is.Severity, is.Message))
			}
		}
	}
	return out
}

// weight is how bad a finding is; 0 if nobody has to look at it.
func weight(f *audit.Finding) audit.Severity {
	if f.Outcome == audit.Failed || f.Outcome == audit.Undetermined {
		return f.Severity
	}
	return 0
}

// askedElsewhere reports whether another rule asks about what a rule can't ask any
// more, at no lower severity. A rule may leave its question to others, and say so;
// a list of IP addresses that is read as none fails on its own; and where all rights
// of a key are lost, the rules about those that are known ask.
func askedElsewhere(was, is *audit.Finding, before, after []audit.Finding) bool {
	for i := range after {
		f, worse := &after[i], weight(&after[i]) > weight(&before[i])
		switch {
		case f.Rule == is.Rule || weight(f) < weight(was):
		case is.Outcome == audit.NotApplicable && (slices.Contains(strings.Split(is.See, ", "), f.Rule) || worse && f.Outcome == audit.Failed):
			return true
		case f.Outcome == audit.Undetermined && before[i].Outcome != audit.Undetermined:
			if is.Rule == audit.RuleUnknownPermission {
				return true
			}
		}
	}
	return false
}

// spoilings yields the body with one place spoiled: each member of each object
// removed, null or of another type, and each item of each list null or of another
// type. What is spoiled says less, and nothing else.
func spoilings(body []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		root := parseNode(body)
		if root == nil {
			return
		}
		going := true
		root.places("", func(path string, place **node, item bool) {
			was := *place
			for _, instead := range unreadable(was, item) {
				*place = instead
				going = going && yield(path+" as "+string(instead.bytes()), root.bytes())
			}
			*place = was
		})
		for path, changed := range variants(body, func(member) [][]member { return [][]member{nil} }) {
			going = going && yield("without "+path, changed)
		}
	}
}

// places visits what every member holds, and every item of every list.
func (n *node) places(path string, visit func(path string, place **node, item bool)) {
	for i := range n.members {
		at := strings.TrimPrefix(path+"."+n.members[i].name, ".")
		visit(at, &n.members[i].value, false)
		n.members[i].value.places(at, visit)
	}
	for i := range n.items {
		at := path + "[" + strconv.Itoa(i) + "]"
		visit(at, &n.items[i], true)
		n.items[i].places(at, visit)
	}
}

// madeUp is a word that no exchange uses, and too short for an identifier.
const madeUp = "zzz"

// unreadable are values that say nothing in the place of this one. An empty list or
// text may be documented to mean that there is none, but not as an item of a list.
// There another word would be another item.
func unreadable(n *node, item bool) []*node {
	all := []*node{{kind: '0', raw: "null"}, {kind: 'n', raw: "7"}, {kind: '{'}}
	if item {
		all = append(all, text(""), &node{kind: '['})
	} else {
		all = append(all, text(madeUp))
	}
	return slices.DeleteFunc(all, func(other *node) bool {
		return other.kind == n.kind && n.kind != 's' && n.kind != '{' || bytes.Equal(other.bytes(), n.bytes())
	})
}
