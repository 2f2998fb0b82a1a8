/** A wallet over a local key: a real EIP-1193 provider in the page, announced by EIP-6963, whose chain is a real node. */

import type { Page } from "playwright-core";
import { createWalletClient, hashTypedData, http, type TypedDataDefinition } from "viem";
import { privateKeyToAccount, sign } from "viem/accounts";
import { foundry } from "viem/chains";
import type { Hex } from "../../../src/domain/primitives.ts";

export interface WalletRequest {
  method: string;
  params: readonly unknown[];
}

export type WalletAnswer = { result: unknown } | { error: { code: number; message: string; data?: unknown } };

export interface TestWallet {
  privateKey: Hex;
  chainId: number;
  /** Everything the page asked, in order. */
  requests: WalletRequest[];
  /** Answers in place of the wallet; undefined leaves the request to it. */
  instead: (request: WalletRequest) => Promise<WalletAnswer | undefined> | WalletAnswer | undefined;
  account(): Hex;
  /** What the wallet was asked to sign. */
  signRequests(): WalletRequest[];
  /** What the wallet was asked to send. */
  sendRequests(): WalletRequest[];
  /** Switches like a person does in the wallet, which tells the page. */
  switchTo(page: Page, to: { privateKey?: Hex; chainId?: number }): Promise<void>;
}

/** Puts a wallet into every page of the browser context that opens after this. `url` is its node. */
export async function plugIn(page: Page, url: string, privateKey: Hex, how: "announced" | "old" = "announced") {
  const wallet: TestWallet = {
    privateKey,
    chainId: 31337,
    requests: [],
    instead: () => undefined,
    account: () => privateKeyToAccount(wallet.privateKey).address,
    sendRequests: () => wallet.requests.filter(({ method }) => /send/i.test(method)),
    signRequests: () => wallet.requests.filter(({ method }) => /sign/i.test(method)),
    async switchTo(on, to) {
      Object.assign(wallet, to);
      const [event, value] =
        to.chainId === undefined
          ? ["accountsChanged", [wallet.account()]]
          : ["chainChanged", `0x${to.chainId.toString(16)}`];
      await on.evaluate(({ event, value }) => (globalThis as unknown as PageSide).testWallet.emit(event, value), {
        event: event as string,
        value: value as unknown,
      });
    },
  };
  await page.exposeFunction("askTestWallet", async (request: WalletRequest) => {
    wallet.requests.push(request);
    return (await wallet.instead(request)) ?? (await answer(wallet, url, request));
  });
  await page.addInitScript(provide, how);
  return wallet;
}

async function answer(wallet: TestWallet, url: string, request: WalletRequest): Promise<WalletAnswer> {
  switch (request.method) {
    case "eth_requestAccounts":
    case "eth_accounts":
      return { result: [wallet.account().toLowerCase()] };
    case "eth_chainId":
      return { result: `0x${wallet.chainId.toString(16)}` };
    case "eth_signTypedData_v4": {
      const data = JSON.parse(String(request.params[1])) as TypedDataDefinition;
      return { result: await sign({ hash: hashTypedData(data), privateKey: wallet.privateKey, to: "hex" }) };
    }
    case "personal_sign": {
      const message = { raw: request.params[0] as Hex };
      return { result: await privateKeyToAccount(wallet.privateKey).signMessage({ message }) };
    }
    case "eth_sendTransaction":
      return send(wallet, url, request.params[0] as { to: Hex; value: Hex; data: Hex });
    case "wallet_switchEthereumChain":
      wallet.chainId = Number((request.params[0] as { chainId: string }).chainId);
      return { result: null };
    default: {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, ...request });
      const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
      return (await response.json()) as WalletAnswer;
    }
  }
}

/** Signs with the wallet's own key and sends, as a wallet does once somebody has confirmed. */
async function send(wallet: TestWallet, url: string, call: { to: Hex; value: Hex; data: Hex }): Promise<WalletAnswer> {
  const account = privateKeyToAccount(wallet.privateKey);
  const chain = { ...foundry, id: wallet.chainId };
  const client = createWalletClient({ account, chain, transport: http(url) });
  const { to, data } = call;
  return { result: await client.sendTransaction({ to, data, value: BigInt(call.value), gas: 8_000_000n }) };
}

interface PageSide {
  testWallet: { emit(event: string, value: unknown): void };
  askTestWallet(request: WalletRequest): Promise<WalletAnswer>;
  ethereum?: unknown;
}

/** Runs in the page before its own script. */
function provide(how: "announced" | "old"): void {
  const here = globalThis as unknown as PageSide;
  const listeners = new Map<string, Set<(value: unknown) => void>>();
  const provider = {
    async request({ method, params = [] }: { method: string; params?: readonly unknown[] }) {
      const answer = await here.askTestWallet({ method, params });
      if ("error" in answer) {
        const { message, code, data } = answer.error;
        throw Object.assign(new Error(message), { code, data });
      }
      return answer.result;
    },
    on: (event: string, listener: (value: unknown) => void) =>
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener)),
    removeListener: (event: string, listener: (value: unknown) => void) => listeners.get(event)?.delete(listener),
  };
  here.testWallet = { emit: (event, value) => listeners.get(event)?.forEach((listener) => void listener(value)) };
  if (how === "old") {
    here.ethereum = provider;
    return;
  }
  const info = {
    uuid: "9c9b2f0e-3c1f-4f57-9c52-1d2f9f6d1a01",
    name: "Test wallet",
    icon: "",
    rdns: "org.example.test",
  };
  const detail = Object.freeze({ info: Object.freeze(info), provider });
  const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  addEventListener("eip6963:requestProvider", announce);
  announce();
}
