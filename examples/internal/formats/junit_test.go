package formats_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// TestJUnit leaves the files for .ci/formats, which checks them against the schema
// of Jenkins with libxml2.
func TestJUnit(t *testing.T) {
	for name, r := range reports(t) {
		t.Run(name, func(t *testing.T) {
			out := written(t, func(w io.Writer) error { return render.JUnit(w, r) })
			cases := 0
			for decoder := xml.NewDecoder(bytes.NewReader(out)); ; {
				token, err := decoder.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err)
				if start, ok := token.(xml.StartElement); ok && start.Name.Local == "testcase" {
					cases++
				}
			}
			require.GreaterOrEqual(t, cases, len(r.Results))
			keep(t, name+".junit.xml", out)
		})
	}
}
