/** What the Safes would sign, decoded call by call: the gates that read bytes start here. */

import { getAddress } from "viem";
import {
  allCalls,
  type CallToDecode,
  type DecodedCall,
  decodeCall,
  type NamedFunctions,
  namedFunctions,
} from "../domain/decode-calls.ts";
import { safesOf } from "../domain/drafting.ts";
import type { Policy } from "../domain/policy.ts";
import { type Address, zeroHash } from "../domain/primitives.ts";
import type { SafeTx } from "../domain/safe-tx.ts";
import { unhashedTransactions } from "../domain/transactions.ts";
import type { Subject } from "./gate.ts";

/** One Safe transaction of a subject. */
export interface Signed {
  /** As people call it: `pilot/upgrade`, or "the transaction". */
  name: string;
  tx: SafeTx;
}

/** Every gate reads the same bytes: they are put together and decoded once for each check. */
const signedOf = new WeakMap<Subject, Signed[]>();
const namesOf = new WeakMap<Policy, NamedFunctions>();
const decodedBy = new WeakMap<NamedFunctions, WeakMap<Signed, DecodedCall>>();

/** Versions and nonces are not known before a review: nothing that is judged from these depends on them. */
export function signedBy(subject: Subject): readonly Signed[] {
  const known = signedOf.get(subject) ?? signedIn(subject);
  signedOf.set(subject, known);
  return known;
}

function signedIn(subject: Subject): Signed[] {
  if (subject.kind === "transaction") return [{ name: "the transaction", tx: subject.tx }];
  const { package: pkg, packageHash } = subject;
  const safes = safesOf(pkg).map((one) => ({ ...one, version: "1.4.1", nonce: 0n }));
  return unhashedTransactions(pkg, { packageHash, auditHead: zeroHash }, safes).map(({ id, tx }) => ({ name: id, tx }));
}

/** Throws {@link import("../domain/decode-calls.ts").TooMuchToDecode}. */
export function decodedOf(signed: Signed, named: NamedFunctions): DecodedCall {
  const decoded = decodedBy.get(named) ?? new WeakMap<Signed, DecodedCall>();
  decodedBy.set(named, decoded);
  const { safe, to, value, data, operation } = signed.tx;
  const call = decoded.get(signed) ?? decodeCall(safe, { to, value, data, operation } satisfies CallToDecode, named);
  decoded.set(signed, call);
  return call;
}

/** Every call of a Safe transaction, the outermost first. */
export function callsOf(signed: Signed, named: NamedFunctions): DecodedCall[] {
  return allCalls(decodedOf(signed, named));
}

/** What policy names besides the functions everybody knows: of the targets' contracts, and of the containments. */
export function functionsOf(policy: Policy): NamedFunctions {
  const known =
    namesOf.get(policy) ??
    namedFunctions(
      policy.targets.flatMap(({ contracts, containment }) => [
        ...contracts.flatMap((one) => one.functions),
        ...containment.map((one) => one.call.signature),
      ]),
    );
  namesOf.set(policy, known);
  return known;
}

/** "call 2.1 of pilot/upgrade". */
export function placeOf({ name }: Signed, { place }: DecodedCall): string {
  return `call ${place} of ${name}`;
}

/** Every address that stands as a word in the calls' bytes, decoded or not: whoever could gain something is named there. */
export function addressesWritten(calls: readonly DecodedCall[]): Address[] {
  const words = calls.flatMap(({ data }) => data.slice(10).match(/.{64}/g) ?? []);
  const found = words
    .filter((word) => /^0{24}(?!0{16})[0-9a-f]{40}$/.test(word))
    .map((word) => getAddress(`0x${word.slice(24)}`));
  return [...new Set(found)];
}
