package main

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"

// Words of the command line are shown, or hidden where they may be a secret, as
// those of inventories are.

func unknown(what, word string, known []string) string { return inventory.Unknown(what, word, known) }

func show(word string) string { return inventory.Show(word) }

func showPath(path string) string { return inventory.ShowPath(path) }
