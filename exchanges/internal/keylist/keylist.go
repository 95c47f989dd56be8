// Package keylist finds the calling key in an exchange's list of all keys of its
// account, and keeps the others as siblings.
package keylist

import (
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Read reads each record and returns the snapshot of the one whose member id is
// the session's key. If there isn't exactly one, the snapshot says only that.
// Secrets in the list are hidden and dropped: that the list contains them is a
// fact about this key.
func Read(list []wire.Object, s *adapter.Session, id, secret string, read func(wire.Object) *access.Snapshot) *access.Snapshot {
	var own, others, unnamed []*access.Snapshot
	leaked, state := access.Denied, access.KeyStateUnknown
	for _, record := range list {
		value, _ := record.Text(secret)
		s.Hide(value)
		listed := read(record)
		if listed.KeyState != access.KeyStateUnknown { // then the list has this key's state too
			state = access.KeyUnclear
		}
		name, _ := record.Text(id)
		switch shown := strings.Trim(value, "* ") != ""; {
		case shown && name != s.Key():
			leaked = access.Granted
		case shown && leaked == access.Denied: // its own: those of later keys may be shown too
			leaked = access.Unknown
		}
		switch name {
		case "": // may be any key, this one too
			unnamed = append(unnamed, listed)
		case s.Key():
			own = append(own, listed)
		default:
			listed.KeyID, listed.Account.ID = name, ""
			others = append(others, listed)
		}
	}
	snap := &access.Snapshot{
		Answer: access.Answer{
			KeyState: state,
			Notes: []string{
				"This key could not be identified in the list of the account's keys, so what it may do, and from " +
					"which IP addresses, is unknown.",
			},
		},
	}
	if len(own) == 1 && len(unnamed) == 0 {
		snap = own[0]
	}
	rights.Prove(snap, access.Read)
	switch keySecrets := access.Other("key-secrets"); leaked {
	case access.Granted:
		snap.Grants = append(snap.Grants, access.Grant{Capability: keySecrets, State: access.Granted, Evidence: access.Reported})
	case access.Unknown:
		snap.Grants = append(snap.Grants, access.Grant{Capability: keySecrets})
	default:
	}
	snap.Siblings = append(others, unnamed...)
	return snap
}

// Own finds the key with an identifier among those of a list, whose KeyID is set. It is nil
// if the list doesn't have it exactly once. The others are the account's other keys.
func Own(listed []*access.Snapshot, id string) (own *access.Snapshot, others []*access.Snapshot) {
	found := 0
	for _, key := range listed {
		if key.KeyID != id {
			others = append(others, key)
			continue
		}
		own, found = key, found+1
	}
	if found > 1 {
		own = nil
	}
	return own, others
}
