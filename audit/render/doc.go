// Package render writes an audit.Report for people and for programs: as text
// for a terminal, as JSON that can be read and judged again, as one JSON
// object a line while the audit runs, and as Markdown for pull requests.
//
// Every format shows what could not be decided as such and never as passed,
// and takes every text as hostile, even in a stored report: nothing in it can
// move a terminal's cursor, reorder a line, or become mark-up.
package render
