/** One alert: what is wrong, whose it is, and what was done against it. Three axes; the label is derived, never kept. */

import { keccak256, stringToBytes } from "viem";
import { canonicalJson } from "../canonical.ts";
import type { ChainId, Hex } from "../primitives.ts";

export type Severity = 1 | 2 | 3;
/** 1 primary, 2 secondary, 3 everybody who may contain. */
export type Level = 1 | 2 | 3;

export type Condition = "pending" | "firing" | "clearing" | "cleared";
export type Containment = "none" | "proposed" | "submitted" | "confirmed" | "failed";
export type Ownership =
  | { is: "unacked" }
  /** Wall time, seconds: paging rests until then, and not one second longer. */
  | { is: "acked"; person: string; until: bigint }
  | { is: "escalated"; level: Level };

/** What an alert is about: the same again is the same alert, whatever its value and severity. */
export interface AlertSubject {
  /** Empty where it belongs to no ceremony. */
  ceremony: string;
  chain: ChainId;
  metric: string;
  /** Of the policy, or the contract's address. */
  target: string;
}

/** What its message says, as it was when it last changed. */
export interface AlertFacts {
  /** What is wrong, with value and bound: `Vault solvency 9,871 bps (< 10,000)`. */
  what: string;
  block: { number: bigint; hash: Hex };
  /** How many of the sources that were asked said so. */
  sources: { agree: number; of: number };
  /** Of the package under way; undefined where there is none. */
  digest: Hex | undefined;
  /** What is at stake now, in words; empty where nothing says so. */
  exposure: string;
  runbook: string;
  /** Id of the prepared containment, and what it does. */
  containment: { id: string; action: string } | undefined;
}

export interface Alert extends AlertSubject {
  /** `alert-3`. */
  id: string;
  key: Hex;
  /** The worst since it began: it rises, and never falls. */
  severity: Severity;
  facts: AlertFacts;
  condition: Condition;
  /** Its ceremony has ended: it stays what it was, until a guardian says what became of it. */
  unmeasured: boolean;
  /** Its blocks were orphaned: it stays what it was until they are measured again. */
  rechecking: boolean;
  ownership: Ownership;
  containment: Containment;
  /** Set once what was contained runs again, or is to stay as it is. */
  containmentOver: "lifted" | "accepted" | undefined;
  /** Raised by a person to try the way to those on call. */
  test: boolean;
  openedAt: bigint;
  resolved: { by: string; at: bigint; note: string } | undefined;
  paging: Paging;
}

export interface Paging {
  /** From when the levels count, wall time in seconds. */
  since: bigint;
  /** The highest that was called since; undefined before the first page. */
  level: Level | undefined;
  at: bigint;
  /** Everybody who was called. */
  people: string[];
  /** Messages so far: each page is one of its own, because an edit wakes nobody. */
  posts: number;
  /** Incidents in pagers besides chat. */
  incidents: number;
  /** Somebody acknowledged since a pager was told: it would not ring for the same incident again, so the next is another. */
  taken: boolean;
}

export function alertKey({ ceremony, chain, metric, target }: AlertSubject): Hex {
  return keccak256(stringToBytes(canonicalJson([ceremony, chain, metric, target])));
}

/** Whether both are about the same, which is when their keys are the same. */
export function isSameSubject(one: AlertSubject, other: AlertSubject): boolean {
  const { ceremony, chain, metric, target } = one;
  return ceremony === other.ceremony && chain === other.chain && metric === other.metric && target === other.target;
}

export const isOpen = ({ resolved }: Alert): boolean => resolved === undefined;

/** Whether it has to wake somebody as long as nobody has taken it: what is cleared or only pending does not. */
export function isPressing({ condition, severity, resolved }: Alert): boolean {
  return resolved === undefined && (condition === "firing" || condition === "clearing") && severity < 3;
}

/** A containment that took effect, or may have, and is neither lifted nor accepted. */
export function isContainmentLeft({ containment, containmentOver }: Alert): boolean {
  return containment !== "none" && containment !== "proposed" && containmentOver === undefined;
}

/** Nothing will ever clear it: it ended with its ceremony, and not because it passed. */
export function isStranded({ unmeasured, condition, resolved }: Alert): boolean {
  return resolved === undefined && unmeasured && condition !== "cleared";
}

export type Label =
  | "resolved"
  | "cleared"
  | "contained"
  | "containing"
  | "containment failed"
  | "rechecking"
  | "silenced"
  | "acknowledged"
  | "escalated"
  | "clearing"
  | "pending"
  | "breach";

/** One word for all three axes: what somebody who looks now should know first. */
export function labelOf(alert: Alert, silenced: boolean): Label {
  const { resolved, condition, containment, containmentOver, rechecking, ownership } = alert;
  if (resolved !== undefined) return "resolved";
  if (containment === "confirmed" && containmentOver === undefined) return "contained";
  if (condition === "cleared") return "cleared";
  if (condition === "pending") return "pending";
  if (containment === "failed" && containmentOver === undefined) return "containment failed";
  if (containment === "submitted" && containmentOver === undefined) return "containing";
  if (rechecking) return "rechecking";
  if (ownership.is === "acked") return "acknowledged";
  if (silenced) return "silenced";
  if (condition === "clearing") return "clearing";
  return ownership.is === "escalated" ? "escalated" : "breach";
}

/** As {@link labelOf}; what is only tried is called so, and nobody is frightened. */
export function alertWord(alert: Alert, silenced: boolean): string {
  const label = labelOf(alert, silenced);
  return alert.test && (label === "breach" || label === "escalated") ? "test" : label;
}
