package access_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func TestStateOf(t *testing.T) {
	t.Parallel()
	assert.Equal(t, access.Granted, access.StateOf(true))
	assert.Equal(t, access.Denied, access.StateOf(false))
	assert.Equal(t, access.MainAccount, access.AccountKindOf(true))
	assert.Equal(t, access.SubAccount, access.AccountKindOf(false))
}

// TestTheMoreDangerousEntryCounts: a stored or hand-written snapshot may name a
// capability more than once.
func TestTheMoreDangerousEntryCounts(t *testing.T) {
	t.Parallel()
	entry := func(s access.State) access.Grant {
		return access.Grant{Capability: access.Withdraw, State: s, Evidence: access.Reported}
	}
	denied, unknown, granted := entry(access.Denied), entry(access.Unknown), entry(access.Granted)
	for _, c := range []struct {
		grants []access.Grant
		want   access.State
	}{
		{nil, access.Unknown},
		{[]access.Grant{{Capability: access.Read, State: access.Granted}}, access.Unknown},
		{[]access.Grant{denied}, access.Denied},
		{[]access.Grant{denied, denied}, access.Denied},
		{[]access.Grant{denied, unknown}, access.Unknown},
		{[]access.Grant{unknown, denied}, access.Unknown},
		{[]access.Grant{denied, granted}, access.Granted},
		{[]access.Grant{granted, denied}, access.Granted},
		{[]access.Grant{unknown, granted, denied}, access.Granted},
	} {
		s := &access.Snapshot{Answer: access.Answer{Grants: c.grants}}
		assert.Equal(t, c.want.String(), s.Grant(access.Withdraw).State.String(), c.grants)
		assert.Equal(t, access.Withdraw, s.Grant(access.Withdraw).Capability)
		assert.Equal(t, c.want == access.Granted, s.Can(access.Withdraw))
	}
	first := access.Grant{Capability: access.Withdraw, State: access.Granted, Names: []string{"first"}}
	s := &access.Snapshot{Answer: access.Answer{Grants: []access.Grant{first, granted}}}
	assert.Equal(t, first, s.Grant(access.Withdraw), "of equals the first")
}
