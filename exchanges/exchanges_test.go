package exchanges_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestAll compares the list with the folders: every adapter is listed once, under
// the name of its folder, and nothing else is.
func TestAll(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	var folders []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != "internal" && e.Name() != "exchangetest" {
			folders = append(folders, e.Name())
		}
	}
	var names []string
	for _, e := range exchanges.All() {
		names = append(names, e.Name)
		require.NoError(t, e.Validate(), e.Name)
	}
	assert.Equal(t, folders, names, "folders and list differ, or the list is not sorted")
}

// TestDocumented: each exchange has samples, and no name leads elsewhere.
func TestDocumented(t *testing.T) {
	t.Parallel()
	for _, e := range exchanges.All() {
		assert.NotEmpty(t, exchanges.Documented(e.Name), e.Name)
	}
	for _, name := range []string{"", "none", "..", "bybit/testdata"} {
		assert.Empty(t, exchanges.Documented(name), name)
	}
}

func TestAllIsACopy(t *testing.T) {
	t.Parallel()
	first := exchanges.All()
	first[0] = nil
	assert.False(t, slices.Contains(exchanges.All(), nil))
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for _, want := range exchanges.All() {
		got, ok := exchanges.Lookup(want.Name)
		assert.True(t, ok, want.Name)
		assert.Same(t, want, got)
	}
	for _, name := range []string{"", "Bybit", "nowhere"} {
		_, ok := exchanges.Lookup(name)
		assert.False(t, ok, name)
	}
}

// TestChecked: the date of all that is known of the exchanges is the oldest there is.
func TestChecked(t *testing.T) {
	t.Parallel()
	oldest := exchanges.Checked()
	_, err := time.Parse(time.DateOnly, oldest)
	require.NoError(t, err)
	var has bool
	for _, e := range exchanges.All() {
		assert.GreaterOrEqual(t, e.Checked, oldest)
		has = has || e.Checked == oldest
	}
	assert.True(t, has)
}
