package inventory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// probedToy is an exchange that may be probed, at the host of httptest's certificate. Its
// keys are restricted to 8.8.8.8, and it refuses by IP address with 403.
func probedToy() *adapter.Exchange {
	e := toy("probed", "Probed", false)
	e.Environments, e.Probe = []adapter.Environment{{Name: "live", URLs: []string{"https://example.com"}}}, "/key"
	ask := e.Inspect
	e.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
		found, err := ask(ctx, s)
		if refusal := (*access.Error)(nil); errors.As(err, &refusal) && refusal.Status == http.StatusForbidden {
			refusal.Kind = access.KindIPNotAllowed
		}
		if err == nil {
			found.IPAllowlist = access.NewIPAllowlist([]string{"8.8.8.8"})
		}
		return found, err
	}
	return e
}

// direct answers as the exchange does to a host that is on the list.
type direct struct{ *testing.T }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

// TestProbeThroughAProxy sends one request through the proxy that the key names, and no
// other; whatever goes wrong there, its password is shown nowhere.
func TestProbeThroughAProxy(t *testing.T) {
	t.Parallel()
	fake, _ := fakeBehind(t)
	for name, c := range map[string]struct {
		password, answers, key string
		want                   audit.Outcome
		says                   string
	}{
		"answered":           {password: canary, key: "k", want: audit.Failed, says: `through the egress "lab"`},
		"refused":            {password: canary, key: "other", want: audit.Passed, says: "Proved: "},
		"wrong password":     {password: "x" + canary, key: "k", want: audit.Undetermined, says: `the proxy of egress "lab" rejected the user name or password`},
		"the proxy is wrong": {password: canary, answers: "HTTP/1.1 502 " + canary + "\r\nContent-Length: 0\r\n\r\n", key: "k", want: audit.Undetermined, says: "could not reach the exchange"},
	} {
		proxy := serveProxy(t, fake.Listener.Addr().String(), talkHTTP)
		proxy.answers = c.answers
		address := "http://u:" + c.password + "@" + proxy.Addr().String()
		in, err := inFile(t, shared(`"egress": {"lab": {"proxy": "exec:[\"printenv\", \"PROXY\"]", "ips": ["9.9.9.9", "2001:db8::/64"]}}`,
			"exchange", `"probed"`, "key", `"`+c.key+`"`, "probe", `"lab"`),
			Options{Env: environ(map[string]string{"S": "s3cret"}), Environ: []string{"PROXY=" + address}, Exchanges: []*adapter.Exchange{probedToy()}})
		require.NoError(t, err)
		if transport, err := in.egresses[0].open(t.Context()); assert.NoError(t, err) {
			transport.TLSClientConfig.RootCAs = fake.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		}
		k := in.Keys[0]
		assert.Nil(t, k.Transport, "the key itself is asked about as before")
		result, err := audit.Assess(t.Context(), k, &audit.Options{Transport: direct{t}})
		require.NoError(t, err)
		f := result.Finding(audit.RuleIPAllowlistNegative)
		assert.Equal(t, c.want, f.Outcome, "%s: %s", name, f.Message)
		assert.Contains(t, f.Message, c.says, name)
		if requests := proxy.requests(); c.want != audit.Undetermined {
			assert.Equal(t, []string{"CONNECT example.com:443"}, requests, name)
		}
		assert.Equal(t, "lab", result.Record.Probe)
		text := fmt.Sprintf("%v %+v %#v %v %+v", k, k, k, k.Probe, *result.Snapshot.Probe) + f.Message
		assert.Empty(t, exchangetest.FindCanaries(text, []string{canary, url.QueryEscape(canary)}), name)
	}
}

// TestMistakenProbes: what can be seen to prove nothing, or might harm, is refused.
func TestMistakenProbes(t *testing.T) {
	t.Parallel()
	two := `"egress": {"lab": {"proxy": "http://10.0.0.1:3128", "ips": ["9.9.9.9"]}, "same": {"proxy": "http://10.0.0.1:3128", "ips": ["9.9.9.9"]}, "bare": {"proxy": "http://10.0.0.2"}}`
	for text, want := range map[string]string{
		shared(two, "exchange", `"probed"`, "probe", `"lap"`):                                     `unknown egress "lap": did you mean "lab"?`,
		shared(two, "exchange", `"probed"`, "probe", `"bare"`):                                    `"probe" must be an egress with its IP addresses: add "ips" to it`,
		shared(two, "exchange", `"probed"`, "probe", `"lab"`, "egress", `"lab"`):                  `"probe" must be another egress than the key's own`,
		shared(two, "exchange", `"probed"`, "probe", `"lab"`, "egress", `"same"`):                 `"probe" must be another egress than the key's own`,
		shared(two, "exchange", `"bybit"`, "probe", `"lab"`):                                      `remove "probe": nothing rules out that Bybit bans or locks after a refused request`,
		goodKey("exchange", `"probed"`, "probe", `3`):                                             `"probe" must be the name of an egress or an object, not a number`,
		goodKey("exchange", `"probed"`, "probe", `{"ips": ["9.9.9.9"]}`):                          `the egress has no "proxy"`,
		goodKey("exchange", `"probed"`, "probe", `{"proxy": "http://10.0.0.1", "ips": ["nine"]}`): `is not an IP address or range`,
	} {
		_, err := inFile(t, text, Options{Env: environ(map[string]string{"S": "s3cret"}), Exchanges: append(toys[:len(toys):len(toys)], probedToy())})
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), want, text)
	}
	k := one(t, goodKey("exchange", `"probed"`, "probe", `{"proxy": "http://10.0.0.1", "ips": ["9.9.9.0/24"]}`), Options{Exchanges: []*adapter.Exchange{probedToy()}})
	assert.Equal(t, "proxy of a (probe)", k.Probe.Egress)
	assert.Equal(t, "[9.9.9.0/24]", fmt.Sprint(k.Probe.IPs))
}
