package silent

import (
	"errors"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// AddRight adds what a call shows about the right that it needs, according to the
// documentation: an answer, which has no refusal, proves what the right is for. A
// refusal of this one call leaves that unknown, and any other is returned.
func AddRight(snap *access.Snapshot, refusal error, capabilities ...access.Capability) error {
	if refusal == nil {
		for _, c := range capabilities {
			rights.Prove(snap, c)
		}
		return nil
	}
	code, ok := wire.OfOneCall(refusal)
	if !ok {
		return refusal
	}
	names := make([]string, len(capabilities))
	for i, c := range capabilities {
		snap.Grants = append(snap.Grants, access.Grant{Capability: c})
		names[i] = string(c)
	}
	right := strings.Join(names, ", ")
	note := "The exchange refused the call that would show " + right + " for another reason (" + code + "), so that " +
		"right is unknown."
	if errors.Is(refusal, access.KindForbidden) {
		note = "The exchange refused the call that, according to the documentation, needs " + right +
			", because a right is missing. That this is the right it needs is not confirmed, so that right is unknown."
	}
	snap.Notes = append(snap.Notes, note)
	return nil
}
