/** What the signatures asked for will and will not allow, and how long they stay valid: the first thing a signer reads. */

import { duration } from "../../domain/duration.ts";
import { chainNumber } from "../../domain/primitives.ts";
import { type Leg, phaseOfLeg, proxyChanges, type ReleasePackage } from "../../domain/release-package.ts";
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
  const { items } = release;
  const scheduled = items.filter((item) => item.leg !== undefined);
  const contained = items.filter((item) => item.leg === undefined);
  const oneOnly = contained.length > 1 && shareNonces(contained);
  return {
    headline: headline(release, scheduled, contained),
    will: [
      ...scheduled.map((item) => whatMayRun(release, item)),
      ...contained.map((item) => `With enough signatures, anyone can send this at once: ${action(item)}.`),
    ],
    wont: [
      ...(scheduled.length > 0 ? ["Run a call that is not listed below, or an upgrade before its delay is over."] : []),
      ...(oneOnly
        ? ["Run more than one of the emergency actions: they share a nonce, and using one voids the others."]
        : []),
      "Run anything before as many owners have signed as the Safe demands (its threshold, which is compared below).",
    ],
    valid: [
      ...scheduled.map((item) => lastMoment(release, item)),
      ...contained.flatMap((item) => lastMomentOf(release, item)),
      `A cancelled ceremony does not take signatures back: only using up the ${items.length === 1 ? "nonce" : "nonces"} on the chain does.`,
    ],
  };
}

function headline({ items, brief }: Release, scheduled: readonly Item[], contained: readonly Item[]): string {
  const what = [
    scheduled.length > 0
      ? `put ${scheduledWords(scheduled)} into the timelock (a contract that makes everybody wait)`
      : "",
    contained.length > 0 ? `keep ${counted(contained.length, "emergency action")} ready` : "",
  ].filter((part) => part !== "");
  const [run, stay] =
    items.length === 1
      ? ["it runs no upgrade by itself", "it stays"]
      : ["they run no upgrade by themselves", "each stays"];
  return `Once enough owners have signed, your ${counted(items.length, "signature")} can ${listed(what)}; ${run}, and ${stay} valid until its Safe uses that nonce (transaction number), even if ${inert(brief.ceremony)} is cancelled.`;
}

function scheduledWords(items: readonly Item[]): string {
  const some = (purpose: string) => items.some((item) => item.transaction.purpose === purpose);
  if (some("upgrade") && some("rollback")) return "the upgrade and its rollback";
  return some("upgrade") ? "the upgrade" : "the rollback";
}

function whatMayRun({ pkg }: Release, { leg, transaction }: Item): string {
  if (leg === undefined) return "";
  const delay =
    leg.authority.kind === "safe+timelock" ? `After a delay of ${duration(leg.authority.delay)}` : "At once";
  const on = `on chain ${chainNumber(leg.chain)}`;
  if (transaction.purpose === "rollback")
    return leg.rollback.mode === "presigned"
      ? `Whoever has the signatures can schedule the rollback at any time, which is done when somebody asks for it. ${delay} from then, and only after the upgrade, an executor may put ${names(leg)} ${on} back to the code of today.`
      : `${delay}, and only after the upgrade, an executor may put ${names(leg)} ${on} back to the code of today.`;
  const { notBefore, notAfter } = windowOf(pkg, leg);
  return `${delay}, from ${utc(notBefore)} to ${utc(notAfter)}, an executor may upgrade ${names(leg)} ${on}.`;
}

function lastMoment({ pkg }: Release, { leg, transaction }: Item): string {
  if (leg === undefined) return "";
  const back = transaction.purpose === "rollback";
  const until = back ? leg.rollback.notAfter : windowOf(pkg, leg).notAfter;
  return `The ${back ? "rollback" : "upgrade"} of ${names(leg)} can run until ${utc(until)}, and never after.`;
}

function lastMomentOf({ pkg }: Release, { transaction }: Item): string[] {
  const bound = pkg.containment.find((one) => one.id === transaction.subject)?.bound;
  return bound === undefined
    ? []
    : [
        `The emergency action ${inert(transaction.subject)} can be used until ${utc(bound.notAfter)}, and only while the contracts that it calls have the code of today.`,
      ];
}

function windowOf(pkg: ReleasePackage, leg: Leg): { notBefore: bigint; notAfter: bigint } {
  return pkg.phases[phaseOfLeg(pkg, leg.id)]?.window ?? { notBefore: 0n, notAfter: 0n };
}

function names(leg: Leg): string {
  const found = proxyChanges(leg).map((change) => change.name);
  return found.length > 0 ? listed(found) : leg.id;
}

/** What a transaction is for, as a heading. */
export function purposeOf(item: Item): string {
  const { leg, transaction } = item;
  if (leg === undefined) return `Prepare for an emergency: ${action(item)}`;
  return `Schedule the ${transaction.purpose} of ${names(leg)}`;
}

/** From the bytes, not from what the package calls it: of a bound containment the call behind its checks. */
function action({ does, transaction }: Item): string {
  const last = transaction.tx.operation === 1 ? does.nested.at(-1) : undefined;
  return (last ?? does).sentence.replace(/\.$/, "");
}

function shareNonces(items: readonly Item[]): boolean {
  const keys = items.map(({ transaction: { tx } }) => `${tx.chain}/${tx.safe}/${tx.nonce}`);
  return new Set(keys).size < keys.length;
}
