/**
 * Where a fork gets its state from: the chain at one block. anvil asks for one account or slot after another and waits for
 * each; here each is asked of the chain once, those of a moment in one message, and what is foreseen before anvil asks.
 * Nothing is made up: what is not known yet is asked.
 */

import { numberToHex } from "viem";
import { z } from "zod";
import type { Head } from "../chain-facts.ts";
import { chainNumber } from "../domain/primitives.ts";
import type { Foreseen } from "../fork.ts";
import { addedState, foreseenPlaces, type KnownState, rememberedState } from "./fork-foresight.ts";
import type { ForkPlaces, Touched } from "./fork-places.ts";
import type { ForkServer } from "./fork-server.ts";
import type { ForkQuestion, ForkReply } from "./fork-server-thread.ts";
import type { PinnedRpc } from "./pinned-chain.ts";
import { type Answer, hexAddress, hexWord, type Rpc, type RpcCall } from "./rpc.ts";

export interface ForkCache {
  /** See {@link import("./fork-server.ts").ServedFork}. */
  readonly url: string;
  /** What forks before this one read, as it is now. Neither this nor the next fails: what is not known is asked for later. */
  remembered(): Promise<KnownState>;
  /** What will be read besides, as far as the chain can tell. */
  foresee(foreseen: Foreseen): Promise<KnownState>;
  /** Why the chain did not give something that was asked for. */
  fault(): unknown;
  close(): void;
}

/** What anvil may ask the chain, with the place of the block for those that read state. */
const stateMethods: Readonly<Record<string, number>> = {
  eth_getCode: 1,
  eth_getBalance: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
};
/** All of an account in one question. */
const accountParts: Readonly<Record<string, readonly string[]>> = {
  eth_getAccountInfo: ["eth_getBalance", "eth_getTransactionCount", "eth_getCode"],
};
const otherMethods = ["eth_getBlockByNumber", "eth_getBlockByHash"];

const ownBlock = z.object({ hash: hexWord });

export interface ForkSources {
  chain: PinnedRpc;
  places: ForkPlaces;
  server: ForkServer;
}

export async function startForkCache({ chain, places, server }: ForkSources, block: Head): Promise<ForkCache> {
  const rpc = chain.apart();
  const pin = { blockHash: block.hash };
  const known = places.now();
  const missed: Touched[] = [];
  let fault: unknown;

  async function answer({ method, params }: ForkQuestion): Promise<ForkReply> {
    const calls = (accountParts[method] ?? [method]).map((part) => asked({ method: part, params }, block));
    if (!calls.every((call) => call !== undefined))
      return { error: { code: -32601, message: `a fork does not need ${method} of its chain` } };
    try {
      missed.push(...calls.flatMap(placeOf));
      const answers = await rpc.batch(calls);
      const refused = answers.find((one) => !one.ok);
      if (refused === undefined) {
        const [first, nonce, code] = answers.map((one) => (one.ok ? one.result : undefined));
        return { result: method in accountParts ? { balance: first, nonce, code } : first };
      }
      fault ??= rpcFault(rpc, refused, method);
      return { error: { code: refused.error.code, message: refused.error.message } };
    } catch (error) {
      fault ??= error;
      return { error: { code: -32603, message: "the chain could not be asked" } };
    }
  }

  const served = await server.serve(numberToHex(block.number), settledFor(rpc, block), answer);
  // Before anvil is there to ask: it wants its block in both forms, and waits for each. The newest was read to know it.
  const told = async (rpcOfIt: Rpc, name: string, whole: boolean) => {
    const [found] = await rpcOfIt.batch([{ method: "eth_getBlockByNumber", params: [name, whole] }]);
    if (found?.ok && ownBlock.safeParse(found.result).data?.hash === block.hash) served.learnBlock(whole, found.result);
  };
  // Where it fails, anvil asks.
  told(chain, "latest", false).catch(() => undefined);
  told(chain.apart(), numberToHex(block.number), true).catch(() => undefined);
  const learned = (state: Promise<KnownState>) =>
    state.then(
      (found) => {
        served.learn(found);
        return found;
      },
      // Only time is lost: anvil asks for it when it needs it, and hears why it cannot have it.
      () => ({}),
    );
  const foreseen = async (all: Foreseen) => {
    const { touched, questions } = await foreseenPlaces(rpc, all, known, pin);
    places.learn(touched, questions);
    return addedState(rpc, touched, known, pin);
  };

  return {
    url: served.url,
    fault: () => fault,
    remembered: () => learned(rememberedState(rpc, known, pin)),
    foresee: (all) => learned(foreseen(all)),
    close() {
      places.learn(missed);
      served.close();
    },
  };
}

/** What needs no question. */
const settledFor = (rpc: Rpc, block: Head): Record<string, unknown> => ({
  eth_chainId: numberToHex(chainNumber(rpc.endpoint.chain)),
  net_version: String(chainNumber(rpc.endpoint.chain)),
  eth_blockNumber: numberToHex(block.number),
  // What is sent on a fork pays nothing.
  eth_gasPrice: "0x0",
  eth_maxPriorityFeePerGas: "0x0",
  // anvil asks about what it has not mined yet as if the chain could know: transactions of a fork are the fork's own.
  eth_getTransactionReceipt: null,
  eth_getTransactionByHash: null,
});

function placeOf({ method, params: [account, slot] }: RpcCall): Touched[] {
  const address = hexAddress.safeParse(account).data;
  if (address === undefined || stateMethods[method] === undefined) return [];
  const word = method === "eth_getStorageAt" ? hexWord.safeParse(slot).data : undefined;
  return [{ address, slots: word === undefined ? [] : [word] }];
}

/** As the chain is asked: state at the fork's block by its hash, slots in full length. Undefined: not to be passed on. */
function asked({ method, params }: RpcCall, block: Head): RpcCall | undefined {
  const place = stateMethods[method];
  if (place === undefined) return otherMethods.includes(method) ? { method, params } : undefined;
  const slot = params[1];
  const full =
    method === "eth_getStorageAt" && typeof slot === "string" && /^0x[0-9a-fA-F]{1,64}$/.test(slot)
      ? params.with(1, `0x${slot.slice(2).padStart(64, "0")}`)
      : params;
  const isOurs = params[place] === numberToHex(block.number);
  return { method, params: isOurs ? full.with(place, { blockHash: block.hash }) : full };
}

function rpcFault(rpc: Rpc, found: Answer, method: string): unknown {
  try {
    rpc.take(found, method, z.never());
    return undefined;
  } catch (error) {
    return error;
  }
}
