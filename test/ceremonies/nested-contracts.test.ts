/** Owners that are contracts and no Safes (EIP-1271): their bytes count where the Safe itself takes them, and nowhere else. */

import { concat, getContractAddress, type Hex, keccak256, numberToHex, stringToHex, zeroHash } from "viem";
import { sign } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recogniseSignature } from "../../src/ceremonies/recognise-signature.ts";
import type { BoundSafe } from "../../src/domain/events.ts";
import { approvalsIn, packApprovals, type SafeApproval } from "../../src/domain/nested-safes.ts";
import type { Address } from "../../src/domain/primitives.ts";
import { safeTxHashes } from "../../src/domain/safe-tx.ts";
import { ceremonyTx } from "../../src/domain/transactions.ts";
import { addressOf, type NestedWorld, nestedWorld, versions } from "../chain/nested-world.ts";
import { startWorld, type World } from "../chain/world.ts";
import { expectHouseStyle } from "../support/house-style.ts";
import { passkeySignature, smartAccountCode, smartSignature } from "./nested-smart-account.ts";

let world: World;
let nested: NestedWorld;
let account: Address;
let modernOnly: Address;

beforeAll(async () => {
  world = await startWorld();
  nested = await nestedWorld(world);
  const deploy = async (legacy: boolean) => {
    const from = world.deployer;
    const nonce = BigInt(await world.client.getTransactionCount({ address: from }));
    await world.send(from, null, await smartAccountCode(legacy));
    return getContractAddress({ from, nonce });
  };
  account = await deploy(true);
  modernOnly = await deploy(false);
});
afterAll(() => world.stop());

const keyOf = (name: string): Hex => keccak256(stringToHex(`quorate test ${name}`));

function asked(safe: BoundSafe) {
  const tx = ceremonyTx("upgrade", "pilot", safe, safe.nonce, addressOf("target"), "0xabcd", undefined);
  const recognise = (bytes: Hex, wallets: Address[]) =>
    recogniseSignature(bytes, tx, safe, wallets, { ids: [world.id], get: () => world.chain });
  return { tx, recognise, places: approvalsIn(tx.tx, safe) };
}

const last = (places: SafeApproval[]): SafeApproval => {
  const found = places.at(-1);
  if (found === undefined) throw new Error("There is no place.");
  return found;
};

describe.each(versions)("an owner of a Safe %s", (version) => {
  test.each(["directly", "through a child"] as const)("that is a smart account, %s", async (how) => {
    const inner = { version, threshold: 2, owners: ["ada", account] };
    const safe = await nested.plant(how === "directly" ? inner : { version, threshold: 1, owners: ["ben", inner] });
    const { tx, recognise, places } = asked(safe);
    const place = last(places);
    // A child of 1.3.0 asks its own contracts what its parent asked it, and not about its own message.
    const bytes = await smartSignature(version === "1.3.0" ? keccak256(place.data) : place.hash);
    const found = await recognise(bytes, [account]);
    expect(found).toEqual({ recovered: account, via: place.via, contract: true });
    const ada = {
      owner: addressOf("ada"),
      via: place.via,
      contract: false,
      signature: await sign({ hash: place.hash, privateKey: keyOf("ada"), to: "hex" }),
    };
    const given = [ada, { owner: account, via: place.via, contract: true, signature: bytes }];
    expect(await world.chain.checkSignatures(tx.tx, packApprovals(safe, given))).toBe(true);
    expect(await world.chain.checkSignatures(tx.tx, packApprovals(safe, given.slice(1)))).toBe(false);

    // The bytes alone say nothing: over another hash, by another key, or handed in by whom the account is not.
    for (const wrong of [
      await smartSignature(zeroHash),
      await smartSignature(place.hash, keyOf("stranger")),
      "0x1234" as const,
    ])
      expect(await recognise(wrong, [account])).toMatchObject({ code: "signature/contract" });
    expect(await recognise(bytes, [addressOf("ada")])).toMatchObject({ code: "signature/malformed" });
    const refused = await recognise(await smartSignature(zeroHash), [account]);
    expectHouseStyle("sentence" in refused ? refused.sentence : "");
    expect(await recognise(bytes, [])).toMatchObject({ code: "signature/malformed" });
  });
});

test("an account that only newer Safes can ask is refused by an older one, with what to do", async () => {
  const old = await nested.plant({ version: "1.4.1", threshold: 1, owners: [modernOnly] });
  const refused = asked(old);
  expect(await refused.recognise(await smartSignature(last(refused.places).hash), [modernOnly])).toMatchObject({
    code: "signature/contract",
    sentence: expect.stringMatching(
      /did not say yes\. A Safe before 1\.5\.0 asks in the older way .*\. Sign the typed data again with that account's wallet\.$/,
    ),
  });
  const young = await nested.plant({ version: "1.5.0", threshold: 1, owners: [modernOnly] });
  const { recognise, places } = asked(young);
  expect(await recognise(await smartSignature(last(places).hash), [modernOnly])).toMatchObject({ contract: true });
});

test("more than 8 kB, eth_sign and a high s are refused from everybody, a smart account too", async () => {
  const safe = await nested.plant({ version: "1.4.1", threshold: 1, owners: [account] });
  const { tx, recognise } = asked(safe);
  const key = await passkeySignature(safeTxHashes(tx.tx).safeTxHash);
  const withV = (v: number) => concat([key.slice(0, -2) as Hex, numberToHex(v, { size: 1 })]);
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = order - BigInt(`0x${key.slice(66, 130)}`);
  const highS = concat([key.slice(0, 66) as Hex, numberToHex(s, { size: 32 }), key.endsWith("1b") ? "0x1c" : "0x1b"]);
  const cases: [Hex, RegExp][] = [
    [`0x${"ab".repeat(8193)}`, /8192 bytes at most; sign again\.$/],
    ["0x", /is malformed/],
    [withV(31), /made with eth_sign/],
    [highS, /high s/],
  ];
  for (const [bytes, words] of cases)
    expect(await recognise(bytes, [account])).toMatchObject({
      code: "signature/malformed",
      sentence: expect.stringMatching(words),
    });
});
