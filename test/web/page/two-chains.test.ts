/** A release on two chains: a wallet is on one at a time, and each chain is compared and signed while it is there. */

import { decodeFunctionData, encodeFunctionResult, keccak256, pad, parseAbi, stringToHex, zeroHash } from "viem";
import { expect, test } from "vitest";
import { preconditionsAddress } from "../../../src/chain/preconditions/preconditions.ts";
import { toJson } from "../../../src/domain/canonical.ts";
import { preconditionsCodeHash } from "../../../src/domain/preconditions.ts";
import { type Address, type ChainId, chainNumber, type Hex } from "../../../src/domain/primitives.ts";
import { proxyChanges, type ReleasePackage } from "../../../src/domain/release-package.ts";
import { callTx } from "../../../src/domain/safe-signatures.ts";
import { safeTxHashes } from "../../../src/domain/safe-tx.ts";
import { embeddedPeople } from "../../../src/embedded/people.ts";
import type { SigningBrief } from "../../../src/web/brief.ts";
import { readBrief } from "../../../src/web/page/release.ts";
import { samplePolicy, twoChainPackage } from "../../support/sample-council.ts";
import type { WalletRequest } from "./test-wallet.ts";
import { visits } from "./visits.ts";

const { at, visitAs } = visits();
const pkg = twoChainPackage(samplePolicy());
const chains = [...new Set(pkg.legs.map((leg) => leg.chain))];

function briefOf(release: ReleasePackage): SigningBrief {
  const safes = chains.flatMap((chain) =>
    [release.legs, release.containment].flatMap((list) => {
      const one = list.find((entry) => entry.chain === chain);
      const address = one === undefined ? undefined : "authority" in one ? one.authority.safe : one.safe;
      return address === undefined ? [] : [{ chain, address, version: "1.4.1", nonce: "7", nested: [] }];
    }),
  );
  const told: SigningBrief = {
    schema: "quorate/signing/1",
    ceremony: "UP-2",
    revision: 1,
    package: toJson(release),
    auditHead: zeroHash,
    evidenceHash: zeroHash,
    authorityPolicyHash: release.authorityPolicyHash,
    safes,
    digest: zeroHash,
    stated: { findings: [], overrides: [] },
    asked: release.legs.map((leg) => `${leg.id}/upgrade`),
    person: { id: "ben", name: "Ben", wallets: [embeddedPeople.ben.address] },
  };
  return { ...told, digest: readBrief(told).release?.digest ?? zeroHash };
}

const abi = parseAbi([
  "function VERSION() view returns (string)",
  "function nonce() view returns (uint256)",
  "function getThreshold() view returns (uint256)",
  "function getOwners() view returns (address[])",
  "function getMinDelay() view returns (uint256)",
  "function getTransactionHash(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, uint256 nonce) view returns (bytes32)",
]);

/** A chain on which everything is as the package says; `preconditions` is the guard contract's real code. */
function chainAsPackaged(chain: ChainId, { method, params }: WalletRequest, preconditions: Hex): unknown {
  const legs = pkg.legs.filter((leg) => leg.chain === chain);
  if (method === "eth_getStorageAt") {
    const change = legs.flatMap(proxyChanges).find((one) => one.proxy === params[0]);
    return change !== undefined && String(params[1]).startsWith("0x3608") ? pad(change.fromImplementation) : zeroHash;
  }
  if (method === "eth_getCode") {
    if (legs.some((leg) => leg.preconditionsAt === params[0])) return preconditions;
    const hash = legs
      .flatMap(proxyChanges)
      .flatMap((one) => [
        [one.toImplementation, one.toCodeHash],
        [one.fromImplementation, one.fromCodeHash],
      ])
      .find(([address]) => address === params[0])?.[1];
    const texts = legs.flatMap(({ id }) => [1, 2].map((version) => stringToHex(`code of ${id} version ${version}`)));
    return texts.find((text) => keccak256(text) === hash) ?? "0x";
  }
  if (method !== "eth_call") return undefined;
  const { to, data } = params[0] as { to: Address; data: Hex };
  const asked = decodeFunctionData({ abi, data });
  switch (asked.functionName) {
    case "getTransactionHash": {
      const tx = callTx({
        chain,
        safe: to,
        safeVersion: "1.4.1",
        nonce: asked.args[9],
        to: asked.args[0],
        data: asked.args[2],
      });
      return encodeFunctionResult({ abi, functionName: "getTransactionHash", result: safeTxHashes(tx).safeTxHash });
    }
    case "getOwners":
      return encodeFunctionResult({ abi, functionName: "getOwners", result: [embeddedPeople.ben.address] });
    case "VERSION":
      return encodeFunctionResult({ abi, functionName: "VERSION", result: "1.4.1" });
    default:
      return encodeFunctionResult({
        abi,
        functionName: "nonce",
        result: { nonce: 7n, getThreshold: 1n, getMinDelay: 0n }[asked.functionName],
      });
  }
}

test("each chain's transactions are signed while the wallet is there, and the other's wait for the switch", async () => {
  const { node } = at.stage.council.world;
  const preconditions = (await node.request("eth_getCode", preconditionsAddress, "latest")) as Hex;
  expect(keccak256(preconditions)).toBe(preconditionsCodeHash);
  const brief = briefOf(pkg);
  at.stage.server.brief = () => ({ status: 200, body: brief });
  at.stage.server.signature = () => ({ status: 200, body: { taken: true } });
  const numbers = chains.map((chain) => Number(chainNumber(chain)));
  const visit = await visitAs("ben", {
    before: async (_page, wallet) => {
      wallet.chainId = numbers[0] ?? 0;
      wallet.instead = (request) => {
        const result = chainAsPackaged(`eip155:${wallet.chainId}`, request, preconditions);
        return result === undefined ? undefined : { result };
      };
    },
  });
  const { page } = visit;
  await page.getByRole("button", { name: "Connect Test wallet" }).click();
  await page.getByText(/All \d+ comparisons agree\./).waitFor();
  const order = readBrief(brief).release?.items.map((item) => item.transaction.tx.chain) ?? [];
  expect(new Set(order).size).toBe(2);
  for (const [index, chain] of order.entries()) {
    const item = page.locator(".item").nth(index);
    if (Number(chainNumber(chain)) !== visit.wallet.chainId) {
      expect(await item.getByRole("button", { name: `Sign ${index + 1}` }).isEnabled()).toBe(false);
      await item.getByRole("button", { name: `Switch the wallet to chain ${chainNumber(chain)}` }).click();
      await page.getByText(/All \d+ comparisons agree\./).waitFor();
    }
    await item.getByRole("button", { name: `Sign ${index + 1}` }).click();
    await item.getByText("Signed and handed in.").waitFor();
  }
  const signed = visit.wallet.signRequests().map(({ params }) => JSON.parse(String(params[1])).domain.chainId);
  expect(signed).toEqual(order.map((chain) => Number(chainNumber(chain))));
});
