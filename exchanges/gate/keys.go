package gate

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// parseKeys adds to snap what the list of the main account's keys reports. A refusal
// of this one call leaves the rights unknown: a key of a sub-account is expected to
// get it.
func parseKeys(resp *adapter.Response, key string, now time.Time, snap *access.Snapshot) error {
	if err := refused(resp); err != nil {
		code, ofOneCall := wire.OfOneCall(err)
		if !ofOneCall {
			return err
		}
		unlisted(snap, "The exchange refused the list of the main account's keys ("+code+"), as it may do for a key of a sub-account, "+
			"so what this key may do is unknown.")
		return nil
	}
	list, err := readList(resp.Body)
	if err == nil && len(list) == 0 {
		err = errors.New("the list of keys is empty")
	}
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	masks := maskedKeys(resp.Body)
	var own, unnamed []*access.Snapshot
	for i, entry := range list {
		listed := readKey(entry)
		if err := entry.Err(); err != nil {
			return wire.NotUnderstood(resp, err)
		}
		switch prefix := strings.TrimRight(masks[i], "*"); {
		case len(prefix) < shortestPrefix: // may be any key, this one too
			unnamed = append(unnamed, listed)
		case strings.HasPrefix(key, prefix):
			own = append(own, listed)
		default:
			listed.KeyID = masks[i]
			snap.Siblings = append(snap.Siblings, listed)
		}
	}
	snap.Siblings = append(snap.Siblings, unnamed...)
	if len(own) != 1 || len(unnamed) > 0 {
		snap.KeyState = access.KeyUnclear // the list has it
		unlisted(snap, "This key could not be identified in the list of the main account's keys, so what it may do is unknown.")
		return nil
	}
	merge(snap, own[0], now)
	return nil
}

// shortestPrefix is how much of a key must be shown to recognise it. The exchange
// shows twelve characters.
const shortestPrefix = 8

// readList reads a list of keys. The reference shows a single object.
func readList(body []byte) ([]wire.Object, error) {
	list, err := wire.ParseList(body)
	if err == nil {
		return list, nil
	}
	one, err := wire.Parse(body)
	return []wire.Object{one}, err
}

// maskedKeys are the beginnings of the listed keys. The reference shows an object in
// their place, which says nothing and must not make the rest of the answer wrong: so
// they are read on their own.
func maskedKeys(body []byte) []string {
	list, _ := readList(body)
	masks := make([]string, len(list))
	for i, entry := range list {
		masks[i], _ = entry.Text("key")
	}
	return masks
}

// readKey reads one key of the list.
func readKey(entry wire.Object) *access.Snapshot {
	snap := &access.Snapshot{Answer: access.Answer{Account: access.Account{Kind: access.MainAccount}}}
	snap.Label = readLabel(entry)
	readPermissions(entry, snap)
	if list, ok := entry.Strings("ip_whitelist"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	snap.Created, _ = entry.Seconds("created_at")
	for _, name := range []string{"update_at", "updated_at"} { // in answers, and in the reference
		if at, ok := entry.Seconds(name); ok {
			snap.Changed = at
		}
	}
	// Never used is reportedly a small number.
	if at, ok := entry.Int("last_access"); ok && at > time.Date(2000, time.January, 2, 0, 0, 0, 0, time.UTC).Unix() {
		snap.LastUsed, _ = entry.Seconds("last_access")
	}
	// The pages disagree about which of 2 and 3 is locked and which is frozen.
	snap.KeyState = entry.State("state", map[string]access.KeyState{"1": access.KeyActive, "2": access.KeyLocked, "3": access.KeyLocked})
	return snap
}

// readLabel reads the key's name, which the newest client has as a list of them.
func readLabel(entry wire.Object) string {
	names, _ := entry.TextOrTexts("name")
	return strings.Join(names, ", ")
}

// merge adds what the list reports about the calling key.
func merge(snap, listed *access.Snapshot, now time.Time) {
	snap.Label, snap.Account.Kind, snap.KeyState = listed.Label, listed.Account.Kind, listed.KeyState
	snap.Grants, snap.Permissions, snap.Unmapped = listed.Grants, listed.Permissions, listed.Unmapped
	snap.Created, snap.Changed = listed.Created, listed.Changed
	// The last use may be the very call that asks, which says nothing about the
	// key's other clients.
	if listed.LastUsed.Before(now.Add(-time.Minute)) {
		snap.LastUsed = listed.LastUsed
	}
	rights.Prove(snap, access.Read)
	list, other := &snap.IPAllowlist, listed.IPAllowlist
	switch {
	case list.Evidence == access.NoEvidence:
		*list = other
		list.Partial()
	case other.Evidence == access.NoEvidence:
		list.Partial()
	case !slices.Equal(entries(*list), entries(other)):
		snap.Contradictions = append(snap.Contradictions, "the exchange's two calls report different IP allowlists "+
			"for this key")
		if other.State != access.AllowlistRestricted {
			*list = other
		}
	}
}

func entries(list access.IPAllowlist) []string {
	var out []string
	for _, e := range list.Entries {
		out = append(out, e.Text)
	}
	slices.Sort(out)
	return out
}

// unlisted is for a key whose rights the exchange did not report: the answer itself
// proves the right to read.
func unlisted(snap *access.Snapshot, note string) {
	snap.Notes = append(snap.Notes, note)
	rights.Prove(snap, access.Read)
}
