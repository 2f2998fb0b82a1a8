/** A large catalogue's calls in two messages: a node takes what one connection brings in turn, however many cores it has. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, isRevert, type Rpc, type RpcCall } from "../rpc.ts";

/** Milliseconds that the second connection may take longer than the first: it may lead to a server that hangs. */
const patience = 100;
/** Evaluations for which it is left alone then. */
const restFor = 64;

/** Answers to the calls that come next, and how many messages it took to have them. */
export interface Asked {
  answers: Answer[];
  messages: number;
}

/**
 * `beside`: the same node over another connection, which may also lead to another server that lags behind: what comes late
 * or not at all from there is asked over the first. Without it there is one message.
 */
export function sideBySide(rpc: Rpc, beside: Rpc | undefined) {
  let rest = 0;

  /** Undefined where it did not answer. */
  async function secondly(second: Rpc, calls: readonly RpcCall[]): Promise<Answer[] | undefined> {
    const answers = await second.batch(calls).catch(() => undefined);
    return answers?.every((one) => one.ok || isTooMuch(one)) ? answers : undefined;
  }

  /** In the calls' order, each as soon as it is there: what came first is taken apart while the node is at the rest. */
  return async function* ask(calls: readonly RpcCall[], isLarge: boolean): AsyncGenerator<Asked> {
    if (rest > 0) rest -= 1;
    if (beside === undefined || !isLarge || calls.length < 2 || rest > 0) {
      yield { answers: await rpc.batch(calls), messages: 1 };
      return;
    }
    const half = Math.ceil(calls.length / 2);
    const first = rpc.batch(calls.slice(0, half));
    const tooLate = first.then(
      () => sleep(patience, undefined, { ref: false }),
      () => undefined,
    );
    const second = Promise.race([secondly(beside, calls.slice(half)), tooLate]);
    yield { answers: await first, messages: 1 };
    const answers = await second;
    if (answers === undefined) rest = restFor;
    yield answers === undefined
      ? { answers: await rpc.batch(calls.slice(half)), messages: 2 }
      : { answers, messages: 1 };
  };
}

/** The EVM or the node gave up: fewer entries at a time may still be judged. */
export function isTooMuch(answer: Extract<Answer, { ok: false }>): boolean {
  return isRevert(answer.error) || /\b(gas|timed out|timeout)\b/i.test(answer.error.message);
}
