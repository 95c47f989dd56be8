package exchangetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const realCase = "testdata/reference/recorded/real.json"

func TestReplay(t *testing.T) {
	t.Parallel()
	e := referenceExchange(soundSteps(), false)
	Replay(t, e, realCase)
	c, err := ReadCase(realCase)
	require.NoError(t, err)

	do := soundSteps()
	after(func(s *access.Snapshot) { s.Label = "another" })(&do)
	assert.Contains(t, c.replay(t.Context(), referenceExchange(do, false), realCase), `+ got    "label": "another"`)

	fewer := *c
	fewer.Answers = c.Answers[:1]
	assert.NotEmpty(t, fewer.replay(t.Context(), e, realCase), "a request has no answer")

	other := *e
	other.Name = "another"
	assert.Contains(t, c.replay(t.Context(), &other, realCase), "a case of reference")
}

func TestReadCaseRefuses(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(realCase)
	require.NoError(t, err)
	for name, changed := range map[string]string{
		"no JSON": "{", "a newer schema": strings.Replace(string(text), `"schema": 1`, `"schema": 99`, 1),
		"a member that is unknown": strings.Replace(string(text), `"schema": 1`, `"schema": 1, "secret": "x"`, 1),
	} {
		path := filepath.Join(t.TempDir(), "case.json")
		require.NoError(t, os.WriteFile(path, []byte(changed), 0o600))
		_, err := ReadCase(path)
		assert.Error(t, err, name)
	}
}
