/** An RPC that passes everything on to another and takes its time, in a thread of its own: its work is nobody's else. */

import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

export interface SlowRpc {
  url: string;
  /** HTTP requests so far; a batch is one. */
  requests(): Promise<number>;
  stop(): Promise<void>;
}

/** Each answer comes `ms` milliseconds later than from `upstream`. */
export async function startSlowRpc(upstream: string, ms: number): Promise<SlowRpc> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { upstream, ms } });
  const next = () => new Promise<number>((resolve) => worker.once("message", resolve));
  const port = await next();
  return {
    url: `http://127.0.0.1:${port}`,
    requests() {
      const counted = next();
      worker.postMessage("count");
      return counted;
    },
    async stop() {
      await worker.terminate();
    },
  };
}

function serve({ upstream, ms }: { upstream: string; ms: number }): void {
  let requests = 0;
  const agent = new Agent({ keepAlive: true });
  const server = createServer((asked, response) => {
    requests += 1;
    setTimeout(() => {
      const headers = { "content-type": "application/json" };
      const passed = request(upstream, { method: "POST", headers, agent }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, headers);
        answer.pipe(response);
      });
      passed.on("error", () => response.destroy());
      asked.pipe(passed);
    }, ms);
  });
  server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
  parentPort?.on("message", () => parentPort?.postMessage(requests));
}

if (!isMainThread && workerData?.upstream !== undefined) serve(workerData);
