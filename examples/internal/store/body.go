package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// moment is what differs every time a key is inspected, also if nothing has changed. It
// is kept apart from the rest of a snapshot, which is stored once for all runs.
type moment struct {
	Taken     int64     `json:"t,omitempty"`
	FirstSeen int64     `json:"f,omitempty"`
	LastUsed  int64     `json:"l,omitempty"`
	Offset    int64     `json:"c,omitempty"`
	Requests  int64     `json:"r,omitempty"`
	Siblings  []*moment `json:"s,omitempty"` // nil where a sibling has the time of the whole, and no more
}

// separate takes what differs every time out of a snapshot, which stays as it is.
func separate(s *access.Snapshot) (body *access.Snapshot, m moment) {
	own := *s
	take := func(t *time.Time) int64 {
		n := nanos(*t)
		if n != 0 {
			*t = time.Time{}
		}
		return n
	}
	m.Taken, m.FirstSeen, m.LastUsed = take(&own.TakenAt), take(&own.FirstSeen), take(&own.LastUsed)
	m.Offset, own.Clock.Offset = int64(own.Clock.Offset), 0
	m.Requests, own.Requests = int64(own.Requests), 0
	if len(s.Siblings) == 0 {
		return &own, m
	}
	own.Siblings = make([]*access.Snapshot, len(s.Siblings))
	moments, told := make([]*moment, len(s.Siblings)), false
	for i, sibling := range s.Siblings {
		if sibling == nil {
			continue
		}
		rest, at := separate(sibling)
		own.Siblings[i] = rest
		if at.Taken == m.Taken && at.FirstSeen == 0 && at.LastUsed == 0 && at.Offset == 0 && at.Requests == 0 && at.Siblings == nil {
			continue
		}
		moments[i], told = &at, true
	}
	if told {
		m.Siblings = moments
	}
	return &own, m
}

// join puts it back. The body stays as it is: several snapshots may share it.
func join(body *access.Snapshot, m moment) *access.Snapshot {
	own := *body
	put := func(t *time.Time, n int64) {
		if n != 0 {
			*t = instant(n)
		}
	}
	put(&own.TakenAt, m.Taken)
	put(&own.FirstSeen, m.FirstSeen)
	put(&own.LastUsed, m.LastUsed)
	own.Clock.Offset, own.Requests = time.Duration(m.Offset), int(m.Requests)
	if len(body.Siblings) == 0 {
		return &own
	}
	own.Siblings = make([]*access.Snapshot, len(body.Siblings))
	for i, sibling := range body.Siblings {
		at := moment{Taken: m.Taken}
		if i < len(m.Siblings) && m.Siblings[i] != nil {
			at = *m.Siblings[i]
		}
		if sibling != nil {
			own.Siblings[i] = join(sibling, at)
		}
	}
	return &own
}

// nanos are those since 1970; 0 for no time, and for one that they cannot tell.
func nanos(t time.Time) int64 {
	if t.IsZero() || t.Unix() <= math.MinInt64/int64(time.Second) || t.Unix() >= math.MaxInt64/int64(time.Second) {
		return 0
	}
	return t.UnixNano()
}

func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// hashSize is that of the hashes by which bodies are known, and of leaves: nobody finds
// another body for a hash of 128 bits.
const hashSize = 16

func hashOf(parts ...[]byte) []byte {
	h := sha256.New()
	for _, part := range parts {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		h.Write(size[:])
		h.Write(part)
	}
	return h.Sum(nil)
}

func shortHash(parts ...[]byte) []byte { return hashOf(parts...)[:hashSize] }

// handle is a text as a number of 48 bits. Two texts with one number do no harm: keys
// that do not concern one another are compared together.
func handle(text string) int64 {
	return int64(binary.BigEndian.Uint64(hashOf([]byte(text))) >> 16)
}

// policyText, siteText and a record are what a result has besides what was found.
type (
	policyText struct {
		Policy   string       `json:"policy"`
		JudgedBy audit.Policy `json:"judged_by"`
	}
	siteText struct {
		Title   string                  `json:"title"`
		KeyPage string                  `json:"key_page,omitempty"`
		Steps   map[adapter.Task]string `json:"steps,omitempty"`
	}
)

// verdict is the outcomes of a result. The words are made again by judging.
type verdict struct {
	Open          map[string][3]any `json:"open,omitempty"` // by rule: outcome, severity, waived
	New           []string          `json:"new,omitempty"`
	Passed        string            `json:"passed,omitempty"`
	NotApplicable string            `json:"not_applicable,omitempty"`
	Resolved      []string          `json:"resolved,omitempty"`
}

func verdictOf(r *audit.Result) *verdict {
	v := &verdict{Open: map[string][3]any{}, Resolved: r.Resolved}
	flag := map[bool]int{true: 1}
	var passed, none []string
	for i := range r.Findings {
		switch f := &r.Findings[i]; f.Outcome {
		case audit.Passed:
			passed = append(passed, f.Rule)
		case audit.NotApplicable:
			none = append(none, f.Rule)
		default:
			v.Open[f.Rule] = [3]any{f.Outcome.String(), f.Severity.String(), flag[f.Waived != ""]}
			if f.New {
				v.New = append(v.New, f.Rule)
			}
		}
	}
	v.Passed, v.NotApplicable = strings.Join(passed, " "), strings.Join(none, " ")
	return v
}

// findings are the outcomes without their words.
func (v *verdict) findings() []audit.Finding {
	var out []audit.Finding
	for rule, said := range v.Open {
		f := audit.Finding{Rule: rule}
		outcome, _ := said[0].(string)
		severity, _ := said[1].(string)
		if f.Outcome.UnmarshalText([]byte(outcome)) != nil || f.Severity.UnmarshalText([]byte(severity)) != nil {
			f.Outcome, f.Severity = audit.Undetermined, audit.High // of a later version: cautious
		}
		if said[2] == 1.0 {
			f.Waived = "waived"
		}
		f.New = slices.Contains(v.New, rule)
		out = append(out, f)
	}
	for outcome, rules := range map[audit.Outcome]string{audit.Passed: v.Passed, audit.NotApplicable: v.NotApplicable} {
		for rule := range strings.FieldsSeq(rules) {
			out = append(out, audit.Finding{Rule: rule, Outcome: outcome})
		}
	}
	slices.SortFunc(out, func(a, b audit.Finding) int { return strings.Compare(a.Rule, b.Rule) })
	return out
}

// encoder makes the canonical form of what is stored, JSON, and keeps the first error.
type encoder struct{ err error }

func (e *encoder) text(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil && e.err == nil {
		e.err = errors.New("a result that is no JSON cannot be stored: a time in it is out of range")
	}
	return text
}
