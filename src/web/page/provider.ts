/** The signer's own way to the chain: an EIP-1193 provider, asked with a time limit. */

import type { Hex } from "../../domain/primitives.ts";

/** https://eips.ethereum.org/EIPS/eip-1193 */
export interface Provider {
  request(request: { method: string; params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: unknown) => void): void;
  removeListener?(event: string, listener: (value: unknown) => void): void;
}

/** Its message is a sentence for the signer. */
export class WalletFault extends Error {
  override readonly name = "WalletFault";
  /** Whether somebody said no, where nothing went wrong. */
  readonly declined: boolean;
  /** What a contract reverted with, where that was the reason. */
  readonly revert: Hex | undefined;
  constructor(sentence: string, declined = false, revert?: Hex) {
    super(sentence);
    this.declined = declined;
    this.revert = revert;
  }
}

const readMs = 10_000;
/** A hardware wallet is unlocked, read and confirmed by hand. */
export const signMs = 5 * 60_000;

/** One read of the chain. Throws a {@link WalletFault} where the wallet refuses or does not answer in 10 seconds. */
export function read(provider: Provider, method: string, params: readonly unknown[] = []): Promise<unknown> {
  return ask(provider, method, params, readMs);
}

/** What became of a call that was only tried: `revert` are the bytes it reverted with, where the wallet hands them on. */
export type Trial = { ok: true } | { ok: false; revert: Hex | undefined };

/** `eth_call` at the newest block. Never throws. */
export async function tryCall(
  provider: Provider,
  call: Record<"from" | "to" | "value" | "data", string>,
): Promise<Trial> {
  try {
    await read(provider, "eth_call", [call, "latest"]);
    return { ok: true };
  } catch (fault) {
    return { ok: false, revert: fault instanceof WalletFault ? fault.revert : undefined };
  }
}

/** As {@link read}, with the time limit in milliseconds. A late answer is thrown away. */
export async function ask(
  provider: Provider,
  method: string,
  params: readonly unknown[],
  limitMs: number,
): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const limit = limitMs < 60_000 ? `${limitMs / 1000} seconds` : `${limitMs / 60_000} minutes`;
    timer = setTimeout(() => reject(new WalletFault(`The wallet did not answer within ${limit}.`)), limitMs);
  });
  try {
    return await Promise.race([provider.request({ method, params }), late]);
  } catch (fault) {
    throw fault instanceof WalletFault ? fault : new WalletFault(...reasonOf(fault), revertOf(fault));
  } finally {
    clearTimeout(timer);
  }
}

/** Wallets put the node's error into theirs at several depths, as `data`, `error` or `originalError`. */
function revertOf(fault: unknown, depth = 0): Hex | undefined {
  if (typeof fault === "string") return /^0x([0-9a-fA-F]{2})*$/.test(fault) ? (fault.toLowerCase() as Hex) : undefined;
  if (typeof fault !== "object" || fault === null || depth > 4) return undefined;
  const inner = fault as { data?: unknown; error?: unknown; originalError?: unknown; cause?: unknown };
  for (const one of [inner.data, inner.error, inner.originalError, inner.cause]) {
    const found = revertOf(one, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** EIP-1193 and EIP-1474 codes in words. What a wallet says besides is not repeated: it may say anything. */
function reasonOf(fault: unknown): [string, boolean] {
  const code = typeof fault === "object" && fault !== null && "code" in fault ? fault.code : undefined;
  switch (code) {
    case 4001:
      return ["You declined in the wallet.", true];
    case 4100:
      return ["The wallet has not allowed this page to use the account.", false];
    case 4200:
    case -32601:
      return ["The wallet does not know how to do this (it lacks a method of EIP-712 or EIP-1193).", false];
    case 4900:
    case 4901:
      return ["The wallet is not connected to the chain.", false];
    case 4902:
      return ["The wallet does not know this chain: add it in the wallet first.", false];
    case -32002:
      return ["The wallet is already asking you something: open it and answer there.", false];
    default:
      return ["The wallet failed to answer.", false];
  }
}
