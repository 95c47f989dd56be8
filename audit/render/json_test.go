package render

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

func clock() time.Time { return now }

// testExchange answers without a request.
func testExchange() *adapter.Exchange {
	return &adapter.Exchange{
		Name: "test", Title: "Test Exchange", KeyPage: "https://exchange.test/keys",
		Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.exchange.test"}}},
		Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
		Inspect: func(context.Context, *adapter.Session) (*access.Snapshot, error) {
			return &access.Snapshot{
				Answer: access.Answer{
					Grants:      []access.Grant{granted(access.Read), granted(access.TradeSpot), granted(access.Withdraw)},
					IPAllowlist: access.NewIPAllowlist([]string{"203.0.113.7", "198.51.100.0/24"}),
					Siblings:    []*access.Snapshot{{Inspection: access.Inspection{KeyID: "Zz11…0099"}}},
				},
			}, nil
		},
	}
}

// filled sets every member of a struct to something that isn't zero.
func filled[T any](tb testing.TB) *T {
	tb.Helper()
	v := new(T)
	fill(reflect.ValueOf(v).Elem(), 0)
	return v
}

// filledValues are for types that have a form of their own in JSON.
var filledValues = map[reflect.Type]reflect.Value{
	reflect.TypeFor[time.Time]():         reflect.ValueOf(now),
	reflect.TypeFor[netip.Addr]():        reflect.ValueOf(netip.MustParseAddr("2001:db8::1")),
	reflect.TypeFor[netip.Prefix]():      reflect.ValueOf(netip.MustParsePrefix("2001:db8::/64")),
	reflect.TypeFor[access.Capability](): reflect.ValueOf(access.Withdraw),
}

func fill(v reflect.Value, depth int) {
	if value, ok := filledValues[v.Type()]; ok {
		v.Set(value)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			switch field := v.Type().Field(i); {
			case field.Anonymous: // no level of its own in JSON
				fill(v.Field(i), depth)
			case field.Name == "Schema":
				v.Field(i).SetInt(access.SnapshotSchema)
			case field.IsExported():
				fill(v.Field(i), depth+1)
			}
		}
	case reflect.Pointer, reflect.Slice:
		if depth >= 9 { // a snapshot holds snapshots
			return
		}
		if v.Kind() == reflect.Slice {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), depth+1)
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth+1)
		fill(value, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(1)
	default:
		panic("a member of an unforeseen kind: " + v.Kind().String())
	}
}

func TestReadJSON(t *testing.T) {
	empty := audit.Collect(slices.Values([]*audit.Result{}), clock)
	empty.Recount() // no count is null
	for name, r := range map[string]*audit.Report{
		"rich":  richReport(),
		"run":   run(t),
		"empty": empty,
	} {
		t.Run(name, func(t *testing.T) {
			stored := marshal(t, r)
			back, err := ReadJSON(bytes.NewReader(stored))
			require.NoError(t, err)
			assert.True(t, bytes.Equal(stored, marshal(t, back)), "written again, it differs")
			assert.Equal(t, r.Summary, back.Summary)
		})
	}
}

// TestJSONIsOneDocument: writing it in parts makes no difference.
func TestJSONIsOneDocument(t *testing.T) {
	one := &audit.Report{Schema: audit.ReportSchema, Results: []*audit.Result{worstKey()}}
	for _, r := range []*audit.Report{richReport(), one, {Schema: audit.ReportSchema, Results: []*audit.Result{}}} {
		want, err := encode(r, "", "  ")
		require.NoError(t, err)
		assert.Equal(t, string(want), string(marshal(t, r)))
	}
	back, err := ReadJSON(bytes.NewReader(marshal(t, &audit.Report{})))
	require.NoError(t, err)
	assert.Equal(t, &audit.Report{Schema: audit.ReportSchema, Results: []*audit.Result{}, Summary: back.Summary}, back)
}

// TestReadJSONCountsAnew: the summary of a stored report is not trusted.
func TestReadJSONCountsAnew(t *testing.T) {
	r := richReport()
	want := r.Summary
	r.Summary = audit.Summary{}
	back, err := ReadJSON(bytes.NewReader(marshal(t, r)))
	require.NoError(t, err)
	assert.Equal(t, want, back.Summary)
}

func TestReadJSONIgnoresNewMembers(t *testing.T) {
	stored := strings.Replace(string(marshal(t, richReport())), `"policy": "trading"`, `"policy": "trading", "colour": "red"`, 1)
	back, err := ReadJSON(strings.NewReader(stored))
	require.NoError(t, err)
	assert.Len(t, back.Results, len(richReport().Results))
}

func TestReadJSONRefuses(t *testing.T) {
	const canary = "canary4711"
	document := string(marshal(t, richReport()))
	cut := func(from, to string) string { return strings.Replace(document, from, to, 1) }
	for name, c := range map[string]struct{ stored, want string }{
		"nothing":               {"", "this is no report"},
		"no JSON":               {canary, "this is no report"},
		"half of a member":      {`{"schema`, "not one JSON object (byte "},
		"half of it":            {document[:len(document)/2], "not one JSON object"},
		"two of them":           {document + document, "not one JSON object"},
		"a list":                {`["` + canary + `"]`, "doesn't follow its schema"},
		"no version":            {`{"results":[]}`, "this is no report"},
		"a newer version":       {cut(`"schema": 2,`, `"schema": 3,`), "the report has schema version 3 and this release reads version 2"},
		"no results":            {`{"schema":2}`, "outside of its results"},
		"an odd date":           {cut(`"started": "2026`, `"started": "`+canary), "outside of its results"},
		"an empty result":       {`{"schema":2,"results":[null]}`, "result 1 is missing"},
		"a result of no kind":   {`{"schema":2,"results":["` + canary + `"]}`, "result 1 doesn't follow the schema"},
		"no snapshot":           {`{"schema":2,"results":[{"findings":[]}]}`, "result 1 has no snapshot"},
		"no findings":           {cut(`"findings": []`, `"found": []`), "result 7 has no list of findings"},
		"no snapshot version":   {`{"schema":2,"results":[{"snapshot":{},"findings":[]}]}`, "result 1 has a snapshot whose schema version is not 2"},
		"an empty sibling":      {`{"schema":2,"results":[{"snapshot":{"siblings":[null]},"findings":[]}]}`, "among the other keys on the account"},
		"a finding without any": {`{"schema":2,"results":[{"snapshot":{"schema":2},"findings":[{}]}]}`, "result 1 has a failed or undetermined finding without a severity"},
		"an unknown word":       {cut(`"outcome": "failed"`, `"outcome": "`+canary+`"`), "result 1 doesn't follow the schema"},
		"a huge number":         {cut(`"requests": 1`, `"requests": 4711e4711`), "result 1 doesn't follow the schema"},
		"a last without form":   {`{"schema":2,"results":[{"snapshot":{"schema":2},"last":{},"findings":[]}]}`, "result 1 has a snapshot whose schema version is not 2"},
		"a failed last":         {`{"schema":2,"results":[{"snapshot":{"schema":2},"last":{"schema":2,"failure":{}},"findings":[]}]}`, "result 1 has a failed inspection as its last successful one"},
		"a last empty sibling":  {`{"schema":2,"results":[{"snapshot":{"schema":2},"last":{"schema":2,"siblings":[null]},"findings":[]}]}`, "among the other keys on the account"},
		"a sibling's sibling":   {`{"schema":2,"results":[{"snapshot":{"schema":2,"siblings":[{"siblings":[null]}]},"findings":[]}]}`, "among the other keys on the account"},
		"a finding of no key":   {`{"schema":2,"results":[],"findings":[{}]}`, "the report has a failed or undetermined finding without a severity"},
		"an odd range":          {cut(`"prefix": "203.0.113.7/32"`, `"prefix": "`+canary+`"`), "doesn't follow the schema"},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := ReadJSON(strings.NewReader(c.stored))
			require.ErrorContains(t, err, c.want)
			assert.Nil(t, report)
			assert.NotContains(t, err.Error(), canary)
			assert.NotContains(t, err.Error(), "4711e")
		})
	}
}

func TestReadJSONIsBounded(t *testing.T) {
	stored := marshal(t, richReport())
	_, err := readJSON(bytes.NewReader(stored), int64(len(stored)))
	require.NoError(t, err)
	_, err = readJSON(bytes.NewReader(stored), int64(len(stored))-1)
	require.ErrorContains(t, err, "larger than")

	broken := errors.New("the disk is gone")
	_, err = ReadJSON(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
}

// TestJSONCannotRepresent a time beyond the year 9999.
func TestJSONCannotRepresent(t *testing.T) {
	r := &audit.Report{Started: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
	require.ErrorIs(t, JSON(&bytes.Buffer{}, r), errEncode)
	result := cleanKey("x")
	result.Snapshot.Created = r.Started
	require.ErrorIs(t, NewJSONLines(&bytes.Buffer{}).Result(result), errEncode)
}

func TestSchemaIsACopy(t *testing.T) {
	clear(Schema())
	assert.True(t, bytes.HasPrefix(Schema(), []byte("{")))
}

// FuzzReadJSON: what is read is written and read again as the same, and shown
// in every format without a character that acts on a terminal or a page.
func FuzzReadJSON(f *testing.F) {
	for _, result := range append(richReport().Results, run(f).Results...) { // small ones are quick
		f.Add(marshal(f, &audit.Report{Schema: audit.ReportSchema, Results: []*audit.Result{result}}))
	}
	f.Add([]byte(`{"schema":2,"results":[{"name":"\u001b[2J\u202e@a","snapshot":{"schema":2,"failure":{"address":"fe80::1%\u001b[2J"}},"findings":[{"outcome":"passed"}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := ReadJSON(bytes.NewReader(data))
		if err != nil {
			return
		}
		written := marshal(t, first)
		second, err := ReadJSON(bytes.NewReader(written))
		require.NoError(t, err)
		again := marshal(t, second)
		require.True(t, bytes.Equal(written, again), "written again, it differs")
		third, err := ReadJSON(bytes.NewReader(again))
		require.NoError(t, err)
		require.Equal(t, second, third)
		checkSafe(t, "report.json", written)
		for name, out := range renderAll(t, first) {
			checkSafe(t, name, out)
		}
	})
}
