package wire

import (
	"net/http"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Open checks the most common envelope: an object whose member "code" says how
// it went, with the message in another member. It is a success if the code is one
// of those given ("" stands for no code at all) and the status is 200; then the
// whole object is returned. An answer that is not a JSON object comes from
// something in front of the exchange.
func (f Failures) Open(resp *adapter.Response, message string, success ...string) (Object, error) {
	body, err := Parse(resp.Body)
	if err != nil {
		return body, NotUnderstood(resp, err)
	}
	code, _ := body.Text("code")
	text, _ := body.Text(message)
	if resp.Status == http.StatusOK && slices.Contains(success, code) && (code != "" || !body.Has("code")) {
		return body, nil
	}
	return body, f.Refusal(resp, code, text)
}

// Data is Open, and then the member "data" as an object.
func (f Failures) Data(resp *adapter.Response, message string, success ...string) (Object, error) {
	body, err := f.Open(resp, message, success...)
	if err != nil {
		return body, err
	}
	data, ok := body.Object("data")
	if !ok {
		return body, NotUnderstood(resp, body.Err())
	}
	return data, nil
}

// Bare opens an answer without an envelope.
func Bare(resp *adapter.Response) (Object, error) {
	body, err := Parse(resp.Body)
	if err != nil {
		return body, NotUnderstood(resp, err)
	}
	return body, nil
}
