package audit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// complete is an exchange value that lacks nothing.
func complete(edits ...func(*audit.Exchange)) *audit.Exchange {
	e := toyExchange()
	e.Limit = audit.Limit{Requests: 10, Per: time.Second}
	for _, edit := range edits {
		edit(e)
	}
	return e
}

func TestValidate(t *testing.T) {
	t.Parallel()
	require.NoError(t, complete().Validate())
	for _, c := range []struct {
		edit func(*audit.Exchange)
		want string
	}{
		{func(e *audit.Exchange) { e.Name = "" }, `Name "" must be`},
		{func(e *audit.Exchange) { e.Name = "Toy" }, `Name "Toy" must be one lower-case word`},
		{func(e *audit.Exchange) { e.Name = "to-y" }, `Name "to-y" must be`},
		{func(e *audit.Exchange) { e.Title = "" }, "Title is missing"},
		{func(e *audit.Exchange) { e.Docs = "http://toy.example" }, "Docs must be an https address"},
		{func(e *audit.Exchange) { e.Docs = "https://" }, "Docs must be"},
		{func(e *audit.Exchange) { e.Docs = "https://user@toy.example" }, "Docs must be"},
		{func(e *audit.Exchange) { e.Docs = ":" }, "Docs must be"},
		{func(e *audit.Exchange) { e.KeyPage = "" }, "KeyPage must be an https address"},
		{func(e *audit.Exchange) { e.KeyPage = "https://toy.example/?a=b" }, "KeyPage must be"},
		{func(e *audit.Exchange) { e.Checked = "22 November" }, "Checked must be a date"},
		{func(e *audit.Exchange) { e.Checked = "2026-13-01" }, "Checked must be a date"},
		{func(e *audit.Exchange) { e.Environments = nil }, "Environments is empty"},
		{func(e *audit.Exchange) { e.Environments[0].Name = "" }, `environment "" is unnamed or doubled`},
		{func(e *audit.Exchange) { e.Environments[1].Name = "live" }, `environment "live" is unnamed or doubled`},
		{func(e *audit.Exchange) { e.Environments[0].URLs = nil }, `environment "live" has no address`},
		{func(e *audit.Exchange) { e.Environments[0].URLs = []string{"https://toy.example/"} }, "without a final slash"},
		{func(e *audit.Exchange) { e.Environments[0].URLs = []string{"http://toy.example"} }, "must be an https address"},
		{func(e *audit.Exchange) { e.Calls = nil }, `environment "live" has no call`},
		{func(e *audit.Exchange) {
			for i := range e.Calls {
				e.Calls[i].Environments = []string{"live"}
			}
		}, `environment "test" has no call`},
		{func(e *audit.Exchange) { e.Calls[0].Method = "DELETE" }, `method "DELETE" cannot be a read`},
		{func(e *audit.Exchange) { e.Calls[0].Method = "get" }, `method "get" cannot be a read`},
		{func(e *audit.Exchange) { e.Calls[0].Path = "key" }, "must start with a slash"},
		{func(e *audit.Exchange) { e.Calls[0].Path = "/key?a=b" }, "have no query"},
		{func(e *audit.Exchange) { e.Calls[0].Why = "" }, `call "/key" does not say why`},
		{func(e *audit.Exchange) { e.Calls[0].Environments = []string{"moon"} }, `the unknown environment "moon"`},
		{func(e *audit.Exchange) { e.Needs.Kinds = nil }, "Needs.Kinds is empty"},
		{func(e *audit.Exchange) { e.Needs.Nonce, e.ServerTime = true, nil }, "needs ServerTime"},
		{func(e *audit.Exchange) { e.Coverage.Tells = []audit.Capability{"Read"} }, `the invalid capability "Read"`},
		{func(e *audit.Exchange) { e.Coverage.Absent = []audit.Capability{"other:"} }, `the invalid capability "other:"`},
		{func(e *audit.Exchange) { e.Coverage.Absent = []audit.Capability{audit.Read} }, `lists "read" as told and as absent`},
		{func(e *audit.Exchange) { e.Coverage.Confirmed = "" }, "Coverage.Confirmed is missing"},
		{func(e *audit.Exchange) { e.Limit.Requests = 0 }, "Limit is missing"},
		{func(e *audit.Exchange) { e.Limit.Per = 0 }, "Limit is missing"},
		{func(e *audit.Exchange) { e.Inspect = nil }, "Inspect is missing"},
	} {
		err := complete(c.edit).Validate()
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, `exchange "`)
	}
	require.NoError(t, complete(func(e *audit.Exchange) { e.ServerTime = nil }).Validate(), "ServerTime is optional where no nonce is wanted")

	err := (&audit.Exchange{}).Validate()
	for _, all := range []string{"Name", "Title", "Docs", "KeyPage", "Checked", "Environments", "Needs", "Coverage", "Limit", "Inspect"} {
		require.ErrorContains(t, err, all, "everything that is missing is said at once")
	}
}

func TestEnvironmentsOfAKey(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "https://api.toy.example/key", "live": "https://api.toy.example/key", "test": "https://test.toy.example/key"} {
		calls, err := audit.Plan(audit.Key{Exchange: complete(), Environment: name})
		require.NoError(t, err)
		assert.Equal(t, want, calls[0].URL)
		assert.Len(t, calls, map[string]int{"": 2, "live": 2, "test": 3}[name], "only the calls of this environment")
	}
	_, err := audit.Plan(audit.Key{Exchange: complete(), Environment: "moon"})
	require.ErrorIs(t, err, audit.KindInput)
	require.ErrorContains(t, err, `Toy has no environment "moon": use one of live, test`)
	_, err = audit.Plan(audit.Key{Exchange: &audit.Exchange{Name: "x"}})
	require.ErrorContains(t, err, `the exchange value "x" is incomplete`)
}
