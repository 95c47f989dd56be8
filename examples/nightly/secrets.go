package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// reference says where one part of a key is kept: in an environment variable,
// in a file, or, for the public half only, in the key file itself.
type reference struct {
	source source
	name   string // variable, path, or the value itself
}

type source uint8

const (
	absent source = iota
	plain
	fromEnv
	fromFile
)

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// parseReference reads env:NAME and file:PATH; paths are relative to folder.
// Anything else is plain. Its error never shows the text.
func parseReference(text, folder string) (reference, error) {
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		if !variable.MatchString(name) {
			return reference{}, errors.New("what follows env: is not the name of an environment variable")
		}
		return reference{fromEnv, name}, nil
	}
	if path, ok := strings.CutPrefix(text, "file:"); ok {
		if path == "" {
			return reference{}, errors.New("the path after file: is missing")
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		return reference{fromFile, path}, nil
	}
	if text == "" {
		return reference{}, errors.New("it is empty")
	}
	return reference{plain, text}, nil
}

// check finds out, without keeping anything, whether read would succeed.
func (r reference) check(env func(string) string) error {
	if r.source == fromFile {
		file, err := openSecret(r.name)
		if err == nil {
			err = file.Close()
		}
		return err
	}
	_, err := r.read(env)
	return err
}

// read fetches the value. Its error names the place and never the value.
func (r reference) read(env func(string) string) (string, error) {
	switch r.source {
	case fromEnv:
		value := strings.TrimSpace(env(r.name))
		if value == "" {
			return "", fmt.Errorf("the environment variable %s is not set", show(r.name))
		}
		return value, nil
	case fromFile:
		file, err := openSecret(r.name)
		if err != nil {
			return "", err
		}
		defer file.Close() //nolint:errcheck // opened for reading
		value, err := io.ReadAll(io.LimitReader(file, maxSecret))
		if err != nil {
			return "", fmt.Errorf("the file %s cannot be read", showPath(r.name))
		}
		return strings.TrimSpace(string(value)), nil
	default:
		return r.name, nil
	}
}

const maxSecret = 64 << 10 // bytes; the longest private key is a tenth of it

// openSecret opens a file that only its owner may read. The mode is looked at
// on the open file, so that nobody can swap it in between.
func openSecret(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return nil, fmt.Errorf("%s is not a file", showPath(path))
	}
	file, err := os.Open(path) //nolint:gosec // naming the file is what a reference is for
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the file %s does not exist", showPath(path))
	case err != nil:
		return nil, fmt.Errorf("the file %s may not be read by this user", showPath(path))
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		err = fmt.Errorf("the file %s cannot be read", showPath(path))
	case info.Size() == 0:
		err = fmt.Errorf("the file %s is empty", showPath(path))
	case info.Size() > maxSecret:
		err = fmt.Errorf("the file %s is too large for a secret", showPath(path))
	case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows": // there, rights are not in the mode
		err = fmt.Errorf("the file %s is open to others (mode %04o): run chmod 600 on it", showPath(path), info.Mode().Perm())
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// references are the parts of one key.
type references struct{ key, secret, passphrase, otp reference }

// loader fetches the parts when the key's turn comes, so that a long run never
// holds more secrets than it is using.
func (r references) loader(env func(string) string) func(context.Context) (audit.Credentials, error) {
	return func(context.Context) (audit.Credentials, error) {
		var problems []error
		read := func(what string, from reference) string {
			value, err := from.read(env)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", what, err))
			}
			return value
		}
		c := audit.Credentials{
			Key:        read("key", r.key),
			Secret:     audit.NewSecret(read("secret", r.secret)),
			Passphrase: audit.NewSecret(read("passphrase", r.passphrase)),
			OTP:        audit.NewSecret(read("otp", r.otp)),
		}
		if len(problems) > 0 {
			text := strings.ReplaceAll(errors.Join(problems...).Error(), "\n", "; ")
			return audit.Credentials{}, &audit.Error{Kind: audit.KindInput, Message: text}
		}
		return c, nil
	}
}
