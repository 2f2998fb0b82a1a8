/** A smart account that is no Safe (EIP-1271): it wants more than a key's 65 bytes, as passkey accounts do. */

import { type Address, concat, encodeDeployData, type Hex, keccak256, stringToHex } from "viem";
import { privateKeyToAddress, sign } from "viem/accounts";
import { compile } from "../support/compile.ts";

const source = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract SmartAccount {
    address private immutable key;
    bool private immutable legacy;

    constructor(address key_, bool legacy_) {
        key = key_;
        legacy = legacy_;
    }

    function isValidSignature(bytes calldata data, bytes calldata signature) external view returns (bytes4) {
        require(legacy);
        return isOurs(keccak256(data), signature) ? bytes4(0x20c13b0b) : bytes4(0);
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return isOurs(hash, signature) ? bytes4(0x1626ba7e) : bytes4(0);
    }

    function isOurs(bytes32 hash, bytes calldata signature) private view returns (bool) {
        if (signature.length < 165 || bytes4(signature[:4]) != "key:") return false;
        bytes calldata rest = signature[4:];
        return ecrecover(hash, uint8(rest[64]), bytes32(rest[:32]), bytes32(rest[32:64])) == key;
    }
}`;

const passkey = keccak256(stringToHex("quorate test passkey"));

/** Deploys it; `legacy`: it also answers in the way that Safes before 1.5.0 ask. */
export async function smartAccountCode(legacy: boolean): Promise<Hex> {
  const { SmartAccount: contract } = await compile({ "SmartAccount.sol": source });
  if (contract === undefined) throw new Error("There is no SmartAccount.");
  return encodeDeployData({ ...contract, args: [privateKeyToAddress(passkey) as Address, legacy] });
}

/** What its wallet returns over a hash; with another key the account does not take it. */
export async function smartSignature(hash: Hex, privateKey: Hex = passkey): Promise<Hex> {
  const key = await sign({ hash, privateKey, to: "hex" });
  return concat([stringToHex("key:"), key, stringToHex("what a passkey says of itself", { size: 100 })]);
}

/** The bare 65 bytes of the account's key. */
export function passkeySignature(hash: Hex): Promise<Hex> {
  return sign({ hash, privateKey: passkey, to: "hex" });
}
