package inventory

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestIncidents: the owner's own, listed or in a file beside the inventory, go to the keys
// that they concern.
func TestIncidents(t *testing.T) {
	t.Parallel()
	const list = `[{"holder": "Bot Shop", "what": "a laptop was stolen", "until": "2026-11-10", "source": "https://wiki.example/42"}, // ours
		{"holder": "other", "what": "x", "until": "2026-11-11T05:00:00Z", "source": "https://wiki.example/43"}]`
	folder := t.TempDir()
	put(t, filepath.Join(folder, "incidents.json"), 0o600, list)
	for _, incidents := range []string{list, `"incidents.json"`, `"` + filepath.Join(folder, "incidents.json") + `"`} {
		var reads []string
		path := put(t, filepath.Join(folder, "keys.json"), 0o600, shared(`"incidents": `+incidents, "held_by", `["bot-shop", "nobody"]`))
		in, err := Read(path, Options{Exchanges: toys, Env: environ(map[string]string{"S": "s"}), Reads: func(p string) { reads = append(reads, p) }})
		require.NoError(t, err)
		r := in.Keys[0].Record
		assert.Equal(t, []string{"bot-shop", "nobody"}, r.HeldBy)
		require.Len(t, r.Incidents, 1)
		assert.Equal(t, "2026-11-10T00:00:00Z", r.Incidents[0].Until.Format("2006-01-02T15:04:05Z07:00"))
		if incidents[0] == '"' {
			assert.Contains(t, reads, filepath.Join(folder, "incidents.json"), "so that no report replaces it")
		}
	}
	in, err := inFile(t, shared(`"incidents": "none.json"`), Options{Offline: true})
	require.NoError(t, err)
	assert.Empty(t, in.Keys[0].Record.Incidents)
}

func TestMistakenIncidents(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	put(t, filepath.Join(folder, "broken.json"), 0o600, "[\n{]")
	put(t, filepath.Join(folder, "wrong.json"), 0o600, "[\n{\"holder\": \"a\"}]")
	for incidents, want := range map[string]string{
		`3`:             `"incidents" must be a list, not a number`,
		`[{}]`:          `the incident has no "holder"`,
		`"none.json"`:   `"incidents": `,
		`"broken.json"`: filepath.Join(folder, "broken.json") + ":2:2: the JSON is malformed here",
		`"wrong.json"`:  filepath.Join(folder, "wrong.json") + `:2:1: the incident has no "what"`,
		`[{"holder": "a", "what": "b", "until": "yesterday", "source": "https://a.example"}]`: `"yesterday" is not a date`,
		`[{"holder": "a", "what": "b", "until": "2026-11-10", "source": "http://a.example"}]`: `"source" must be an https URL`,
		`[{"holder": "a", "what": "b", "until": "2026-11-10", "sauce": "x"}]`:                 `unknown field "sauce": did you mean "source"?`,
	} {
		path := put(t, filepath.Join(folder, "keys.json"), 0o600, shared(`"incidents": `+incidents))
		_, err := Read(path, Options{Exchanges: toys, Env: environ(map[string]string{"S": "s"})})
		require.ErrorContains(t, err, want, incidents)
	}
}
