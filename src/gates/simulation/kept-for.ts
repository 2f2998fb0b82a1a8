/** What an initialiser writes for one account: a balance, a permission, a vote that is planted there. Pure. */

import { concat, keccak256, pad, toHex } from "viem";
import type { StepReport } from "../../chain-facts.ts";
import type { Finding } from "../../domain/events.ts";
import { knownSlot } from "../../domain/known-slots.ts";
import { type Address, address, type Hex } from "../../domain/primitives.ts";
import { remembered } from "../../domain/remembered.ts";
import { findings } from "../gate.ts";
import type { Upgrade } from "../upgrades.ts";

const { flag } = findings("simulation");

/** Solidity keeps a mapping's value for a key at keccak256(key ‖ slot): slots and names of mappings that are tried. */
const firstSlots = 24;
const namespaces = { most: 6, members: 8 } as const;
const mostAccounts = 10;
/** Of accounts and slots in code that is checked more than once. */
const places = remembered<Hex>(4_000);

export interface Planting {
  steps: readonly StepReport[];
  upgrade: Upgrade;
  /** Of the new implementation: accounts may be written into it. */
  code: Hex;
  known: ReadonlySet<Address>;
}

export function judgeKeptFor({ steps, upgrade, code, known }: Planting): Finding[] {
  const { proxy, name, initData } = upgrade;
  const written = steps.flatMap((step) => step.storage).filter((one) => one.address === proxy && isHash(one.slot));
  const given = written.filter((one) => BigInt(one.after) !== 0n);
  if (given.length === 0) return [];
  const accounts = accountsIn(initData, code).filter((one) => !known.has(one) && one !== proxy);
  const bases = basesIn(code);
  return accounts.slice(0, mostAccounts).flatMap((account) => {
    const key = pad(account, { size: 32 });
    const own = new Set(bases.map((base) => places(key + base, () => keccak256(concat([key, base])))));
    return given
      .filter((one) => own.has(one.slot))
      .map(({ slot, after }) =>
        flag(
          "kept-for",
          `The initialiser of ${name} writes a value that is kept for ${account}, which policy does not know: a balance, a permission or a vote that this account gets by the upgrade.`,
          {
            evidence: `${proxy} slot ${slot}: ${after}`,
            fix: "Find out whose account it is, and what the value gives it; take it out if nobody can say.",
          },
        ),
      );
  });
}

/** A place that has a name of its own is the hash of that name, so of no account. */
const isHash = (slot: Hex) => BigInt(slot) > 1n << 64n && knownSlot(slot, false) === undefined;

/** As words of the initialiser's arguments, and as constants of the code (PUSH20). */
function accountsIn(initData: Hex, code: Hex): Address[] {
  const words = (initData.slice(10).match(/.{64}/g) ?? []).filter((one) => /^0{24}(?!0{16})/.test(one));
  const pushed = [...code.matchAll(/73([0-9a-f]{40})/g)].map(([, one = ""]) => one);
  const all = [...words.map((one) => one.slice(24)), ...pushed].filter((one) => !/^0{16}|^f{16}|f{16}$/.test(one));
  return [...new Set(all.map((one) => address.parse(`0x${one}`)))];
}

function basesIn(code: Hex): Hex[] {
  const spaces = [...new Set([...code.matchAll(/7f([0-9a-f]{62}00)/g)].map(([, one = ""]) => BigInt(`0x${one}`)))];
  return [
    ...Array.from({ length: firstSlots }, (_, index) => toHex(index, { size: 32 })),
    ...spaces
      .slice(0, namespaces.most)
      .flatMap((one) =>
        Array.from({ length: namespaces.members }, (_, index) => toHex(one + BigInt(index), { size: 32 })),
      ),
  ];
}
