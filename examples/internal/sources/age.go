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

// ageIdentity is the environment variable with the path of the identity file.
const ageIdentity = "NIGHTLY_AGE_IDENTITY"

// ageScheme resolves age:FILE. If a JSON pointer follows, the inventory follows it
// in the content.
func ageScheme(env func(string) string) inventory.Scheme {
	return inventory.Scheme{
		Title: "a file encrypted with age",
		Check: func(path string) error { return checkAge(path, env(ageIdentity)) },
		Resolve: func(_ context.Context, path string) (string, error) {
			text, err := decryptAge(path, env(ageIdentity))
			return string(text), err
		},
		Files: func(path string) []string { return []string{path, env(ageIdentity)} },
	}
}

// How messages about the two files begin.
const (
	theIdentity = "the identity file in " + ageIdentity + " "
	theAgeFile  = "the file encrypted with age "
)

var errNoIdentity = errors.New("set " + ageIdentity + " to the path of the identity file that decrypts it")

// checkPaths makes sure that there are paths of both files.
func checkPaths(path, identity string) error {
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
	if err := checkPaths(path, identity); err != nil {
		return err
	}
	if err := checkFile(identity, ownerOnly); err != nil {
		return errors.New(theIdentity + err.Error())
	}
	if err := checkFile(path, anybody); err != nil {
		return errors.New(theAgeFile + err.Error())
	}
	return nil
}

// decryptAge decrypts the file at path with an identity from the file at identity.
// It never prompts for a passphrase.
func decryptAge(path, identity string) ([]byte, error) {
	if err := checkPaths(path, identity); err != nil {
		return nil, err
	}
	key, err := readFile(identity, maxFile, ownerOnly)
	if err != nil {
		return nil, errors.New(theIdentity + err.Error())
	}
	identities, err := age.ParseIdentities(bytes.NewReader(key))
	if err != nil {
		return nil, errors.New(theIdentity + "contains no identity in the format of age-keygen")
	}
	data, err := readFile(path, 2*maxFile, anybody) // encryption and armor make it larger
	if err != nil {
		return nil, errors.New(theAgeFile + err.Error())
	}
	text, err := openAge(data, identities)
	if err != nil {
		return nil, errors.New(theAgeFile + err.Error())
	}
	return text, nil
}

// openAge decrypts data. Its errors are clauses about the file.
func openAge(data []byte, identities []age.Identity) ([]byte, error) {
	var from io.Reader = bytes.NewReader(data)
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte(armor.Header)) {
		from = armor.NewReader(from)
	}
	plain, err := age.Decrypt(from, identities...)
	noMatch := (*age.NoIdentityMatchError)(nil)
	switch {
	case errors.As(err, &noMatch) && slices.Contains(noMatch.StanzaTypes, "scrypt"):
		return nil, errors.New("is encrypted with a passphrase, which cannot be entered here: encrypt it for an identity")
	case errors.As(err, &noMatch):
		return nil, errors.New("is not encrypted for any identity in " + ageIdentity)
	case err != nil:
		return nil, errors.New("is damaged or is not an age file")
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
