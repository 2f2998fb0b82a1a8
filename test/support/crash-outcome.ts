/** What a ceremony left behind, in the log, in the chat and on the chain, in a form in which two runs can be compared. */

import type { WorldAddresses } from "../../src/embedded/world.ts";
import { verifyStore } from "../../src/store/audit.ts";
import { type OpenedStore, openStoreToRead, type StoreLocation } from "../../src/store/open-store.ts";
import type { Card } from "../../src/view.ts";

type Contracts = Pick<
  WorldAddresses,
  "councilSafe" | "guardianSafe" | "timelock" | "pilotBeacon" | "vault" | "priceFeed"
>;

export interface LogOutcome {
  /** Types with what tells one from another: "signed pilot/upgrade by ben". Refusals are apart. */
  events: string[];
  refusals: string[];
  /** Kinds of finished outbox entries, sorted. */
  worked: string[];
  open: number;
  faults: unknown[];
  /** Metric and block of every sample. */
  samples: string[];
}

type Data = Record<string, unknown> & { by?: { person: string }; code?: string };

/** Read beside, as an auditor would. */
export async function logOutcome(place: StoreLocation): Promise<LogOutcome> {
  const store = await openStoreToRead(place);
  try {
    return await outcomeOf(store);
  } finally {
    await store.close();
  }
}

async function outcomeOf(store: OpenedStore): Promise<LogOutcome> {
  const streams = await store.streams();
  const all = (await Promise.all(streams.map(({ stream }) => store.read(stream)))).flat();
  const named = all.map(({ type, data }) => {
    const { by, tx, leg, purpose, phase, hash, code } = data as Data;
    const parts = [tx, leg, purpose, phase, code].filter((one) => one !== undefined);
    // Which transaction it was is evidence too: the zero hash says that nobody knows.
    const known = typeof hash === "string" && /^0x0+$/.test(hash) ? "in an unknown transaction" : "";
    return [type, ...parts, by === undefined ? "" : `by ${by.person}`, known].filter((one) => one !== "").join(" ");
  });
  const done = (await Promise.all(streams.map(({ stream }) => store.done(stream)))).flat();
  const samples = (
    await Promise.all(streams.map(({ stream }) => store.samples(stream.slice("ceremony/".length))))
  ).flat();
  return {
    events: named.filter((one) => !one.startsWith("refused")),
    refusals: named.filter((one) => one.startsWith("refused")),
    worked: done.map((one) => one.kind).sort(),
    open: await store.open(),
    faults: (await verifyStore(store)).faults,
    samples: samples.map((one) => `${one.metric} in block ${one.blockNumber}`).sort(),
  };
}

/** The last state of every card, by key. */
export function lastCards(cards: readonly Card[]): Map<string, Card> {
  const last = new Map<string, Card>();
  for (const card of cards) if (card.revision >= (last.get(card.key)?.revision ?? 0)) last.set(card.key, card);
  return last;
}

/** Asks the node itself, without any code of Quorate. */
export async function rawRpc(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}

/** EIP-1967: keccak256("eip1967.proxy.implementation") - 1. */
const implementationSlot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";

export interface ChainOutcome {
  /** Implementation of pilot pool (its beacon's), vault and price feed. */
  implementations: string[];
  councilNonce: bigint;
  guardianNonce: bigint;
  /** Transactions sent by these accounts. */
  sent: bigint[];
  /** Every event of timelock and Safes, in order: address and first topic. */
  events: string[];
}

const word = (hex: unknown) => `0x${String(hex).slice(-40)}`;

export async function chainOutcome(url: string, at: Contracts, senders: readonly string[]): Promise<ChainOutcome> {
  const call = (to: string, data: string) => rawRpc(url, "eth_call", { to, data }, "latest");
  const slot = (of: string) => rawRpc(url, "eth_getStorageAt", of, implementationSlot, "latest");
  const implementation = "0x5c60da1b"; // implementation()
  const nonce = "0xaffed0e0"; // nonce()
  const logs = (await rawRpc(url, "eth_getLogs", {
    fromBlock: "0x0",
    toBlock: "latest",
    address: [at.councilSafe, at.guardianSafe, at.timelock],
  })) as { address: string; topics: string[] }[];
  return {
    implementations: [
      word(await call(at.pilotBeacon, implementation)),
      word(await slot(at.vault)),
      word(await slot(at.priceFeed)),
    ],
    councilNonce: BigInt(String(await call(at.councilSafe, nonce))),
    guardianNonce: BigInt(String(await call(at.guardianSafe, nonce))),
    sent: await Promise.all(
      senders.map(async (one) => BigInt(String(await rawRpc(url, "eth_getTransactionCount", one, "latest")))),
    ),
    events: logs.map((one) => `${one.address} ${one.topics[0]}`),
  };
}
