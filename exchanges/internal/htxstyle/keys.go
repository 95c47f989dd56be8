package htxstyle

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// parseKeys reads the list of the user's keys. That it is refused is what a key
// of a sub-user gets, and leaves the rights unknown.
func (a *API) parseKeys(resp *adapter.Response, uid, key string, now time.Time) (*access.Snapshot, error) {
	body, refusal := unwrap(resp)
	if refusal != nil {
		missing := resp.Status == http.StatusNotFound // the exchange has no such call
		if !missing && refusal.Kind != access.KindForbidden && (refusal.Kind != access.KindNotUnderstood || refusal.Code == "") {
			return nil, refusal
		}
		return unlisted(uid, "The exchange refused the list of keys ("+cmp.Or(refusal.Code, strconv.Itoa(resp.Status))+"), as it does to keys of sub-users: "+
			"what this key may do, and from where, is not known."), nil
	}
	list, ok := body.Objects("data")
	if !ok || len(list) == 0 {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	var own, others []*access.Snapshot
	unnamed := 0
	for _, entry := range list {
		listed := a.readKey(entry, now)
		switch id, _ := entry.Text("accessKey"); id {
		case "": // may be any key, this one too
			unnamed++
		case key:
			own = append(own, listed)
		default:
			listed.KeyID = id
			others = append(others, listed)
		}
	}
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	snap := unlisted(uid, "This key is not in the list of the user's keys: what it may do, and from where, is not known.")
	if len(own) == 1 && unnamed == 0 {
		inferred := snap.Grants[0]
		snap = own[0]
		snap.Account.ID = uid
		for i, g := range snap.Grants {
			if g.Capability == access.Read && g.State != access.Granted {
				snap.Grants[i] = inferred
			}
		}
	}
	snap.Siblings = others
	return snap, nil
}

// unlisted is a key of which only the answer itself tells: it may read.
func unlisted(uid, note string) *access.Snapshot {
	return &access.Snapshot{
		Answer: access.Answer{
			Account: access.Account{ID: uid},
			Notes:   []string{note},
			Grants:  []access.Grant{{Capability: access.Read, State: access.Granted, Evidence: access.Inferred}},
		},
	}
}

// readKey reads one key of the list.
func (a *API) readKey(entry wire.Object, now time.Time) *access.Snapshot {
	snap := &access.Snapshot{Answer: access.Answer{Account: access.Account{Kind: access.MainAccount}}}
	snap.Label, _ = entry.Text("note")
	a.readPermissions(entry, snap)
	if ips, ok := entry.Commas("ipAddresses"); ok { // documented as always present
		snap.IPAllowlist = access.NewIPAllowlist(ips)
	}
	snap.Created, _ = entry.Millis("createTime")
	snap.Changed, _ = entry.Millis("updateTime")
	snap.KeyState = entry.State("status", map[string]access.KeyState{"normal": access.KeyActive, "expired": access.KeyExpired})
	days, ok := entry.Int("validDays")
	snap.NeverExpires = ok && days == -1
	if ok && days >= 0 && days < 100*365 && snap.KeyState == access.KeyActive {
		snap.Expires = now.Add(time.Duration(max(days, 1)) * day).Truncate(day)
	}
	ends := slices.ContainsFunc(snap.Grants, func(g access.Grant) bool { return g.Capability != access.Read && g.State != access.Denied })
	if ends && a.Unbound != "" && snap.IPAllowlist.State != access.AllowlistRestricted { // what isn't known counts as held and as not bound
		snap.Deadlines = []access.Deadline{{What: a.Unbound, At: snap.Expires}}
	}
	return snap
}

const day = 24 * time.Hour

// readPermissions: every key may read, and the call needs it. So a list without
// that isn't the whole list and denies nothing.
func (a *API) readPermissions(entry wire.Object, snap *access.Snapshot) {
	held, _ := entry.Commas("permission")
	for i, name := range held {
		for known := range a.Permissions {
			if strings.EqualFold(name, known) || known == "withdraw" && strings.Contains(strings.ToLower(name), known) {
				held[i] = known
			}
		}
	}
	states := a.Permissions.Listed(held)
	for name, state := range states {
		if state == access.Denied && states["readOnly"] != access.Granted {
			states[name] = access.Unknown
		}
	}
	a.Permissions.Apply(snap, states)
	slices.Sort(snap.Permissions)
	slices.Sort(snap.Unmapped)
}
