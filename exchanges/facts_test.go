package exchanges_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// factsForPeople are what adapters report under the exchange's own names, each with the
// rule that reads the same elsewhere, or why none does.
var factsForPeople = map[string]string{
	"account mode": "which of two calls answered", "accountName": "the owner's own name", "accountType": "main-account reads what it means",
	"allowedAccountSeqs": "main-account reads what it means", "apiVersion": "weak-key reads what it means (Retired)",
	"capabilities (perhaps the account's, not the key's)": "the name says why", "created or last changed": "which of the two is unknown",
	"crypto_status": "account-state reads what is wrong", "multiplier": "leverage of the account", "options_trading_level": "of the account, not of the key",
	"status": "key-state and account-state read what it means", "enabled_features": "settings of the key that are no rights", "level": "the grants say what it amounts to",
	"key of the exchange's own apps, at index 0": "for the account's owner to know again",
	"nonceWindow": "for the owner of the key's other clients", "queryFrom": "limits reading", "queryTo": "limits reading",
	"portfolio_type": "of the account", "portfolios": "of the account", "siteType": "of the account", "source": "how the agent was approved", "subaccount": "main-account reads what it means", "subaccount_ids": "to which the key is limited, perhaps", "targetAccountId": "whose account the key acts for",
}

// TestFactsForPeople: a fact that adapters report under a name of the exchange is
// listed, so that none that a rule should read stays a word for people.
func TestFactsForPeople(t *testing.T) {
	t.Parallel()
	type listed struct {
		Facts []struct {
			Name string `json:"name"`
		} `json:"facts"`
		Siblings []listed `json:"siblings"`
	}
	seen := map[string]bool{}
	var look func(string, listed)
	look = func(path string, s listed) {
		for _, f := range s.Facts {
			seen[f.Name] = true
			assert.NotEmpty(t, factsForPeople[f.Name], "%s: the fact %q is read by no rule", path, f.Name)
		}
		for _, sibling := range s.Siblings {
			look(path, sibling)
		}
	}
	paths, err := filepath.Glob("*/testdata/answers/*.golden")
	require.NoError(t, err)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		var s listed
		require.NoError(t, json.Unmarshal(data, &s), path)
		look(path, s)
	}
	for name := range factsForPeople {
		assert.True(t, seen[name], "no answer has the fact %q", name)
	}
}
