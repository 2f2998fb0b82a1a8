/** How to check all of this without believing this page: hashes, downloads, and commands that need no network. */

import type { PageFacts } from "./facts.ts";
import { bytesBlock, code, facts, type Html, html, section } from "./markup.ts";

/** The file, or that it is not there: what the votes bind has to be somewhere. */
function evidenceItem({ state, code: place, hasEvidence }: PageFacts): Html {
  if (state.check === undefined) return html``;
  if (!hasEvidence)
    return html`<li>The evidence of the check is not kept here, or not as it was written: have quorate audit verify run.</li>`;
  return html`<li><a href="${place}/evidence.json" download="${state.id}-evidence.json">Download the evidence</a> <span class="note">findings and simulation reports: keccak256 of these bytes is the evidence hash</span></li>`;
}

export function verifySection(it: PageFacts): Html {
  const { state, code: place } = it;
  const { review, check } = state;
  const file = `${state.id}-package.json`;
  return section("verify", "Check it without this page", [
    facts([
      ["Audit head", html`${code(state.head)} after event ${state.seq}`],
      ["Package hash", code(state.packageHash)],
      review === undefined ? undefined : ["Approval digest", code(review.digest)],
      review === undefined ? undefined : ["Head in the operations' salt", code(review.auditHead)],
      check === undefined ? undefined : ["Evidence hash", code(check.evidenceHash)],
      ["Policy hash in the package", code(state.package.authorityPolicyHash)],
    ]),
    html`<ul class="downloads">
<li><a href="${place}/package.json" download="${file}">Download the release package</a> <span class="note">canonical JSON (RFC 8785): keccak256 of these bytes is the package hash</span></li>
${evidenceItem(it)}
</ul>
<p>From a checkout of Quorate, offline. The hash must be the one above and the one in chat:</p>
${bytesBlock("Command that computes the package hash", `npm run -s quorate -- package hash ${file}`)}
<p>Whoever runs Quorate proves the log with this; its line for ceremony/${state.id} must end with the audit head above, and earlier heads stand below their events in chat:</p>
${bytesBlock("Command that verifies the log", "npm run -s quorate -- audit verify")}
<p class="note">What a signer is asked to sign is computed in their own browser and by quorate hash, never here.</p>`,
  ]);
}
