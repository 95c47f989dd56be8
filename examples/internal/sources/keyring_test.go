package sources

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/zalando/go-keyring"
)

// TestKeyring uses the key store library's in-memory store. The whole process
// shares it, so no other test uses it.
func TestKeyring(t *testing.T) { //nolint:paralleltest // see above
	keyring.MockInit()
	require.NoError(t, keyring.Set("bot", "grid/1", canary))
	scheme := Schemes(nil)["keyring"]
	require.NoError(t, scheme.Check("bot/grid/1"))
	got, err := scheme.Resolve(t.Context(), "bot/grid/1")
	require.NoError(t, err)
	assert.Equal(t, canary, got)

	_, err = scheme.Resolve(t.Context(), "bot/"+canary)
	require.EqualError(t, err, "the system's key store has no such entry")
	for _, rest := range []string{"", "/", "bot", "bot/", "/grid", canary} {
		require.EqualError(t, scheme.Check(rest), "the text after keyring: must be SERVICE/USER")
		_, err := scheme.Resolve(t.Context(), rest)
		require.EqualError(t, err, "the text after keyring: must be SERVICE/USER")
	}

	keyring.MockInitWithError(errors.New("dbus: " + canary))
	_, err = scheme.Resolve(t.Context(), "bot/grid/1")
	require.EqualError(t, err, "the system's key store cannot be reached by the user that runs this program")
}

// TestKeyringWaits: a locked store waits for a person; the run does not.
func TestKeyringWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		unlocked := make(chan struct{})
		scheme := keyringScheme(func(string, string) (string, error) {
			<-unlocked
			return canary, nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := scheme.Resolve(ctx, "bot/grid")
		require.ErrorContains(t, err, "does not answer: unlock it")
		assert.Equal(t, 30*time.Second, time.Since(begin))
		close(unlocked) // the late answer is discarded
		synctest.Wait()
	})
}
