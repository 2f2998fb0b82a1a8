/** What the gates found, worst first. */

import { overrideInWords } from "../../check-view.ts";
import type { CeremonyState } from "../../domain/ceremony.ts";
import { countedFindings, verdictOf } from "../../domain/check-words.ts";
import type { Finding } from "../../domain/events.ts";
import type { PageFacts } from "./facts.ts";
import { bullets, code, facts, type Html, html, own, pill, said, section } from "./markup.ts";

const groups: { severity: Finding["severity"]; title: string; tone: "bad" | "warning" | "neutral" }[] = [
  { severity: "refuse", title: "Refused", tone: "bad" },
  { severity: "flag", title: "To be looked at", tone: "warning" },
  { severity: "info", title: "For information", tone: "neutral" },
];

export function findingsSection({ state, policy, authority }: PageFacts): Html {
  const { check } = state;
  if (check === undefined) return section("check", "Check", html`<p>It has not been checked yet.</p>`);
  const stale =
    check.revision === state.revision ? "" : ` It was of revision ${check.revision}: this one is unchecked.`;
  const verdict = verdictPill(state);
  const overridden = state.overrides.map(
    (one) => html`<strong>${said(one.code)}</strong>, ${said(overrideInWords(one, policy))}`,
  );
  const found = groups.map(({ severity, title, tone }) => {
    const list = check.findings.filter((one) => one.severity === severity);
    if (list.length === 0) return html``;
    return html`<h3>${pill(tone, `${title} (${list.length})`)}</h3>${bullets(
      list.map(
        (one) =>
          html`${said(one.message)} <span class="note">${one.gate} gate, ${one.code}</span>${detail("Seen", one)}${detail("To mend", one)}`,
      ),
    )}`;
  });
  return section("check", "Check", [
    html`<p>${verdict}${stale} ${check.findings.length === 0 ? "The gates found nothing to say." : ""}</p>`,
    overridden.length === 0
      ? html``
      : html`<h3>${pill("warning", `Overridden (${overridden.length})`)}</h3>${bullets(overridden)}`,
    ...found,
    ...authority.map(
      (one) =>
        html`<figure><figcaption><strong>${one.title}</strong></figcaption><div class="authority" role="img" aria-label="${one.alt}">${own(one.svg)}</div></figure>`,
    ),
    facts([["Evidence hash", code(check.evidenceHash)]]),
  ]);
}

/** What was seen and how to mend it, where there is something to be done. */
function detail(title: "Seen" | "To mend", { severity, evidence, fix }: Finding): Html {
  const text = title === "Seen" ? evidence : fix;
  if (severity === "info" || text === "") return html``;
  return html`<br><span class="note">${title}: ${said(text)}</span>`;
}

function verdictPill({ check, overrides }: CeremonyState): Html {
  if (check === undefined) return html``;
  const { revision, findings } = check;
  const found = countedFindings(findings);
  const taken = overrides.length === 0 ? "" : `, ${overrides.length} overridden`;
  const verdict = verdictOf(findings);
  if (verdict === "refuse") return pill("bad", `REFUSED revision ${revision}: ${found}${taken}`);
  return verdict === "flag"
    ? pill("warning", `FLAGGED revision ${revision}: ${found}`)
    : pill("good", `PASSED for revision ${revision}: ${found}`);
}
