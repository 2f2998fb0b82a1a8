/** A private copy of a chain at one block, on which anybody can be impersonated and time moved. */

import { z } from "zod";
import type { Head } from "../chain-facts.ts";
import type { Foreseen } from "../fork.ts";
import { ChainFault } from "../ports.ts";
import { endpointFault, inert } from "./fault.ts";
import type { SpareAnvil } from "./fork-anvil.ts";
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

/** A fork on which nothing has run yet, with what forks before it read. */
export interface BegunFork {
  block: Head;
  cache: ForkCache;
  close(): void;
}

export interface ForkSources {
  places: ForkPlaces;
  server: ForkServer;
}

export interface ForkOptions extends ForkSources {
  anvils: SpareAnvil<BegunFork>;
  /** See {@link ForkCache.foresee}; the fork starts while it is still being found out. */
  foreseen: Promise<Foreseen> | undefined;
}

/** On an anvil, whatever was on it before, of the newest block. `foreseen` is loaded too, where it is told. */
export async function beginFork(
  upstream: PinnableRpc,
  { places, server }: ForkSources,
  rpc: Promise<Rpc>,
  foreseen?: Promise<Foreseen>,
): Promise<BegunFork> {
  const chain = upstream.pinned();
  const block = await latestHead(chain);
  const cache = await startForkCache({ chain, places, server }, block);
  try {
    const remembered = cache.remembered();
    const foreseeing = foreseen?.then((one) => cache.foresee(one));
    // Awaited further down, and looked at there.
    foreseeing?.catch(() => undefined);
    const fork = await rpc;
    await begin(fork, { jsonRpcUrl: cache.url, blockNumber: Number(block.number) }, upstream, block);
    await load(fork, await remembered);
    if (foreseeing !== undefined) await load(fork, await foreseeing);
    return { block, cache, close: () => cache.close() };
  } catch (error) {
    cache.close();
    throw cache.fault() ?? error;
  }
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
  const { hash } = await latestHead(upstream.pinned());
  const { anvil, begun: beginning } = anvils.take();
  let fork: BegunFork | undefined;
  try {
    const begun = await beginning;
    const rpc = anvil.then((one) => one.rpc);
    // Where the fork cannot even be begun nobody waits for it any more.
    rpc.catch(() => undefined);
    if (begun?.block.hash === hash) {
      fork = begun;
      // It is not held up: what it comes to before this is known, it asks for.
      learn(fork, foreseen);
    } else {
      begun?.close();
      fork = await beginFork(upstream, { places, server }, rpc, foreseen);
    }
    return await use({ rpc: await rpc, block: fork.block });
  } catch (error) {
    throw couldNotRun(upstream, fork?.cache.fault() ?? error);
  } finally {
    fork?.close();
    // Its guard sees to it: nobody has to wait.
    anvil.then(
      (one) => void one.stop(),
      () => undefined,
    );
    anvils.again();
  }
}

/** Only time is lost where it fails, and whoever foresaw it hears why it could not. */
function learn({ cache }: BegunFork, foreseen: Promise<Foreseen> | undefined): void {
  foreseen?.then(
    (one) => void cache.foresee(one),
    () => undefined,
  );
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
