/** Typed JSON-RPC on one chain: answers are checked, the chain id is checked, faults are sentences, retries are bounded. */

import { getAddress } from "viem";
import { z } from "zod";
import { type Address, chainNumber, type Hex } from "../domain/primitives.ts";
import { remembered } from "../domain/remembered.ts";
import { revertReason } from "../domain/revert-reason.ts";
import { ChainFault } from "../ports.ts";
import { endpointFault, inert } from "./fault.ts";
import type { Endpoint } from "./http-endpoint.ts";

export interface RpcCall {
  method: string;
  params: readonly unknown[];
}

/** A node's own "no", with its code and words. */
export interface RpcError {
  code: number;
  message: string;
  data: Hex | undefined;
}

export type Answer = { ok: true; result: unknown } | { ok: false; error: RpcError };

export interface Rpc {
  readonly endpoint: Endpoint;
  /** One read. Throws a ChainFault where it fails or its answer has not the promised form. */
  request<T>(method: string, params: readonly unknown[], form: z.ZodType<T>): Promise<T>;
  /** Many reads in one message, answers in the calls' order; each is a result or the node's own error. */
  batch(calls: readonly RpcCall[]): Promise<Answer[]>;
  /** The fault for a node's error, and the checked form of a result. */
  take<T>(answer: Answer, method: string, form: z.ZodType<T>): T;
}

/** How long a chain id once seen is believed. */
const chainIdSeconds = 60;
/** Pauses before the second and third try of a read, in milliseconds. */
const pauses = [100, 400];

export const hexQuantity = z
  .string()
  .regex(/^0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})$/)
  .transform((text) => BigInt(text));
/** Searched for what is no digit: matching all digits of some code by a repeated group takes several times as long. */
export const hexBytes = z
  .string()
  .refine((text) => text.length % 2 === 0 && text.startsWith("0x") && !/[^0-9a-fA-F]/.test(text.slice(2)))
  .transform((text) => text.toLowerCase() as Hex);
/** Of addresses, whose spelling is a hash: traces name the same few hundreds of times. */
const spelled = remembered<Address>(4_000);
/** An address as nodes write it, in whichever case; kept in EIP-55 spelling. */
export const hexAddress = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => spelled(text, () => getAddress(text.toLowerCase())));
export const hexWord = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase() as Hex);

const envelope = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
});

/**
 * Opens nothing: the first request connects. `timeoutMs` bounds each request, its retries and the chain id check included.
 * `sent` is told of every message.
 */
export function createRpc(endpoint: Endpoint, timeoutMs: number, sent: () => void = () => undefined): Rpc {
  const identity = chainIdentity(endpoint);
  let lastId = 0;

  async function exchange(calls: readonly RpcCall[], deadline: number): Promise<Answer[]> {
    const first = lastId + 1;
    lastId += calls.length;
    const messages = calls.map((call, index) => ({ jsonrpc: "2.0", id: first + index, ...call }));
    sent();
    const reply = await endpoint.send(messages.length === 1 ? messages[0] : messages, left(deadline));
    return answersOf(reply, first, calls.length, endpoint);
  }

  async function batch(calls: readonly RpcCall[]): Promise<Answer[]> {
    if (calls.length === 0) return [];
    const deadline = performance.now() + timeoutMs;
    return retried(endpoint, timeoutMs, deadline, async () => {
      await identity.check((call) => exchange([call], deadline));
      try {
        const answers = await exchange(calls, deadline);
        if (!identity.known())
          throw endpointFault("unreachable", endpoint, "cannot be reached: the connection was cut.");
        return answers;
      } catch (error) {
        identity.forget();
        throw error;
      }
    });
  }

  function take<T>(answer: Answer, method: string, form: z.ZodType<T>): T {
    if (!answer.ok) throw errorFault(endpoint, method, answer.error);
    const result = form.safeParse(answer.result);
    if (result.success) return result.data;
    throw endpointFault("garbage", endpoint, `answered ${method} with something that is not its result.`, result.error);
  }

  async function request<T>(method: string, params: readonly unknown[], form: z.ZodType<T>): Promise<T> {
    const [answer] = await batch([{ method, params }]);
    if (answer === undefined) throw endpointFault("garbage", endpoint, "answered nothing.");
    return take(answer, method, form);
  }

  return { endpoint, request, batch, take };
}

function left(deadline: number): number {
  return Math.max(1, Math.round(deadline - performance.now()));
}

/** Repeats a read that failed on the way, not one that was answered, and never past the deadline. */
async function retried<T>(endpoint: Endpoint, timeoutMs: number, deadline: number, read: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (error instanceof ChainFault && error.kind === "timeout")
        throw endpointFault("timeout", endpoint, `did not answer within ${timeoutMs / 1000} s.`, error);
      const pause = pauses[attempt];
      const passing = error instanceof ChainFault && (error.kind === "unreachable" || / 429\)/.test(error.message));
      if (!passing || pause === undefined || left(deadline) <= pause * 2) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** Believes an endpoint only while its `eth_chainId` is the configured one: asked first, each minute, and after every fault or reconnect. */
function chainIdentity(endpoint: Endpoint) {
  let until = 0;
  let generation = -1;
  const forget = () => {
    until = 0;
  };
  const known = () => generation === endpoint.generation;
  const check = async (ask: (call: RpcCall) => Promise<Answer[]>): Promise<void> => {
    if (performance.now() < until && known()) return;
    const [answer] = await ask({ method: "eth_chainId", params: [] });
    const id = answer?.ok ? hexQuantity.safeParse(answer.result) : undefined;
    if (answer && !answer.ok) throw errorFault(endpoint, "eth_chainId", answer.error);
    if (!id?.success)
      throw endpointFault("garbage", endpoint, "answered eth_chainId with something that is no number.");
    if (id.data !== chainNumber(endpoint.chain))
      throw endpointFault("wrong chain", endpoint, `is on the wrong chain: it answers for eip155:${id.data}.`);
    until = performance.now() + chainIdSeconds * 1000;
    generation = endpoint.generation;
  };
  return { check, forget, known };
}

/** The form of most of thousands of answers, seen without taking it apart. */
function isPlain(item: unknown): item is { id: number; result: unknown } {
  if (typeof item !== "object" || item === null || !("id" in item) || !("result" in item)) return false;
  return Number.isFinite(item.id) && !("error" in item);
}

/** Puts answers in the calls' order. A missing, doubled or foreign id is garbage. */
function answersOf(reply: unknown, first: number, count: number, endpoint: Endpoint): Answer[] {
  const list = Array.isArray(reply) ? reply : [reply];
  const answers = new Array<Answer | undefined>(count).fill(undefined);
  for (const item of list) {
    const form = isPlain(item) ? { success: true as const, data: item } : envelope.safeParse(item);
    if (!form.success) {
      const refusal = bareError(item);
      if (refusal) throw errorFault(endpoint, "the request", refusal);
      throw endpointFault("garbage", endpoint, "answered with JSON that is not JSON-RPC.", form.error);
    }
    const index = form.data.id - first;
    if (!(index in answers) || answers[index] !== undefined)
      throw endpointFault("garbage", endpoint, "answered a question that was not asked.");
    answers[index] = answerOf(form.data, endpoint);
  }
  return answers.map((answer) => {
    if (answer === undefined) throw endpointFault("garbage", endpoint, "left a part of a batch unanswered.");
    return answer;
  });
}

function answerOf({ result, error }: z.output<typeof envelope>, endpoint: Endpoint): Answer {
  if (error === undefined) {
    if (result === undefined) throw endpointFault("garbage", endpoint, "answered with neither a result nor an error.");
    return { ok: true, result };
  }
  const data = hexBytes.safeParse(innerData(error.data));
  return { ok: false, error: { code: error.code, message: error.message, data: data.success ? data.data : undefined } };
}

/** Some nodes put revert data one level down. */
function innerData(data: unknown): unknown {
  return typeof data === "object" && data !== null && "data" in data ? data.data : data;
}

/** An error without an id: the node could not take the message as a whole. */
function bareError(item: unknown): RpcError | undefined {
  const form = z
    .object({ id: z.null().optional(), error: z.object({ code: z.number(), message: z.string() }) })
    .safeParse(item);
  return form.success ? { ...form.data.error, data: undefined } : undefined;
}

/** Whether the EVM said no, rather than the node. Code 3 is Geth's; other clients only say it in words. */
export function isRevert(error: RpcError): boolean {
  const words = /revert|invalid opcode|out of gas|bad jump|invalid jump|stack (under|over)flow/i;
  return error.code === 3 || words.test(error.message);
}

/** The fault for a node's own error. */
function errorFault(endpoint: Endpoint, method: string, error: RpcError): ChainFault {
  const said = inert(error.message, endpoint.url);
  if (isRevert(error)) {
    const reason = error.data === undefined || error.data === "0x" ? said : revertReason(error.data);
    return endpointFault("reverted", endpoint, `says that the call reverts: ${reason}`.replace(/\.?$/, "."), said);
  }
  if (/header not found|unknown block|block (was )?not found|missing trie node|resource not found/i.test(error.message))
    return endpointFault(
      "rejected",
      endpoint,
      "does not have the block that was asked for: it lags behind, or the block is no longer in the chain.",
      said,
    );
  return endpointFault("rejected", endpoint, `refused ${method}: ${said}`.replace(/\.?$/, "."), `code ${error.code}`);
}
