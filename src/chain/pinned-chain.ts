/** All reads of one check: answered at one block of each chain, each question asked once, those of a moment in one message. */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Hex } from "../domain/primitives.ts";
import { ChainFault } from "../ports.ts";
import { latestHead } from "./reads.ts";
import type { Answer, Rpc, RpcCall } from "./rpc.ts";

/** Largest batch in one message: below what common providers and proxies accept. */
const largestBatch = 500;
/** A node that refuses even this few refuses for another reason than their number. */
const smallestBatch = 20;

/** Where methods that read state take their block. */
const places: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_getCode: 1,
  eth_getBalance: 1,
  eth_getTransactionCount: 1,
  eth_createAccessList: 1,
  eth_getStorageAt: 2,
};
/** Besides those: what does not change while a check runs. */
const lasting = ["eth_getBlockByNumber", "eth_getLogs", "eth_chainId", "eth_gasPrice", "net_version"];

/** Sees one block: what is asked through it and through those apart from it is asked once. */
export interface PinnedRpc extends Rpc {
  /** The same, whose questions go in messages of their own: nothing small waits there for something large. */
  apart(): Rpc;
}

/** An RPC whose reads are those of the check that is going on where it is called, if one is. */
export interface PinnableRpc extends Rpc {
  /** What the check sees; outside of checks a fresh look at the newest block. */
  pinned(): PinnedRpc;
}

const views = new AsyncLocalStorage<Map<Rpc, PinnedRpc> | undefined>();

/** See the port in src/fork.ts. A check within a check is a part of it. */
export function atOneBlock<T>(run: () => Promise<T>): Promise<T> {
  return views.getStore() === undefined ? views.run(new Map(), run) : run();
}

/** What is begun during a check, and is no part of it. */
export function outsideOfChecks<T>(run: () => T): T {
  return views.run(undefined, run);
}

export function pinnable(upstream: Rpc): PinnableRpc {
  const view = (): PinnedRpc | undefined => {
    const open = views.getStore();
    if (open === undefined) return undefined;
    const found = open.get(upstream) ?? pinnedRpc(upstream);
    open.set(upstream, found);
    return found;
  };
  const now = () => view() ?? upstream;
  return {
    endpoint: upstream.endpoint,
    request: (method, params, form) => now().request(method, params, form),
    batch: (calls) => now().batch(calls),
    take: upstream.take,
    pinned: () => view() ?? pinnedRpc(upstream),
  };
}

interface Waiting {
  call: RpcCall;
  resolve(answer: Answer): void;
  reject(fault: unknown): void;
}

/**
 * Reads at "latest" are answered at the block that was the newest at the first of them, named by its hash: a
 * reorganisation fails them. A question that failed on its way is asked again the next time; an answer stays.
 */
export function pinnedRpc(upstream: Rpc): PinnedRpc {
  const known = new Map<string, Promise<Answer>>();
  return { ...lane(upstream, known), apart: () => lane(upstream, known) };
}

function lane(upstream: Rpc, known: Map<string, Promise<Answer>>): Rpc {
  let waiting: Waiting[] = [];

  /** Once everything that can be asked now has been. */
  function flush(): void {
    const all = waiting;
    waiting = [];
    for (let from = 0; from < all.length; from += largestBatch) void deliver(all.slice(from, from + largestBatch));
  }

  async function deliver(part: readonly Waiting[]): Promise<void> {
    try {
      const answers = await upstream.batch(part.map((one) => one.call));
      for (const [index, one] of part.entries()) {
        const answer = answers[index];
        if (answer === undefined) one.reject(new Error("a question was not answered"));
        else one.resolve(answer);
      }
    } catch (fault) {
      if (isTooMany(fault) && part.length > smallestBatch) {
        const middle = Math.ceil(part.length / 2);
        await Promise.all([deliver(part.slice(0, middle)), deliver(part.slice(middle))]);
      } else for (const one of part) one.reject(fault);
    }
  }

  function soon(call: RpcCall): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ call, resolve, reject });
    });
  }

  async function ask(call: RpcCall): Promise<Answer> {
    const place = places[call.method];
    const block = place === undefined ? undefined : call.params[place];
    if (block === "pending" || (place === undefined && !lasting.includes(call.method))) return soon(call);
    const exact = block === "latest" ? pinnedTo((await latestHead(view)).hash, call, place ?? 0) : call;
    // Long, and each is put together once: remembering them costs more than it could spare.
    if (call.method === "eth_createAccessList") return soon(exact);
    const key = keyOf(exact);
    const before = known.get(key);
    if (before !== undefined) return before;
    const answer = soon(exact);
    known.set(key, answer);
    answer.catch(() => known.delete(key));
    return answer;
  }

  const view: Rpc = {
    endpoint: upstream.endpoint,
    take: upstream.take,
    batch: (calls) => Promise.all(calls.map(ask)),
    request: async (method, params, form) => upstream.take(await ask({ method, params }), method, form),
  };
  return view;
}

function pinnedTo(blockHash: Hex, { method, params }: RpcCall, place: number): RpcCall {
  return { method, params: params.with(place, { blockHash }) };
}

/** Hexadecimal comes in every spelling, and stands for the same in all of them. */
function keyOf({ method, params }: RpcCall): string {
  return JSON.stringify([method, ...params]).toLowerCase();
}

function isTooMany(fault: unknown): boolean {
  return fault instanceof ChainFault && fault.kind === "rejected" && !/HTTP 4(01|03|29)/.test(fault.message);
}
