/** Code that proxies ran before, and whether new code is such code again. */

import type { CodeIdentity } from "../build-facts.ts";
import type { PastImplementation } from "../code-facts.ts";
import { withoutAddress } from "../domain/bytecode.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import type { GateInput } from "./gate.ts";
import type { NewCode } from "./new-code.ts";

export interface PastCode extends PastImplementation {
  code: Hex;
  /** Contracts of builds that it equals. */
  equal: readonly CodeIdentity[];
}

/** By the events of each proxy and of its beacon; three requests a chain, and one look at the builds. */
export async function pastOf(
  changes: readonly NewCode[],
  { chains, builds }: GateInput,
): Promise<ReadonlyMap<NewCode, PastCode[]>> {
  const found = new Map<NewCode, PastCode[]>();
  for (const id of new Set(changes.map((one) => one.chain))) {
    const own = changes.filter((one) => one.chain === id);
    const past = await chains.get(id).implementationsOf(own.flatMap(({ proxy, through }) => [proxy, through]));
    const accounts = [...new Set(past.map((one) => one.implementation))];
    const codes = await chains.get(id).codes(accounts);
    const identified = await builds.identify(codes);
    for (const change of own)
      found.set(
        change,
        past
          .filter(({ setBy }) => setBy === change.proxy || setBy === change.through)
          .filter(({ implementation }) => implementation !== change.from)
          .map((one) => {
            const index = accounts.indexOf(one.implementation);
            return { ...one, code: codes[index] ?? "0x", equal: identified[index]?.equal ?? [] };
          }),
      );
  }
  return found;
}

/** Byte for byte but for its own address, or the same contract of the same build with other values in it. */
export function isAlike(past: PastCode, { to, toCode }: NewCode, identity: CodeIdentity | undefined): boolean {
  if (sameSource(toCode, to, past.code, past.implementation)) return true;
  return past.equal.some((one) => one.build === identity?.build && one.contract === identity.contract);
}

export function sameSource(code: Hex, own: Address, other: Hex, otherOwn: Address): boolean {
  return other !== "0x" && withoutAddress(code, own) === withoutAddress(other, otherOwn);
}
