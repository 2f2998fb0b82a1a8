/** Code that Safe has published, by EXTCODEHASH on every chain (safe-global/safe-deployments, versions 1.0.0 to 1.5.0). */

import type { Hex } from "./primitives.ts";

/** What a Safe's proxy runs: Safe and SafeL2, on EVM chains and on zkSync. */
export const safeSingletons: readonly Hex[] = [
  // v1.0.0 GnosisSafe
  "0xe1f1593df76e69abc2d692792c80f329457551d5e83dde597546a1d58764da80",
  // v1.1.1 GnosisSafe
  "0x56b8be58b5ad629a621593a2e5e5e8e9a28408dc06e95597497b303902772e45",
  // v1.2.0 GnosisSafe
  "0x2ae2d1231f0d754a7fa4f5e5d0e5554085e1b500d8e09f95aaaaa3f49c0db922",
  // v1.3.0 GnosisSafe
  "0x551b7fdfd2dbcec4f785059e1ef6e0b40ca2e44d792158c4e825bc0b092f15e9",
  // v1.3.0 GnosisSafe
  "0xbba688fbdb21ad2bb58bc320638b43d94e7d100f6f3ebaab0a4e4de6304b1c2e",
  // v1.3.0 GnosisSafeL2
  "0x21842597390c4c6e3c1239e434a682b054bd9548eee5e9b1d6a4482731023c0f",
  // v1.3.0 GnosisSafeL2
  "0xe2ca068330339d608367d83a0b25545efe39e619098597699ab8ff828cb1ddd8",
  // v1.4.1 Safe
  "0x1fe2df852ba3299d6534ef416eefa406e56ced995bca886ab7a553e6d0c5e1c4",
  // v1.4.1 Safe
  "0xfa4d4fc0fa9f1a061571a3f3f66502464edf1a519ab1ab93dc232addf4fbe30f",
  // v1.4.1 SafeL2
  "0x520462ebe1156cd2d37b1d470c57f23e12fe0c4cda4c62502d96e03fa0cb44da",
  // v1.4.1 SafeL2
  "0xb1f926978a0f44a2c0ec8fe822418ae969bd8c3f18d61e5103100339894f81ff",
  // v1.5.0 Safe
  "0xdda019cbd7c867a533a2a86e5c53434fdc50b13122b5a5ddb4a8df61b31c20f2",
  // v1.5.0 SafeL2
  "0x180193227186ccb85316c94db1f0d156ed932b14712cfaac78901899178572dc",
];

/** What answers for a Safe where it has no function of its own. */
export const safeHandlers: readonly Hex[] = [
  // v1.1.1 DefaultCallbackHandler
  "0x919a9f5dd111a01f7a8e4b1f5c6a972bb2d1441c67bdec71de6a09d0be92f5b9",
  // v1.3.0 CompatibilityFallbackHandler
  "0x017e9a83d5513f503fb85274f4d1ad1811040d7caa31772750ffb08638c28fbb",
  // v1.3.0 CompatibilityFallbackHandler
  "0x03e69f7ce809e81687c69b19a7d7cca45b6d551ffdec73d9bb87178476de1abf",
  // v1.4.1 CompatibilityFallbackHandler
  "0x331ff834e83e6e1596325f04eb7d16614155e324010af21f14e9c945e7669d5f",
  // v1.4.1 CompatibilityFallbackHandler
  "0x7c6007a5d711cea8dfd5d91f5940ec29c7f200fe511eb1fc1397b367af3c42f9",
  // v1.5.0 CompatibilityFallbackHandler
  "0x3c6a85bcf7b563daa624b884b4e9a1b9fa5371edde7be945d998071a48f28bbc",
  // v1.5.0 ExtensibleFallbackHandler
  "0xba5bafdfba82e226b6dc8ae29bedf5026bd854ab4bee00128ca322717a5f2acf",
  // v1.5.0 TokenCallbackHandler
  "0xcbc723172700efa52cc33ee26c7fc7e284edc8097f9dc307857fe525fec98cd8",
];
