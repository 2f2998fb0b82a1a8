/** The wallet that signs: connecting, and noticing when it becomes another account or chain. */

import { getAddress } from "viem";
import { type ChainId, chainNumber } from "../../domain/primitives.ts";
import type { Signer } from "./checks.ts";
import { ask, type Provider, read, signMs, WalletFault } from "./provider.ts";

/** Asks the wallet which account and chain it is on; `interactively` it may ask the person. Throws a {@link WalletFault}. */
export async function signerOf(provider: Provider, interactively: boolean): Promise<Signer> {
  const accounts = interactively
    ? await ask(provider, "eth_requestAccounts", [], signMs)
    : await read(provider, "eth_accounts");
  const [first] = Array.isArray(accounts) ? accounts : [];
  if (typeof first !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(first))
    throw new WalletFault("The wallet shares no account with this page: unlock it and connect again.");
  return { account: getAddress(first), chain: chainOf(await read(provider, "eth_chainId")) };
}

function chainOf(id: unknown): ChainId {
  const number = typeof id === "string" || typeof id === "number" ? Number(id) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < 1)
    throw new WalletFault("The wallet does not say which chain it is on.");
  return `eip155:${number}`;
}

export function sameSigner(a: Signer, b: Signer): boolean {
  return a.account === b.account && a.chain === b.chain;
}

/** In words: what is another now. */
export function changeSentence(before: Signer, after: Signer): string {
  const parts = [
    before.account === after.account ? "" : `from the account ${before.account} to ${after.account}`,
    before.chain === after.chain ? "" : `from chain ${chainNumber(before.chain)} to chain ${chainNumber(after.chain)}`,
  ].filter((part) => part !== "");
  return `The wallet switched ${parts.join(" and ")}.`;
}

/** Calls back when the wallet says that account or chain changed; returns how to stop. */
export function watchSigner(provider: Provider, onChange: () => void): () => void {
  const events = ["accountsChanged", "chainChanged", "disconnect"];
  for (const event of events) provider.on?.(event, onChange);
  return () => {
    for (const event of events) provider.removeListener?.(event, onChange);
  };
}

export async function switchChain(provider: Provider, chain: ChainId): Promise<void> {
  const chainId = `0x${chainNumber(chain).toString(16)}`;
  await ask(provider, "wallet_switchEthereumChain", [{ chainId }], signMs);
}
