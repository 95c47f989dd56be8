package find

// documented are the SHA-256 sums of keys and secrets in the samples of exchanges'
// documentation, as the fakes have them, without 0x. They stand in many copies of it.
var documented = map[string]bool{
	"9926075b8e3bfd562edbc5aa5f6fecc8565afd88cd0181989d9f281f88753818": true, // ascendex, key
	"c6081c81edaef863e997d9893780136ef245b59461627b73c98c03feac063ca8": true, // ascendex, secret
	"5ba1ed8425baaa72d558afddb8aaacdfe29ad0dc1a44dae76640127e83626d29": true, // binance, key
	"23e9efa3ced6e70c7f2dbe0d08295f18f94b0cbd5c6026677e3bc51897ee31f2": true, // binance, secret
	"a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e": true, // bingx, secret
	"1c7356e80acc649c371ac48db5fe1d4331e9220a00f75c14de798568f6fa0619": true, // bitmart, secret
	"70a60ac1776fdc4af8cf2d4cac2fcc9465223e956427ff650c8416878212a548": true, // bitmex, secret
	"3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9": true, // blofin, key
	"e06a8fa927e667887f1df229576c9e826fb8acd9ab94c0a5bae23ca10a8ad552": true, // bybit, key
	"3543bab082953554bf5c217e382d42f1f8d6479aa52de068be3990e7400719e3": true, // bybit, secret
	"0183167ea121874a4226b78e91de74561dd2640213cdacb687477be1825e8082": true, // coinbasestyle, secret
	"25134bdc72c5e5643404500bcd4ef5f7a345da517448fafc496855124a4b93d7": true, // coinbasestyle, secret
	"ec1a88a5c07f05aff1d6d2ed984ffacba0ef92e10c31b782929762bb965dd1d5": true, // coinsph, secret
	"5f62b4162f7434f08b749e401b4a56b195a14860bfa69fca90a6fa731719d80f": true, // lbank, key
	"cd6c1f7d1dc6717d6371d2647910ca71ba3bf0b611083d322466b8843b4285b6": true, // lbank, secret
	"9e132ebcc5cde85b51a5595e201c727d097ba5a1e6ed3129f4a7c5966bbdeb37": true, // mexc, key
	"f38106b832ec2841893c777e74cac75077a5c62ac855da8a6904cadd50c5d4a0": true, // mexc, secret
	"477a08c0eb19eedcfbcaaf28687d05fd4854161e23ecce1b8836a4ece1d880e9": true, // okx, secret
	"e026dcd9abe8cdb4879308a64fd6276c63b16ab2e6145a52af4a6d77427f7231": true, // pionex, secret
	"9ba17cbe2133f59648bab212677249e3902f9df31d943eaab9891e146ac9133c": true, // toobit, secret
	"62b629f4d0db1126c4062617af305f5e959b296623e5362b83bc46133bbec980": true, // woox, secret
	"4c5ade324e073f9aa8da427219d9aa9ad17d2ff3e27f2650ef3be1abaf1f5209": true, // xt, secret

	// The accounts of development networks (Hardhat, Anvil), as their tools print them.
	"bc1a50966c9e6486bc4ebf880b51611a2a97fcb8e7a6976e9b81a9e3e8ca0e3c": true, // account 0
	"8335c55334821eefd4334369ff9c04a8594f161013cf9d87f58802d87297837e": true, // account 1
	"b26ab6529d20ebebb4192256f202984754f785481c64b1a1aed58cac93b3617e": true, // account 2
	"64034b44c579b335ab5e85debbfe72789e970138cc8d296799c3833a2a8525fb": true, // account 3
	"4d3e46eec8244d1d106f866ee48994f6176705298aee1b8426b2ad2529eb454b": true, // account 4
	"0aedba9d586f34f95cf1f0d54926f62e8a078ce2ca593be73ab27a87d3ff9c5d": true, // account 5
	"28e543d3753fc9d14c658ebef20b76a3b5f8e7d78667baf27832ceb3bea01bdf": true, // account 6
	"f070994a8599478580678f2b9482c5f02bb3de0647281e8efae183669425808a": true, // account 7
	"38e69fdd19aefeb4adf56312f10e62c30274997835173c7006308323ad7db506": true, // account 8
	"967f21586cdf1248a862f2cfb330099701c942c2c7a7537c54f7ec48f8556505": true, // account 9

	// Seed phrases that everybody has.
	"ecb0e7ba498c5920991f0b3483e91f7abafa9ecc6bd82a9a51494589592b1a8f": true, // BIP-39's vectors
	"3a64bcd9cea43c0aba67ba0bf2ddff8137a492bccbc672107fcbf7381086f698": true, // BIP-39's vectors
	"b83e96417f61cb148d0dc8a89b839ee4956ad45b5e4b6a2a6cae048e48782157": true, // Truffle
	"9c5d0a6656e5d3f36601d0bf98762be09bad5d7b164382c1d6c826324d6d599a": true, // Ganache
}
