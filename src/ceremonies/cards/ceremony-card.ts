/** The one card of a ceremony that is edited in place: state, what is wanted, and everything that was approved. */

import { checkInWords } from "../../check-view.ts";
import { type CeremonyState, isFullySigned, onChainOf, releaseSet } from "../../domain/ceremony.ts";
import { countedFindings, verdictOf } from "../../domain/check-words.ts";
import { allRules } from "../../domain/decision.ts";
import { duration } from "../../domain/duration.ts";
import { legsForGas } from "../../domain/gas-execution.ts";
import { isSignedAsPlanned } from "../../domain/held-back.ts";
import type { Status } from "../../domain/lifecycle.ts";
import { isOverridable, openRefusals } from "../../domain/overrides.ts";
import { type Policy, personById } from "../../domain/policy.ts";
import { isPresigned } from "../../domain/presigned.ts";
import { type Leg, proxyChanges } from "../../domain/release-package.ts";
import { openSiblings, siblingSentence } from "../../domain/siblings.ts";
import { stillExecutable } from "../../domain/still-executable.ts";
import { countedApprovals } from "../../domain/voting.ts";
import { mayStillRun, nextSteps } from "../../domain/why.ts";
import { awaitsWindDown } from "../../domain/wind-down.ts";
import type { Action, Card, Fact, Picture, Section, Tone } from "../../view.ts";
import { containmentSection } from "./containment-section.ts";
import { frozenSection } from "./frozen-section.ts";
import { utc } from "./sentences.ts";

const tones: Record<Status, Tone> = {
  drafted: "neutral",
  checked: "progress",
  "in review": "progress",
  approved: "good",
  signing: "progress",
  scheduled: "progress",
  ready: "progress",
  executing: "progress",
  canary: "progress",
  closed: "good",
  held: "warning",
  contained: "bad",
  "rolled back": "warning",
  expired: "warning",
  cancelled: "warning",
};

export function ceremonyCard(state: CeremonyState, policy: Policy, pictures: Picture[] = []): Card {
  const [next] = nextSteps(state, policy);
  const open = state.breaches.some((one) => one.open);
  return {
    kind: "card",
    key: state.id,
    revision: state.seq,
    audience: { kind: "channel" },
    tone: open ? "bad" : tones[state.status],
    status: statusWords(state),
    title: `${state.id} · ${state.package.title}`,
    summary: next?.sentence ?? "",
    facts: facts(state, policy),
    sections: [...frozenSection(state, policy), ...sections(state, policy)],
    pictures,
    actions: actions(state, policy),
    footer: `revision ${state.revision} · log #${state.seq} · head ${state.head.slice(0, 18)}… · policy v${policy.council.version}`,
    mentions: [],
  };
}

function statusWords(state: CeremonyState): string {
  const breach = state.breaches.find((one) => one.open);
  if (breach !== undefined && ["canary", "held"].includes(state.status)) return `SEV${breach.severity} breach`;
  if (state.status !== "canary") return state.status;
  if (state.closing) return "closing";
  return `canary ${state.currentPhase + 1} of ${state.package.phases.length}`;
}

function facts(state: CeremonyState, policy: Policy): Fact[] {
  const names = (ids: readonly string[]) => ids.map((id) => personById(policy, id)?.name ?? id).join(", ");
  const list: Fact[] = [
    { label: "Proposed by", value: names(state.proposers) },
    { label: "Lane", value: state.package.lane },
    { label: "Package hash", value: state.packageHash, code: true },
  ];
  list.push(...checkFacts(state));
  const { review } = state;
  if (review !== undefined) {
    const counted = countedApprovals(state, policy, allRules);
    list.push({
      label: "Approvals",
      value: `${counted.length} of ${review.quorum}${counted.length > 0 ? `: ${names(counted)}` : ""}`,
    });
    const set = releaseSet(state);
    list.push({
      label: "Fully signed",
      value: `${set.filter((tx) => isSignedAsPlanned(state, tx)).length} of ${set.length} transactions`,
    });
    list.push({ label: "Approval digest", value: review.digest, code: true });
    if (["in review", "approved", "signing"].includes(state.status))
      list.push({ label: "Review ends", value: utc(review.expiresAt) });
  }
  const ready = state.onChain.map((one) => one.readyAt ?? 0n).reduce((a, b) => (a > b ? a : b), 0n);
  if (ready > 0n && ["scheduled", "ready"].includes(state.status))
    list.push({ label: "Delay ends", value: utc(ready) });
  const back = rollbackReadyAt(state);
  if (back !== undefined) list.push({ label: "Rollback can run from", value: utc(back) });
  const phase = state.package.phases[state.currentPhase];
  if (phase !== undefined)
    list.push({
      label: `Window of ${phase.id}`,
      value: `${utc(phase.window.notBefore)} to ${utc(phase.window.notAfter)}`,
    });
  const executors = state.phases.map((one) => one.executor);
  if (executors.length > 0) list.push({ label: "Executed by", value: names([...new Set(executors)]) });
  return list;
}

/** The verdict in one word, and how much of it somebody took upon themself. */
function checkFacts({ check, overrides, revision }: CeremonyState): Fact[] {
  if (check === undefined || check.revision !== revision) return [];
  const words = { refuse: "REFUSED", flag: "FLAGGED", pass: "PASSED" } as const;
  const taken = overrides.length === 0 ? "" : `; ${overrides.length} override${overrides.length === 1 ? "" : "s"}`;
  return [{ label: "Check", value: `${words[verdictOf(check.findings)]}: ${countedFindings(check.findings)}${taken}` }];
}

/** When the last of the presigned rollbacks that were asked for has waited its delay; undefined before all are scheduled. */
function rollbackReadyAt({ rollbackBy, package: pkg, onChain }: CeremonyState): bigint | undefined {
  const legs = rollbackBy?.legs.filter((id) => isPresigned(pkg, id)) ?? [];
  const times = legs.map((id) => onChain.find((one) => one.tx === `${id}/rollback`)?.readyAt);
  if (times.length === 0 || times.includes(undefined)) return undefined;
  return times.reduce((a = 0n, b = 0n) => (a > b ? a : b));
}

function sections(state: CeremonyState, policy: Policy): Section[] {
  const list: Section[] = state.package.phases.map((phase, index) => ({
    title: `Phase ${index + 1} of ${state.package.phases.length}: ${phase.id}${phaseMark(state, index)}`,
    style: "list",
    lines: [
      ...phase.legs.flatMap((id) => {
        const leg = state.package.legs.find((one) => one.id === id);
        return leg === undefined ? [] : legLines(leg);
      }),
      `Canary: ${phase.metrics.join(", ")}; ${phase.minSamples} clean blocks over ${duration(phase.minDuration)}`,
    ],
  }));
  const breaches = state.breaches.map(
    (one) => `${one.open ? "OPEN" : "cleared"} · ${one.sentence} (block ${one.block.number})`,
  );
  if (breaches.length > 0) list.unshift({ title: "Breaches", style: "list", lines: breaches });
  const left = stillExecutable(state);
  if (left.length > 0) list.unshift({ title: "Still executable by anyone", style: "list", lines: left });
  const siblings = openSiblings(state).map(siblingSentence);
  if (siblings.length > 0) list.unshift({ title: "Other transactions at our nonces", style: "list", lines: siblings });
  const onTheWay = mayStillRun(state);
  if (onTheWay.length > 0) list.unshift({ title: "On its way", style: "list", lines: onTheWay });
  list.push(...containmentSection(state, policy));
  list.push(...checkInWords(state, policy, ["refuse", "flag"]));
  if (state.superseded.length > 0)
    list.push({
      title: "Superseded",
      style: "list",
      lines: state.superseded.map((one) => `revision ${one.revision}, ${one.signatures} signatures given`),
    });
  return list;
}

function phaseMark(state: CeremonyState, index: number): string {
  const run = state.phases.find((one) => one.phase === index);
  if (run?.advanced) return " ✓";
  return run?.executedAt === undefined ? "" : " (executed)";
}

function legLines(leg: Leg): string[] {
  const bot = leg.preconditions.filter((one) => one.enforcedBy === "bot");
  return [
    ...proxyChanges(leg).map(
      (one) => `${one.name} (${one.proxyKind}): ${short(one.fromImplementation)} → ${short(one.toImplementation)}`,
    ),
    ...(bot.length > 0
      ? [`Old implementation enforced by: bot, for ${bot.length} of ${proxyChanges(leg).length}; the rest by: chain`]
      : []),
    ...(leg.authority.kind === "safe+timelock"
      ? [`Timelock delay ${duration(leg.authority.delay)}; ${rollbackWords(leg)}, dies ${utc(leg.rollback.notAfter)}`]
      : []),
  ];
}

const rollbackWords = ({ rollback }: Leg) =>
  rollback.mode === "prescheduled"
    ? "rollback prescheduled"
    : "rollback: signed, not scheduled; takes the timelock's delay, and whoever has the signatures can schedule it; until it runs the containment must do";

const short = (address: string) => `${address.slice(0, 8)}…${address.slice(-6)}`;

/** Offered where every refusal that still stands may be overridden; the form asks which. */
function overriding(
  state: CeremonyState,
  policy: Policy,
  act: (label: string, command: string, style: Action["style"]) => Action,
): Action[] {
  const open = openRefusals(state, policy);
  return open.length > 0 && open.every((one) => isOverridable(one.code, state.package.lane, policy))
    ? [act("Override", "override", "danger")]
    : [];
}

function actions(state: CeremonyState, policy: Policy): Action[] {
  const act = (
    label: string,
    command: string,
    style: Action["style"],
    more: Record<string, string> = {},
    confirm?: string,
  ): Action => ({
    label,
    command,
    options: { ceremony: state.id, ...more },
    revision: state.revision,
    style,
    ...(confirm === undefined ? {} : { confirm }),
  });
  const digest = state.review === undefined ? {} : { digest: state.review.digest };
  const approve = act("Approve", "approve", "primary", digest);
  const deny = act("Deny", "deny", "danger");
  const sign = act("Sign", "sign", "primary");
  const cancel = act("Cancel", "cancel", "danger");
  const contain = act(
    "Contain",
    "contain",
    "danger",
    {},
    `Contain ${state.id} now? The prepared containment is broadcast at once.`,
  );
  const asksSender = legsForGas(state, policy, state.package.phases[state.currentPhase]?.legs ?? []).length > 0;
  const sender = asksSender ? "? You say next whether your wallet or Quorate sends it." : " with your wallet?";
  const execute = act("Execute", "execute", "primary", {}, `Execute ${state.id}${sender}`);
  const hold = act("Hold", "canary", "danger", { action: "hold" });
  // Nobody who is woken goes on by mistake: while something is broken it is not what stands out.
  const isBroken = state.status === "contained" || state.breaches.some((one) => one.open);
  const resume = act("Resume", "canary", isBroken ? "plain" : "primary", { action: "start" });
  const rollBack = act("Roll back", "rollback", "danger");
  switch (state.status) {
    case "drafted":
    case "checked":
      return [
        act("Check", "check", "primary"),
        act("Show", "show", "plain"),
        ...overriding(state, policy, act),
        cancel,
      ];
    case "in review":
      return [approve, deny, sign, act("Show", "show", "plain")];
    case "approved":
    case "signing":
      if (state.scheduleRequestedBy !== undefined) return [act("Why wait?", "why", "plain"), cancel];
      return releaseSet(state).every((tx) => isSignedAsPlanned(state, tx)) && state.quorumMet
        ? [act("Schedule", "schedule", "primary", {}, `Send ${state.id} to the timelock?`), deny, cancel]
        : [sign, approve, deny, act("Show", "show", "plain")];
    case "scheduled":
      return [act("Why wait?", "why", "plain"), state.executedLegs.length === 0 ? cancel : hold];
    case "ready":
      return state.executedLegs.length === 0 ? [execute, contain, cancel] : [execute, contain, hold];
    case "executing":
      return [execute, contain, hold];
    case "canary":
      return state.closing
        ? [...(awaitsWindDown(state) ? [] : [sign]), act("Why?", "why", "plain")]
        : [
            state.rollbackBy?.readied ? rollBack : act("Advance", "canary", "primary", { action: "advance" }),
            hold,
            contain,
          ];
    case "contained":
      return state.executedLegs.length === 0 ? [resume, cancel] : [rollBack, resume];
    case "held":
      return state.executedLegs.length === 0
        ? [resume, cancel]
        : isBroken
          ? [contain, rollBack, resume]
          : [resume, contain, rollBack];
    case "closed":
      return [act("Show", "show", "plain")];
    default:
      return (state.windDown?.transactions ?? []).some(
        (tx) => onChainOf(state, tx.id) === undefined && !isFullySigned(state, tx),
      )
        ? [sign, act("Show", "show", "plain")]
        : [act("Show", "show", "plain")];
  }
}
