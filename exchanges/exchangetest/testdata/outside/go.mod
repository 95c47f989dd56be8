module example.com/acme

go 1.25.0

require github.com/exchangekeyaudit/exchangekeyaudit v0.0.0

replace github.com/exchangekeyaudit/exchangekeyaudit => ../../../..
