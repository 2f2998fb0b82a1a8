/** The one way to the service: spends from the budget, keeps the distance, and stops asking while it is away. */

import type { ChainId } from "../domain/primitives.ts";
import type { ChatHealth } from "../ports.ts";
import { ServiceFault } from "../safe-service-port.ts";
import { type Allowance, type Bucket, backOff, filled } from "./budget.ts";

export interface GateParts {
  allowance: Allowance;
  /** Wall time in seconds. */
  now(): number;
  random(): number;
  /** Told once when a chain's service has been away for a while, and once when it is back. */
  changed(chain: ChainId, health: ChatHealth): void;
}

export interface Gate {
  bucket(): Bucket;
  /** Seconds for which this chain's service is not to be asked; 0 where it may be. */
  closedFor(chain: ChainId): number;
  /**
   * Runs one request, one at a time. Rejects without asking where the gate is closed or nothing is left to spend. With a
   * `doubt` about it, an answer is handed on, and counts as none.
   */
  through<T>(chain: ChainId, request: () => Promise<T>, doubt?: (answer: T) => string | undefined): Promise<T>;
  health(chain: ChainId): ChatHealth;
}

interface Standing {
  failures: number;
  /** Of the first failure, or of the first answer after one. */
  since: number;
  until: number;
  reason: string;
  said: boolean;
  asked: boolean;
}

/** Failures in a row after which people are told: two come by a restart of the service alone. */
const patience = 3;

export function createGate({ allowance, now, random, changed }: GateParts): Gate {
  let bucket: Bucket = { tokens: allowance.initial, at: now() };
  let turn: Promise<void> = Promise.resolve();
  /** Until then nothing is asked of any chain: a limit is on the key, and the others would only meet it again. */
  let limited = 0;
  const standings = new Map<ChainId, Standing>();
  const of = (chain: ChainId): Standing => {
    const known = standings.get(chain);
    if (known !== undefined) return known;
    const fresh = { failures: 0, since: now(), until: 0, reason: "", said: false, asked: false };
    standings.set(chain, fresh);
    return fresh;
  };
  const health = (chain: ChainId): ChatHealth => {
    const { failures, since, reason, asked } = of(chain);
    const state = failures > 0 ? "down" : asked ? "up" : "starting";
    return { state, since: BigInt(Math.floor(since)), reason: asked ? reason : "Nothing was asked of it yet." };
  };
  const current = () => {
    bucket = filled(bucket, now(), allowance);
    return bucket;
  };

  function failed(chain: ChainId, { message, retryAfter }: Pick<ServiceFault, "message" | "retryAfter">): void {
    const standing = of(chain);
    if (standing.failures === 0) standing.since = now();
    standing.failures += 1;
    standing.asked = true;
    standing.reason = message;
    const wait = Math.max(Number(retryAfter ?? 0), backOff(standing.failures, random));
    standing.until = now() + wait;
    if (retryAfter !== undefined) limited = Math.max(limited, standing.until);
    if (standing.failures < patience || standing.said) return;
    standing.said = true;
    changed(chain, health(chain));
  }

  function worked(chain: ChainId): void {
    const standing = of(chain);
    const wasSaid = standing.said;
    if (standing.failures > 0 || !standing.asked) standing.since = now();
    Object.assign(standing, { failures: 0, until: 0, reason: "", said: false, asked: true });
    if (wasSaid) changed(chain, health(chain));
  }

  function refuseIfClosed(chain: ChainId): void {
    const wait = closedFor(chain);
    if (wait > 0) throw new ServiceFault("busy", of(chain).reason, BigInt(Math.ceil(wait)));
    const { tokens } = current();
    if (tokens >= 1) return;
    const seconds = Math.ceil(((1 - tokens) * 31 * 86_400) / allowance.monthly);
    throw new ServiceFault("busy", "This month's requests are spent for now.", BigInt(seconds));
  }

  const closedFor = (chain: ChainId) => Math.max(0, of(chain).until - now(), limited - now());

  async function ask<T>(
    chain: ChainId,
    request: () => Promise<T>,
    doubt: (answer: T) => string | undefined,
  ): Promise<T> {
    refuseIfClosed(chain);
    bucket = { ...bucket, tokens: bucket.tokens - 1 };
    try {
      const value = await request();
      const reason = doubt(value);
      if (reason === undefined) worked(chain);
      else failed(chain, new ServiceFault("away", reason));
      return value;
    } catch (fault) {
      if (fault instanceof ServiceFault && (fault.kind === "refused" || fault.kind === "unknown")) worked(chain);
      else failed(chain, fault as ServiceFault);
      throw fault;
    }
  }

  return {
    bucket: current,
    closedFor,
    health,
    through(chain, request, doubt = () => undefined) {
      const result = turn.then(() => ask(chain, request, doubt));
      turn = result.then(distance, distance);
      return result;
    },
  };

  async function distance(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, allowance.spacingMs));
  }
}
