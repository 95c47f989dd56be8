package sshsig

import (
	"bytes"
	"errors"
	"net"
	"os"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// longestKey is how large a key's file may be.
const longestKey = 64 << 10

// Load reads the private key in a file, or finds in the agent at a socket the one whose
// public key is in it. An error completes a sentence that begins with the file, and has
// nothing of the key.
func Load(path, socket string) (ssh.Signer, func(), error) {
	none := func() {}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, none, errors.New("does not exist")
	case !info.Mode().IsRegular() || info.Size() > longestKey:
		return nil, none, errors.New("is no SSH key")
	}
	text, err := os.ReadFile(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return nil, none, errors.New("cannot be opened by this user")
	}
	if public, _, _, _, err := ssh.ParseAuthorizedKey(text); err == nil && !bytes.Contains(text, []byte("PRIVATE KEY")) {
		return fromAgent(public, socket)
	}
	key, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked):
		return nil, none, errors.New("has a passphrase, which nobody can be asked for here: add the key to ssh-agent (ssh-add) and name its public key, the file that ends in .pub")
	case err != nil:
		return nil, none, errors.New("is no private key of SSH, or of a kind that is not known: ssh-keygen -t ed25519 makes one")
	}
	return key, none, nil
}

// fromAgent is the signer for a public key, and how its connection is closed.
func fromAgent(public ssh.PublicKey, socket string) (ssh.Signer, func(), error) {
	none := func() {}
	if socket == "" {
		return nil, none, errors.New("is a public key, and there is no ssh-agent that could hold its private key: SSH_AUTH_SOCK is not set")
	}
	conn, err := (&net.Dialer{}).Dial("unix", socket)
	if err != nil {
		return nil, none, errors.New("is a public key, and ssh-agent, which could hold its private key, does not answer")
	}
	client := agent.NewClient(conn)
	keys, err := client.List()
	if err == nil {
		for _, k := range keys {
			if bytes.Equal(k.Blob, public.Marshal()) {
				return agentSigner{client, public}, func() { _ = conn.Close() }, nil
			}
		}
	}
	_ = conn.Close()
	return nil, none, errors.New("is a public key whose private key ssh-agent does not hold: add it (ssh-add)")
}
