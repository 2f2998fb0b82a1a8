/** Every storage slot that a run wrote, and why: what nobody can explain is red. Pure. */

import type { StepReport } from "../../chain-facts.ts";
import type { Finding } from "../../domain/events.ts";
import { knownSlot, slots } from "../../domain/known-slots.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import type { Change } from "../../domain/release-package.ts";
import { findings } from "../gate.ts";
import type { KnownGain } from "../known-gains.ts";
import type { Upgrade } from "../upgrades.ts";

const { refuse, flag, info } = findings("simulation");

export interface Run {
  steps: readonly StepReport[];
  upgrades: readonly Upgrade[];
  safes: readonly Address[];
  timelocks: readonly Address[];
  /** Contracts that the calls are plainly about: the direct targets, and what the package declares. */
  meant: readonly Address[];
  declared?: readonly Change[];
  /** What the one call of a transaction gives to whom policy has for it. */
  gain?: KnownGain | undefined;
  /** Slots that the package says will change. */
  expected: readonly { address: Address; slot: Hex; value: Hex }[];
  /** Undefined where no build tells the names of the contract's variables. */
  variableOf(account: Address, slot: Hex): string | undefined;
}

export function judgeSlots(run: Run): Finding[] {
  const written = run.steps.flatMap((step) => step.storage.map((change) => ({ step: step.name, ...change })));
  return written.flatMap((change) => {
    const why = explain(change, run);
    return why === undefined ? unexplained(change, run) : why.finding;
  });
}

type Write = StepReport["storage"][number] & { step: string };

/** Undefined: nobody can say why. */
function explain(change: Write, run: Run): { finding: Finding[] } | undefined {
  const { address, slot, after } = change;
  if (run.expected.some((one) => one.address === address && one.slot === slot && one.value === after))
    return { finding: [] };
  if (run.timelocks.includes(address)) return { finding: [] };
  const holder = run.gain?.contract === address ? run.gain.holder : undefined;
  if (typeof holder === "string" && (pointsTo(after, holder) || BigInt(after) === 0n)) return { finding: [] };
  // How many owners and signatures there are then is compared by what the Safe answers.
  if ([3n, 4n].includes(BigInt(slot)) && run.declared?.some((one) => one.kind === "safeOwners" && one.safe === address))
    return { finding: [] };
  const upgrade = run.upgrades.find((one) => one.proxy === address || one.through === address);
  const isNewCode = run.upgrades.some(
    (one) => (one.proxy === address || one.through === address) && pointsTo(after, one.to),
  );
  if (upgrade !== undefined && isNewCode && (slot === slots.implementation || upgrade.through === address))
    return { finding: [] };
  if (slot === slots.initializable && upgrade !== undefined) return { finding: [] };
  if (run.safes.includes(address) && (BigInt(slot) === 5n || knownSlot(slot, true) === undefined))
    return { finding: [] };
  if (knownSlot(slot, run.safes.includes(address)) !== undefined) return undefined;
  if (upgrade?.proxy === address) {
    const name = run.variableOf(address, slot);
    return {
      finding: [
        info("initialised", `The initialiser of ${upgrade.name} writes ${name ?? `slot ${short(slot)}`}: ${after}.`, {
          evidence: shown(change),
        }),
      ],
    };
  }
  return run.meant.includes(address) ? { finding: [] } : undefined;
}

function unexplained(change: Write, run: Run): Finding[] {
  const { address, slot, step } = change;
  const known = knownSlot(slot, run.safes.includes(address));
  const detail = {
    evidence: shown(change),
    fix: "Find the call that writes it, and take it out; or declare what it is for, under expects.storage.",
  };
  if (known?.authority)
    return [
      refuse(
        "slot",
        `In "${step}" ${known.name} of ${nameOf(address, run)} is overwritten, and nothing in the calls says so.`,
        detail,
      ),
    ];
  return [
    flag(
      "unexplained",
      `In "${step}" the contract ${nameOf(address, run)} is changed, which the calls are not about.`,
      detail,
    ),
  ];
}

const pointsTo = (word: Hex, account: Address) => word.slice(-40) === account.slice(2).toLowerCase();
const nameOf = (address: Address, { upgrades }: Run) => upgrades.find((one) => one.proxy === address)?.name ?? address;
const short = (slot: Hex) => (BigInt(slot) < 1_000n ? BigInt(slot).toString() : `${slot.slice(0, 10)}…`);
const shown = ({ address, slot, before, after }: Write) => `${address} slot ${slot}: ${before} before, ${after} after`;
