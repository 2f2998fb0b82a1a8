/** The lifecycle of a ceremony: which event leads from which state to which. ARCHITECTURE.md's diagram is drawn from it. */

import type { EventType } from "./events.ts";
import type { IntentKind } from "./intent.ts";

export const statuses = [
  "drafted",
  "checked",
  "in review",
  "approved",
  "signing",
  "scheduled",
  "ready",
  "executing",
  "canary",
  "closed",
  "held",
  "contained",
  "rolled back",
  "expired",
  "cancelled",
] as const;
export type Status = (typeof statuses)[number];

/** After these nothing runs any more; what may be left to do is to make signed things unusable. */
export const endings: readonly Status[] = ["closed", "rolled back", "expired", "cancelled"];

/** As it stands behind "is" in a sentence. */
export function statusInWords(status: string): string {
  return status === "canary" ? "under its canary" : status;
}

/** The same of a ceremony: with its last canary passed it stays in that status until what is left is unusable. */
export function standing({ status, closing }: { status: Status; closing: boolean }): string {
  return closing && status === "canary" ? "closing" : statusInWords(status);
}

const beforeExecution: readonly Status[] = [
  "drafted",
  "checked",
  "in review",
  "approved",
  "signing",
  "scheduled",
  "ready",
];
const bound: readonly Status[] = ["in review", "approved", "signing"];

interface Transition {
  from: readonly Status[];
  on: EventType;
  /** `before` is the state in which the ceremony was held or contained. */
  to: Status | "before";
}

export const transitions: readonly Transition[] = [
  { from: ["drafted", "checked", ...bound], on: "revised", to: "drafted" },
  { from: ["drafted", "checked"], on: "checked", to: "checked" },
  { from: ["drafted", "checked"], on: "checkFailed", to: "drafted" },
  { from: ["drafted", "checked"], on: "refusalsOverridden", to: "checked" },
  { from: ["checked"], on: "reviewOpened", to: "in review" },
  { from: ["in review"], on: "quorumReached", to: "approved" },
  { from: ["approved", "signing"], on: "quorumLost", to: "in review" },
  { from: [...bound], on: "digestVoided", to: "checked" },
  { from: ["approved"], on: "signed", to: "signing" },
  { from: ["approved", "signing"], on: "scheduleRequested", to: "signing" },
  { from: ["signing"], on: "scheduled", to: "scheduled" },
  { from: ["scheduled"], on: "readied", to: "ready" },
  { from: ["ready"], on: "executionStarted", to: "executing" },
  { from: ["executing"], on: "executionFailed", to: "ready" },
  { from: ["executing"], on: "executed", to: "canary" },
  { from: ["canary"], on: "advanced", to: "scheduled" },
  { from: ["canary"], on: "closed", to: "closed" },
  { from: [...beforeExecution, "executing", "canary"], on: "held", to: "held" },
  { from: ["held"], on: "released", to: "before" },
  { from: ["scheduled", "ready", "executing", "canary", "held"], on: "contained", to: "contained" },
  { from: ["contained"], on: "resumed", to: "before" },
  {
    from: ["scheduled", "ready", "executing", "canary", "held", "contained"],
    on: "rolledBack",
    to: "rolled back",
  },
  { from: [...beforeExecution, "executing", "held"], on: "expired", to: "expired" },
  { from: [...beforeExecution, "executing", "held", "contained"], on: "cancelled", to: "cancelled" },
];

/** In which states each intent is heard at all. What the watch observes is heard in every state. */
export const heardIn: Readonly<Record<Exclude<IntentKind, "propose" | "observe">, readonly Status[]>> = {
  revise: ["drafted", "checked", ...bound],
  recordCheck: ["drafted", "checked"],
  recordResimulation: ["held", "contained"],
  override: ["drafted", "checked"],
  openReview: ["checked"],
  approve: bound,
  deny: bound,
  withdraw: bound,
  sign: [...bound, "scheduled", "ready", "executing", "canary", "held", "rolled back", "expired", "cancelled"],
  schedule: ["approved", "signing"],
  execute: ["ready", "executing"],
  send: ["executing", "canary", "held", "contained"],
  advance: ["canary"],
  hold: [...beforeExecution, "executing", "canary", "held"],
  resume: ["held", "contained"],
  contain: ["scheduled", "ready", "executing", "canary", "held"],
  rollback: ["canary", "held", "contained"],
  cancel: [...beforeExecution, "held", "contained"],
  windDown: ["canary", "rolled back", "expired", "cancelled"],
};

/** The state after an event; the same state where the event leads nowhere. */
export function nextStatus(from: Status, on: EventType, before: Status): Status {
  const found = transitions.find((one) => one.on === on && one.from.includes(from));
  if (found === undefined) return from;
  return found.to === "before" ? before : found.to;
}

/** Mermaid source of the lifecycle, drawn from {@link transitions}. A step out of many states starts in one box that names them. */
export function lifecycleDiagram(): string {
  const arrows = new Map<string, string[]>();
  const boxes = new Map<string, string>();
  for (const { from, on, to } of transitions) {
    const box = `any_of_${from.map((status) => status.replace(" ", "_")).join("_")}`;
    if (from.length > 2) boxes.set(box, `${from.slice(0, -1).join(", ")} or ${from.at(-1)}`);
    for (const source of from.length > 2 ? [box] : from.map(named)) {
      const arrow = `${source} --> ${to === "before" ? "where_it_was" : named(to)}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), on]);
    }
  }
  const spaced = statuses.filter((status) => status.includes(" ")).map((status) => [named(status), status] as const);
  const names = new Map([...boxes.keys()].map((box, index) => [box, `any${index + 1}`]));
  const short = (arrow: string) => arrow.replace(/any_of_\S+/, (box) => names.get(box) ?? box);
  return [
    "stateDiagram-v2",
    ...[...spaced, ["where_it_was", "the state before"] as const].map(([id, label]) => `  ${id}: ${label}`),
    ...[...boxes].map(([box, label]) => `  ${names.get(box)}: ${label}`),
    "  [*] --> drafted: drafted",
    ...[...arrows].map(([arrow, events]) => `  ${short(arrow)}: ${events.join(", ")}`),
  ].join("\n");
}

const named = (status: Status) => status.replace(" ", "_");
