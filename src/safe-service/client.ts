/** Safe's Transaction Service through api-kit, which runs in a thread of its own: see {@link import("./api-kit-thread.ts")}. */

import { Worker } from "node:worker_threads";
import { type ChainId, chainNumber } from "../domain/primitives.ts";
import type { SafeTx } from "../domain/safe-tx.ts";
import { type SafeService, ServiceFault, type ServiceTransaction } from "../safe-service-port.ts";
import type { KitAnswer, KitCall, KitSetting } from "./api-kit-thread.ts";
import type { Gate } from "./gate.ts";
import { pageSize, readPage } from "./rows.ts";

export interface ClientParts {
  services: readonly { chain: ChainId; url: string }[];
  apiKey: string | undefined;
  gate: Gate;
  /** Milliseconds for one request; 10 seconds where left out. */
  timeoutMs?: number;
}

/** A Safe with more open transactions than ten pages hold is told as a fault, not read to its end. */
const maxPages = 10;

export function openSafeService({ services, apiKey, gate, timeoutMs = 10_000 }: ClientParts): SafeService {
  const kit = startKit({
    services: services.map(({ chain, url }) => ({ chainId: chainNumber(chain), url: url.replace(/\/+$/, "") })),
    ...{ apiKey, timeoutMs },
  });
  const asked = async (chain: ChainId, method: KitCall["method"], ...given: unknown[]) => {
    const service = services.findIndex((one) => one.chain === chain);
    if (service < 0) throw new ServiceFault("refused", `Policy names no service for ${chain}.`);
    const answer = await kit.call({ service, method, arguments: given });
    if (!answer.ok) throw faultOf(method, answer);
    return answer.value;
  };
  return {
    chains: services.map((one) => one.chain),
    async pending(at, fromNonce) {
      const found: ServiceTransaction[] = [];
      for (let index = 0, offset = 0; index < maxPages; index += 1) {
        const paging = { limit: pageSize, offset, ordering: "nonce" };
        const list = { executed: false, nonce__gte: `${fromNonce}`, ...paging };
        const page = await gate.through(
          at.chain,
          async () => {
            const read = readPage(await asked(at.chain, "getMultisigTransactions", at.safe, list), at);
            if (read === undefined) throw new ServiceFault("away", "Its answer is no list of transactions.");
            return read;
          },
          ({ untrue, more }) => doubt(untrue, more && index === maxPages - 1),
        );
        found.push(...page.transactions.filter(({ tx }) => tx.nonce >= fromNonce));
        if (!page.more) break;
        offset += page.rows;
      }
      return found;
    },
    async propose(tx, safeTxHash, sender, signature, origin) {
      const safeTransactionData = fieldsOf(tx);
      const rest = { safeTransactionData, safeTxHash, senderAddress: sender, senderSignature: signature, origin };
      await gate.through(tx.chain, () => asked(tx.chain, "proposeTransaction", { safeAddress: tx.safe, ...rest }));
    },
    async confirm(chain, safeTxHash, signature) {
      await gate.through(chain, () => asked(chain, "confirmTransaction", safeTxHash, signature));
    },
    async addDelegate(chain, safe, { delegate, owner, signature }) {
      const given = { safeAddress: safe, delegateAddress: delegate, delegatorAddress: owner, label: "Quorate" };
      await gate.through(chain, () => asked(chain, "addSafeDelegate", { ...given, signature }));
    },
    close: kit.close,
  };
}

function doubt(untrue: number, isEndless: boolean): string | undefined {
  if (isEndless) return `Its list of open transactions of one Safe goes on after ${maxPages} pages.`;
  return untrue === 0
    ? undefined
    : `${untrue} of the transactions it lists do not have the hash that follows from them.`;
}

/** As the service wants them: numbers as decimal strings, addresses in EIP-55. */
function fieldsOf(tx: SafeTx): Record<string, string | number> {
  const { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce } = tx;
  const amounts = { value, safeTxGas, baseGas, gasPrice, nonce };
  const written = Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, `${amount}`]));
  return { to, data, operation, gasToken, refundReceiver, ...written };
}

function faultOf(method: KitCall["method"], answer: KitAnswer & { ok: false }): ServiceFault {
  const { status, message, retryAfter } = answer;
  const writes = method !== "getMultisigTransactions";
  if (status === 429)
    return new ServiceFault("busy", "It asked to be left alone for a while.", BigInt(retryAfter ?? 60));
  // Some gateways answer 403 to a sender that is neither owner nor delegate, which is no matter of the key.
  const isStranger = method === "proposeTransaction" && status === 403 && /owner or delegate/i.test(message);
  if (isStranger) return new ServiceFault("refused", message);
  if (status === 401 || status === 403) return new ServiceFault("away", "It does not take the key: see SAFE_API_KEY.");
  if (status === 404 && method === "confirmTransaction") return new ServiceFault("unknown", message);
  if (writes && (status === 400 || status === 404 || status === 422)) return new ServiceFault("refused", message);
  return new ServiceFault(
    "away",
    status === 0 ? `No usable answer: ${plainReason(message)}` : `It answered ${status}.`,
  );
}

/** What came over the network goes no further than this: letters of errors, one line. */
const plainReason = (message: string) =>
  `${message
    .replace(/[^\w .,:'-]+/g, " ")
    .slice(0, 120)
    .trim()}.`;

interface Kit {
  call(call: Omit<KitCall, "id">): Promise<KitAnswer>;
  close(): Promise<void>;
}

type Waiting = Map<number, (answer: KitAnswer) => void>;

/** Starts the thread at the first call, and again after it ended: by its memory limit, or because it answered nothing. */
function startKit(setting: KitSetting): Kit {
  let worker: Worker | undefined;
  let calls = 0;
  const waiting: Waiting = new Map();

  function ended(one: Worker, message: string): void {
    if (worker === one) worker = undefined;
    for (const [id, answer] of waiting) answer({ id, ok: false, status: 0, message });
    waiting.clear();
  }
  function started(): Worker {
    if (worker !== undefined) return worker;
    const one = new Worker(new URL("./api-kit-thread.ts", import.meta.url), {
      workerData: setting,
      // It needs no secret but the key that it is handed.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    one.on("message", (answer: KitAnswer) => {
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    });
    one.on("error", (fault) => ended(one, fault.message));
    one.on("exit", () => ended(one, "its thread ended"));
    worker = one;
    return one;
  }
  return {
    call(call) {
      calls += 1;
      const id = calls;
      const one = started();
      return new Promise((resolve) => {
        // The request has its own limit; this one is for a thread that hangs, its slow start included.
        const limit = setTimeout(() => void one.terminate(), setting.timeoutMs + 20_000);
        limit.unref();
        waiting.set(id, (answer) => {
          clearTimeout(limit);
          resolve(answer);
        });
        one.postMessage({ ...call, id } satisfies KitCall);
      });
    },
    async close() {
      await worker?.terminate();
    },
  };
}
