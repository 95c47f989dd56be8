package sources

import (
	"context"
	"errors"
	"strings"

	"github.com/zalando/go-keyring"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// keyringScheme resolves keyring:SERVICE/USER through get, which asks the
// system's key store. A locked store opens a dialog and waits for an answer, which
// does not come in an unattended run: the context ends the wait.
func keyringScheme(get func(service, user string) (string, error)) inventory.Scheme {
	return inventory.Scheme{
		Title: "the system's key store",
		Check: func(rest string) error {
			_, _, err := splitEntry(rest)
			return err
		},
		Resolve: func(ctx context.Context, rest string) (string, error) {
			service, user, err := splitEntry(rest)
			if err != nil {
				return "", err
			}
			type answer struct {
				value string
				err   error
			}
			answers := make(chan answer, 1)
			go func() {
				value, err := get(service, user)
				answers <- answer{value, err}
			}()
			select {
			case a := <-answers:
				return a.value, keyringError(a.err)
			case <-ctx.Done():
				return "", errors.New("the system's key store does not answer: unlock it for the user that runs this program")
			}
		},
	}
}

func splitEntry(rest string) (service, user string, err error) {
	service, user, _ = strings.Cut(rest, "/")
	if service == "" || user == "" {
		return "", "", errors.New("the text after keyring: must be SERVICE/USER")
	}
	return service, user, nil
}

// keyringError replaces the key store's message, which could contain anything.
func keyringError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return errors.New("the system's key store has no such entry")
	default:
		return errors.New("the system's key store cannot be reached by the user that runs this program")
	}
}
