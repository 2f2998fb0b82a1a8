/** What whoever operates a program that stays gets to see of it, as far as the environment asks for it. */

import type { Environment } from "../env.ts";
import type { OperatorDesk, RunningParts } from "../operator-desk.ts";

export interface Closing {
  stop(): Promise<void>;
}

/** Prints where probes and metrics are. Throws where their port is taken. */
export async function showOperator(
  { operator, otlpEndpoint }: Pick<Environment, "operator" | "otlpEndpoint">,
  desk: OperatorDesk,
  running: RunningParts,
): Promise<Closing> {
  const server = operator === undefined ? undefined : await desk.start(running, operator);
  if (server !== undefined) process.stdout.write(`Probes and metrics are at ${server.url}/readyz and /metrics.\n`);
  const tracing =
    otlpEndpoint === undefined
      ? undefined
      : await (await import("../tracing.ts")).startTracing(otlpEndpoint, running.policy.council.name);
  return {
    async stop() {
      await server?.stop();
      await tracing?.stop();
    },
  };
}
