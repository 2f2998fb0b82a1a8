/** The embedded council with a Safe among its owners: Caro, Dev and Finn sign through it, and no longer themselves. */

import { type Address, encodeFunctionData, getContractAddress, type Hex, parseAbi } from "viem";
import { embeddedPeople, keylessAccount } from "../../src/embedded/people.ts";
import { emptyPlan } from "../../src/embedded/plan.ts";
import { createSafe } from "../../src/embedded/safes.ts";
import type { World } from "../../src/embedded/world.ts";

const abi = parseAbi([
  "function swapOwner(address prevOwner, address oldOwner, address newOwner)",
  "function removeOwner(address prevOwner, address owner, uint256 threshold)",
]);
const { ben, caro, dev, finn } = embeddedPeople;

type Place = Pick<World, "node" | "safeContracts" | "safeVersion" | "councilSafe">;

/** Council: two of Ada, Ben and the child Safe; child: two of Caro, Dev and Finn. The child's address comes back. */
export async function nestCouncil(world: Place): Promise<Address> {
  const plan = emptyPlan(keylessAccount("founder of a child Safe"));
  const child = createSafe(plan, world.safeContracts, {
    version: world.safeVersion,
    owners: [caro, dev, finn].map((one) => one.address),
    threshold: 2,
    saltNonce: 1n,
  });
  for (const { from, to, data } of plan.transactions) await sendAs(world, from, to, data);
  await asSafe(world, world.councilSafe, "swapOwner", [ben.address, caro.address, child]);
  await asSafe(world, world.councilSafe, "removeOwner", [child, dev.address, 2n]);
  await asSafe(world, world.councilSafe, "removeOwner", [child, finn.address, 2n]);
  return child;
}

/** The child loses its owner Dev, by its own transaction. */
export async function dismissDev(world: Place, child: Address): Promise<void> {
  await asSafe(world, child, "removeOwner", [caro.address, dev.address, 2n]);
}

async function asSafe(
  world: Place,
  safe: Address,
  functionName: "swapOwner" | "removeOwner",
  args: readonly unknown[],
): Promise<void> {
  await sendAs(
    world,
    safe,
    safe,
    encodeFunctionData({ abi, functionName, args } as Parameters<typeof encodeFunctionData>[0]),
  );
}

async function sendAs({ node }: Place, from: Address, to: Address | undefined, data: Hex): Promise<void> {
  await node.request("anvil_impersonateAccount", from);
  await node.request("anvil_setBalance", from, "0x56bc75e2d63100000");
  const hash = await node.request("eth_sendTransaction", { from, to, data, gas: "0x4c4b40" });
  await node.request("evm_mine");
  const receipt = (await node.request("eth_getTransactionReceipt", hash)) as { status?: string } | null;
  if (receipt?.status !== "0x1") throw new Error("a transaction of the test's own set-up reverted");
}

/** A contract in place of Ben as a direct owner of the council Safe; its address comes back. */
export async function replaceBen(world: Place, code: Hex): Promise<Address> {
  const from = keylessAccount("founder of a smart account");
  await sendAs(world, from, undefined, code);
  const account = getContractAddress({ from, nonce: 0n });
  await asSafe(world, world.councilSafe, "swapOwner", [embeddedPeople.ada.address, ben.address, account]);
  return account;
}
