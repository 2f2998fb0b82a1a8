/** The release package: why, what changes from what to what, under which conditions, and how it is undone. */

import { duration } from "../../domain/duration.ts";
import { packageDifference } from "../../domain/package-difference.ts";
import { namesOf } from "../../domain/policy.ts";
import type { Leg, Phase } from "../../domain/release-package.ts";
import { changesTable } from "./changes.ts";
import type { PageFacts } from "./facts.ts";
import { callList, rollbackAndConditions } from "./leg.ts";
import { bullets, code, facts, folded, type Html, html, said, section, written } from "./markup.ts";

export function releasePackageSection(it: PageFacts): Html {
  const { state, policy } = it;
  const pkg = state.package;
  const about = facts([
    ["Target", html`${said(pkg.target)} (${pkg.environment})`],
    ["Lane", pkg.lane],
    ["Revision", `${state.revision}`],
    ["Proposed by", said(state.proposers.map((id) => namesOf(policy, [id])).join(", "))],
    ["Package hash", code(state.packageHash)],
  ]);
  return section("package", "What will run", [
    html`<h3>Why</h3>${written(pkg.rationale)}${about}`,
    revisions(it),
    ...pkg.phases.map((one, index) => phase(one, index, it)),
    containments(it),
    sources(it),
  ]);
}

/** What was signed of an earlier revision is named where it can still run; here stands what has changed since. */
function revisions({ state }: PageFacts): Html {
  const before = state.superseded.at(-1);
  if (before === undefined) return html``;
  const lines = packageDifference(before.package, state.package);
  const earlier = state.superseded.map(
    (one) => html`Revision ${one.revision}: ${one.signatures} signatures given, ${code(one.packageHash)}`,
  );
  return html`<h3>Revisions</h3>${bullets(earlier)}${folded(
    `What revision ${state.revision} changed (${lines.length} fields)`,
    bullets(lines.map((line) => code(line))),
  )}`;
}

function phase(one: Phase, index: number, it: PageFacts): Html {
  const { state, words } = it;
  const legs = one.legs.flatMap((id) => state.package.legs.find((leg) => leg.id === id) ?? []);
  const about = facts([
    ["Window", `${words.utc(one.window.notBefore)} to ${words.utc(one.window.notAfter)}`],
    ["Canary", `${one.minSamples} clean blocks in a row over at least ${duration(one.minDuration)}`],
    ["Measured", said(one.metrics.join(", "))],
    ["Stops on", said(one.stopOn.join(", ") || "nothing by itself")],
    ["At risk", `${apart(one.exposure.maxValue)} of the asset's smallest unit at most`],
  ]);
  return html`<h3>Phase ${index + 1} of ${state.package.phases.length}: ${said(one.id)}</h3>${about}${legs.map((leg) => legBody(leg, it))}`;
}

function legBody(leg: Leg, it: PageFacts): Html {
  const { words, policy } = it;
  const chain = policy.chains.find((one) => one.id === leg.chain)?.name ?? leg.chain;
  const { authority } = leg;
  const through =
    authority.kind === "safe"
      ? "without a timelock"
      : `through ${words.nameOf(authority.timelock)}, ${duration(authority.delay)} later`;
  return html`<div class="leg">
<h4>Leg ${said(leg.id)} on ${said(chain)} (${leg.chain})</h4>
<p>Decided by ${said(words.nameOf(authority.safe))}, ${said(through)}.${leg.dependsOn.length === 0 ? "" : html` Only after ${said(leg.dependsOn.join(", "))}.`}</p>
${changesTable(leg, it)}
${callList("Calls", leg.calls, it)}
${rollbackAndConditions(leg, it)}
</div>`;
}

function containments({ state, words }: PageFacts): Html {
  const { containment } = state.package;
  if (containment.length === 0) return html``;
  const list = containment.map(
    (one) =>
      html`<strong>${said(one.id)}</strong> (${one.class}): ${said(one.action)}, by ${said(words.nameOf(one.safe))} on ${one.chain}. ${one.calls.map((call) => said(words.calls(call).join(" ")))}`,
  );
  return html`<h3>Containment, signed beforehand</h3>${bullets(list)}`;
}

function sources({ state }: PageFacts): Html {
  const { sources: code_, audits } = state.package;
  if (code_.length + audits.length === 0) return html`<h3>Sources and audits</h3><p>The package names none.</p>`;
  return html`<h3>Sources and audits</h3>${bullets([
    ...code_.map((one) => html`${said(one.repository)} at ${code(one.commit)}, artefact ${code(one.artefactHash)}`),
    // Not a link: it is what the proposer wrote, and this page vouches for no other site.
    ...audits.map((one) => html`${said(one.name)}: ${said(one.url)}, ${code(one.hash)}`),
  ])}`;
}

/** With its thousands apart: 24 digits in a row are read wrong. */
const apart = (value: bigint) => value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
