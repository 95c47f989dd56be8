package main

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// uninspected are keys that could not be inspected, for who reads no report of what is as it
// was: the first of each reason by name. Of many reasons the first are told.
type uninspected struct {
	reasons []string
	keys    map[string][]string // the first, by reason
	counts  map[string]int
	others  int // for further reasons
}

const (
	mostReasons = 10
	mostOfThem  = 5
)

func (u *uninspected) add(r *audit.Result) {
	if r.Inspected() && len(r.Findings) > 0 {
		return
	}
	why := "no rule judged it"
	if r.Snapshot != nil && r.Snapshot.Failure != nil {
		why = r.Snapshot.Failure.Error()
	}
	if u.counts == nil {
		u.keys, u.counts = map[string][]string{}, map[string]int{}
	}
	if !slices.Contains(u.reasons, why) {
		if len(u.reasons) == mostReasons {
			u.others++
			return
		}
		u.reasons = append(u.reasons, why)
	}
	if u.counts[why]++; len(u.keys[why]) < mostOfThem {
		u.keys[why] = append(u.keys[why], show(r.FullName()))
	}
}

// say names them, and what is wrong with hosts.
func (u *uninspected) say(report *audit.Report, log func(format string, args ...any)) {
	for _, f := range report.Findings {
		if f.Rule == audit.RuleNotInspected {
			log("%s", f.Message)
		}
	}
	for _, why := range u.reasons {
		names := strings.Join(u.keys[why], ", ")
		if u.counts[why] > len(u.keys[why]) {
			names += ", …"
		}
		log("%s could not be inspected: %s: %s", count(u.counts[why], "key", "keys"), names, why)
	}
	if u.others > 0 {
		log("%s could not be inspected for further reasons: a run without --quiet shows them", count(u.others, "more key", "more keys"))
	}
}
