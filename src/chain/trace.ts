/** What a mined transaction did inside: the slots it changed, and why it failed. */

import { getAddress, toHex } from "viem";
import { z } from "zod";
import type { StepReport } from "../chain-facts.ts";
import { type Address, type Hex, zeroAddress, zeroHash } from "../domain/primitives.ts";
import { revertReason } from "../domain/revert-reason.ts";
import type { Trace } from "../fork.ts";
import { inert } from "./fault.ts";
import { type Answer, hexAddress, hexBytes, hexQuantity, hexWord, type Rpc, type RpcCall } from "./rpc.ts";

const accounts = z.record(
  z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  z.object({ storage: z.record(hexWord, hexWord).optional(), code: hexBytes.optional() }),
);
const difference = z.object({ pre: accounts, post: accounts });

const withLogs = { tracer: "callTracer", tracerConfig: { withLog: true } };
const prestate = { tracer: "prestateTracer", tracerConfig: { diffMode: true } };

/** Slots with another value after the transaction than before, by contract and slot. */
export async function storageChanges(rpc: Rpc, hash: Hex): Promise<StepReport["storage"]> {
  return changedSlots(await rpc.request("debug_traceTransaction", [hash, prestate], difference));
}

function changedSlots({ pre, post }: z.output<typeof difference>): StepReport["storage"] {
  const changes: StepReport["storage"] = [];
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

interface Frame {
  type: string;
  from: Address;
  to?: Address | undefined;
  input?: Hex | undefined;
  value?: bigint | undefined;
  gasUsed?: bigint | undefined;
  error?: string | undefined;
  output?: Hex | undefined;
  logs?: { address: Address; topics: Hex[]; data: Hex }[] | undefined;
  calls?: Frame[] | undefined;
}
const frame: z.ZodType<Frame> = z.object({
  type: z.string(),
  from: hexAddress,
  to: hexAddress.optional(),
  input: hexBytes.optional(),
  value: hexQuantity.optional(),
  gasUsed: hexQuantity.optional(),
  error: z.string().optional(),
  output: hexBytes.optional(),
  logs: z.array(z.object({ address: hexAddress, topics: z.array(hexWord), data: hexBytes })).optional(),
  get calls() {
    return z.array(frame).optional();
  },
});

/** Reasons that only say that something further inside failed. */
const outer = /GS013|FailedCall|FailedInnerCall|gave no reason/;

/** Why a transaction failed, without a full stop: the outermost reason, and the innermost where the outer says little. */
export async function failureReason(rpc: Rpc, hash: Hex): Promise<string> {
  return saidReason(await rpc.request("debug_traceTransaction", [hash, { tracer: "callTracer" }], frame));
}

function saidReason(top: Frame): string {
  const said = reasonOf(top);
  if (!outer.test(said)) return said;
  const inner = reasonOf(deepest(top));
  return inner === said ? said : `${said}: ${inner}`;
}

const plenty = toHex(10n ** 24n);

/** Calls that are traced in one message: what comes back is read at once, and must not take long. */
const together = 20;

/** What each call would do at the newest block, each by itself: calls, logs and differences, two traces a call. */
export async function traceMany(
  rpc: Rpc,
  messages: readonly { from: Address }[],
  blockOverrides: Record<string, string>,
): Promise<Trace[]> {
  const traces: Trace[] = [];
  for (let start = 0; start < messages.length; start += together)
    traces.push(...(await traceTogether(rpc, messages.slice(start, start + together), blockOverrides)));
  return traces;
}

async function traceTogether(
  rpc: Rpc,
  messages: readonly { from: Address }[],
  blockOverrides: Record<string, string>,
): Promise<Trace[]> {
  const trace = (message: { from: Address }, tracer: object): RpcCall => ({
    method: "debug_traceCall",
    // Whoever calls can pay the gas price that is tried: what is looked at is the call.
    params: [message, "latest", { ...tracer, blockOverrides, stateOverrides: { [message.from]: { balance: plenty } } }],
  });
  const answers = await rpc.batch(messages.flatMap((one) => [trace(one, withLogs), trace(one, prestate)]));
  return messages.map((_one, index) => traceIn(rpc, answers.slice(index * 2, index * 2 + 2), "debug_traceCall"));
}

/** The same of a transaction that was mined. */
export async function traceOfMined(rpc: Rpc, hash: Hex): Promise<Trace> {
  const method = "debug_traceTransaction";
  const trace = (tracer: object): RpcCall => ({ method, params: [hash, tracer] });
  return traceIn(rpc, await rpc.batch([trace(withLogs), trace(prestate)]), method);
}

/** Out of the answers of both tracers, calls first. */
function traceIn(rpc: Rpc, answers: readonly Answer[], method: string): Trace {
  const take = <T>(at: number, form: z.ZodType<T>): T => {
    const answer = answers[at];
    if (answer === undefined) throw new Error("a trace was not answered");
    return rpc.take(answer, method, form);
  };
  const top = take(0, frame);
  const states = take(1, difference);
  const success = top.error === undefined;
  return {
    success,
    reason: success ? "" : saidReason(top),
    output: top.output ?? "0x",
    storage: success ? changedSlots(states) : [],
    events: success ? logsIn(top) : [],
    frames: framesIn(top),
    codeChanged: Object.keys(states.post)
      .filter((one) => states.post[one]?.code !== undefined)
      .map((one) => getAddress(one)),
    gasUsed: top.gasUsed ?? 0n,
  };
}

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
