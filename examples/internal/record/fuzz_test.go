package record

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzBody: whatever an answer is, what becomes of it has the same structure, and no long
// text of it is left.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"a":"twice","b":[null,true,{"c":"d@e.example"}],"k":"mx0vAbCd****01Gh23Ij"}`, `"mx0vAbCd77Ef01Gh23Ij"`, `[1e5,-0.50,12345678901234567890,1754753251.5]`,
		`{"ip":"1.2.3.4-1.2.3.9,::ffff:9.9.9.9,2a04:**:1,10.*.*.*,999.1.2.3/77","t":"2025-02-30T00:00:00Z Fri, 31 Feb 2025 00:00:00 GMT"}`,
		`{"\u0000\u009b":"İİİ ﬁ ß ǅ 0x 0X1 x\u202ey","":""}`, `{"8bfc20d7-f7c6-4422-bf07-8243ca4169fe":"8BFC20D7F7C64422BF078243CA4169FE"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if !json.Valid([]byte(body)) {
			return
		}
		c := newClock([32]byte{1}, then)
		public := &Public{words: map[string]bool{"read": true}, ids: map[string]bool{}, texts: map[string]bool{}}
		listening := newReplacer(public, [32]byte{1}, c)
		listening.pin("mx0vAbCd77Ef01Gh23Ij")
		listening.body([]byte(body), nil)
		c.settle()
		r := newReplacer(public, [32]byte{1}, c)
		r.pin("mx0vAbCd77Ef01Gh23Ij")
		made := r.body([]byte(body), nil)
		if !json.Valid(made) {
			t.Fatalf("%s becomes %s", body, made)
		}
		if skeleton(body) != skeleton(string(made)) {
			t.Fatalf("%s becomes %s", body, made)
		}
		if strings.Contains(string(made), "mx0vAbCd") {
			t.Fatalf("%s holds the key", made)
		}
	})
}

// skeleton is the structure of JSON, without names and values.
func skeleton(text string) string {
	d := json.NewDecoder(strings.NewReader(text))
	var b strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return b.String()
		}
		switch token := token.(type) {
		case json.Delim:
			b.WriteString(token.String())
		case string:
			b.WriteByte('s')
		case bool:
			b.WriteByte('b')
		case nil:
			b.WriteByte('0')
		default:
			b.WriteByte('n')
		}
	}
}
