package leaks

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	id     = "Ab3dEf6hIj9kLmN2pQ"
	secret = "Zx9Yw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg0FeDcBa"
	sum    = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
)

func read(t *testing.T, content string) ([]Entry, Count, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	var all []Entry
	c, err := Read(path, func(e Entry) { all = append(all, e) })
	return all, c, err
}

func TestListsAreUnderstood(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		content string
		want    Count
		line    int // of the text
	}{
		"keys":               {id + "\n" + secret + "\n", Count{Entries: 2}, 2},
		"windows":            {"\xef\xbb\xbf" + id + "\r\n" + secret + "\r\n", Count{Entries: 2}, 2},
		"pairs":              {"# bought\n\n" + id + ":" + secret, Count{Entries: 1}, 3},
		"pairs with blanks":  {id + " " + secret, Count{Entries: 1}, 1},
		"hashes":             {sum + "\n" + strings.ToUpper(sum) + "\n" + secret, Count{Entries: 3}, 3},
		"hashes and numbers": {sum + ":12\nsha256:" + sum + "\n" + secret, Count{Entries: 3}, 3},
		"CSV":                {"exchange,api_key,api_secret\nbybit,\"" + id + "\",\"" + secret + "\"\n", Count{Entries: 1}, 2},
		"not understood":     {secret + "\n???\nwhat is this, and who wrote it here\n", Count{Entries: 3, Unclear: 2, Lines: []int{2, 3}}, 1},
		"masked":             {secret + "\nAb3d****\n", Count{Entries: 2, Redacted: 1, Lines: []int{2}}, 1},
		"gitleaks":           {"[\n {\"RuleID\": \"a\", \"Secret\": \"" + secret + "\", \"Match\": \"x\", \"StartLine\": 2}\n]", Count{Entries: 1}, 2},
		"gitleaks, redacted": {`[{"RuleID":"a","Secret":"REDACTED","Match":"key=REDACTED"},{"Secret":"` + secret + `"}]`, Count{Entries: 2, Redacted: 1, Lines: []int{1}}, 1},
		"gitleaks, nothing":  {"[]\n", Count{}, 0},
		"TruffleHog": {
			`{"level":"info-0","msg":"running"}` + "\n" + `{"SourceMetadata":{"Data":{}},"DetectorName":"Bybit","Raw":"` + id + `","RawV2":"` + id + secret + `","Redacted":"Ab3***"}` + "\n",
			Count{Entries: 1},
			2,
		},
		"Kingfisher":        {`{"findings":[{"rule":{"id":"k"},"finding":{"snippet":"` + secret + `","line":3,"path":"a"}}],"metadata":{}}` + "\n", Count{Entries: 1}, 1},
		"Kingfisher, lines": {`{"rule":{"id":"k"},"finding":{"snippet":"` + secret + `"}}` + "\n" + `{"access_map":[]}` + "\n", Count{Entries: 1}, 1},
		"detect-secrets":    {`{"version":"1.5.0","results":{"a.py":[{"type":"x","hashed_secret":"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"}]}}`, Count{Entries: 1}, 0},
		"texts as JSON":     {`["` + id + `","` + secret + `"]`, Count{Entries: 2}, 1},
		"one broken line":   {`{"Raw":"` + secret + `"}` + "\n{\"Raw\": \n", Count{Entries: 2, Unclear: 1, Lines: []int{2}}, 1},
	} {
		all, c, err := read(t, of.content)
		require.NoError(t, err, name)
		assert.Equal(t, of.want, c, name)
		if of.line > 0 {
			at := slices.IndexFunc(all, func(e Entry) bool {
				return slices.ContainsFunc(e.Texts, func(text string) bool { return strings.Contains(text, secret) })
			})
			if assert.GreaterOrEqual(t, at, 0, name) {
				assert.Equal(t, of.line, all[at].Line, name)
			}
		}
	}
}

func TestWhatIsNoListIsRefused(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct{ content, why string }{
		"empty":         {"", "is empty"},
		"blank":         {" \n\n", "is empty"},
		"prose":         {"this is a text that someone wrote\nand it has no key in it at all\n", "none of its 2 entries"},
		"a zip":         {"PK\x03\x04\x14\x00\x00\x00", "is no text"},
		"UTF-16":        {"\xff\xfek\x00e\x00y\x00", "is no text"},
		"broken JSON":   {"{\"findings\": [\n", "neither JSON"},
		"other JSON":    {`{"runs": [{"results": []}]}`, "none of its 1 entries"},
		"an empty JSON": {`{}`, "none of its"},
	} {
		_, _, err := read(t, of.content)
		if assert.Error(t, err, name) {
			assert.Contains(t, err.Error(), of.why, name)
		}
	}
	_, err := Read(filepath.Join(t.TempDir(), "missing"), func(Entry) {})
	require.EqualError(t, err, "does not exist")
	_, err = Read(t.TempDir(), func(Entry) {})
	require.EqualError(t, err, "is not a file")
}

func TestWhatIsLeftIsSaid(t *testing.T) {
	t.Parallel()
	_, c, err := read(t, secret+"\n???\nAb***\n"+strings.Repeat("?\n", 7))
	require.NoError(t, err)
	assert.Equal(t, "8 of 10 entries not understood, 1 of 10 entries redacted (line 2, 3, 4, 5, 6 and 4 more)", c.Left())
	assert.Empty(t, (&Count{Entries: 3}).Left())
}

// TestNothingOnAList: a list with comments or a heading alone was compared with nothing.
func TestNothingOnAList(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"# mine\n", "key,secret\n", "foo:bar\n", "// a\n\n# b"} {
		path := filepath.Join(t.TempDir(), "list.txt")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := Read(path, func(Entry) {})
		assert.EqualError(t, err, "has no entry, only comments or a heading: a key, or its SHA-256, per line", text)
	}
}
