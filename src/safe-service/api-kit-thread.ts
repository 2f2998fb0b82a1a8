/**
 * Safe's api-kit, unmodified, in a thread of its own. It has no time limit, follows redirects and reads answers of any
 * length; but where there is a `window` it asks through that window's fetch, and in this thread that is ours. What it
 * parses and imports stays outside of the program's memory and off its event loop.
 */

import { parentPort, workerData } from "node:worker_threads";
import { boundedFetch, HttpAnswer } from "./bounded-fetch.ts";

/** `arguments` as api-kit's method takes them; for `addSafeDelegate` with the signature in place of who signs. */
export interface KitCall {
  id: number;
  service: number;
  method: "getMultisigTransactions" | "proposeTransaction" | "confirmTransaction" | "addSafeDelegate";
  arguments: unknown[];
}
export type KitAnswer = { id: number } & (
  | { ok: true; value: unknown }
  /** `status` is 0 where there was no HTTP answer; `retryAfter` in seconds. */
  | { ok: false; status: number; message: string; retryAfter?: number }
);
export interface KitSetting {
  services: { chainId: bigint; url: string }[];
  apiKey: string | undefined;
  timeoutMs: number;
}

const setting = workerData as KitSetting;
const window = { fetch: boundedFetch(setting.timeoutMs) };
Object.assign(globalThis, { window });
const { default: SafeApiKit } = await import("@safe-global/api-kit");
const kits = setting.services.map(
  ({ chainId, url }) =>
    new SafeApiKit({ chainId, txServiceUrl: url, ...(setting.apiKey === undefined ? {} : { apiKey: setting.apiKey }) }),
);

parentPort?.on("message", async (call: KitCall) => parentPort?.postMessage(await answer(call)));

async function answer({ id, service, method, arguments: given }: KitCall): Promise<KitAnswer> {
  try {
    const kit = kits[service] as unknown as Record<string, (...all: unknown[]) => Promise<unknown>> | undefined;
    return { id, ok: true, value: await kit?.[method]?.(...given.map(withSigner)) };
  } catch (fault) {
    return { id, ok: false, ...described(fault) };
  }
}

/** api-kit wants a wallet, and asks it for one thing only. */
function withSigner(given: unknown): unknown {
  if (typeof given !== "object" || given === null || !("delegateAddress" in given && "signature" in given))
    return given;
  const { signature, ...rest } = given;
  return { ...rest, signer: { signTypedData: async () => signature } };
}

/** api-kit's error has the status and what the service said, in one of several fields; a limit of ours says so itself. */
function described(fault: unknown): { status: number; message: string; retryAfter?: number } {
  if (fault instanceof HttpAnswer) return { ...fault.answer };
  const { statusCode, data, message } = fault as { statusCode?: number; data?: unknown; message?: string };
  const detail = data === undefined ? (message ?? "no reason given") : JSON.stringify(data);
  return { status: statusCode ?? 0, message: detail.slice(0, 500) };
}
