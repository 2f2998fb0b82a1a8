/** What the gates found, in words: the verdict first, then refusals, then what people have to weigh. */

import type { Finding } from "./events.ts";

export type GateVerdict = "pass" | "flag" | "refuse";

export function verdictOf(findings: readonly Finding[]): GateVerdict {
  if (findings.some((one) => one.severity === "refuse")) return "refuse";
  return findings.some((one) => one.severity === "flag") ? "flag" : "pass";
}

/** Alike in the terminal, in chat and on pages. */
export const verdictWords: Readonly<Record<GateVerdict, string>> = {
  refuse: "REFUSED. It must not proceed.",
  flag: "FLAGGED. It may proceed once people have weighed what is marked ?.",
  pass: "PASSED. Nothing speaks against it.",
};

/** Refusals, flags, and what is only told; each in the order of the gates. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return (["refuse", "flag", "info"] as const).flatMap((severity) =>
    findings.filter((one) => one.severity === severity),
  );
}

const marks: Readonly<Record<Finding["severity"], string>> = { refuse: "x", flag: "?", info: " " };

/** The line of a finding, and below it, where it is worse than told, what was seen and how to mend it. */
export function findingLines({ severity, code, message, evidence, fix }: Finding): [string, ...string[]] {
  const asked = severity !== "info";
  return [
    `${marks[severity]} ${message}  [${code}]`,
    ...(asked && evidence !== "" ? [`    Seen: ${evidence}`] : []),
    ...(asked && fix !== "" ? [`    To mend: ${fix}`] : []),
  ];
}

/** "2 refusals, 1 flag, 14 notes". */
export function countedFindings(findings: readonly Finding[]): string {
  const kinds = [
    ["refuse", "refusal"],
    ["flag", "flag"],
    ["info", "note"],
  ] as const;
  const parts = kinds.flatMap(([severity, word]) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${word}${count === 1 ? "" : "s"}`];
  });
  return parts.length === 0 ? "nothing to say" : parts.join(", ");
}

/** One line for chat: the finding, what was seen and how to mend it. Evidence is cut: all of it is on the ceremony's page. */
export function findingLine(finding: Finding): string {
  const { severity, code, message, evidence, fix } = finding;
  if (severity === "info") return `${message} [${code}]`;
  const seen = evidence.length > 300 ? `${evidence.slice(0, 300)}…` : evidence;
  const parts = [seen === "" ? "" : ` Seen: ${ended(seen)}`, fix === "" ? "" : ` To mend: ${ended(fix)}`];
  return `${message} [${code}]${parts.join("")}`;
}

const ended = (text: string) => (/[.…!?]$/.test(text) ? text : `${text}.`);
