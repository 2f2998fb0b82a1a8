/** Makes the {@link Chains} of the program out of RPC URLs and the gas key. */

import { privateKeyToAccount } from "viem/accounts";
import type { ChainId, Hex } from "../domain/primitives.ts";
import { type Chain, ChainFault, type Chains } from "../ports.ts";
import { blockReads } from "./blocks.ts";
import { codeReads } from "./code.ts";
import { signAsDelegate } from "./delegate.ts";
import { evaluator } from "./evaluate.ts";
import { beginFork, onFork } from "./fork.ts";
import { spareAnvil } from "./fork-anvil.ts";
import { forkPlaces } from "./fork-places.ts";
import { forkServer } from "./fork-server.ts";
import { forkSession } from "./fork-session.ts";
import { broadcastRaw, findReceipt, type GasAccount, signCall } from "./gas.ts";
import type { HeadListener } from "./heads.ts";
import { type Endpoint, httpEndpoint } from "./http-endpoint.ts";
import { nestedSafes } from "./nested-safes.ts";
import { atOneBlock, outsideOfChecks, pinnable } from "./pinned-chain.ts";
import { powerReads } from "./power.ts";
import { proxyFacts } from "./proxies.ts";
import { headsAlone, headsBeside } from "./pushed-heads.ts";
import { raisedFee, replacement } from "./raised-fee.ts";
import {
  balanceOf,
  blockByNumber,
  callRead,
  latestHead,
  pendingNonce,
  read,
  readCodeHash,
  readMany,
  readWord,
  storageRead,
} from "./reads.ts";
import { createRpc, type Rpc } from "./rpc.ts";
import { safeAccepts, safeAcceptsContract, safeFacts } from "./safe.ts";
import { sharedHeads } from "./shared-heads.ts";
import { openSource } from "./sources.ts";
import { executionReceipt, operationState, timelockFacts } from "./timelock.ts";
import { tryOuts } from "./try-out.ts";
import { warmSigning } from "./warm-gas.ts";
import { type WsEndpoint, wsEndpoint } from "./ws-endpoint.ts";

export interface ChainsConfig {
  /**
   * One URL a chain, or several between spaces or commas: http, https, ws or wss. Keys in them never reach a message. The
   * first answers everything, with a WebSocket at the same host pushing its heads; the others are asked what the first
   * must not decide alone (gates/sources.ts).
   */
  rpc: Partial<Record<ChainId, string>>;
  /** Private key that pays gas. It must hold no authority: trust rule 1. */
  gasKey: Hex;
  /** Milliseconds after which a request has failed, retries included; 10 seconds by default. */
  timeoutMs?: number;
  /** Milliseconds for a whole simulation to start its fork; 30 seconds by default. */
  forkTimeoutMs?: number;
  /** Chains whose http URL also takes WebSockets at the same place, as anvil does: their heads are pushed. */
  ws?: readonly ChainId[];
  /** A fork is kept begun on the newest block for whoever needs the next one within a minute. */
  forksAhead?: boolean;
  /** Chains where catalogues of metrics are looked for as contracts before they are sent with every block. */
  deployedCatalogues?: readonly ChainId[];
  /** Told of every message to a chain's RPC. */
  sent?(chain: ChainId): void;
  /** Milliseconds between two questions for the newest block, where heads are not pushed; 1 second by default. */
  pollMs?: number;
}

/** The chains, and the end of their connections. */
export interface OpenChains extends Chains {
  close(): void;
}

/** Connects to nothing yet: a chain that is down shows at its first use. Throws a sentence where a URL or the key is none. */
export function openChains(config: ChainsConfig): OpenChains {
  const gas = gasAccount(config.gasKey);
  const opened = new Map<ChainId, { chain: Chain; close(): void }>();
  for (const [id, url] of Object.entries(config.rpc) as [ChainId, string][])
    opened.set(id, openChain(id, rpcUrls(id, url), gas, config));
  return {
    ids: [...opened.keys()],
    get(id) {
      const found = opened.get(id);
      if (found) return found.chain;
      throw new ChainFault("unreachable", `There is no RPC for chain ${id}: set RPC_${id.slice("eip155:".length)}.`);
    },
    close() {
      for (const { close } of opened.values()) close();
    },
  };
}

function gasAccount(key: Hex): GasAccount {
  try {
    return privateKeyToAccount(key);
  } catch {
    // Without the cause: it may quote the key.
    throw new Error("The gas key is not a private key: it is 0x and 64 hexadecimal digits.");
  }
}

/** Where a chain is read. */
interface RpcUrls {
  /** Answers everything: http where the same host has both. */
  first: URL;
  /** The WebSocket at the host of the first. */
  push: URL | undefined;
  others: URL[];
}

/** A comma inside a URL stays in it: only one before a space or the next URL separates. The first of each host counts. */
function rpcUrls(id: ChainId, text: string): RpcUrls {
  const parts = text.split(/\s+|,(?=\s|$|\w+:\/\/)/).filter((part) => part !== "");
  const urls = parts.flatMap((part) => (URL.canParse(part) ? [new URL(part)] : []));
  const [first, ...others] = urls.filter((url) => /^(https?|wss?):$/.test(url.protocol));
  if (first === undefined || others.length + 1 < parts.length)
    throw new ChainFault("unreachable", `The RPC of chain ${id} is not an http, https, ws or wss URL.`);
  const isPush = ({ protocol }: URL) => protocol.startsWith("ws");
  const beside = others.find((url) => url.hostname === first.hostname && isPush(url) !== isPush(first));
  const hosts = [first, ...others].map((url) => url.host);
  const left = others.filter((url, index) => url !== beside && hosts.indexOf(url.host) === index + 1);
  if (beside === undefined) return { first, push: undefined, others: left };
  return isPush(first) ? { first: beside, push: first, others: left } : { first, push: beside, others: left };
}

/** The other sources beside the first: nothing connects before they are asked. */
function otherRpcs(id: ChainId, urls: readonly URL[], timeoutMs: number, sent: () => void): Rpc[] {
  return urls.map((url) => {
    const name = { chain: id, url };
    return createRpc(url.protocol.startsWith("ws") ? wsEndpoint(name) : httpEndpoint(name), timeoutMs, sent);
  });
}

function openChain(
  id: ChainId,
  { first: url, push, others: otherUrls }: RpcUrls,
  gas: GasAccount,
  config: ChainsConfig,
): { chain: Chain; close(): void } {
  const timeoutMs = config.timeoutMs ?? 10_000;
  const pushed = headEndpoint(id, push ?? url, config.ws?.includes(id) ?? false);
  const endpoint: Endpoint = url.protocol.startsWith("ws") && pushed ? pushed : httpEndpoint({ chain: id, url });
  const sent = () => config.sent?.(id);
  const rpc = pinnable(createRpc(endpoint, timeoutMs, sent));
  const sources = { places: forkPlaces(), server: forkServer() };
  const beginAhead = (own: Rpc) => outsideOfChecks(() => beginFork(rpc, sources, Promise.resolve(own)));
  const anvils = spareAnvil(id, config.forkTimeoutMs ?? 30_000, config.forksAhead ? beginAhead : undefined);
  const others = otherRpcs(id, otherUrls, timeoutMs, sent);
  const timelocks = timelockFacts(rpc);
  const headRpc = pushed && pushed !== endpoint ? createRpc(pushed, timeoutMs, sent) : rpc;
  const judging = { deployed: config.deployedCatalogues?.includes(id) ?? false };
  const pollMs = config.pollMs ?? 1_000;
  // Connects once a large catalogue is judged.
  const secondPush = pushed && wsEndpoint({ chain: id, url: pushed.url });
  const second = secondPush ? createRpc(secondPush, timeoutMs, sent) : rpc;
  const beside = pushed && pushed !== endpoint && headsBeside({ headRpc, pushed, rpc, pollMs, second }, judging);
  const coming = beside || headsAlone(rpc, pushed, pollMs);
  const onBlock = sharedHeads((follower, onFault) => {
    const listener: HeadListener = (head) => {
      follower(head);
      anvils.moved();
    };
    return coming.follow(listener, onFault);
  });
  const chain: Chain = {
    id,
    gasAccount: gas.address,
    ...codeReads(rpc),
    ...powerReads(rpc),
    ...blockReads(rpc),
    ...tryOuts(rpc),
    ...warmSigning(rpc, gas),
    onBlock,
    headLink: coming.link,
    evaluate: (beside || evaluator(rpc, { ...judging, beside: second })).evaluate,
    sources: [rpc, ...others].map((one) => openSource(one, judging)),
    head: () => latestHead(rpc),
    block: (number) => blockByNumber(rpc, number),
    codeHash: (account) => readCodeHash(rpc, account, "latest"),
    storage: (account, slot) => readWord(rpc, storageRead(account, slot, "latest")),
    balance: (account) => balanceOf(rpc, account),
    call: (to, data, at) => read(rpc, callRead(to, data, at ?? "latest")),
    callMany: (calls, at) =>
      readMany(
        rpc,
        calls.map((call) => callRead(call.to, call.data, at)),
      ),
    safe: (account) => safeFacts(rpc, account),
    timelock: (account) => timelocks.facts(account),
    operation: (timelock, operation) => operationState(rpc, timelock, operation),
    execution: (timelock, operation, from) => executionReceipt(rpc, timelock, operation, from),
    proxy: (account) => proxyFacts(rpc, account),
    nestedSafes: (owners) => nestedSafes(rpc, owners),
    checkSignatures: (tx, signatures) => safeAccepts(rpc, tx, signatures),
    onFork: (use, foreseen) => onFork(rpc, { anvils, ...sources, foreseen }, (open) => use(forkSession(open))),
    atOneBlock(run) {
      anvils.warm();
      sources.server.warm();
      return anvils.during(() => atOneBlock(run));
    },
    checkContractSignature: (signature) => safeAcceptsContract(rpc, signature),
    receipt: (hash) => findReceipt(rpc, hash),
    broadcast: (raw) => broadcastRaw(rpc, raw),
    signWithGasKey: (call) => signCall(rpc, gas, call),
    raisedFee: (raw) => raisedFee(rpc, gas, raw),
    replacement: (raw) => replacement(rpc, gas, raw),
    signAsDelegate: (tx) => signAsDelegate(rpc, gas, tx),
    transactionCount: (account) => pendingNonce(rpc, account),
    onHead: (listener, onFault) =>
      onBlock(({ number, hash, timestamp }) => listener({ number, hash, timestamp }), onFault),
  };
  const close = () => {
    anvils.close();
    sources.server.close();
    endpoint.close();
    pushed?.close();
    secondPush?.close();
    for (const other of others) other.endpoint.close();
  };
  return { chain, close };
}

/** The WebSocket that pushes heads, where the URL is one or the http URL is told to take them too. */
function headEndpoint(id: ChainId, url: URL, alsoWs: boolean): WsEndpoint | undefined {
  if (url.protocol.startsWith("ws")) return wsEndpoint({ chain: id, url });
  if (!alsoWs) return undefined;
  const pushed = new URL(url);
  pushed.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return wsEndpoint({ chain: id, url: pushed });
}
