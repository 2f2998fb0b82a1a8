/** Reads the world's invariants, as a watcher would: plain calls at the newest block. */

import { type Address, decodeFunctionResult, encodeFunctionData, type Hex, parseAbi } from "viem";
import type { World } from "../../src/embedded/world.ts";

const abi = parseAbi([
  "function vaultSolvency(address) view returns (uint256)",
  "function poolSolvency(address) view returns (uint256)",
  "function sharePrice(address) view returns (uint256)",
  "function priceAge(address) view returns (uint256)",
  "function vaultRoom(address) view returns (int256)",
  "function poolRoom(address) view returns (int256)",
  "function owner() view returns (address)",
  "function paused() view returns (bool)",
  "function version() view returns (string)",
]);

type Name = (typeof abi)[number]["name"];

/** One call; `about` goes to the gauges as their argument, or is asked itself. */
export async function read(world: World, functionName: Name, about: Address): Promise<unknown> {
  const own = functionName === "owner" || functionName === "paused" || functionName === "version";
  const data = own
    ? encodeFunctionData({ abi, functionName })
    : encodeFunctionData({ abi, functionName, args: [about] });
  const answer = await world.node.request("eth_call", { to: own ? about : world.gauges, data }, "latest");
  return decodeFunctionResult({ abi, functionName, data: answer as Hex });
}

export async function measure(world: World) {
  const number = async (name: Name, about: Address) => (await read(world, name, about)) as bigint;
  return {
    vaultSolvency: await number("vaultSolvency", world.vault),
    pilotSolvency: await number("poolSolvency", world.pilotPool),
    mainSolvency: await number("poolSolvency", world.mainPool),
    sharePrice: await number("sharePrice", world.vault),
    priceAge: await number("priceAge", world.priceFeed),
    vaultRoom: await number("vaultRoom", world.vault),
    pilotRoom: await number("poolRoom", world.pilotPool),
    vaultOwner: (await read(world, "owner", world.vault)) as Address,
    vaultPaused: (await read(world, "paused", world.vault)) as boolean,
  };
}
export type Measures = Awaited<ReturnType<typeof measure>>;

/** Which invariants the newest block violates; `before` is what was measured before the upgrade. */
export function violations(now: Measures, before: Measures, timelock: Address): string[] {
  const rules: [string, boolean][] = [
    ["vault solvent", now.vaultSolvency >= 10_000n],
    ["pilot pool solvent", now.pilotSolvency >= 10_000n],
    ["main pool solvent", now.mainSolvency >= 10_000n],
    ["share price does not fall", now.sharePrice >= before.sharePrice],
    ["price fresh", now.priceAge <= 60n],
    ["vault cap respected", now.vaultRoom >= 0n],
    ["pilot cap respected", now.pilotRoom >= 0n],
    ["vault owned by the timelock", now.vaultOwner === timelock],
    ["vault not paused", !now.vaultPaused],
  ];
  return rules.filter(([, holds]) => !holds).map(([rule]) => rule);
}
