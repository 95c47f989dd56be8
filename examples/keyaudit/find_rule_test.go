package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/find"
)

// TestKeyInGitOfAllPlaces: each place of a key counts, whichever was found first.
func TestKeyInGitOfAllPlaces(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		places []find.Tracked
		whole  bool
		want   audit.Outcome
	}{
		{[]find.Tracked{find.NoGit, find.NoGit}, false, audit.NotApplicable},
		{[]find.Tracked{find.NoGit, find.NotInGit}, false, audit.Undetermined},
		{[]find.Tracked{find.NotInGit, find.NoGit}, false, audit.Undetermined},
		{[]find.Tracked{find.NoGit, find.NotInGit}, true, audit.Passed},
		{[]find.Tracked{find.NoGit, ""}, true, audit.Undetermined},
		{[]find.Tracked{find.NoGit, find.InGit}, true, audit.Failed},
	} {
		key := &find.Key{}
		for _, at := range test.places {
			key.Places = append(key.Places, &find.Found{Path: "a", Tracked: at})
		}
		got := judgeInGit(&audit.Pass{Snapshot: &access.Snapshot{}}, &find.Report{Paths: []string{"."}}, key, test.whole)
		assert.Equal(t, test.want, got.Outcome, "%v %v: %s", test.places, test.whole, got.Message)
	}
}
