// Package formats holds no code: its tests hold what audit/render writes to the
// schemas of others, with libraries that the library itself does without.
package formats
