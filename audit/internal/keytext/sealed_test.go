package keytext

import (
	"crypto"
	"encoding/asn1"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The keys of the samples, as OpenSSL 3.0 wrote them before it encrypted them for
// nobody's account.
const (
	samplePhrase = "correct horse, 7"
	sampleEd     = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIPAlvaoV/iPtwQfEOJNfKHz6nKZ3sQ0Q9G9N6e5qqf6N
-----END PRIVATE KEY-----`
	sampleEC = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIKr21JGITAcIG8J5mFAq3G17Kd4HEBg88wE1OKmm6+e5oAoGCCqGSM49
AwEHoUQDQgAEfvXpVs5YvPxhRrJZw3NKNRsUwSpDygC0RU74a8kfQrtmf5MdORS/
KvYLR0xGAZBj89Efi/x+yrONuWV8jFQOkA==
-----END EC PRIVATE KEY-----`
)

// sealedSamples are what OpenSSL makes of them.
var sealedSamples = []struct {
	name string
	text string
	err  error // nil if it is read
}{
	{"AES-256, hmacWithSHA256", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiH16dHwTwr2AICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEECOAnW5AYZXFkHzO4oKROV0EQE3R
KrAijUzhZt0HHelSZWN6KKcXgtaTzp+QsvWoRXdOp+L1CZPLGIp2aLcZWIKDu63T
a3ffzLg/trArb6jSzXg=
-----END ENCRYPTED PRIVATE KEY-----`, nil},
	{"AES-256, hmacWithSHA1", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGNMEkGCSqGSIb3DQEFDTA8MBsGCSqGSIb3DQEFDDAOBAhpQHVK8DZBKQICCAAw
HQYJYIZIAWUDBAEqBBD3q/rPEth6xPaQu2fa/m1LBEBM9yzSZrAVdqGVpVoAyfYp
/Rqzm6wZyQcEM9vcl7HEoyrlWIIgFh3mIkaNRH6irWKBYv3nbAJ4vSgAUii9r9mI
-----END ENCRYPTED PRIVATE KEY-----`, nil},
	{"AES-256, hmacWithSHA224", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAin1pgL1LlfTgICCAAw
DAYIKoZIhvcNAggFADAdBglghkgBZQMEASoEEFg9BA7CmZR0PZMTvQ1erQ0EQNzp
u1gK1msF785UCNPGIscPcZzkuKQz66gAlJnw9HJxBSd9DZhX7DF1it7rU/d8UKW7
KdHk059PtBgwpzbnD5g=
-----END ENCRYPTED PRIVATE KEY-----`, nil},
	{"AES-256, hmacWithSHA384", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg7kyuVJSIKOQICCAAw
DAYIKoZIhvcNAgoFADAdBglghkgBZQMEASoEEMPC9h2LJ9zD7giAg8Y3xMsEQAmN
Heh49isgJTTQ2zOnirmsjx6qbVpgaFXttUW77vd0WRRfSobRih4ztkYXsRb/A4NW
7EheyGI4cOG33tDYDJg=
-----END ENCRYPTED PRIVATE KEY-----`, nil},
	{"AES-256, hmacWithSHA512", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgSuLscvYl9FQICCAAw
DAYIKoZIhvcNAgsFADAdBglghkgBZQMEASoEEABln9WxScv5gLh/dGFyKDQEQHVm
p1LHkDCXgkwib0dJqLTSQz7udaGc+rCmhO45SAXy4vY2EJ4mVW5llK0ixWxrdy4a
0W3UsCxBpfA4+XnJH/s=
-----END ENCRYPTED PRIVATE KEY-----`, nil},
	{"aes-128-cbc", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi4pPoP3SE8XgICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEC2AsZ9dLkf84oxPKIfd6/UEQD7+
xmEAf03LxXOZpS/pyY3KpYz0dx+uHGhNNvGBnEBEcCD0jyzlgrPBj5xay+8SvUSt
c/IvLRvdEGx/1smSyLU=
-----END ENCRYPTED PRIVATE KEY-----`, nil},
	{"aes-192-cbc", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgfL9NTACyizAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEARYEEFcjUc/APX9b6HvU4kcqmvsEQPFx
9LwLPLb5rgPXUEiWwpvgNpTr4YWkkjfPxBYv/q6oskYSixIJoxbFW7gjAivOSQI0
7VevmgEzzL73Evno2N8=
-----END ENCRYPTED PRIVATE KEY-----`, nil},
	{"des3", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGKME4GCSqGSIb3DQEFDTBBMCkGCSqGSIb3DQEFDDAcBAhBC5nYy6SFfQICCAAw
DAYIKoZIhvcNAgkFADAUBggqhkiG9w0DBwQIFvLeZd7sCIUEOBmO9bq0yb98XaD+
keSEF0sqfKSXo8cM0s+vWM3BfbF/sy2dt3UM0flI3B+4ek41dfulmCeYAIAG
-----END ENCRYPTED PRIVATE KEY-----`, nil},
	{"ECDSA", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgsnBZRm5CL8gICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEG+xcn7eifDZIBugViiUcY8EgZA5
JeuSCpj2iC8O+rZ+6h15TUJIPf7jQJ55egFiJDb+SFNtpqU41I1sKDYGoghY75Af
ksZ4Lrvfb6DJJT9sJ1OevfrPTbW5wzJPMojDOlTGQqj9rGdTTC5uUjzDPTa9j3I3
pOgwatgNaAyEo1mS1rFwwCSYkmun2iJ4Lg//IZHc9oUTw8cq2av/mHPefCAvnk0=
-----END ENCRYPTED PRIVATE KEY-----`, nil},
	{"legacy, aes128", `-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,90EC57E8A407854B909AD59E5EC37474

4BAGgkT0JfqmzhwQr6dJJE9wfcKOCp3woDofkDrnCma2SsrG689TKvrALZ/X6yDw
uRTSZIm30SabF3UqPPEE2fSe6SstiY01Xm80ji+KiBManG/gGXxFmvcZ7Co76v+i
pPzuek7LtTSy8+r2oBZRZvKO3GwS5K/8VkdCWNl/g/M=
-----END EC PRIVATE KEY-----`, nil},
	{"legacy, aes192", `-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-192-CBC,F8090CA51EFB35DD475AB29B3180365B

zYm35Tnmh0mK7wBCLuAOQhHxZKQJClUHqiXGPzB1Fa2obl434T/7v0NKJhp++8p3
KV3DuV6KyInrGCYfTl8VzPfWs4o70Yo1f07ekjPUrzpRK6jaDe4ozYHubex6zdqj
4WzZNlbrsnwCJPBoSGRiHwQYc7MZjZ8mHgq2h2X6kQk=
-----END EC PRIVATE KEY-----`, nil},
	{"legacy, aes256", `-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,F5C6B765785D5DD2C7094797B6F85A57

PXuvoJWcLWd59HER3SU5UQAglZJUtvps32ayhlraG6RieTuJY9mb2INLnD3Giomt
zVkJDWzjv4tV8YD70EskCs7NDSHmjmWWkPCeCg9kBYKJfEvEMjNVlo0OC7AdyvNf
tzDX8gkINC1IAPzK7fYoCsScVmTKK/Mpp+FhQ/Moy5c=
-----END EC PRIVATE KEY-----`, nil},
	{"legacy, des3", `-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: DES-EDE3-CBC,E877DAAC3970CA8F

BcrQrXyMK0a8xFgalgPHzpTORB0SMqwJY9ndrnye4yG5eRCe4n7Gyu+fGBUMacjf
c1Sz2uK9Y0Dxi39LtlUoad9EN/ixYLBvEBfA3Kr7XwK12V1QM9eqrMD05glXsSTD
JgkX6mHC/YUX19ztFNHB7762iWFb18vkvFgOIZ3UOU4=
-----END EC PRIVATE KEY-----`, nil},
	{"scrypt", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAjNlDIouwemUgICQAAC
AQgCAQEwHQYJYIZIAWUDBAEqBBAUO4B161MCZI3nNgeutxz2BEAKlqgDDsN0v8hP
2WqCI80+azOZ5zgdj+WDOAUTGL9FS5pQ8qC9kWFxhUuWbQeL3AGy6DAe+YfpBYy4
EPGzwVe/
-----END ENCRYPTED PRIVATE KEY-----`, errScheme},
	{"PKCS #12 PBE", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MFgwHAYKKoZIhvcNAQwBAzAOBAjUWEMYhWs9RwICCAAEOJDr0WV1vwIekQ9tFCk5
p9GdqhjHcikSrNX1Sb8+wTMuF0u0vvlqNsKoJi2dvVbRfRIg0kWw4uqA
-----END ENCRYPTED PRIVATE KEY-----`, errScheme},
	{"PKCS #5 version 1", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MFcwGwYJKoZIhvcNAQUDMA4ECPcToiEJMpqqAgIIAAQ4vr1ynJKux6+NQ4o34V9n
s/gLCnGxF7r2DG2rW3QTcMa0KNp+T6ZCkoqN61XtpG/o06OAqHzHOLA=
-----END ENCRYPTED PRIVATE KEY-----`, errScheme},
	{"another cipher", `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGdMFkGCSqGSIb3DQEFDTBMMCkGCSqGSIb3DQEFDDAcBAhRWatBS0TBfAICCAAw
DAYIKoZIhvcNAgkFADAfBgsqgwiMmks9AQEBBAQQncqCbg+wthQK21EnxG4C7gRA
KvQGdK0LgR1/78YcYkmF3/M0lT9vIyd5DsNWjNXciOOAaEG46NSvEEH8qgTnF3i/
AvF/XZZXhSxgNQZXud0+lA==
-----END ENCRYPTED PRIVATE KEY-----`, errScheme},
}

func samplePlain(t *testing.T, text string) crypto.PrivateKey {
	t.Helper()
	key, _, err := Private(text, "")
	require.NoError(t, err)
	return key
}

// TestSealed: an encrypted key is opened by its phrase and by no other, however the
// text was damaged on its way.
func TestSealed(t *testing.T) {
	t.Parallel()
	for _, sample := range sealedSamples {
		want := samplePlain(t, sampleEd)
		if sample.name == "ECDSA" || strings.HasPrefix(sample.name, "legacy") {
			want = samplePlain(t, sampleEC)
		}
		for spelling, spell := range spellings {
			if strings.HasPrefix(spelling, "wrapped at") || spelling == "on one line, without spaces" && strings.Contains(sample.text, "DEK-Info") {
				continue // the helper drops headers; without a space nobody knows where the header ends
			}
			text := spell(sample.text + "\n")
			_, found, err := Private(text, "")
			require.True(t, found, "%s, %s", sample.name, spelling)
			require.ErrorIs(t, err, errEncrypted, "%s, %s", sample.name, spelling)
			if sample.err != nil {
				_, _, err = Private(text, samplePhrase)
				require.ErrorIs(t, err, sample.err, sample.name)
				continue
			}
			sameAs(t, want, text, samplePhrase, sample.name+", "+spelling)
		}
		for _, wrong := range []string{"correct horse", samplePhrase + " ", strings.ToUpper(samplePhrase), "x"} {
			_, found, err := Private(sample.text, wrong)
			assert.True(t, found)
			require.Error(t, err, sample.name)
			assert.NotContains(t, err.Error(), wrong+"\"")
			if sample.err == nil {
				require.ErrorIs(t, err, errPhrase, sample.name)
			}
		}
	}
}

// TestSealedTooCostly: a file cannot make the audit work for hours, nor panic.
func TestSealedTooCostly(t *testing.T) {
	t.Parallel()
	block, _ := pem.Decode([]byte(sealedSamples[0].text))
	good, ok := parseSealed(block.Bytes)
	require.True(t, ok)
	for name, edit := range map[string]func(*pbes2, *pbkdf2Params, *sealed){
		"rounds":      func(_ *pbes2, k *pbkdf2Params, _ *sealed) { k.Rounds = maxRounds + 1 },
		"no rounds":   func(_ *pbes2, k *pbkdf2Params, _ *sealed) { k.Rounds = 0 },
		"negative":    func(_ *pbes2, k *pbkdf2Params, _ *sealed) { k.Rounds = -1 },
		"vector":      func(p *pbes2, _ *pbkdf2Params, _ *sealed) { p.Cipher.Parameters.FullBytes = []byte{4, 1, 0} },
		"no vector":   func(p *pbes2, _ *pbkdf2Params, _ *sealed) { p.Cipher.Parameters = asn1.NullRawValue },
		"no data":     func(_ *pbes2, _ *pbkdf2Params, s *sealed) { s.Data = nil },
		"part block":  func(_ *pbes2, _ *pbkdf2Params, s *sealed) { s.Data = s.Data[1:] },
		"other hash":  func(_ *pbes2, k *pbkdf2Params, _ *sealed) { k.PRF.Algorithm = asn1.ObjectIdentifier{1, 2, 3} },
		"other order": func(p *pbes2, _ *pbkdf2Params, _ *sealed) { p.KDF.Algorithm = asn1.ObjectIdentifier{1, 2, 3} },
	} {
		s := good
		var p pbes2
		var k pbkdf2Params
		require.True(t, unmarshal(s.Algorithm.Parameters, &p))
		require.True(t, unmarshal(p.KDF.Parameters, &k))
		edit(&p, &k, &s)
		var err error
		if p.KDF.Parameters.FullBytes, err = asn1.Marshal(k); err == nil {
			p.KDF.Parameters = asn1.RawValue{FullBytes: p.KDF.Parameters.FullBytes}
		}
		require.NoError(t, err)
		s.Algorithm.Parameters.FullBytes, err = asn1.Marshal(p)
		require.NoError(t, err)
		key, err := s.open(samplePhrase)
		require.Error(t, err, name)
		assert.Nil(t, key, name)
	}
}
