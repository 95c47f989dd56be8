// Package formats has no code: its tests check what audit/render writes against
// the schemas of others, with libraries that the library itself does without.
package formats
