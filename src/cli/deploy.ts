/** `quorate deploy preconditions`: puts the Preconditions contract where every package expects it. */

import { setTimeout as pause } from "node:timers/promises";
import { keccak256 } from "viem";
import { isNoCode } from "../ceremonies/build-package.ts";
import { openChains } from "../chain/open.ts";
import {
  deterministicDeployer,
  deterministicDeployerCode,
  preconditionsAddress,
  preconditionsCodeHash,
  preconditionsDeployment,
} from "../chain/preconditions/preconditions.ts";
import { type ChainId, chainId, type Hex } from "../domain/primitives.ts";
import { readEnvironment } from "../env.ts";
import type { Chain } from "../ports.ts";
import { CliFault } from "./fault.ts";

/** How long a transaction may wait to be mined, milliseconds. */
const patience = 120_000;

/** Deploys by CREATE2 with salt 0 (EIP-1014), paid by the gas key; does nothing where it is there already. */
export async function deployPreconditions({ chainId: number }: { chainId: string }): Promise<void> {
  const parsed = chainId.safeParse(`eip155:${number}`);
  if (!parsed.success) throw new CliFault(2, `${number} is not the number of a chain.`);
  const id: ChainId = parsed.data;
  const { rpc, gasKey } = readEnvironment();
  const url = rpc[id];
  if (url === undefined) throw new CliFault(2, `RPC_${number} is not set: it is the URL of the chain's RPC.`);
  if (gasKey === undefined) throw new CliFault(2, "GAS_KEY is not set: the deployment is paid with it.");
  const chains = openChains({ rpc: { [id]: url }, gasKey });
  try {
    process.stdout.write(`${await deployed(chains.get(id))}\n`);
  } finally {
    chains.close();
  }
}

async function deployed(chain: Chain): Promise<string> {
  const where = `${preconditionsAddress} on ${chain.id}, code hash ${preconditionsCodeHash}`;
  if (await isThere(chain)) return `The Preconditions contract is there already: ${where}.`;
  await requireDeployer(chain);
  const { raw, hash } = await chain.signWithGasKey({ to: deterministicDeployer, data: preconditionsDeployment });
  await chain.broadcast(raw);
  await mined(chain, hash);
  if (!(await isThere(chain)))
    throw new CliFault(2, `The deployment ${hash} was mined, and there is still no code at ${preconditionsAddress}.`);
  return `The Preconditions contract is deployed: ${where}, in transaction ${hash}.`;
}

async function isThere(chain: Chain): Promise<boolean> {
  const found = await chain.codeHash(preconditionsAddress);
  if (found === preconditionsCodeHash) return true;
  if (isNoCode(found)) return false;
  throw new CliFault(
    1,
    `The code at ${preconditionsAddress} on ${chain.id} has the hash ${found}, and Preconditions has ${preconditionsCodeHash}: do not use this chain.`,
  );
}

async function requireDeployer(chain: Chain): Promise<void> {
  const found = await chain.codeHash(deterministicDeployer);
  if (found === keccak256(deterministicDeployerCode)) return;
  throw new CliFault(
    1,
    isNoCode(found)
      ? `Chain ${chain.id} has no deterministic deployer at ${deterministicDeployer}: bring it there first as https://github.com/Arachnid/deterministic-deployment-proxy describes, then run this again.`
      : `The code at ${deterministicDeployer} on ${chain.id} is not the deterministic deployer's: do not use this chain.`,
  );
}

async function mined(chain: Chain, hash: Hex): Promise<void> {
  for (const until = performance.now() + patience; performance.now() < until; await pause(250)) {
    const receipt = await chain.receipt(hash);
    if (receipt?.success === true) return;
    if (receipt !== undefined) throw new CliFault(2, `The deployment ${hash} was mined and failed.`);
  }
  throw new CliFault(2, `The deployment ${hash} is sent and not mined yet: run this again later to see it.`);
}
