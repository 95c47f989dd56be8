package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sshsig"
)

const signHead = `keyaudit sign --key KEYFILE REPORT signs a report by an SSH key, and writes REPORT.sig. A run with
--sign KEYFILE does so with every report that it writes to a file. KEYFILE is a private key without
a passphrase, or the public key (.pub) of one that ssh-agent holds. A .sig file that exists is
replaced only by a run whose key signed the report that it replaces. Any other run that replaces the
report leaves it, and says that it fits no more.

keyaudit verify REPORT --signers FILE checks it, and so does ssh-keygen:

  ssh-keygen -Y verify -f allowed_signers -I NAME -n ` + sshsig.Namespace + ` -s REPORT.sig < REPORT

`

const signTail = `
Exit codes: 0 signed; 2 invalid input, nothing was written; 4 the signature could not be written.
`

// sigSuffix is what the name of a signature has besides that of its report.
const sigSuffix = ".sig"

// signCommand signs a report that is there.
func (a app) signCommand() *command {
	var key string
	c := a.newCommand("sign REPORT", "sign a report by an SSH key", signHead, signTail)
	c.text(&key, "key", "sign by the SSH key in this FILE")
	return c.does(func(_ context.Context, args []string) int {
		switch {
		case len(args) != 1:
			c.problem("sign: name one report: keyaudit sign --key KEYFILE REPORT")
		case key == "":
			c.problem("sign: name the key, by --key KEYFILE")
		}
		if len(c.problems) > 0 {
			return a.refuse(c.problems)
		}
		return a.sign(key, args[0])
	})
}

func (a app) sign(key, path string) int {
	a.read.reads(key)
	signer, err := a.signer("--key", key)
	if err != nil {
		return a.refuse([]string{err.Error()})
	}
	defer signer.close()
	switch kindOf(path) {
	case missing:
		return a.refuse([]string{"sign: " + showPath(path) + " does not exist"})
	case special:
		return a.refuse([]string{"sign: " + showPath(path) + " is not a regular file"})
	case database:
		return a.refuse([]string{"sign: " + showPath(path) + " is a state, which changes with every run: sign a report"})
	default:
	}
	if !isReport(path) {
		return a.refuse([]string{"sign: " + showPath(path) + " is no report of this program: name a file that a run wrote by --output or --report"})
	}
	if a.read.contain(locate(path + sigSuffix)) {
		return a.refuse([]string{"sign: " + showPath(path+sigSuffix) + " is also read, and would be overwritten"})
	}
	if _, err := os.Lstat(path + sigSuffix); err == nil {
		return a.refuse([]string{"sign: " + showPath(path+sigSuffix) + " exists: remove it if the report is to be signed again"})
	}
	if err := signer.sign(path); err != nil {
		a.log("sign: %s", err)
		return exitUnwritten
	}
	fmt.Fprintf(a.stdout, "%s is the signature of %s by %s.\n", showPath(path+sigSuffix), showPath(path), keyName(signer.key.PublicKey()))
	return audit.ExitClean
}

// reportSigner signs reports.
type reportSigner struct {
	key   ssh.Signer
	close func()
}

// signer is the one for a key's file.
func (a app) signer(flag, path string) (*reportSigner, error) {
	key, done, err := sshsig.Load(path, a.env("SSH_AUTH_SOCK"))
	if err != nil {
		return nil, fmt.Errorf("%s: %s %w", flag, showPath(path), err)
	}
	return &reportSigner{key, done}, nil
}

// keyName says which key that is, as ssh-keygen -l does.
func keyName(key ssh.PublicKey) string {
	return "the key " + ssh.FingerprintSHA256(key) + " (" + key.Type() + ")"
}

// sign writes the signature of a file beside it, as readable as the file is.
func (s *reportSigner) sign(path string) error {
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return fmt.Errorf("%s cannot be opened", showPath(path))
	}
	defer file.Close() //nolint:errcheck // opened for reading
	text, err := sshsig.Sign(s.key, file)
	if err != nil {
		return fmt.Errorf("%s could not be signed: the key refused", showPath(path))
	}
	out, err := openOutput(path+sigSuffix, nil)
	if err == nil {
		defer out.discard()
		if info, wrong := file.Stat(); wrong == nil {
			_ = out.file.Chmod(info.Mode().Perm())
		}
		_, err = out.Write(text)
	}
	if err == nil {
		err = out.commit()
	}
	if err != nil {
		return fmt.Errorf("%s could not be written", showPath(path+sigSuffix))
	}
	return nil
}

// mayReplace reports whether a report's signature may be replaced: there is none, or this
// key made it for the report as it is.
func (s *reportSigner) mayReplace(path string) bool {
	if _, err := os.Lstat(path + sigSuffix); errors.Is(err, os.ErrNotExist) {
		return true
	}
	signature, fits := signatureOf(path)
	return fits && bytes.Equal(signature.Key.Marshal(), s.key.PublicKey().Marshal())
}

// signatureOf is the signature beside a file, nil if there is none, and whether it is of the
// file as it is.
func signatureOf(path string) (signature *sshsig.Signature, fits bool) {
	signature, err := readSignature(path + sigSuffix)
	if err != nil {
		return nil, false
	}
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return signature, false
	}
	defer file.Close() //nolint:errcheck // opened for reading
	return signature, signature.Verify(file) == nil
}

// outdated says which signatures are of reports that were replaced. They may be somebody's
// evidence, and stay.
func (a app) outdated(written ...*output) {
	for _, w := range written {
		if signature, fits := signatureOf(w.path); w.path != "" && signature != nil && !fits {
			a.log("%s signs the report that was in %s before, not this one: remove it, or sign every run by --sign", showPath(w.path+sigSuffix), showPath(w.path))
		}
	}
}

// longestSignature is how large a signature may be.
const longestSignature = 64 << 10

func readSignature(path string) (*sshsig.Signature, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("is not a regular file")
	}
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return nil, errors.New("cannot be opened by this user")
	}
	defer file.Close() //nolint:errcheck // opened for reading
	text, err := io.ReadAll(io.LimitReader(file, longestSignature))
	if err != nil {
		return nil, errors.New("cannot be read")
	}
	return sshsig.Parse(text)
}

// checkSign reads the key by which a run's reports are to be signed, before anything is sent,
// and finds what it could not sign.
func (r *auditRun) checkSign() (problems []string) {
	if r.settings.sign == "" {
		return nil
	}
	r.read.reads(r.settings.sign)
	signer, err := r.app.signer("--sign", r.settings.sign)
	if err != nil {
		return []string{err.Error()}
	}
	r.signer = signer
	files := 0
	for _, w := range r.outputs() {
		path, signature := strings.CutSuffix(w.path, sigSuffix)
		if w.flag != "--sign" || !signature {
			continue
		}
		files++
		if !signer.mayReplace(path) {
			problems = append(problems, fmt.Sprintf("--sign: %s exists, and is not this key's signature of %s: move it away", showPath(w.path), showPath(path)))
		}
	}
	if files == 0 {
		problems = append(problems, "--sign: name a file to sign, by --output FILE or --report FORMAT=FILE")
	}
	return problems
}

// sign signs the files that a run has written.
func (r *auditRun) sign() error {
	if r.signer == nil {
		return nil
	}
	for _, w := range r.out {
		if w.path == "" {
			continue
		}
		if err := r.signer.sign(w.path); err != nil {
			return err
		}
	}
	return nil
}

// signature checks a report's signature, if there is one or must be.
func (v *verification) signature() int {
	var allowed sshsig.Signers
	if v.signers != "" {
		text, err := os.ReadFile(v.signers)
		if err != nil {
			return v.refuse([]string{"--signers: " + showPath(v.signers) + " cannot be read"})
		}
		if allowed, err = sshsig.ParseSigners(text); err != nil {
			return v.refuse([]string{fmt.Sprintf("--signers: %s: %s", showPath(v.signers), err)})
		}
	}
	path := followed(v.path) + sigSuffix
	if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
		if v.signers != "" {
			return v.changed("is not signed: " + showPath(path) + " does not exist")
		}
		return audit.ExitClean
	}
	signature, err := readSignature(path)
	if err != nil {
		return v.changed("is not signed: " + showPath(path) + " " + err.Error())
	}
	file, err := os.Open(v.path)
	if err != nil {
		return v.refuse([]string{"verify: " + showPath(v.path) + " cannot be read"})
	}
	defer file.Close() //nolint:errcheck // opened for reading
	switch err := signature.Verify(file); {
	case errors.Is(err, sshsig.ErrDiffers):
		return v.changed("is not what was signed: it was changed, or replaced by a later run, since " + showPath(path) + " was made")
	case err != nil:
		return v.changed("is not signed: the signature in " + showPath(path) + " " + err.Error())
	}
	v.signed = "Signed by " + keyName(signature.Key) + ". Anyone can sign: name the keys that may, by --signers.\n"
	if v.signers != "" {
		principals, why := allowed.Allow(signature.Key, v.now())
		if why != "" {
			return v.changed(fmt.Sprintf("is signed by %s, which %s in %s", keyName(signature.Key), why, showPath(v.signers)))
		}
		v.signed = fmt.Sprintf("Signed by %s, of %s in %s.\n", keyName(signature.Key), show(principals), showPath(v.signers))
	}
	return audit.ExitClean
}
