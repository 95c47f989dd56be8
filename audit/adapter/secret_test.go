package adapter_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"expvar"
	"fmt"
	htmltemplate "html/template"
	"io"
	"log"
	"log/slog"
	"runtime/debug"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

const (
	canary           = "cAnArY-0123456789+/=secret"
	canaryPassphrase = "cAnArY-passphrase-4711"
	canaryOTP        = "cAnArY-otp-0815"
)

// canaries reports which canaries a text holds.
func canaries(text string) (out []string) {
	for _, c := range []string{canary, canaryPassphrase, canaryOTP} {
		for _, form := range []string{c, fmt.Sprintf("%x", c), fmt.Sprintf("%X", c), fmt.Sprintf("%d", []byte(c)), fmt.Sprintf("%#v", []byte(c)), htmltemplate.HTMLEscapeString(c)} {
			if strings.Contains(text, form) {
				out = append(out, c)
			}
		}
	}
	return out
}

// mockT takes the messages that a test library prints.
type mockT struct{ bytes.Buffer }

func (m *mockT) Errorf(format string, args ...any) { fmt.Fprintf(m, format, args...) }

// channels are the ways in which a program prints a value, by name.
func channels(t *testing.T, v any) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%w", "%T", "%c", "%20v", "% x"} {
		out["fmt "+verb] = fmt.Sprintf(verb, v)
	}
	out["Sprint"] = fmt.Sprint(v)
	out["Sprintln"] = fmt.Sprintln("x", v)
	out["Errorf"] = fmt.Errorf("wrapped: %v", v).Error()
	out["errors.Join"] = errors.Join(fmt.Errorf("one: %+v", v), fmt.Errorf("two: %#v", v)).Error()
	out["panic"] = func() (text string) {
		defer func() { text = fmt.Sprintf("%v %+v", recover(), v) + string(debug.Stack()) }()
		panic(fmt.Sprint(v))
	}()

	encoded := func(name string, text []byte, err error) {
		out[name] = fmt.Sprint(string(text), " ", err)
	}
	text, err := json.Marshal(v)
	encoded("json", text, err)
	text, err = json.MarshalIndent(map[string]any{"v": v}, "", " ")
	encoded("json indented in a map", text, err)
	text, err = xml.Marshal(v)
	encoded("xml", text, err)
	var buf bytes.Buffer
	err = gob.NewEncoder(&buf).Encode(v)
	encoded("gob", buf.Bytes(), err)

	logs := func(name string, handler func(io.Writer) slog.Handler) {
		var buf bytes.Buffer
		l := slog.New(handler(&buf))
		l.Info("message", "v", v)
		l.With("v", v).WithGroup("g").Info("message", slog.Any("v", v))
		l.LogAttrs(context.Background(), slog.LevelError, "message", slog.Group("g", "v", v))
		out[name] = buf.String()
	}
	logs("slog text", func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) })
	logs("slog json", func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) })
	buf.Reset()
	log.New(&buf, "", 0).Printf("%v %+v %#v", v, v, v)
	out["log"] = buf.String()

	buf.Reset()
	err = template.Must(template.New("").Parse(`{{.}} {{printf "%#v" .}} {{. | html}} {{print .}}`)).Execute(&buf, v)
	encoded("text/template", buf.Bytes(), err)
	buf.Reset()
	err = htmltemplate.Must(htmltemplate.New("").Parse(`<p title="{{.}}">{{.}}</p><script>var v = {{.}};</script><a href="?q={{.}}">`)).Execute(&buf, v)
	encoded("html/template", buf.Bytes(), err)
	out["expvar"] = expvar.Func(func() any { return v }).String()

	mock := &mockT{}
	assert.Equal(mock, "something else", v, "with %v", v)
	assert.Nil(mock, v)
	assert.Empty(mock, v)
	assert.Contains(mock, []any{v}, "x")
	assert.ElementsMatch(mock, []any{v}, []any{1})
	require.NotEmpty(t, mock.String())
	out["testify"] = mock.String()
	return out
}

type (
	exported   struct{ S adapter.Secret }
	unexported struct{ s adapter.Secret }
	pointed    struct{ S *adapter.Secret }
	nested     struct {
		Name string
		In   map[string][]exported
		out  []*unexported
	}
)

// TestTheHuntFindsLeaks: the channels show a secret that is no Secret.
func TestTheHuntFindsLeaks(t *testing.T) {
	t.Parallel()
	leaking := 0
	for _, text := range channels(t, &struct{ S string }{canary}) {
		leaking += min(1, len(canaries(text)))
	}
	assert.Greater(t, leaking, 15)
	hidden := &struct{ s string }{canary}
	assert.NotEmpty(t, canaries(channels(t, hidden)["testify"]))
	assert.NotEmpty(t, canaries(channels(t, hidden)["fmt %+v"]))
}

// TestSecretLeaksNowhere: a secret in any place prints as nothing of itself
// through any channel.
func TestSecretLeaksNowhere(t *testing.T) {
	t.Parallel()
	s := adapter.NewSecret(canary)
	places := map[string]any{
		"value": s, "pointer": &s, "field": exported{s}, "unexported field": unexported{s}, "pointer to field": &unexported{s},
		"pointer in field": pointed{&s}, "slice": []adapter.Secret{s}, "slice of pointers": []*adapter.Secret{&s}, "array": [1]adapter.Secret{s},
		"map": map[string]adapter.Secret{"k": s}, "interface": []any{s, &s}, "error": fmt.Errorf("failed with %v", s),
		"nested": nested{Name: "n", In: map[string][]exported{"k": {{s}}}, out: []*unexported{{s}}},
	}
	checked := 0
	for place, v := range places {
		for channel, text := range channels(t, v) {
			assert.Empty(t, canaries(text), "%s through %s: %s", place, channel, text)
			checked++
		}
	}
	assert.Greater(t, checked, 13*25)
	assert.Equal(t, canary, s.Reveal(), "and it is still there")
}

func TestCredentialsLeakNowhere(t *testing.T) {
	t.Parallel()
	c := adapter.Credentials{
		Key: "publicKey0123456789", Secret: adapter.NewSecret(canary),
		Passphrase: adapter.NewSecret(canaryPassphrase), OTP: adapter.NewSecret(canaryOTP),
	}
	type bot struct {
		Credentials adapter.Credentials
		key         *adapter.Credentials
	}
	places := map[string]any{
		"value": c, "pointer": &c, "slice": []adapter.Credentials{c}, "map": map[string]any{"c": c}, "field": bot{c, &c}, "pointer to field": &bot{c, &c},
		"key": audit.Key{Name: "bot", Credentials: c}, "pointer to key": &audit.Key{Credentials: c},
	}
	for place, v := range places {
		for channel, text := range channels(t, v) {
			assert.Empty(t, canaries(text), "%s through %s: %s", place, channel, text)
		}
	}
	for _, text := range []string{fmt.Sprintf("%v", c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%d", c), c.String(), c.GoString(), c.LogValue().String()} {
		assert.Equal(t, "key publ…6789", text)
	}
	encoded, err := json.Marshal(c)
	require.NoError(t, err)
	assert.Equal(t, `"key publ…6789"`, string(encoded))
}

func TestSecret(t *testing.T) {
	t.Parallel()
	full, empty := adapter.NewSecret(canary), adapter.NewSecret("")
	assert.True(t, empty.IsZero())
	assert.True(t, adapter.Secret{}.IsZero())
	assert.False(t, full.IsZero())
	assert.Empty(t, adapter.Secret{}.Reveal())
	for _, text := range []string{full.String(), full.GoString(), full.LogValue().String(), fmt.Sprint(full), fmt.Sprintf("%#v", full)} {
		assert.Equal(t, "[redacted]", text)
	}
	for _, text := range []string{empty.String(), empty.GoString(), empty.LogValue().String(), fmt.Sprint(empty)} {
		assert.Empty(t, text)
	}
	assert.True(t, full.Equal(adapter.NewSecret(canary)))
	assert.False(t, full.Equal(adapter.NewSecret(canary+" ")))
	assert.False(t, full.Equal(empty))
	assert.True(t, empty.Equal(adapter.Secret{}))
}

// TestSecretInConfiguration: a configuration can be read into a struct with a
// Secret, and written without it.
func TestSecretInConfiguration(t *testing.T) {
	t.Parallel()
	var c struct {
		Secret     adapter.Secret `json:"secret"`
		Passphrase adapter.Secret `json:"passphrase,omitzero"`
	}
	require.NoError(t, json.Unmarshal([]byte(`{"secret":"`+canary+`"}`), &c))
	assert.Equal(t, canary, c.Secret.Reveal())
	assert.True(t, c.Passphrase.IsZero())
	out, err := json.Marshal(c)
	require.NoError(t, err)
	assert.JSONEq(t, `{"secret":"[redacted]"}`, string(out))
}
