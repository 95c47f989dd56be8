package sources

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// ageIdentity names the file that opens files encrypted with age.
const ageIdentity = "NIGHTLY_AGE_IDENTITY"

// ageScheme resolves age:FILE. What stands in the file may be JSON, of which the
// inventory takes what a pointer behind the path leads to.
func ageScheme(env func(string) string) inventory.Scheme {
	return inventory.Scheme{
		Title: "a file encrypted with age",
		Check: func(path string) error { return checkAge(path, env(ageIdentity)) },
		Resolve: func(_ context.Context, path string) (string, error) {
			text, err := decryptAge(path, env(ageIdentity))
			return string(text), err
		},
	}
}

// How sentences about the two files begin.
const (
	theIdentity = "the identity file that " + ageIdentity + " names "
	theAgeFile  = "the file encrypted with age "
)

var errNoIdentity = errors.New("set " + ageIdentity + " to the path of the identity file that opens it")

// named makes sure that both files have a name.
func named(path, identity string) error {
	switch {
	case path == "":
		return errors.New("the path after age: is missing")
	case identity == "":
		return errNoIdentity
	}
	return nil
}

// checkAge finds out, without decrypting, whether decryptAge can begin.
func checkAge(path, identity string) error {
	if err := named(path, identity); err != nil {
		return err
	}
	if err := checkFile(identity, owner); err != nil {
		return errors.New(theIdentity + err.Error())
	}
	if err := checkFile(path, anybody); err != nil {
		return errors.New(theAgeFile + err.Error())
	}
	return nil
}

// decryptAge reads the file at path with an identity of the file at identity.
// It asks nobody for a passphrase.
func decryptAge(path, identity string) ([]byte, error) {
	if err := named(path, identity); err != nil {
		return nil, err
	}
	key, err := readFile(identity, maxFile, owner)
	if err != nil {
		return nil, errors.New(theIdentity + err.Error())
	}
	identities, err := age.ParseIdentities(bytes.NewReader(key))
	if err != nil {
		return nil, errors.New(theIdentity + "holds no identity as age-keygen writes it")
	}
	data, err := readFile(path, 2*maxFile, anybody) // armor makes it larger
	if err != nil {
		return nil, errors.New(theAgeFile + err.Error())
	}
	text, err := openAge(data, identities)
	if err != nil {
		return nil, errors.New(theAgeFile + err.Error())
	}
	return text, nil
}

// openAge decrypts data. Its errors continue a sentence about the file.
func openAge(data []byte, identities []age.Identity) ([]byte, error) {
	var from io.Reader = bytes.NewReader(data)
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte(armor.Header)) {
		from = armor.NewReader(from)
	}
	plain, err := age.Decrypt(from, identities...)
	noMatch := (*age.NoIdentityMatchError)(nil)
	switch {
	case errors.As(err, &noMatch) && slices.Contains(noMatch.StanzaTypes, "scrypt"):
		return nil, errors.New("is encrypted with a passphrase, and nobody is there to type it: encrypt it for an identity")
	case errors.As(err, &noMatch):
		return nil, errors.New("is encrypted for other identities than those that " + ageIdentity + " names")
	case err != nil:
		return nil, errors.New("is damaged, or was not written by age")
	}
	text, err := io.ReadAll(io.LimitReader(plain, maxFile+1))
	switch {
	case err != nil:
		return nil, errors.New("is damaged")
	case len(text) > maxFile:
		return nil, errTooLarge
	}
	return text, nil
}
