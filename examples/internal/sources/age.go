package sources

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// ageIdentity names the file that opens files encrypted with age.
const ageIdentity = "NIGHTLY_AGE_IDENTITY"

// ageScheme resolves age:FILE and age:FILE#/POINTER.
func ageScheme(env func(string) string) inventory.Scheme {
	return inventory.Scheme{
		Title: "a file encrypted with age",
		Check: func(rest string) error {
			path, _, err := splitPointer(rest)
			if err != nil {
				return err
			}
			return checkAge(path, env(ageIdentity))
		},
		Resolve: func(_ context.Context, rest string) (string, error) {
			path, steps, err := splitPointer(rest)
			if err != nil {
				return "", err
			}
			text, err := decryptAge(path, env(ageIdentity))
			if err != nil {
				return "", err
			}
			return follow(text, steps)
		},
	}
}

// How sentences about the two files begin.
const (
	theIdentity = "the identity file that " + ageIdentity + " names "
	theAgeFile  = "the file encrypted with age "
)

var errNoIdentity = errors.New("set " + ageIdentity + " to the path of the identity file that opens it")

// checkAge finds out, without decrypting, whether decryptAge can begin.
func checkAge(path, identity string) error {
	if identity == "" {
		return errNoIdentity
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
	if identity == "" {
		return nil, errNoIdentity
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

var unescape = strings.NewReplacer("~1", "/", "~0", "~") // RFC 6901

// splitPointer splits FILE#/POINTER. Without a pointer, steps is nil.
func splitPointer(rest string) (path string, steps []string, err error) {
	path, pointer, found := strings.Cut(rest, "#")
	switch {
	case path == "":
		return "", nil, errors.New("the path after age: is missing")
	case !found:
		return path, nil, nil
	case !strings.HasPrefix(pointer, "/"):
		return "", nil, errors.New("what follows # must be a JSON pointer, as in #/bybit/secret")
	}
	steps = strings.Split(pointer[1:], "/")
	for i := range steps {
		steps[i] = unescape.Replace(steps[i])
	}
	return path, steps, nil
}

// follow walks into JSON and gives the text at the end of the way. Without a
// way, the whole is the text.
func follow(text []byte, steps []string) (string, error) {
	if steps == nil {
		return string(text), nil
	}
	for _, step := range steps {
		var object map[string]json.RawMessage
		var list []json.RawMessage
		var next json.RawMessage
		if json.Unmarshal(text, &object) == nil {
			next = object[step]
		} else if json.Unmarshal(text, &list) == nil {
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(list) {
				next = list[i]
			}
		}
		if next == nil {
			return "", errors.New("what the file holds has nothing at the place after #")
		}
		text = next
	}
	var value string
	if json.Unmarshal(text, &value) != nil || value == "" {
		return "", errors.New("what the file holds at the place after # is not text, or is empty")
	}
	return value, nil
}
