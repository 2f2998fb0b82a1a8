/** JSON-RPC as curl would speak it: what is asked in one go leaves in one message. */

export type Hex = `0x${string}`;

export class RpcError extends Error {
  override readonly name = "RpcError";
  /** What a reverted call returned, where the node says. */
  readonly data: Hex | undefined;
  constructor(message: string, data: Hex | undefined) {
    super(message);
    this.data = data;
  }
}

interface Asked {
  url: string;
  method: string;
  params: readonly unknown[];
  resolve(result: unknown): void;
  reject(fault: Error): void;
}

/** Asked in one go and not sent yet: they leave together, in one message. */
let waiting: Asked[] = [];

export function rpc<T>(url: string, method: string, params: readonly unknown[] = []): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (waiting.length === 0) queueMicrotask(() => void sendWaiting());
    waiting.push({ url, method, params, resolve: resolve as Asked["resolve"], reject });
  });
}

async function sendWaiting(): Promise<void> {
  const all = waiting;
  waiting = [];
  for (const url of new Set(all.map((one) => one.url)))
    await send(
      url,
      all.filter((one) => one.url === url),
    );
}

async function send(url: string, asked: readonly Asked[]): Promise<void> {
  try {
    const body = JSON.stringify(asked.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params })));
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    const answers = (await response.json()) as {
      id: number;
      result?: unknown;
      error?: { message: string; data?: unknown };
    }[];
    for (const [id, one] of asked.entries()) {
      const answer = answers.find((other) => other.id === id);
      const { message = "no answer", data } = answer?.error ?? {};
      if (answer !== undefined && answer.error === undefined) one.resolve(answer.result);
      else one.reject(new RpcError(`${one.method}: ${message}`, typeof data === "string" ? (data as Hex) : undefined));
    }
  } catch (fault) {
    for (const one of asked) one.reject(fault as Error);
  }
}
