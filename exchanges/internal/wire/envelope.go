package wire

import (
	"net/http"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Open checks the commonest envelope: an object whose member "code" says how it
// went, with the words in another member. It is a success if the code is one of
// those given ("" stands for no code at all) and the status is 200; then the
// whole object is returned. An answer that is no JSON object comes from
// something in front of the exchange.
func (f Failures) Open(resp *adapter.Response, words string, success ...string) (Object, *access.Error) {
	body, err := Parse(resp.Body)
	if err != nil {
		return body, Foreign(resp, err)
	}
	code, _ := body.Text("code")
	message, _ := body.Text(words)
	if resp.Status == http.StatusOK && slices.Contains(success, code) && (code != "" || !body.Has("code")) {
		return body, nil
	}
	return body, f.Refusal(resp, code, message)
}

// Data is Open, and then the member "data" as an object.
func (f Failures) Data(resp *adapter.Response, words string, success ...string) (Object, *access.Error) {
	body, refusal := f.Open(resp, words, success...)
	if refusal != nil {
		return body, refusal
	}
	data, ok := body.Object("data")
	if !ok {
		return body, NotUnderstood(resp, body.Err())
	}
	return data, nil
}
