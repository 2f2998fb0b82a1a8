/** The calls of a leg as sentences with their bytes folded, its conditions and its rollback. */

import type { Leg, PackageCall, Precondition } from "../../domain/release-package.ts";
import type { PageFacts } from "./facts.ts";
import { bullets, bytesBlock, code, folded, type Html, html, said } from "./markup.ts";

export function callList(title: string, calls: readonly PackageCall[], it: PageFacts): Html {
  return html`<h5>${title}</h5><ol class="calls">${calls.map((call) => html`<li>${callItem(call, it)}</li>`)}</ol>`;
}

/** What the bytes say comes first; what the package says of itself is marked as such. */
function callItem(call: PackageCall, { words }: PageFacts): Html {
  const [sentence = "", ...nested] = words.calls(call);
  return html`${said(sentence)}${nested.length === 0 ? "" : bullets(nested.map(said))}
<span class="note">The package calls it: ${said(call.purpose)}</span>
${folded("Raw call", html`<p>to ${code(call.to)}, ${call.value} wei</p>${bytesBlock("Calldata", call.data)}`)}`;
}

const modes = {
  prescheduled: "prescheduled",
  presigned: "signed, not scheduled: asked for, it takes the timelock's delay",
};

export function rollbackAndConditions(leg: Leg, it: PageFacts): Html {
  const { words } = it;
  const { rollback } = leg;
  const conditions = leg.preconditions.map((one) => conditionItem(one, it));
  const restores = rollback.restores.map(
    (one) =>
      html`${said(words.nameOf(one.contract))} runs ${code(one.implementation)} again <span class="note">code hash</span> ${code(one.codeHash)}`,
  );
  return html`<h5>Runs only if</h5>${bullets(conditions)}
${callList("Rollback", rollback.calls, it)}
<p class="note">The rollback is ${modes[rollback.mode]}, and dies by itself after ${words.utc(rollback.notAfter)}.</p>${bullets(restores)}`;
}

function conditionItem(one: Precondition, { words }: PageFacts): Html {
  const by =
    one.enforcedBy === "chain"
      ? html`<span class="tag">enforced by: chain</span>`
      : html`<span class="tag warning">enforced by: bot</span>`;
  return html`${condition(one, words)} ${by}`;
}

function condition(one: Precondition, words: PageFacts["words"]): Html {
  switch (one.kind) {
    case "notBefore":
      return html`it is ${words.utc(one.time)} or later`;
    case "notAfter":
      return html`it is not later than ${words.utc(one.time)}`;
    case "chain":
      return html`this is chain ${one.number}`;
    case "codeHash":
      return html`the code at ${code(one.account)} has the hash ${code(one.codeHash)}`;
    case "implementation":
      return html`${said(words.nameOf(one.contract))} still runs ${code(one.implementation)}`;
  }
}
