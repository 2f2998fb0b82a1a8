/** The Safe transactions one by one: hash as on devices, nonce, who has signed, and what became of it on the chain. */

import { type CeremonyState, type OnChain, onChainOf, safeOf, signaturesOf } from "../../domain/ceremony.ts";
import { namesOf } from "../../domain/policy.ts";
import type { CeremonyTx } from "../../domain/transactions.ts";
import { stillExecutable } from "../../domain/why.ts";
import type { Tone } from "../../view.ts";
import type { PageFacts } from "./facts.ts";
import { bullets, code, facts, folded, grouped, type Html, html, pill, said, section } from "./markup.ts";

export function signaturesSection(it: PageFacts): Html {
  const { state } = it;
  const release = state.review?.transactions ?? [];
  const windDown = state.windDown?.transactions ?? [];
  const abandoned = state.abandoned.filter((one) => !release.some((other) => other.safeTxHash === one.safeTxHash));
  if (release.length + windDown.length + abandoned.length === 0)
    return section(
      "signatures",
      "Signatures",
      html`<p>There is nothing to sign yet: the review binds the nonces first.</p>`,
    );
  return section("signatures", "Signatures", [
    html`<p class="note">A signature stays valid until its nonce is used on the chain. Compare every hash in full with your device; the signatures themselves are not shown here.</p>`,
    group("The release and its containments", release, it),
    group("What makes the rest unusable", windDown, it),
    abandoned.length === 0
      ? html``
      : html`<h3>Signed for an earlier review</h3>${abandoned.map((tx) => html`<article class="tx"><h4>${said(tx.id)}</h4>${hashes(tx)}</article>`)}`,
  ]);
}

function group(title: string, list: readonly CeremonyTx[], it: PageFacts): Html {
  return list.length === 0 ? html`` : html`<h3>${title}</h3>${list.map((tx) => transaction(tx, it))}`;
}

function transaction(tx: CeremonyTx, it: PageFacts): Html {
  const { state, policy, words } = it;
  const given = signaturesOf(state, tx.id);
  const need = safeOf(state, tx)?.threshold;
  const enough = need !== undefined && given.length >= need;
  const signers = given.map(
    (one) => html`${said(namesOf(policy, [one.person]))} <span class="note">with</span> ${code(one.owner)}`,
  );
  const count = `${given.length} of ${need ?? "an unknown number of"} signatures`;
  return html`<article class="tx">
<h4>${said(tx.id)}</h4>
<p>${pill(enough ? "good" : "progress", count)} ${onChain(tx, state)}</p>
${hashes(tx)}
${signers.length === 0 ? html`<p>Nobody has signed it yet.</p>` : folded(`Signed by ${signers.length}`, bullets(signers))}
${folded("What it does", html`${bullets(words.calls(tx.tx).map(said))}`)}
</article>`;
}

function hashes(tx: CeremonyTx): Html {
  return facts([
    ["safeTxHash", grouped(tx.safeTxHash)],
    ["Safe", html`${code(tx.tx.safe)} on ${tx.tx.chain}, nonce ${tx.tx.nonce}`],
    tx.operationId === undefined ? undefined : ["Operation id", code(tx.operationId)],
  ]);
}

const fates: Record<OnChain["state"], readonly [Tone, string]> = {
  mined: ["progress", "On the chain"],
  done: ["good", "Executed"],
  cancelled: ["neutral", "Cancelled in the timelock"],
  used: ["neutral", "Its nonce is used: it can never run"],
};

function onChain(tx: CeremonyTx, state: CeremonyState): Html {
  const known = onChainOf(state, tx.id);
  const loose = stillExecutable(state).includes(tx.id) ? pill("bad", "Still executable by anyone") : html``;
  if (known === undefined) return html`${pill("neutral", "Not on the chain")} ${loose}`;
  const [tone, text] = fates[known.state];
  const mined = tx.purpose === "upgrade" || tx.purpose === "rollback" ? "Stands in the timelock" : text;
  return html`${pill(tone, known.state === "mined" ? mined : text)} ${loose}`;
}
