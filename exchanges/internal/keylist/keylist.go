// Package keylist finds the calling key in a venue's list of all keys of its
// account, and keeps the others as siblings.
package keylist

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Read reads each record and takes the one whose member id is the session's
// key for the snapshot. If it isn't there just once, the snapshot says so and
// nothing else. Secrets in the list are made unprintable and dropped: that they
// are there is a fact about this key.
func Read(list []wire.Object, s *audit.Session, id, secret string, read func(wire.Object) *audit.Snapshot) *audit.Snapshot {
	var own, others []*audit.Snapshot
	unnamed, leaked := 0, audit.Denied
	for _, record := range list {
		value, _ := record.Text(secret)
		s.Hide(value)
		listed := read(record)
		name, _ := record.Text(id)
		switch shown := strings.Trim(value, "* ") != ""; {
		case shown && name != s.Key():
			leaked = audit.Granted
		case shown && leaked == audit.Denied: // its own: those of keys to come may be shown too
			leaked = audit.Unknown
		}
		switch name {
		case "": // may be any key, this one too
			unnamed++
		case s.Key():
			own = append(own, listed)
		default:
			listed.KeyID, listed.Account.ID = name, ""
			others = append(others, listed)
		}
	}
	snap := &audit.Snapshot{
		Notes: []string{"This key was not found once in the list of the account's keys: what it may do, and from where, is not known."},
	}
	if len(own) == 1 && unnamed == 0 {
		snap = own[0]
	}
	if !snap.Can(audit.Read) { // the answer itself shows it
		snap.Grants = slices.DeleteFunc(snap.Grants, func(g audit.Grant) bool { return g.Capability == audit.Read })
		snap.Grants = append(snap.Grants, audit.Grant{Capability: audit.Read, State: audit.Granted, Evidence: audit.Inferred})
	}
	switch keySecrets := audit.Other("key-secrets"); leaked {
	case audit.Granted:
		snap.Grants = append(snap.Grants, audit.Grant{Capability: keySecrets, State: audit.Granted, Evidence: audit.Told})
	case audit.Unknown:
		snap.Grants = append(snap.Grants, audit.Grant{Capability: keySecrets})
	default:
	}
	snap.Siblings = others
	return snap
}
