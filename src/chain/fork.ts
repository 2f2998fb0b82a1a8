/** A private copy of a chain at one block, on which anybody can be impersonated and time moved. */

import { z } from "zod";
import type { Head } from "../chain-facts.ts";
import type { Foreseen } from "../fork.ts";
import { ChainFault } from "../ports.ts";
import { endpointFault, inert } from "./fault.ts";
import type { ReadyAnvil, SpareAnvil } from "./fork-anvil.ts";
import { type ForkCache, startForkCache } from "./fork-cache.ts";
import type { KnownState } from "./fork-foresight.ts";
import type { ForkPlaces } from "./fork-places.ts";
import type { ForkServer } from "./fork-server.ts";
import type { PinnableRpc } from "./pinned-chain.ts";
import { latestHead } from "./reads.ts";
import { hexWord, type Rpc } from "./rpc.ts";

export interface OpenFork {
  rpc: Rpc;
  /** The block it starts from. */
  block: Head;
}

/** Answers of anvil's own methods that carry nothing. */
export const anything = z.unknown();

export interface ForkOptions {
  anvils: SpareAnvil;
  places: ForkPlaces;
  server: ForkServer;
  /** See {@link ForkCache.foresee}; the fork starts while it is still being found out. */
  foreseen: Promise<Foreseen> | undefined;
}

/**
 * Runs `use` on a fork of the chain's newest block, and ends the fork. Whatever fails on the way is a ChainFault that
 * says the simulation could not run: that is not the same as a simulation that ran and failed.
 */
export async function onFork<T>(
  upstream: PinnableRpc,
  { anvils, places, server, foreseen }: ForkOptions,
  use: (fork: OpenFork) => Promise<T>,
): Promise<T> {
  // Looked at further down, where it is used; a fork that cannot even begin never gets there.
  foreseen?.catch(() => undefined);
  const chain = upstream.pinned();
  const block = await latestHead(chain);
  let anvil: ReadyAnvil | undefined;
  let cache: ForkCache | undefined;
  try {
    const source = await startForkCache({ chain, places, server }, block);
    cache = source;
    const remembered = source.remembered();
    const foreseeing = foreseen?.then((one) => source.foresee(one));
    // Awaited further down, and looked at there.
    foreseeing?.catch(() => undefined);
    anvil = await anvils.take();
    const { rpc } = anvil;
    await begin(rpc, { jsonRpcUrl: source.url, blockNumber: Number(block.number) }, upstream, block);
    await load(rpc, await remembered);
    if (foreseeing !== undefined) await load(rpc, await foreseeing);
    return await use({ rpc, block });
  } catch (error) {
    throw couldNotRun(upstream, cache?.fault() ?? error);
  } finally {
    cache?.close();
    // Its guard sees to it: nobody has to wait.
    void anvil?.stop();
    anvils.again();
  }
}

/** anvil takes a whole state's form, in which everything but accounts may be left empty. */
async function load(rpc: Rpc, accounts: KnownState): Promise<void> {
  if (Object.keys(accounts).length === 0) return;
  const state = { accounts, block: null, best_block_number: null, blocks: [], transactions: [] };
  const text = Buffer.from(JSON.stringify(state)).toString("hex");
  await rpc.request("anvil_loadState", [`0x${text}`], z.literal(true));
}

/** Told here and not as an argument, the URL stays out of the machine's list of processes. */
async function begin(rpc: Rpc, forking: object, upstream: Rpc, block: Head): Promise<void> {
  await rpc.request("anvil_reset", [{ forking }], anything);
  const [impersonating, newest] = await rpc.batch([
    { method: "anvil_autoImpersonateAccount", params: [true] },
    { method: "eth_getBlockByNumber", params: ["latest", false] },
  ]);
  rpc.take(impersonating ?? unanswered, "anvil_autoImpersonateAccount", anything);
  const { hash } = rpc.take(newest ?? unanswered, "eth_getBlockByNumber", z.object({ hash: hexWord }));
  if (hash !== block.hash)
    throw endpointFault(
      "rejected",
      upstream.endpoint,
      `replaced block ${block.number} while it was being forked: try again.`,
    );
}

const unanswered = { ok: true, result: undefined } as const;

function couldNotRun(upstream: Rpc, error: unknown): ChainFault {
  const { chain, url } = upstream.endpoint;
  const kind = error instanceof ChainFault ? error.kind : "unreachable";
  const words = inert(error instanceof Error ? error.message : String(error), url).replace(/\.$/, "");
  const cause = new Error(words);
  return new ChainFault(kind, `A fork of chain ${chain} (RPC at ${url.host}) could not be simulated on: ${words}.`, {
    cause,
  });
}
