/** A private copy of a chain at one block, on which anybody can be impersonated and time moved. */

import { gzipSync } from "node:zlib";
import { toHex } from "viem";
import { z } from "zod";
import type { Head } from "../chain-facts.ts";
import type { Foreseen } from "../fork.ts";
import { ChainFault } from "../ports.ts";
import type { Anvil } from "./anvil.ts";
import { endpointFault, inert } from "./fault.ts";
import type { SpareAnvil } from "./fork-anvil.ts";
import { type ForkCache, startForkCache } from "./fork-cache.ts";
import { forkEndpoint } from "./fork-endpoint.ts";
import type { KnownState } from "./fork-foresight.ts";
import type { Endpoint } from "./http-endpoint.ts";
import type { PinnableRpc } from "./pinned-chain.ts";
import { latestHead } from "./reads.ts";
import { createRpc, type Rpc } from "./rpc.ts";

export interface OpenFork {
  rpc: Rpc;
  /** The block it starts from. */
  block: Head;
}

/** Answers of anvil's own methods that carry nothing. */
export const anything = z.unknown();

export interface ForkOptions {
  anvils: SpareAnvil;
  timeoutMs: number;
  /** See {@link ForkCache.foresee}; the fork starts while it is still being found out. */
  foreseen: Promise<Foreseen> | undefined;
}

/**
 * Runs `use` on a fork of the chain's newest block, and ends the fork. Whatever fails on the way is a ChainFault that
 * says the simulation could not run: that is not the same as a simulation that ran and failed.
 */
export async function onFork<T>(
  upstream: PinnableRpc,
  { anvils, timeoutMs, foreseen }: ForkOptions,
  use: (fork: OpenFork) => Promise<T>,
): Promise<T> {
  // Looked at further down, where it is used; a fork that cannot even begin never gets there.
  foreseen?.catch(() => undefined);
  const chain = upstream.pinned();
  const block = await latestHead(chain);
  let anvil: Anvil | undefined;
  let cache: ForkCache | undefined;
  let endpoint: Endpoint | undefined;
  try {
    const source = await startForkCache(chain, block);
    cache = source;
    const foreseeing = foreseen?.then((one) => source.foresee(one));
    // Awaited further down, and looked at there.
    foreseeing?.catch(() => undefined);
    anvil = await anvils.take();
    endpoint = forkEndpoint({ chain: upstream.endpoint.chain, url: new URL(anvil.url) });
    const rpc = createRpc(endpoint, timeoutMs);
    // Told here and not as an argument, the URL stays out of the machine's list of processes.
    const forking = { jsonRpcUrl: cache.url, blockNumber: Number(block.number) };
    await rpc.request("anvil_reset", [{ forking }], anything);
    await rpc.request("anvil_autoImpersonateAccount", [true], anything);
    await expectSameBlock(rpc, upstream, block);
    if (foreseeing !== undefined) await load(rpc, await foreseeing);
    return await use({ rpc, block });
  } catch (error) {
    throw couldNotRun(upstream, cache?.fault() ?? error);
  } finally {
    cache?.close();
    endpoint?.close();
    // Its guard sees to it: nobody has to wait.
    void anvil?.stop();
    anvils.again();
  }
}

/** anvil takes a whole state's form, in which everything but accounts may be left empty. */
async function load(rpc: Rpc, accounts: KnownState): Promise<void> {
  const state = { accounts, block: null, best_block_number: null, blocks: [], transactions: [] };
  await rpc.request("anvil_loadState", [toHex(gzipSync(JSON.stringify(state), { level: 1 }))], z.literal(true));
}

async function expectSameBlock(fork: Rpc, upstream: Rpc, block: Head): Promise<void> {
  const copied = await latestHead(fork);
  if (copied.hash !== block.hash)
    throw endpointFault(
      "rejected",
      upstream.endpoint,
      `replaced block ${block.number} while it was being forked: try again.`,
    );
}

function couldNotRun(upstream: Rpc, error: unknown): ChainFault {
  const { chain, url } = upstream.endpoint;
  const kind = error instanceof ChainFault ? error.kind : "unreachable";
  const words = inert(error instanceof Error ? error.message : String(error), url).replace(/\.$/, "");
  const cause = new Error(words);
  return new ChainFault(kind, `A fork of chain ${chain} (RPC at ${url.host}) could not be simulated on: ${words}.`, {
    cause,
  });
}
