package exchangetest

import (
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// The key and the secret of the exchange's own examples.
const (
	binanceKey    = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
	binanceSecret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
)

// binanceVectors: the orders are the exchange's examples of signed requests
// (rest-api.md), as a query, as a body, in both, and with names that must be
// encoded first. The others were computed independently of this package.
var binanceVectors = []Vector{
	binanceOrder("order as query", "?"+binanceOrderText+"&signature="+binanceOrderSignature, ""),
	binanceOrder("order as body", "", binanceOrderText+"&signature="+binanceOrderSignature),
	binanceOrder("order as query and body", "?symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
		"quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature=0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"),
	binanceOrder("order with an encoded symbol", "?symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC"+
		"&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature=e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3", ""),
	{
		Name: "apiRestrictions", Time: time.UnixMilli(1767225600000), Key: binanceKey, Secret: binanceSecret, Method: "GET",
		URL: "https://api.binance.com/sapi/v1/account/apiRestrictions?recvWindow=5000&timestamp=1767225600000" +
			"&signature=70743061623d8f41795a81242d3a8f34b97d2f5e92e1bcd0ca2ffb1423fd3832",
		Header: binanceHeader,
	},
	{
		Name: "apiRestrictions with Ed25519", Time: time.UnixMilli(1767225600000), Key: binanceKey, Kind: access.Ed25519Key, Method: "GET",
		Secret: armour("MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"),
		URL: "https://api.binance.com/sapi/v1/account/apiRestrictions?recvWindow=5000&timestamp=1767225600000" +
			"&signature=pKZDp54YyIFdkjdThexBqHDqSpWOfgIku2sm5jAdgqUHMYt9xqTstfiA%2FmCHw7WfPdboMVHYqUgR8sxT850xDw%3D%3D",
		Header: binanceHeader,
	},
	{
		Name: "an email address, encoded first", Time: time.UnixMilli(1767225600000), Key: binanceKey, Secret: binanceSecret, Method: "GET",
		URL: "https://api.binance.com/sapi/v1/sub-account/subAccountApi?email=desk%40example.com&page=1&recvWindow=5000&size=100" +
			"&timestamp=1767225600000&signature=c3a09610dcdce7267c4adcfe7f0f7d1d5339a28a2be0bcdc7325a39ee7a7add3",
		Header: binanceHeader,
	},
}

const (
	binanceOrderText      = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
	binanceOrderSignature = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
)

var binanceHeader = map[string]string{"X-MBX-APIKEY": binanceKey}

func binanceOrder(name, query, body string) Vector {
	return Vector{
		Name: name, Time: time.UnixMilli(1499827319559), Key: binanceKey, Secret: binanceSecret,
		Method: "POST", URL: "https://api.binance.com/api/v3/order" + query, Header: binanceHeader, Body: body,
	}
}
