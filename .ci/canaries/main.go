// Command canaries reads the output of a test run from standard input and fails if
// it contains any secret of the fakes' keys: in plaintext, hexadecimal, base64 or
// percent-encoded. Run it as: go run .ci/canaries/main.go < output
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// perFake is how many keys of each fake are searched for. Fakes issue the same keys
// in every process, and most tests issue no more than a few.
const perFake = 6

func main() {
	output, err := io.ReadAll(os.Stdin)
	if err != nil || len(output) == 0 {
		fmt.Println("canaries: there is no output to search")
		os.Exit(2)
	}
	var secrets []string
	for _, fake := range exchangetest.All() {
		for range perFake {
			fake.Issue(exchangetest.Spec{OTP: ""})
		}
		secrets = append(secrets, fake.Canaries()...)
	}
	found := exchangetest.FindCanaries(string(output), secrets)
	fmt.Printf("canaries: %d bytes of output searched for %d secrets, %d found\n", len(output), len(secrets), len(found))
	if len(found) > 0 {
		os.Exit(1)
	}
}
