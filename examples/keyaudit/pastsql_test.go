package main

import (
	"database/sql"
	"net/url"
)

// openSQL opens a state as any other program would.
func openSQL(path string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath())
}
