/**
 * Prepared containments: what kind of answer each is, which breach it answers, and what it is bound to on the chain. A
 * full set of the guardians' signatures is a bearer token: what is bound works only against the code it was signed for,
 * and only until its end.
 */

import { type Abi, encodeFunctionData, parseAbi, toFunctionSelector } from "viem";
import { z } from "zod";
import type { Metric } from "./metrics.ts";
import { multiSendData } from "./multi-send.ts";
import { preconditionCalls } from "./preconditions.ts";
import { type Address, address, bytes32, type ChainId, chainNumber, type Hex, uint } from "./primitives.ts";
import type { Precondition } from "./release-package.ts";
import type { Argument } from "./watch/sources.ts";

/**
 * `freeze` pauses a lane, `isolate` takes a role, module or selector away, `limit` tightens a cap or a route, `degrade` goes
 * on with less, `roll-back` puts older code back.
 */
export const containmentEffect = z.enum(["freeze", "isolate", "limit", "degrade", "roll-back"]);
export type ContainmentEffect = z.output<typeof containmentEffect>;

/** How a containment is lifted again: by whom, by what call, and how many seconds that takes at least. */
export const wayBack = z.strictObject({
  by: z.string().min(1).max(120),
  call: z.string().min(1).max(200),
  delay: uint,
});
export type WayBack = z.output<typeof wayBack>;

/** What the chain itself checks in the transaction of the guardian Safe, before the containment's own call. */
export const binding = z.strictObject({
  /** Safe's MultiSendCallOnly, through which the checks and the call are one transaction. */
  multiSend: address,
  preconditionsAt: address,
  /** Block timestamp, seconds. */
  notAfter: uint,
  /** Of every contract that the containment calls or is read back from. */
  codeHashes: z.array(z.strictObject({ account: address, codeHash: bytes32 })).min(1),
});
export type Binding = z.output<typeof binding>;

/** Beside what a release package has always said of a containment. Packages from before have none of it. */
export const containmentMarks = {
  effect: containmentEffect.optional(),
  bound: binding.optional(),
  /** One signature stays out until a guardian gives the word. */
  heldBack: z.literal(true).optional(),
  wayBack: wayBack.optional(),
};

interface Contained {
  chain: ChainId;
  calls: readonly { to: Address; value: bigint; data: Hex }[];
  bound?: Binding | undefined;
}

/** What the guardian Safe does, call by call: the checks that the chain makes, then the containment. */
export function containmentCalls({ chain, calls, bound }: Contained): { to: Address; value: bigint; data: Hex }[] {
  const own = calls.map(({ to, value, data }) => ({ to, value, data }));
  if (bound === undefined) return own;
  const checks: Precondition[] = [
    { kind: "notAfter", time: bound.notAfter, enforcedBy: "chain" },
    { kind: "chain", number: chainNumber(chain), enforcedBy: "chain" },
    ...bound.codeHashes.map((one): Precondition => ({ kind: "codeHash", ...one, enforcedBy: "chain" })),
  ];
  return [...preconditionCalls(bound.preconditionsAt, checks), ...own];
}

/** The same as the one call of a Safe transaction. `operation` 1, to MultiSendCallOnly, where it is bound. */
export function containmentAction(one: Contained): { to: Address; value: bigint; data: Hex; operation: 0 | 1 } {
  const calls = containmentCalls(one);
  const [only] = calls;
  if (one.bound !== undefined) return { to: one.bound.multiSend, value: 0n, data: multiSendData(calls), operation: 1 };
  if (only === undefined) throw new RangeError("A containment makes a call.");
  return { ...only, operation: 0 };
}

/** Functions that councils contain by, and what they do; others are said in policy. */
const known: readonly [RegExp, ContainmentEffect][] = [
  [/^(pause|freeze|halt|stop|shutdown|disable)/i, "freeze"],
  [/^(revoke|renounce|removeModule|disableModule|block|blacklist|deny)/i, "isolate"],
  [/^upgrade/i, "roll-back"],
  [/^(set|lower|reduce|decrease).*(cap|limit|ceiling|rate|max)/i, "limit"],
];

/** Policy's word; else what the function's name says. Undefined where neither does. */
export function effectOf(said: ContainmentEffect | undefined, signature: string): ContainmentEffect | undefined {
  const name = /^function (\w+)\(/.exec(signature)?.[1] ?? "";
  return said ?? known.find(([pattern]) => pattern.test(name))?.[1];
}

/** Which effects answer a breach of which class. To pause, or to go back to what ran before, answers every one. */
const answers: Readonly<Record<Metric["class"], readonly ContainmentEffect[]>> = {
  asset: ["freeze", "roll-back", "limit"],
  authorization: ["isolate", "freeze", "roll-back"],
  economic: ["limit", "freeze", "roll-back", "degrade"],
  liveness: ["degrade", "roll-back", "freeze"],
};

/** Why a containment does not answer a class of invariant, in a clause; undefined where it does, or nobody says what it is. */
export function unfit(metricClass: Metric["class"], effect: ContainmentEffect | undefined): string | undefined {
  if (effect === undefined || answers[metricClass].includes(effect)) return undefined;
  return `a breach of the class ${metricClass} is answered by ${answers[metricClass].join(", ")}, and not by ${effect}`;
}

/** Calldata of a function that policy names, with its arguments; or the bytes that policy gives, which must be of that function. */
export function preparedData({ signature, args = [], data }: PreparedCall): Hex {
  if (data !== undefined) return data;
  return encodeFunctionData({ abi: parseAbi([signature]) as Abi, args });
}

export interface PreparedCall {
  signature: string;
  args?: readonly Argument[] | undefined;
  data?: Hex | undefined;
}

/** Whether calldata given in policy is a call of the function that stands beside it. */
export function isOfSignature(data: Hex, signature: string): boolean {
  return data.startsWith(toFunctionSelector(signature));
}

/** In a sentence: "pause-vault freezes". */
export const effectNames: Readonly<Record<ContainmentEffect, string>> = {
  freeze: "freezes",
  isolate: "isolates",
  limit: "limits",
  degrade: "degrades",
  "roll-back": "rolls back",
};
