package inventory

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRead: reading any inventory ends with keys, or with problems that have
// places and show no secret.
func FuzzRead(f *testing.F) {
	full, err := os.ReadFile("testdata/full.json")
	require.NoError(f, err)
	f.Add(string(full))
	for _, table := range []map[string]struct{ text, want string }{mistakes, referenceMistakes} {
		for _, tc := range table {
			f.Add(tc.text)
		}
	}
	folder := f.TempDir()
	put(f, filepath.Join(folder, "doc.json"), 0o600, `{"a": ["`+canary+`", {"b": "`+canary+`"}], "c": "`+canary+`"}`)
	path := filepath.Join(folder, "keys.json")
	env := func(name string) string {
		if name == "CREDENTIALS_DIRECTORY" {
			return folder
		}
		return canary
	}
	f.Fuzz(func(t *testing.T, text string) {
		put(t, path, 0o600, text)
		o := Options{
			Exchanges: toys, Env: env, Stdin: strings.NewReader(canary), Formats: []Format{toybot},
			Schemes: map[string]Scheme{"keyring": {Title: "the key store"}},
		}
		sameKeys(t, path, o, false)
		in, err := Read(path, o)
		if err == nil {
			require.NotEmpty(t, in.Keys)
			for _, k := range in.Keys {
				require.NotEmpty(t, k.Name)
				require.NotNil(t, k.Exchange)
				require.NotNil(t, k.Load)
			}
			return
		}
		require.Nil(t, in)
		require.NotContains(t, err.Error(), canary)
		var problems Problems
		require.ErrorAs(t, err, &problems)
		for _, p := range problems {
			require.NotEmpty(t, p.Text)
			require.NotContains(t, p.Text, "\n")
		}
	})
}
