/** What the gates found, worst first. */

import type { Finding } from "../../domain/events.ts";
import type { PageFacts } from "./facts.ts";
import { bullets, code, facts, type Html, html, pill, said, section } from "./markup.ts";

const groups: { severity: Finding["severity"]; title: string; tone: "bad" | "warning" | "neutral" }[] = [
  { severity: "refuse", title: "Refused", tone: "bad" },
  { severity: "flag", title: "To be looked at", tone: "warning" },
  { severity: "info", title: "For information", tone: "neutral" },
];

export function findingsSection({ state }: PageFacts): Html {
  const { check } = state;
  if (check === undefined) return section("check", "Check", html`<p>It has not been checked yet.</p>`);
  const stale =
    check.revision === state.revision ? "" : ` It was of revision ${check.revision}: this one is unchecked.`;
  const verdict = check.passed
    ? pill("good", `Passed for revision ${check.revision}`)
    : pill("bad", `Refused revision ${check.revision}`);
  const found = groups.map(({ severity, title, tone }) => {
    const list = check.findings.filter((one) => one.severity === severity);
    if (list.length === 0) return html``;
    return html`<h3>${pill(tone, `${title} (${list.length})`)}</h3>${bullets(
      list.map((one) => html`${said(one.message)} <span class="note">${one.gate} gate, ${one.code}</span>`),
    )}`;
  });
  return section("check", "Check", [
    html`<p>${verdict}${stale} ${check.findings.length === 0 ? "The gates found nothing to say." : ""}</p>`,
    ...found,
    facts([["Evidence hash", code(check.evidenceHash)]]),
  ]);
}
