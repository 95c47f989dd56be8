package exchangetest

import (
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// BitTrade is a fake of BitTrade's API, which is HTX's; see [HTX]. What the rights
// to trade and withdraw include is documented for HTX only.
func BitTrade() *Fake {
	d := htxDefinition()
	d.Name, d.Hosts, d.Kinds = "bittrade", []string{"api-cloud.bittrade.co.jp"}, []access.KeyKind{access.SharedSecret}
	d.Rights = []Right{
		{"readOnly", []access.Capability{access.Read}},
		{"trade", []access.Capability{access.TradeSpot}},
		{"withdraw", []access.Capability{access.Withdraw}},
	}
	d.Implied = nil
	d.MayGrant = map[string][]access.Capability{
		"trade": {
			access.TradeMargin, access.TradeFutures, access.TradeOptions, access.TransferInternal, access.SubaccountManage, access.APIKeyManage,
		},
		"withdraw": {access.WithdrawAddresses, access.TransferExternal},
	}
	d.Vectors = bitTradeVectors
	return New(d)
}

// bitTradeVectors: the first two are those of HTX's own client; the others were
// computed, with this exchange's host.
var bitTradeVectors = []Vector{
	htxVectors[0], htxVectors[1],
	bitTradeVector("/v2/user/uid", "", "uTlTxk4VCvQ20UdpP3Tq94aiogXNBQWEXkuPNa0N7kk%3D"),
	bitTradeVector("/v2/user/api-key", "&uid=63628520", "EHoBTllF2AgQ9UFwdOsqNWzH%2FHVbB%2FNxj2u7lJTJKq8%3D"),
}

func bitTradeVector(path, query, signature string) Vector {
	return Vector{
		Name: path + query, Time: time.Date(2019, time.November, 21, 10, 0, 0, 0, time.UTC), Key: "access", Secret: "secret", Method: http.MethodGet,
		URL: "https://api-cloud.bittrade.co.jp" + path + "?AccessKeyId=access&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2019-11-21T10%3A00%3A00" +
			query + "&Signature=" + signature,
	}
}
