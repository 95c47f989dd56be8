package inventory

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// jesse keeps its keys in its database. Its dashboard exports them as CSV.
var jesse = Format{Name: "jesse", Title: "jesse's api-keys.csv", Read: readJesse}

// jesseColumns are the column titles, in lower case. The first four are
// required.
var jesseColumns = []string{"name", "exchange", "api key", "api secret", "api_passphrase", "wallet_address", "stark_private_key"}

const jesseRequired = 4

func readJesse(f *Files) ([]Found, error) {
	path := f.Find("api-keys.csv")
	data, err := f.Read(path)
	if err != nil {
		return nil, err
	}
	if kind := kindOf(plainText(data)); kind != nil && kind.title != kindTable {
		p, _ := Mistaken(path, data, kindTable)
		return nil, Problems{p}
	}
	table := csv.NewReader(strings.NewReader(plainText(data)))
	table.FieldsPerRecord = -1
	var problems Problems
	var out []Found
	var columns map[string]int
	for {
		row, err := table.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		problem := Problem{File: path}
		if err != nil {
			if at := (*csv.ParseError)(nil); errors.As(err, &at) {
				problem.Line, problem.Column = at.Line, max(1, at.Column)
			}
			problem.Text = "the CSV is malformed here: check for a missing or extra quote"
			if len(out) == 0 {
				problems = append(problems, problem)
			} else { // the rows before it still count
				out = append(out, Found{File: path, Line: problem.Line, Column: problem.Column, Skip: problem.Text})
			}
			break
		}
		problem.Line, problem.Column = table.FieldPos(0)
		if columns == nil {
			columns, problem.Text = jesseHeader(row)
		} else {
			found := jesseRow(row, columns)
			found.File, found.Line, found.Column = path, problem.Line, problem.Column
			out = append(out, found)
		}
		if problem.Text != "" {
			problems = append(problems, problem)
		}
	}
	if columns == nil && len(problems) == 0 {
		problems = append(problems, Problem{File: path, Text: "this is not jesse's list of API keys: it is empty"})
	}
	return out, problems.err()
}

// jesseHeader returns the number of each column, or a problem.
func jesseHeader(row []string) (columns map[string]int, problem string) {
	columns = map[string]int{}
	for i, title := range row {
		title = strings.ToLower(strings.TrimSpace(title))
		if _, again := columns[title]; again {
			problem = fmt.Sprintf("duplicate column %s: delete one of them", show(title))
		}
		columns[title] = i
	}
	for _, title := range jesseColumns[:jesseRequired] {
		if _, ok := columns[title]; !ok {
			problem = fmt.Sprintf("this is not jesse's list of API keys: its first row has no %q", title)
		}
	}
	return columns, problem
}

// jesseRow returns the key in one row.
func jesseRow(row []string, columns map[string]int) (found Found) {
	at := func(i int) string {
		column, ok := columns[jesseColumns[i]]
		if !ok || column >= len(row) {
			return ""
		}
		return strings.TrimSpace(row[column])
	}
	found = Found{Name: at(0), Exchange: at(1), Key: NewPart(at(2)), Secret: NewPart(at(3)), Passphrase: NewPart(at(4))}
	for i, title := range jesseColumns[:jesseRequired] {
		if column, ok := columns[title]; ok && column >= len(row) {
			found.Skip = fmt.Sprintf("the row ends before its %q: add it, or list the key in an inventory", jesseColumns[i])
		}
	}
	if column, ok := columns[jesseColumns[4]]; ok && column < len(row) && !found.Key.isZero() {
		found.Passphrase = NewPart(strings.TrimSpace(row[column])) // people choose theirs, so it is no placeholder
	}
	found.Account, found.private = NewPart(at(5)), NewPart(at(6))
	for _, title := range slices.Sorted(maps.Keys(columns)) {
		if column := columns[title]; column < len(row) {
			found.Note(row[column], title)
			found.besides = append(found.besides, beside{title, NewPart(strings.TrimSpace(row[column]))})
		}
	}
	return found
}
