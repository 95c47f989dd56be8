package exchangetest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// TestValidate: everything that is missing has a sentence of its own, and nothing
// else is complained about.
func TestValidate(t *testing.T) {
	t.Parallel()
	answer := func(*Call) Reply { return Reply{} }
	for _, c := range []struct {
		want  string
		spoil func(*Definition)
	}{
		{"", func(*Definition) {}},
		{"Name is missing: use the Name of the adapter's Exchange.", func(d *Definition) { d.Name = "" }},
		{"Hosts is empty: list the hosts of the adapter's Environments.", func(d *Definition) { d.Hosts = nil }},
		{
			`Hosts has "https://a.example": write a host only, without scheme and path.`,
			func(d *Definition) { d.Hosts[0] = "https://a.example" },
		},
		{
			`Hosts has "a.example/v1": write a host only, without scheme and path.`,
			func(d *Definition) { d.Hosts[0] = "a.example/v1" },
		},
		{"Kinds is empty: list the kinds of keys that the exchange issues.", func(d *Definition) { d.Kinds = nil }},
		{
			"Kinds has the zero value: name the kind of key, for instance access.SharedSecret.",
			func(d *Definition) { d.Kinds[0] = access.KindOfKeyUnknown },
		},
		{
			"Identify is missing: it finds the key's identifier in a request.",
			func(d *Definition) { d.Identify = nil },
		},
		{"Verify is missing: it checks the signature of a request.", func(d *Definition) { d.Verify = nil }},
		{"Rights[0] has no name.", func(d *Definition) { d.Rights[0].Name = "" }},
		{
			`Rights has the duplicate name "spot.trade": every name must be unique.`,
			func(d *Definition) { d.Rights[1].Name = "spot.trade" },
		},
		{
			`Rights: "spot.trade" has the capability "Trade.Spot", which no rule knows: use a constant of access, or access.Other.`,
			func(d *Definition) { d.Rights[0].Capabilities = []access.Capability{"Trade.Spot"} },
		},
		{
			`MayGrant has "spot", which is not in Rights.`,
			func(d *Definition) { d.MayGrant = map[string][]access.Capability{"spot": nil} },
		},
		{
			`Routes has "GET account": write it as "METHOD /path".`,
			func(d *Definition) { d.Routes["GET account"] = answer },
		},
		{`Public has "/time": write it as "METHOD /path".`, func(d *Definition) { d.Public["/time"] = answer }},
		{`Routes has no function for "GET /allowlist".`, func(d *Definition) { d.Routes["GET /allowlist"] = nil }},
		{
			`Introspection is "GET /key", which is not in Routes.`,
			func(d *Definition) { d.Introspection = "GET /key" },
		},
		{"Failures[6] has no name.", func(d *Definition) { d.Failures[6].Name = "" }},
		{
			`Failures has the duplicate name "bad signature": every name must be unique.`,
			func(d *Definition) { d.Failures[6].Name = FailBadSignature },
		},
		{
			"Failures has no FailUnknownKey: document what a key gets that does not exist.",
			func(d *Definition) { d.Failures = d.Failures[1:] },
		},
		{
			`Failures: "IP address not allowed" is ambiguous: list its Candidates, at least two.`,
			func(d *Definition) { d.Failures[4].Candidates = d.Failures[4].Candidates[:1] },
		},
		{`Failures: "IP address not allowed" has Candidates: set its Kind to access.KindAmbiguous.`, func(d *Definition) {
			d.Failures[4].Kind = access.KindIPNotAllowed
		}},
		{
			"Vectors is empty: add a documented request with its signature, or say in NoVectors why there is none.",
			func(d *Definition) { d.Vectors = nil },
		},
		{"NoVectors is set although there are Vectors: remove it.", func(d *Definition) { d.NoVectors = "none" }},
		{
			`Vectors[0] ("account") is incomplete: it needs Time, Key, Secret, Method and URL.`,
			func(d *Definition) { d.Vectors[0].Time = time.Time{} },
		},
	} {
		d := referenceFake(false)
		c.spoil(&d)
		got := ""
		if err := d.Validate(); err != nil {
			got = err.Error()
		}
		assert.Equal(t, c.want, got)
	}
	d := referenceFake(false)
	d.Routes, d.Introspection = nil, ""
	require.EqualError(t, d.Validate(), `Routes is empty: it has the calls that need a key, as "METHOD /path".`)
}

// TestIncompleteFake: a fake with something missing says so, panics nowhere, and no
// property of an adapter passes with it.
func TestIncompleteFake(t *testing.T) {
	var empty Definition
	missing := empty.Validate().Error()
	assert.Greater(t, strings.Count(missing, "\n"), 5, missing)

	fake := New(empty)
	credentials := fake.Issue(Spec{})
	assert.NotEmpty(t, credentials.Key)
	held := adapter.Credentials{Key: "k", Secret: adapter.NewSecret(pemOf(ecdsaFrom([]byte("seed"))))}
	require.NoError(t, New(empty).Adopt(held, Spec{}))
	r := httptest.NewRequest(http.MethodGet, "https://api.reference.example/account", nil)
	resp, err := fake.RoundTrip(r)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusNotImplemented, resp.StatusCode)
	assert.Equal(t, missing, string(body))
	recorder := httptest.NewRecorder()
	fake.ServeHTTP(recorder, r)
	assert.Equal(t, missing, recorder.Body.String())

	e := referenceExchange(soundSteps(), false)
	for _, p := range properties {
		assert.NotEmpty(t, problems(t, e, func() *Fake { return New(empty) }, p, referenceDir), p.name)
	}
}

// TestRefuse: what the exchange does not document is refused like an unknown key,
// and a name that nobody has is no refusal of the exchange.
func TestRefuse(t *testing.T) {
	t.Parallel()
	c := &Call{fake: New(referenceFake(false)), Now: noon}
	assert.Contains(t, c.Refuse(FailClock).Body, `"clock"`)
	assert.Contains(t, c.Refuse(FailDisabled).Body, `"bad_key"`)
	typo := c.Refuse("overlord")
	assert.Equal(t, http.StatusNotImplemented, typo.Status)
	assert.Equal(t, `exchangetest: the fake of reference has no failure named "overlord"`, typo.Body)
}

// TestLoopbackHost: at a loopback address a signature names the exchange's own
// host.
func TestLoopbackHost(t *testing.T) {
	t.Parallel()
	fresh := func() *Fake { return New(referenceFake(false)) }
	b := (&trial{t: t, exchange: referenceExchange(soundSteps(), false), fresh: fresh}).bench(Spec{})
	server := Serve(b.fake)
	defer server.Close()
	b.key.BaseURL = server.URL
	b.opts.Transport = &http.Transport{}
	s, failure := b.inspect()
	require.Nil(t, failure)
	assert.Equal(t, access.KeyActive, s.KeyState)
	assert.NotContains(t, b.fake.Requests()[0].Host, "reference")
}

// TestHex: as long as asked for, the same for the same parts only.
func TestHex(t *testing.T) {
	t.Parallel()
	assert.Len(t, Hex(99, "a", 1), 99)
	first := Hex(32, "a", 1)
	assert.Equal(t, first, Hex(32, "a", 1))
	assert.NotEqual(t, Hex(32, "a", 1), Hex(32, "a", 2))
}

// TestRouteByBody: calls of one path are known by how the body begins, if the definition
// says how; otherwise the body does not matter.
func TestRouteByBody(t *testing.T) {
	t.Parallel()
	d := Definition{Operation: indodaxMethod}
	for body, want := range map[string]string{"method=a&x=1": "POST /tapi a", "method=b&": "POST /tapi b", "": "POST /tapi"} {
		assert.Equal(t, want, d.route("POST", "/tapi", []byte(body)), body)
		assert.Equal(t, "POST /tapi", (&Definition{}).route("POST", "/tapi", []byte(body)), body)
	}
}
