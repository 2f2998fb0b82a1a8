/** A chain's metrics, compiled once into what one eth_call judges on every block. */

import { keccak256, stringToBytes } from "viem";
import { baselineOf, type Metric } from "../metrics.ts";
import type { Address, Hex } from "../primitives.ts";
import { boundOf, type Condition } from "./conditions.ts";
import { type Comparison, entryCode } from "./entry-code.ts";
import { type Expression, expressionOf, isSigned, NoExpression } from "./expression.ts";

export interface CatalogueEntry {
  /** Its metric's id. */
  metric: string;
  /**
   * Where it is judged: in a call on the chain as it is, in one that finds the code of `slots` replaced by code that
   * answers storage, or outside, by whoever asked.
   */
  judged: "call" | "slots" | "outside";
  /** In the Evaluator's form; 0x where it is judged outside. */
  code: Hex;
  signed: boolean;
  /** Where the word that comes back is compared with this one: the value is 1 where they are the same, else 0. */
  equals: bigint | undefined;
  /** Accounts whose storage is read. */
  slots: readonly Address[];
  /** Why it is judged outside: a clause for people. Empty elsewhere. */
  reason: string;
}

export interface Catalogue {
  /** keccak256 over everything below: the same hash, the same judgements at the same indices. */
  hash: Hex;
  entries: readonly CatalogueEntry[];
}

/**
 * Total: a metric that no call can judge is an entry all the same, marked so. A condition on a baseline that is not
 * known never holds. Values come back of metrics with `report`, and of those that fail.
 */
export function compile(metrics: readonly Metric[], baselines: ReadonlyMap<string, bigint>): Catalogue {
  const entries = metrics.map((metric) => entryOf(metric, baselineOf(metric, baselines.get(metric.id))));
  const text = entries.map(({ metric, judged, code }) => `${metric} ${judged} ${code}\n`).join("");
  return { hash: keccak256(stringToBytes(text)), entries };
}

function entryOf(metric: Metric, baseline: bigint | undefined): CatalogueEntry {
  try {
    const value = expressionOf(metric);
    const slots = slotAccounts(value);
    if (slots.length > 0 && hasCall(value))
      throw new NoExpression("storage and a call's answer do not come out of the same call");
    const [pass, fail] = [comparison(metric.pass, baseline), comparison(metric.fail, baseline)];
    const coded = entryCode(value, pass, fail, metric.report);
    const judged = slots.length > 0 ? "slots" : "call";
    return { metric: metric.id, judged, ...coded, signed: isSigned(value), slots, reason: "" };
  } catch (fault) {
    if (!(fault instanceof NoExpression || fault instanceof RangeError)) throw fault;
    const nowhere = { code: "0x", signed: true, equals: undefined, slots: [] } as const;
    return { metric: metric.id, judged: "outside", ...nowhere, reason: fault.message };
  }
}

const masks = { "<": 1, "<=": 3, "=": 2, ">=": 6, ">": 4 } as const;

function comparison(rule: Condition, baseline: bigint | undefined): Comparison {
  const limit = boundOf(rule, baseline);
  return limit === undefined ? { mask: 0, limit: 0n } : { mask: masks[rule.is], limit };
}

/** The value in a word that came back. */
export function valueIn({ signed, equals }: CatalogueEntry, word: bigint): bigint {
  if (equals !== undefined) return word === equals ? 1n : 0n;
  return signed ? BigInt.asIntN(256, word) : word;
}

function leaves(one: Expression): Expression[] {
  return "a" in one ? [...leaves(one.a), ...leaves(one.b)] : [one];
}

const hasCall = (value: Expression) => leaves(value).some((leaf) => leaf.kind === "call" || leaf.kind === "codeHash");

function slotAccounts(value: Expression): Address[] {
  return [...new Set(leaves(value).flatMap((leaf) => (leaf.kind === "slot" ? [leaf.account] : [])))];
}
