package audit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

func TestStateOf(t *testing.T) {
	t.Parallel()
	assert.Equal(t, audit.Granted, audit.StateOf(true))
	assert.Equal(t, audit.Denied, audit.StateOf(false))
	assert.Equal(t, audit.MainAccount, audit.AccountKindOf(true))
	assert.Equal(t, audit.SubAccount, audit.AccountKindOf(false))
}

// TestTheMoreDangerousEntryCounts: a stored or hand-made snapshot may name a
// capability more than once.
func TestTheMoreDangerousEntryCounts(t *testing.T) {
	t.Parallel()
	entry := func(s audit.State) audit.Grant {
		return audit.Grant{Capability: audit.Withdraw, State: s, Evidence: audit.Told}
	}
	denied, unknown, granted := entry(audit.Denied), entry(audit.Unknown), entry(audit.Granted)
	for _, c := range []struct {
		grants []audit.Grant
		want   audit.State
	}{
		{nil, audit.Unknown},
		{[]audit.Grant{{Capability: audit.Read, State: audit.Granted}}, audit.Unknown},
		{[]audit.Grant{denied}, audit.Denied},
		{[]audit.Grant{denied, denied}, audit.Denied},
		{[]audit.Grant{denied, unknown}, audit.Unknown},
		{[]audit.Grant{unknown, denied}, audit.Unknown},
		{[]audit.Grant{denied, granted}, audit.Granted},
		{[]audit.Grant{granted, denied}, audit.Granted},
		{[]audit.Grant{unknown, granted, denied}, audit.Granted},
	} {
		s := &audit.Snapshot{Grants: c.grants}
		assert.Equal(t, c.want.String(), s.Grant(audit.Withdraw).State.String(), c.grants)
		assert.Equal(t, audit.Withdraw, s.Grant(audit.Withdraw).Capability)
		assert.Equal(t, c.want == audit.Granted, s.Can(audit.Withdraw))
	}
	first := audit.Grant{Capability: audit.Withdraw, State: audit.Granted, Names: []string{"first"}}
	s := &audit.Snapshot{Grants: []audit.Grant{first, granted}}
	assert.Equal(t, first, s.Grant(audit.Withdraw), "of equals the first")
}
