/** What a mined transaction did inside: the slots it changed, and why it failed. */

import { getAddress } from "viem";
import { z } from "zod";
import type { StepReport } from "../chain-facts.ts";
import { type Hex, zeroHash } from "../domain/primitives.ts";
import { revertReason } from "../domain/revert-reason.ts";
import { inert } from "./fault.ts";
import { hexBytes, hexWord, type Rpc } from "./rpc.ts";

const accounts = z.record(
  z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  z.object({ storage: z.record(hexWord, hexWord).optional() }),
);
const difference = z.object({ pre: accounts, post: accounts });

/** Slots with another value after the transaction than before, by contract and slot. */
export async function storageChanges(rpc: Rpc, hash: Hex): Promise<StepReport["storage"]> {
  const tracer = { tracer: "prestateTracer", tracerConfig: { diffMode: true } };
  const { pre, post } = await rpc.request("debug_traceTransaction", [hash, tracer], difference);
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
  error?: string | undefined;
  output?: Hex | undefined;
  calls?: Frame[] | undefined;
}
const frame: z.ZodType<Frame> = z.object({
  error: z.string().optional(),
  output: hexBytes.optional(),
  get calls() {
    return z.array(frame).optional();
  },
});

/** Reasons that only say that something further inside failed. */
const outer = /GS013|FailedCall|FailedInnerCall|gave no reason/;

/** Why a transaction failed, without a full stop: the outermost reason, and the innermost where the outer says little. */
export async function failureReason(rpc: Rpc, hash: Hex): Promise<string> {
  const top = await rpc.request("debug_traceTransaction", [hash, { tracer: "callTracer" }], frame);
  const said = reasonOf(top);
  if (!outer.test(said)) return said;
  const inner = reasonOf(deepest(top));
  return inner === said ? said : `${said}: ${inner}`;
}

function reasonOf({ output, error }: Frame): string {
  if (output !== undefined && output !== "0x") return revertReason(output);
  return error === undefined || /revert/i.test(error) ? revertReason("0x") : `the call ended with "${inert(error)}"`;
}

/** Follows the last failing call inwards: what failed before it was caught. */
function deepest(at: Frame): Frame {
  const failing = at.calls?.findLast((call) => call.error !== undefined);
  return failing ? deepest(failing) : at;
}
