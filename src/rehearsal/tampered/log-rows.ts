/** The log edited by somebody who has the host: with the chain of hashes left broken, and made whole again. */

import type { Hex } from "../../domain/primitives.ts";
import { type Forgery, forged } from "./forge.ts";
import { eventOf, flippedHex, type HostEvent, type Json, rewriteLog } from "./host.ts";
import { type Attempt, type Moment, type Row, stopping } from "./row.ts";
import { approvesLate, executes, rollsBack, schedules } from "./tries.ts";

const leg = (pkg: Json, index = 0) => (pkg.legs as Json[])[index] as Json;
const first = (of: Json, name: string) => (of[name] as Json[])[0] as Json;
const plus = (of: Json, name: string, more: bigint) => {
  of[name] = String(BigInt(String(of[name])) + more);
};
const set = (of: Json, name: string, value: unknown) => {
  of[name] = value;
};
const later = (one: HostEvent) => {
  one.at += 1n;
};
const flip = (of: Json, name: string) => {
  of[name] = flippedHex(of[name] as Hex);
};

/** One field of the package, and how a byte of it is changed. */
const fields: readonly [string, (pkg: Json) => void][] = [
  ["package: title", (pkg) => set(pkg, "title", `${pkg.title}!`)],
  ["package: calldata of the upgrade", (pkg) => flip(first(leg(pkg), "calls"), "data")],
  ["package: value of the upgrade", (pkg) => plus(first(leg(pkg), "calls"), "value", 1n)],
  ["package: code hash of the new implementation", (pkg) => flip(first(leg(pkg), "changes"), "toCodeHash")],
  ["package: calldata of the rollback", (pkg) => flip(first(leg(pkg).rollback as Json, "calls"), "data")],
  ["package: end of the rollback", (pkg) => plus(leg(pkg).rollback as Json, "notAfter", 1n)],
  ["package: delay", (pkg) => plus(leg(pkg).authority as Json, "delay", -1n)],
  ["package: window extended", (pkg) => plus(first(pkg, "phases").window as Json, "notAfter", 1n)],
  ["package: window shortened", (pkg) => plus(first(pkg, "phases").window as Json, "notAfter", -1n)],
  ["package: canary's duration", (pkg) => plus(first(pkg, "phases"), "minDuration", -1n)],
  ["package: precondition dropped", (pkg) => void (leg(pkg).preconditions as Json[]).pop()],
  ["package: containment's calldata", (pkg) => flip(first(first(pkg, "containment"), "calls"), "data")],
  ["package: main leg's calldata", (pkg) => flip(first(leg(pkg, 1), "calls"), "data")],
];

const edited = (change: (events: HostEvent[]) => void, rehash: boolean) => (it: Attempt) =>
  rewriteLog(it.branch.database, change, rehash);

function row(at: Moment, field: string, layer: string, change: (events: HostEvent[]) => void, rehash = true): Row {
  const [step, attempt] = tries[at];
  return { at, step, field, layer, tamper: edited(change, rehash), attempt };
}

const tries: Record<Moment, [string, (it: Attempt) => Promise<string>]> = {
  approved: ["approve", approvesLate],
  signed: ["schedule", schedules],
  scheduled: ["execute", executes],
  ready: ["execute", executes],
  canary: ["roll back", rollsBack],
};

/** The chain of hashes left as it was: the log itself shows it. */
const broken: Row[] = (["approved", "signed", "ready", "canary"] as const).flatMap((at) =>
  fields
    .slice(1, 2)
    .map(([field, change]) =>
      row(at, field, "integrity/log", (events) => change(eventOf(events, "drafted").data.package as Json), false),
    ),
);

const moved: Row[] = [
  row("signed", "log: an approval dropped", "integrity/log", (events) => void events.splice(4, 1), false),
  row(
    "signed",
    "log: two events swapped",
    "integrity/log",
    (events) => void events.splice(3, 2, ...events.slice(3, 5).reverse()),
    false,
  ),
  row(
    "signed",
    "log: an approval inserted",
    "integrity/log",
    (events) => void events.splice(5, 0, structuredClone(eventOf(events, "approved"))),
    false,
  ),
  row("signed", "log: the time of an approval", "integrity/log", (events) => later(eventOf(events, "approved")), false),
  row(
    "signed",
    "log: who signed",
    "integrity/log",
    (events) => set(eventOf(events, "signed").data, "by", { person: "finn", account: "console:finn" }),
    false,
  ),
];

/** The chain made whole again, field by field. */
const rewritten: Row[] = [
  ...fields.map(([field, change]) =>
    row("signed", `${field}, log re-hashed`, "integrity/package-hash", forged(change, "package")),
  ),
  ...(["approved", "ready", "canary"] as const).map((at) =>
    row(at, "package: calldata of the upgrade, log re-hashed", "integrity/package-hash", forged(calldata, "package")),
  ),
];

function calldata(pkg: Json): void {
  flip(first(leg(pkg), "calls"), "data");
}

/** One more lie at a time, until only the wallets' signatures are left. */
const deeper: readonly [Forgery, string][] = [
  ["hash", "integrity/transactions-derived"],
  ["transactions", "integrity/approval-digest"],
  ["digest", "integrity/audit-head"],
  ["head", "integrity/votes-digest"],
  ["votes", "schedule/signatures"],
];
const forgeries: Row[] = [
  ...deeper.map(([upTo, layer]) =>
    row("signed", `package forged, with all up to: ${upTo}`, layer, forged(calldata, upTo)),
  ),
  {
    ...row(
      "signed",
      "package forged, with all up to: signatures",
      "Safe checkSignatures",
      forged(calldata, "signatures"),
    ),
    step: "broadcast",
    leads: ["scheduleRequested"],
    attempt: (it) =>
      stopping(it, () => it.branch.quorate.services.schedule({ person: "ben", account: "console:ben" }, "UP-1")),
  },
  row("ready", "package forged, with the whole log", "integrity/operation-state", forged(calldata, "signatures")),
  row("canary", "package forged, with the whole log", "integrity/operation-state", forged(calldata, "signatures")),
];

const reviewed = (change: (review: Json) => void) => (events: HostEvent[]) =>
  change(eventOf(events, "reviewOpened").data);
const checkedBy = (events: HostEvent[]) => flip(eventOf(events, "checked").data, "evidenceHash");
const refusing = (events: HostEvent[]) => {
  const { data } = eventOf(events, "checked");
  const refusal = { code: "layout/shifted", severity: "refuse", gate: "layout", message: "A variable has moved." };
  set(data, "findings", [...(data.findings as Json[]), refusal]);
};
const author = (events: HostEvent[]) =>
  set(eventOf(events, "drafted").data, "by", { person: "gus", account: "console:gus" });

const reviews: Row[] = [
  row(
    "approved",
    "review: approval digest",
    "integrity/approval-digest",
    reviewed((it) => flip(it, "digest")),
  ),
  row(
    "approved",
    "review: policy's hash",
    "integrity/approval-digest",
    reviewed((it) => flip(it, "policyHash")),
  ),
  row(
    "approved",
    "review: a Safe's nonce",
    "integrity/transactions-derived",
    reviewed((it) => plus(first(it, "safes"), "nonce", 1n)),
  ),
  row(
    "approved",
    "review: a bound safeTxHash",
    "integrity/transactions-derived",
    reviewed((it) => flip(first(it, "transactions"), "safeTxHash")),
  ),
  row("approved", "check: evidence hash", "integrity/approval-digest", checkedBy),
  row("approved", "check: a refusal that nobody overrode", "integrity/overrides", refusing),
  row("approved", "draft: who wrote it", "integrity/audit-head", author),
  row("signed", "draft: who wrote it", "integrity/audit-head", author),
  row(
    "signed",
    "review: quorum lowered",
    "integrity/review-terms",
    reviewed((it) => set(it, "quorum", 1)),
  ),
  row(
    "signed",
    "review: end put off",
    "integrity/review-terms",
    reviewed((it) => plus(it, "expiresAt", 3600n)),
  ),
  row(
    "signed",
    "review: the Safe's threshold",
    "integrity/safe-owners",
    reviewed((it) => set(first(it, "safes"), "threshold", 1)),
  ),
  row("signed", "approval: its digest", "integrity/votes-digest", (events) =>
    flip(eventOf(events, "approved").data, "digest"),
  ),
  row("ready", "approval: its digest", "integrity/votes-digest", (events) =>
    flip(eventOf(events, "approved").data, "digest"),
  ),
];

/** Wallet signatures that no wallet gave. */
const invented: Row = {
  at: "approved",
  step: "broadcast",
  field: "signatures invented in the log",
  layer: "store/content-missing",
  leads: ["scheduleRequested"],
  tamper: edited((events) => {
    const { safes, transactions } = eventOf(events, "reviewOpened").data as {
      safes: { owners: Hex[] }[];
      transactions: { id: string; safeTxHash: Hex }[];
    };
    const people = ["ben", "caro", "dev"];
    for (const { id, safeTxHash } of transactions)
      for (const [index, person] of people.entries()) {
        const by = { person, account: `console:${person}` };
        const owner = safes[0]?.owners[index + 1];
        const data = { tx: id, safeTxHash, owner, signature: `0x${"ab".repeat(32)}`, by };
        events.push({ type: "signed", at: events.at(-1)?.at ?? 0n, data, hash: "0x" });
      }
  }, true),
  attempt: (it) =>
    stopping(it, () => it.branch.quorate.services.schedule({ person: "ben", account: "console:ben" }, "UP-1")),
};

export const logRows: readonly Row[] = [...broken, ...moved, ...rewritten, ...forgeries, ...reviews, invented];
