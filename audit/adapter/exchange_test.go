package adapter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// complete is an exchange value that lacks nothing.
func complete(edits ...func(*adapter.Exchange)) *adapter.Exchange {
	e := toyExchange()
	e.Limit = adapter.Limit{Requests: 10, Per: time.Second}
	e.Keys = adapter.KeyRules{Idle: "Deleted after a month.", Source: "toy.example/docs", Checked: "2026-11-22"}
	for _, edit := range edits {
		edit(e)
	}
	return e
}

func TestValidate(t *testing.T) {
	t.Parallel()
	require.NoError(t, complete().Validate())
	for _, c := range []struct {
		edit func(*adapter.Exchange)
		want string
	}{
		{func(e *adapter.Exchange) { e.Name = "" }, `Name "" must be`},
		{func(e *adapter.Exchange) { e.Name = "Toy" }, `Name "Toy" must be one lower-case word`},
		{func(e *adapter.Exchange) { e.Name = "to-y" }, `Name "to-y" must be`},
		{func(e *adapter.Exchange) { e.Title = "" }, "Title is missing"},
		{func(e *adapter.Exchange) { e.Docs = "http://toy.example" }, "Docs must be an https URL"},
		{func(e *adapter.Exchange) { e.Docs = "https://" }, "Docs must be"},
		{func(e *adapter.Exchange) { e.Docs = "https://user@toy.example" }, "Docs must be"},
		{func(e *adapter.Exchange) { e.Docs = ":" }, "Docs must be"},
		{func(e *adapter.Exchange) { e.KeyPage = "" }, "KeyPage must be an https URL"},
		{func(e *adapter.Exchange) { e.KeyPage = "https://toy.example/?a=b" }, "KeyPage must be"},
		{func(e *adapter.Exchange) { e.Checked = "22 November" }, "Checked must be a date"},
		{func(e *adapter.Exchange) { e.Checked = "2026-13-01" }, "Checked must be a date"},
		{func(e *adapter.Exchange) { e.Environments = nil }, "Environments is empty"},
		{func(e *adapter.Exchange) { e.Environments[0].Name = "" }, `environment "" is unnamed or duplicate`},
		{func(e *adapter.Exchange) { e.Environments[1].Name = "live" }, `environment "live" is unnamed or duplicate`},
		{func(e *adapter.Exchange) { e.Environments[0].URLs = nil }, `environment "live" has no URL`},
		{func(e *adapter.Exchange) { e.Environments[0].URLs = []string{"https://toy.example/"} }, "without a final slash"},
		{func(e *adapter.Exchange) { e.Environments[0].URLs = []string{"http://toy.example"} }, "must be an https URL"},
		{func(e *adapter.Exchange) { e.Calls = nil }, `environment "live" has no call`},
		{func(e *adapter.Exchange) {
			for i := range e.Calls {
				e.Calls[i].Environments = []string{"live"}
			}
		}, `environment "test" has no call`},
		{func(e *adapter.Exchange) { e.Calls[0].Method = "DELETE" }, `method "DELETE" cannot be a read`},
		{func(e *adapter.Exchange) { e.Calls[0].Method = "get" }, `method "get" cannot be a read`},
		{func(e *adapter.Exchange) { e.Calls[0].Path = "key" }, "must start with a slash"},
		{func(e *adapter.Exchange) { e.Calls[0].Path = "/key?a=b" }, "have no query"},
		{func(e *adapter.Exchange) { e.Calls[0].Why = "" }, `call "/key" does not say why`},
		{func(e *adapter.Exchange) { e.Calls[0].Environments = []string{"moon"} }, `the unknown environment "moon"`},
		{func(e *adapter.Exchange) { e.Needs.Kinds = nil }, "Needs.Kinds is empty"},
		{func(e *adapter.Exchange) { e.Needs.Nonce, e.ServerTime = true, nil }, "needs ServerTime"},
		{func(e *adapter.Exchange) { e.Coverage.Reports = []access.Capability{"Read"} }, `the invalid capability "Read"`},
		{func(e *adapter.Exchange) { e.Coverage.Absent = []access.Capability{"other:"} }, `the invalid capability "other:"`},
		{func(e *adapter.Exchange) { e.Coverage.Absent = []access.Capability{access.Read} }, `lists "read" as reported and as absent`},
		{func(e *adapter.Exchange) { e.Coverage.Confirmed = "" }, "Coverage.Confirmed is missing"},
		{func(e *adapter.Exchange) { e.Keys.Source = "" }, "Keys.Source is missing"},
		{func(e *adapter.Exchange) { e.Keys.Checked = "" }, "Keys.Checked must be a date"},
		{func(e *adapter.Exchange) { e.Keys.Checked = "November" }, "Keys.Checked must be a date"},
		{func(e *adapter.Exchange) {
			e.Keys = adapter.KeyRules{Steps: map[adapter.Task]string{adapter.DeleteKey: "Delete it."}}
		}, "Keys.Source is missing"},
		{func(e *adapter.Exchange) { e.Keys.Idle = "deleted " }, `the text on idle keys must be a sentence: "deleted "`},
		{func(e *adapter.Exchange) { e.Keys.Steps = map[adapter.Task]string{adapter.DeleteKey: ""} }, "says nothing about how to delete a key"},
		{func(e *adapter.Exchange) { e.Keys.Steps = map[adapter.Task]string{"dance": "Dance."} }, `the unknown task "dance"`},
		{func(e *adapter.Exchange) { e.Probe = "/keys" }, "Probe must be the path of a call"},
		{func(e *adapter.Exchange) { e.Probe = "/time" }, "that is always made"},
		{func(e *adapter.Exchange) { e.Probe, e.Needs.Nonce = "/key", true }, "has no nonce"},
		{func(e *adapter.Exchange) { e.Probe, e.RefusesIPFreely = "/key", true }, "a refusal must prove an IP allowlist"},
		{func(e *adapter.Exchange) { e.Limit.Requests = 0 }, "Limit is missing"},
		{func(e *adapter.Exchange) { e.Limit.Per = 0 }, "Limit is missing"},
		{func(e *adapter.Exchange) { e.Inspect = nil }, "Inspect is missing"},
	} {
		err := complete(c.edit).Validate()
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, `exchange "`)
	}
	require.NoError(t, complete(func(e *adapter.Exchange) { e.Keys = adapter.KeyRules{} }).Validate(), "nothing stated needs no source")
	require.NoError(t, complete(func(e *adapter.Exchange) { e.ServerTime = nil }).Validate(), "ServerTime is optional where no nonce is needed")

	err := (&adapter.Exchange{}).Validate()
	for _, all := range []string{"Name", "Title", "Docs", "KeyPage", "Checked", "Environments", "Needs", "Coverage", "Limit", "Inspect"} {
		require.ErrorContains(t, err, all, "everything that is missing is said at once")
	}
}

func TestEnvironmentsOfAKey(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "https://api.toy.example/key", "live": "https://api.toy.example/key", "test": "https://test.toy.example/key"} {
		calls, err := (&adapter.Target{Exchange: complete(), Environment: name}).Plan()
		require.NoError(t, err)
		assert.Equal(t, want, calls[0].URL)
		assert.Len(t, calls, map[string]int{"": 2, "live": 2, "test": 3}[name], "only the calls of this environment")
	}
	_, err := (&adapter.Target{Exchange: complete(), Environment: "moon"}).Plan()
	require.ErrorIs(t, err, access.KindInput)
	require.ErrorContains(t, err, `Toy has no environment "moon": use one of live, test`)
	_, err = (&adapter.Target{Exchange: &adapter.Exchange{Name: "x"}}).Plan()
	require.ErrorContains(t, err, `the exchange value "x" is incomplete`)
}
