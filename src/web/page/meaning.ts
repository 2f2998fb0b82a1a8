/** What the signatures asked for will and will not allow, and how long they stay valid: the first thing a signer reads. */

import { duration } from "../../domain/duration.ts";
import { chainNumber } from "../../domain/primitives.ts";
import { phaseOfLeg, proxyChanges } from "../../domain/release-package.ts";
import { counted, inert, listed, utc } from "./plain-words.ts";
import type { Item, Release } from "./release.ts";

export interface Meaning {
  /** One sentence. */
  headline: string;
  will: string[];
  wont: string[];
  /** How long. */
  valid: string[];
}

export function meaningOf(release: Release): Meaning {
  const { items, brief } = release;
  const scheduled = legsOf(items);
  const contained = items.filter((item) => item.transaction.purpose === "containment");
  const what = [
    scheduled.length > 0 ? `put ${upgradeWords(items)} into the timelock (a contract that makes everybody wait)` : "",
    contained.length > 0 ? `keep ${counted(contained.length, "emergency action")} ready` : "",
  ].filter((part) => part !== "");
  const many = items.length !== 1;
  const headline = `Once enough owners have signed, your ${counted(items.length, "signature")} can ${listed(what)}; ${many ? "they run" : "it runs"} no upgrade by ${many ? "themselves" : "itself"}, and ${many ? "each stays" : "it stays"} valid until its Safe uses that nonce (transaction number), even if ${inert(brief.ceremony)} is cancelled.`;
  return {
    headline,
    will: [
      ...scheduled.flatMap((leg) => [
        `After a delay of ${leg.delay}, ${leg.window}, an executor may upgrade ${leg.names} on chain ${leg.chain}.`,
      ]),
      ...contained.map((item) => `With enough signatures, anyone can send this at once: ${actionOf(release, item)}.`),
    ],
    wont: [
      ...(scheduled.length > 0
        ? ["Run a call that is not listed below, or the upgrade before its delay is over."]
        : []),
      ...(contained.length > 1 && sameNonces(contained)
        ? ["Run more than one of the emergency actions: they share a nonce, and using one voids the others."]
        : []),
      "Run anything before as many owners have signed as the Safe demands (its threshold, which is compared below).",
    ],
    valid: [
      ...scheduled.map(
        (leg) =>
          `The upgrade of ${leg.names} can only run until ${leg.until}; its rollback until ${leg.rollbackUntil}.`,
      ),
      `A cancelled ceremony does not take signatures back: only using up the ${items.length === 1 ? "nonce" : "nonces"} on the chain does.`,
    ],
  };

  function legsOf(list: readonly Item[]) {
    const ids = new Set(list.flatMap((item) => item.leg ?? []));
    return [...ids].map((leg) => {
      const { notBefore, notAfter } = release.pkg.phases[phaseOfLeg(release.pkg, leg.id)]?.window ?? {
        notBefore: 0n,
        notAfter: 0n,
      };
      return {
        names: listed(names(leg)),
        chain: chainNumber(leg.chain),
        delay: leg.authority.kind === "safe+timelock" ? duration(leg.authority.delay) : "none",
        window: `not before ${utc(notBefore)} and not after ${utc(notAfter)}`,
        until: utc(notAfter),
        rollbackUntil: utc(leg.rollback.notAfter),
      };
    });
  }
}

function names(leg: NonNullable<Item["leg"]>): string[] {
  const found = proxyChanges(leg).map((change) => change.name);
  return found.length > 0 ? found : [leg.id];
}

function upgradeWords(items: readonly Item[]): string {
  const of = (purpose: string) => items.filter((item) => item.transaction.purpose === purpose).length > 0;
  if (of("upgrade") && of("rollback")) return "the upgrade and its rollback";
  return of("upgrade") ? "the upgrade" : "the rollback";
}

/** What a transaction is for, as a heading. */
export function purposeOf(release: Release, item: Item): string {
  switch (item.transaction.purpose) {
    case "upgrade":
      return `Schedule the upgrade of ${item.leg === undefined ? item.transaction.subject : listed(names(item.leg))}`;
    case "rollback":
      return `Schedule the rollback of ${item.leg === undefined ? item.transaction.subject : listed(names(item.leg))}`;
    default:
      return `Prepare for an emergency: ${actionOf(release, item)}`;
  }
}

/** From the bytes, not from what the package calls it. */
function actionOf(_release: Release, item: Item): string {
  return item.does.sentence.replace(/\.$/, "");
}

function sameNonces(items: readonly Item[]): boolean {
  const keys = items.map(({ transaction: { tx } }) => `${tx.chain}/${tx.safe}/${tx.nonce}`);
  return new Set(keys).size < keys.length;
}
