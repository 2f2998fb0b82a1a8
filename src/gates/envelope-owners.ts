/** A change of a Safe's owners that stands alone: who gets a key, and how many keys are enough afterwards. */

import type { SafeFacts } from "../chain-facts.ts";
import type { DecodedCall } from "../domain/decode-calls.ts";
import type { Finding } from "../domain/events.ts";
import { type Policy, personOfWallet } from "../domain/policy.ts";
import type { Address } from "../domain/primitives.ts";
import { findings } from "./gate.ts";

const { refuse, flag, info } = findings("envelope");

interface Setting {
  policy: Policy | undefined;
  safe?: Pick<SafeFacts, "owners" | "threshold">;
  gas?: Address;
}

/** `where` begins the sentence. */
export function ownerChange(where: string, call: DecodedCall, setting: Setting, evidence: string): Finding[] {
  const name = call.known?.abi.name ?? "";
  const last = call.args.at(-1);
  const threshold = name !== "swapOwner" && typeof last === "bigint" ? last : undefined;
  if (threshold !== undefined && threshold < 2n)
    return [
      refuse(
        "threshold",
        `${where} lets the Safe act on ${threshold === 1n ? "one signature" : "no signature"}: each owner would be the whole council.`,
        { evidence, fix: "Keep a threshold of two or more." },
      ),
    ];
  const said = info(
    "owners",
    `${where} changes the owners or the threshold of the Safe, and that is all this transaction does.`,
    { evidence },
  );
  const added = name === "swapOwner" ? call.args[2] : name === "addOwnerWithThreshold" ? call.args[0] : undefined;
  const removed = name === "swapOwner" ? call.args[1] : undefined;
  return [
    said,
    ...lowered(where, threshold, setting, evidence),
    ...(added === undefined ? [] : newOwner(added as Address, removed as Address | undefined, setting, evidence)),
  ];
}

/** Fewer signatures than today: a thief needs fewer keys. */
function lowered(where: string, threshold: bigint | undefined, { safe }: Setting, evidence: string): Finding[] {
  if (safe === undefined || threshold === undefined || threshold >= BigInt(safe.threshold)) return [];
  return [
    flag(
      "threshold-lower",
      `${where} lowers the Safe's threshold from ${safe.threshold} to ${threshold}: whoever steals keys needs fewer of them.`,
      { evidence, fix: "Keep the threshold as it is, unless the council has decided on fewer signatures." },
    ),
  ];
}

function newOwner(
  added: Address,
  removed: Address | undefined,
  { policy, safe, gas }: Setting,
  evidence: string,
): Finding[] {
  if (added === gas)
    return [
      refuse(
        "gas-owner",
        `The new owner ${added} is the key on Quorate's host that pays gas: it must decide nothing.`,
        {
          evidence,
          fix: "Take a person's wallet.",
        },
      ),
    ];
  const person = policy === undefined ? undefined : personOfWallet(policy, added);
  if (policy === undefined || person === undefined)
    return [
      flag("new-owner", `The new owner ${added} belongs to nobody in the council's policy.`, {
        evidence,
        fix: "Link the wallet to its person in policy first, so that everybody sees who gets the key.",
      }),
    ];
  const other = safe?.owners.find((one) => one !== removed && personOfWallet(policy, one)?.id === person.id);
  return other === undefined
    ? []
    : [
        refuse(
          "second-key",
          `The new owner ${added} belongs to ${person.name}, who has ${other} in this Safe already: one person would sign as two.`,
          { evidence, fix: "Give the key to somebody else, or take the other one out in the same step (swapOwner)." },
        ),
      ];
}
