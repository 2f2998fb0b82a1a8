/** What a transaction does inside: the slots it changes, whom it calls, and why it fails. */

import { getAddress, toHex } from "viem";
import { z } from "zod";
import type { Head, StepReport } from "../chain-facts.ts";
import { type Address, type Hex, zeroAddress, zeroHash } from "../domain/primitives.ts";
import { revertReason } from "../domain/revert-reason.ts";
import type { Trace } from "../fork.ts";
import { inert } from "./fault.ts";
import { type Answer, hexQuantity, hexWord, type Rpc, type RpcCall } from "./rpc.ts";
import { difference, type Frame, frame, whole } from "./trace-forms.ts";

const withLogs = { tracer: "callTracer", tracerConfig: { withLog: true } };
const prestate = { tracer: "prestateTracer", tracerConfig: { diffMode: true } };
/** Without the code of every account that was called. */
const storageAlone = { tracer: "prestateTracer", tracerConfig: { diffMode: true, disableCode: true } };

type Changes = StepReport["storage"];

function changedSlots({ pre, post }: z.output<typeof difference>): Changes {
  const changes: Changes = [];
  for (const address of new Set([...Object.keys(pre), ...Object.keys(post)])) {
    const [before, after] = [pre[address]?.storage ?? {}, post[address]?.storage ?? {}];
    // A side that leaves a slot out means zero there; slots that end as they began are in neither.
    for (const slot of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<Hex>)
      changes.push({
        address: getAddress(address),
        slot,
        before: before[slot] ?? zeroHash,
        after: after[slot] ?? zeroHash,
      });
  }
  return changes.sort((a, b) => (a.address + a.slot < b.address + b.slot ? -1 : 1));
}

/** Reasons that only say that something further inside failed. */
const outer = /GS013|FailedCall|FailedInnerCall|gave no reason/;

const headForm = z.object({ number: hexQuantity, hash: hexWord, timestamp: hexQuantity });

interface MinedTrace {
  head: Head;
  storage: Changes;
  reason: string;
  words: Hex[];
  along: Answer[];
}

/**
 * What the newest block's only transaction did: the block, the slots it changed, and why it failed if it did.
 * `reads`: storage that is read along with it; `along`: whatever else is to be asked then.
 */
export async function minedTrace(
  rpc: Rpc,
  hash: Hex,
  success: boolean,
  reads: readonly RpcCall[],
  along: readonly RpcCall[],
): Promise<MinedTrace> {
  const trace = (tracer: object): RpcCall => ({ method: "debug_traceTransaction", params: [hash, tracer] });
  // One message: anvil answers it in turn. Asked beside each other, a trace and a read wait for one another for ever.
  const answers = await rpc.batch([
    { method: "eth_getBlockByNumber", params: ["latest", false] },
    trace(storageAlone),
    ...reads,
    ...along,
    ...(success ? [] : [trace({ tracer: "callTracer" })]),
  ]);
  const [block, states, ...others] = answers;
  const calls = others[reads.length + along.length];
  return {
    head: rpc.take(block ?? unanswered, "eth_getBlockByNumber", headForm),
    storage: changedSlots(rpc.take(states ?? unanswered, "debug_traceTransaction", difference)),
    reason: success ? "" : saidReason(rpc.take(calls ?? unanswered, "debug_traceTransaction", frame)),
    words: reads.map(({ method }, index) => rpc.take(others[index] ?? unanswered, method, hexWord)),
    along: others.slice(reads.length, reads.length + along.length),
  };
}

const unanswered = { ok: true, result: undefined } as const;

/** The outermost reason, without a full stop, and the innermost where the outer says little. */
function saidReason(top: Frame): string {
  const said = reasonOf(top);
  if (!outer.test(said)) return said;
  const inner = reasonOf(deepest(top));
  return inner === said ? said : `${said}: ${inner}`;
}

const plenty = toHex(10n ** 24n);
/** State in which a caller can pay whatever gas price is tried: what is looked at is the call. */
export const rich = (caller: Address) => ({ [caller]: { balance: plenty } });

/** Calls that are traced in one message: what comes back is read at once, and must not take long. */
const together = 40;

export interface TraceRequest {
  message: { from: Address };
  blockOverrides: Record<string, string>;
}

async function inParts<T>(
  requests: readonly TraceRequest[],
  read: (part: TraceRequest[]) => Promise<T[]>,
): Promise<T[]> {
  const all: T[] = [];
  for (let start = 0; start < requests.length; start += together)
    all.push(...(await read(requests.slice(start, start + together))));
  return all;
}

/** What each call would do at the newest block, each by itself: calls, logs and differences, two traces a call. */
export function traceMany(rpc: Rpc, requests: readonly TraceRequest[]): Promise<Trace[]> {
  return inParts(requests, (part) => traceTogether(rpc, part));
}

/** Whom each call would call at the newest block, each by itself; undefined of one that fails. */
export function framesOf(rpc: Rpc, requests: readonly TraceRequest[]): Promise<(Trace["frames"] | undefined)[]> {
  return inParts(requests, async (part) => {
    const answers = await rpc.batch(part.map((one) => trace(one, { tracer: "callTracer" })));
    const tops = answers.map((answer) => taken(rpc, answer, "debug_traceCall", frame));
    return tops.map((top) => (top.error === undefined ? framesIn(top) : undefined));
  });
}

/**
 * Slots that each call would change at the newest block, each by itself; undefined of one that creates a contract: whoever
 * does has another nonce after it, and no call by itself changes code otherwise (EIP-6780).
 */
export function writtenBy(rpc: Rpc, requests: readonly TraceRequest[]): Promise<(Changes | undefined)[]> {
  return inParts(requests, async (part) => {
    const answers = await rpc.batch(part.map((one) => trace(one, storageAlone)));
    return part.map(({ message }, index) => {
      const left = taken(rpc, answers[index], "debug_traceCall", whole);
      const others = Object.keys(left.post).filter((one) => getAddress(one) !== message.from);
      return others.some((one) => left.post[one]?.nonce !== undefined) ? undefined : changedSlots(left);
    });
  });
}

const trace = ({ message, blockOverrides }: TraceRequest, tracer: object): RpcCall => ({
  method: "debug_traceCall",
  params: [message, "latest", { ...tracer, blockOverrides, stateOverrides: rich(message.from) }],
});

async function traceTogether(rpc: Rpc, requests: readonly TraceRequest[]): Promise<Trace[]> {
  const answers = await rpc.batch(requests.flatMap((one) => [trace(one, withLogs), trace(one, storageAlone)]));
  const tops = requests.map((_one, index) => taken(rpc, answers[index * 2], "debug_traceCall", frame));
  const creating = requests.filter((_one, index) => changesCode(tops[index]));
  const whole = await rpc.batch(creating.map((one) => trace(one, prestate)));
  const changed = new Map(
    creating.map((one, index) => [one, codeChanged(taken(rpc, whole[index], "debug_traceCall", difference))] as const),
  );
  return requests.map((request, index) => {
    const states = () => taken(rpc, answers[index * 2 + 1], "debug_traceCall", difference);
    return traceOf(tops[index] as Frame, states, changed.get(request) ?? []);
  });
}

/** What a call leaves of an account: what is not named stayed as it was. */
export interface Left {
  address: Address;
  /** Wei. */
  balance: bigint | undefined;
  nonce: number | undefined;
  code: Hex | undefined;
  storage: Record<Hex, Hex>;
}

/** One call at the newest block, and all that it leaves behind. */
export async function traceWhole(
  rpc: Rpc,
  { message, ...overrides }: TraceRequest & { stateOverrides: object },
): Promise<Trace & { left: Left[] }> {
  const method = "debug_traceCall";
  const trace = (tracer: object): RpcCall => ({ method, params: [message, "latest", { ...tracer, ...overrides }] });
  const [calls, alone] = await rpc.batch([trace(withLogs), trace(storageAlone)]);
  const top = taken(rpc, calls, method, frame);
  if (top.error !== undefined) return { ...traceOf(top, () => ({ pre: {}, post: {} }), []), left: [] };
  // Code is asked for where any came or went: it is most of the answer.
  const [states] = changesCode(top) ? await rpc.batch([trace(prestate)]) : [alone];
  const changed = taken(rpc, states, method, whole);
  return { ...traceOf(top, () => changed, changesCode(top) ? codeChanged(changed) : []), left: leftIn(changed) };
}

function leftIn(changed: z.output<typeof whole>): Left[] {
  const slots = Map.groupBy(changedSlots(changed), (one) => one.address);
  return Object.entries(changed.post).map(([name, { balance, nonce, code }]): Left => {
    const address = getAddress(name);
    const storage = Object.fromEntries((slots.get(address) ?? []).map(({ slot, after }) => [slot, after]));
    return { address, balance, nonce, code, storage };
  });
}

/** The same of a transaction that was mined. */
export async function traceOfMined(rpc: Rpc, hash: Hex): Promise<Trace> {
  const method = "debug_traceTransaction";
  const [calls, states] = await rpc.batch(
    [withLogs, prestate].map((tracer): RpcCall => ({ method, params: [hash, tracer] })),
  );
  const changed = taken(rpc, states, method, difference);
  return traceOf(taken(rpc, calls, method, frame), () => changed, codeChanged(changed));
}

function taken<T>(rpc: Rpc, answer: Answer | undefined, method: string, form: z.ZodType<T>): T {
  if (answer === undefined) throw new Error("a trace was not answered");
  return rpc.take(answer, method, form);
}

/** A call that failed changed no storage and logged nothing; `states` is not read then. */
function traceOf(top: Frame, states: () => z.output<typeof difference>, changed: Address[]): Trace {
  const success = top.error === undefined;
  return {
    success,
    reason: success ? "" : saidReason(top),
    output: top.output ?? "0x",
    storage: success ? changedSlots(states()) : [],
    events: success ? logsIn(top) : [],
    frames: framesIn(top),
    codeChanged: changed,
    gasUsed: top.gasUsed ?? 0n,
  };
}

/** Code comes and goes in no other frames; a call by itself brings no delegation (EIP-7702). */
const changesCode = (at: Frame | undefined): boolean =>
  at !== undefined && (/^(CREATE|SELFDESTRUCT)/.test(at.type) || (at.calls ?? []).some(changesCode));

const codeChanged = ({ post }: z.output<typeof difference>): Address[] =>
  Object.keys(post)
    .filter((one) => post[one]?.code !== undefined)
    .map((one) => getAddress(one));

/** Of calls that did not fail: what a failed call logged is undone with it. */
function logsIn({ logs = [], calls = [], error }: Frame): Trace["events"] {
  return error === undefined ? [...logs, ...calls.flatMap(logsIn)] : [];
}

function framesIn({ type, from, to, input, value, error, calls = [] }: Frame): Trace["frames"] {
  const own = {
    type,
    from,
    to: to ?? zeroAddress,
    input: input ?? "0x",
    value: value ?? 0n,
    failed: error !== undefined,
  };
  return [own, ...calls.flatMap(framesIn)];
}

function reasonOf({ output, error }: Pick<Frame, "output" | "error">): string {
  if (output !== undefined && output !== "0x") return revertReason(output);
  return error === undefined || /revert/i.test(error) ? revertReason("0x") : `the call ended with "${inert(error)}"`;
}

/** Follows the last failing call inwards: what failed before it was caught. */
function deepest(at: Frame): Frame {
  const failing = at.calls?.findLast((call) => call.error !== undefined);
  return failing ? deepest(failing) : at;
}
