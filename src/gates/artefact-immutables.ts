/** Immutable values in new code: the source does not say them, so each has to be what it was, or what policy knows. */

import { getAddress, numberToHex } from "viem";
import type { Finding } from "../domain/events.ts";
import { type Address, type Hex, zeroAddress } from "../domain/primitives.ts";
import { signingValues } from "./artefact-signing.ts";
import { findings } from "./gate.ts";

const { refuse, flag, info } = findings("artefact");

export interface ImmutableValue {
  name: string;
  /** Solidity type; empty where the build does not say. */
  type: string;
  /** 32 bytes. */
  value: Hex;
}

export interface ImmutableFacts {
  /** The contract's name for people. */
  name: string;
  chainNumber: bigint;
  now: { address: Address; values: readonly ImmutableValue[] };
  /** Undefined where the present code is of no known build. */
  before: { address: Address; values: readonly ImmutableValue[] } | undefined;
  /** What policy says they have to be, by variable. */
  declared: Readonly<Record<string, Address | Hex | bigint>>;
  known: ReadonlySet<Address>;
}

export function judgeImmutables(facts: ImmutableFacts): Finding[] {
  const { now, chainNumber } = facts;
  const signing = signingValues(
    now.values.map((one) => one.value),
    chainNumber,
    now.address,
  );
  return now.values.filter((one) => !signing.has(one.value)).flatMap((one) => judgeOne(one, facts) ?? []);
}

function judgeOne(one: ImmutableValue, facts: ImmutableFacts): Finding | undefined {
  const { name, now, before, declared } = facts;
  const old = before?.values.find((other) => other.name === one.name);
  const evidence = `${one.name} = ${shown(one)}${old === undefined ? "" : `; in the present code ${shown(old)}`}`;
  const wanted = Object.hasOwn(declared, one.name) ? declared[one.name] : undefined;
  if (wanted !== undefined) {
    if (word(wanted) === one.value) return undefined;
    return refuse(
      "immutable-declared",
      `The new code of ${name} was deployed with another value of ${one.name} than policy says.`,
      {
        evidence: `${evidence}; policy says ${String(wanted)}`,
        fix: "Deploy it again with the right constructor arguments.",
      },
    );
  }
  const self =
    word(now.address) === one.value && (old === undefined || old.value === word(before?.address ?? zeroAddress));
  if (self || old?.value === one.value) return undefined;
  return isAddress(one) ? judgeAddress(one, old, facts, evidence) : judgeNumber(one, old, name, evidence);
}

const declareIt =
  "Ask whoever deployed it; if the value is right, name it in the policy target under code.immutables or code.addresses.";

function judgeAddress(
  one: ImmutableValue,
  old: ImmutableValue | undefined,
  facts: ImmutableFacts,
  evidence: string,
): Finding {
  const { name, known, before } = facts;
  const value = addressOf(one.value);
  const familiar = known.has(value) || before?.values.some((other) => other.value === one.value) === true;
  if (!familiar)
    return refuse(
      "immutable-address",
      `The new code of ${name} was deployed with ${one.name} set to an address that policy does not know${old === undefined ? "" : ", and that is another than in the present code"}.`,
      { evidence, fix: declareIt },
    );
  if (old !== undefined)
    return flag(
      "immutable-changed",
      `The value ${one.name} in the new code of ${name} is another known address than in the present code.`,
      {
        evidence,
        fix: declareIt,
      },
    );
  return info("immutable-known", `The value ${one.name} in the new code of ${name} is an address that policy knows.`, {
    evidence,
  });
}

function judgeNumber(one: ImmutableValue, old: ImmutableValue | undefined, name: string, evidence: string): Finding {
  const words =
    old === undefined
      ? `The new code of ${name} holds ${one.name}, which the present code does not have and no source shows: weigh its value.`
      : `The new code of ${name} was deployed with another value of ${one.name} than the present code.`;
  return flag(old === undefined ? "immutable-new" : "immutable-changed", words, { evidence, fix: declareIt });
}

/** By its type; where the build has none, by looking like one: no number is that large and that small. */
function isAddress({ type, value }: ImmutableValue): boolean {
  if (type !== "") return type.startsWith("address") || type.startsWith("contract ");
  const number = BigInt(value);
  return number > 1n << 80n && number < 1n << 160n;
}

const addressOf = (value: Hex): Address => getAddress(`0x${value.slice(-40)}`);

function word(value: Address | Hex | bigint): Hex {
  return numberToHex(BigInt(value), { size: 32 });
}

function shown(one: ImmutableValue): string {
  if (isAddress(one)) return addressOf(one.value);
  return one.type.startsWith("uint") ? BigInt(one.value).toString() : one.value;
}
