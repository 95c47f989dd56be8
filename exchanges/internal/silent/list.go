package silent

import (
	"errors"
	"net/http"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// List is what an answer proves that is a list whose entries all have the member. An empty
// one proves nothing, for anyone could answer it. What is no list is a refusal, which
// refused reads.
func List(resp *adapter.Response, title, member string, refused func(*adapter.Response, wire.Object) *access.Error) (*access.Snapshot, error) {
	list, err := wire.ParseList(resp.Body)
	if err != nil || resp.Status != http.StatusOK {
		body, err := wire.Parse(resp.Body)
		if err != nil {
			return nil, wire.NotUnderstood(resp, err)
		}
		return nil, refused(resp, body)
	}
	if len(list) == 0 {
		return nil, wire.NotUnderstood(resp, errors.New("the list is empty, which anyone could answer"))
	}
	for _, entry := range list {
		if _, ok := entry.Text(member); !ok {
			return nil, wire.NotUnderstood(resp, entry.Err())
		}
	}
	return Answered(title), nil
}
