package main

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"

// What the command line says is shown, or not shown, like what inventories say.

func unknown(what, word string, known []string) string { return inventory.Unknown(what, word, known) }

func show(word string) string { return inventory.Show(word) }

func showPath(path string) string { return inventory.ShowPath(path) }
